// The command Export: pictures and matrices from the explorer's page, the run as tensors, the whole panel as one HTML file.
import * as vscode from 'vscode';
import { throwIfCancelled, UserError } from '../shared/errors';
import type { ExportFormat, ExportOffer } from '../shared/exporting';
import { LIVE_VIEWS, VIEW_OFFER } from '../shared/exporting';
import { writeNpz } from '../shared/npz';
import { toPortable } from '../shared/portable';
import type { CallOptions } from '../shared/protocol';
import { writeSafetensors } from '../shared/safetensors';
import { exportChoice, partsChoice } from './exportChoice';
import { saveFile, sizeText, tellSaved } from './exportFile';
import { htmlBytes, savedPageHtml } from './exportHtml';
import type { RunSlices, ShownRun, TracePart } from './exportRun';
import { collectRun, collectTensors, runMetadata, savedBytes, tensorBytes } from './exportRun';
import type { Exploration } from './exploration';
import type { ExplorerPanel } from './explorerPanel';
import { selectedTexts } from './selectedTexts';

/** What the command acts on. */
export interface ExportParts {
  readonly exploration: Exploration;
  readonly panel: ExplorerPanel;
  readonly extension: vscode.Uri;
}

export type TraceFormat = 'safetensors' | 'npz';

/** What to save, for callers that do not want to be asked. */
export type ExportTarget =
  | { readonly what: string; readonly format: ExportFormat; readonly uri: vscode.Uri }
  | {
      readonly what: 'trace';
      readonly format: TraceFormat;
      readonly uri: vscode.Uri;
      readonly parts: readonly TracePart[];
    }
  | { readonly what: 'page'; readonly format: 'html'; readonly uri: vscode.Uri };

/** Files above this size are made only when the user agrees; above the other, not at all. */
const LARGE = 100 * 1024 * 1024;
const TOO_LARGE = 1500 * 1024 * 1024;
/** A saved page of more than that leaves out what is only shown beside a cell. */
const LARGE_PAGE = 40 * 1024 * 1024;
/** A longer string cannot be. */
const LONGEST_TEXT = 400 * 1024 * 1024;

export function exportCommands(
  parts: ExportParts,
): Readonly<Record<string, (argument?: unknown) => Promise<void>>> {
  return {
    'transformerExplorer.export': async (argument) => {
      if (isTarget(argument)) {
        await saveTarget(parts, argument);
      } else {
        await askAndSave(parts);
      }
    },
  };
}

/** Asks what and where. Text that has not been explored yet is explored first. */
export async function askAndSave(parts: ExportParts): Promise<void> {
  const { exploration, panel } = parts;
  const editor = vscode.window.activeTextEditor;
  if (!exploration.shown && editor) {
    panel.show();
    await exploration.explore({
      uri: editor.document.uri,
      texts: selectedTexts(editor),
      decoderText: undefined,
    });
  }
  await shownRun(exploration);
  const choice = await exportChoice(await panel.ask((page) => page.offers()));
  if (!choice) {
    return;
  }
  if (choice.what === 'page') {
    await savePage(parts);
  } else if (choice.what === 'trace') {
    const run = await shownRun(exploration);
    const wanted = await partsChoice((all) => sizeText(tensorBytes(run, all)));
    if (wanted) {
      await saveTrace(parts, choice.format, wanted);
    }
  } else {
    await saveOffer(parts, choice.offer, choice.format);
  }
}

async function saveTarget(parts: ExportParts, target: ExportTarget): Promise<void> {
  if (target.what === 'page') {
    await savePage(parts, target.uri);
  } else if (target.what === 'trace' && 'parts' in target) {
    await saveTrace(parts, target.format, target.parts, target.uri);
  } else if (target.format === 'svg' || target.format === 'png' || target.format === 'csv') {
    const offers = await parts.panel.ask((page) => page.offers());
    const offer = offers.find(({ id }) => id === target.what);
    if (!offer) {
      throw new UserError('badRequest', vscode.l10n.t('There is no {0} to be saved.', target.what));
    }
    await saveOffer(parts, offer, target.format, target.uri);
  }
}

async function saveOffer(
  { panel, exploration }: ExportParts,
  offer: ExportOffer,
  format: ExportFormat,
  target?: vscode.Uri,
): Promise<void> {
  const kinds = {
    svg: vscode.l10n.t('SVG picture'),
    png: vscode.l10n.t('PNG picture'),
    csv: vscode.l10n.t('CSV table'),
  };
  const saved = await saveFile(
    {
      name: `${offer.file}.${format}`,
      kind: kinds[format],
      beside: exploration.shown?.ranges.uri,
      make: async () => (await panel.ask((page) => page.render({ id: offer.id, format }))).bytes,
    },
    target,
  );
  if (saved) {
    tellSaved(saved);
  }
}

async function saveTrace(
  { exploration }: ExportParts,
  format: TraceFormat,
  wanted: readonly TracePart[],
  target?: vscode.Uri,
): Promise<void> {
  const run = await shownRun(exploration);
  const size = tensorBytes(run, wanted);
  if (!(await agreed(size, target))) {
    return;
  }
  const saved = await saveFile(
    {
      name: `${run.model.name}.${format}`,
      kind: format === 'npz' ? vscode.l10n.t('NumPy archive') : vscode.l10n.t('Safetensors file'),
      beside: exploration.shown?.ranges.uri,
      make: async (call) => {
        const tensors = await collectTensors(slicesOf(exploration), run, wanted, call);
        const metadata = runMetadata(run);
        return format === 'npz' ? writeNpz(tensors, metadata) : writeSafetensors(tensors, metadata);
      },
    },
    target,
  );
  if (saved) {
    tellSaved(saved, sizeText(size));
  }
}

async function savePage({ exploration, panel, extension }: ExportParts, target?: vscode.Uri): Promise<void> {
  const run = await shownRun(exploration);
  const stages = savedBytes(run, true) <= LARGE_PAGE;
  const size = savedBytes(run, stages);
  if (size > LONGEST_TEXT) {
    throw new UserError(
      'badRequest',
      vscode.l10n.t(
        'The page would have {0}, more than one file can hold. Explore a shorter text, or save the run as tensors.',
        sizeText(size),
      ),
    );
  }
  if (!(await agreed(size, target))) {
    return;
  }
  const theme = await panel.ask((page) => page.theme());
  const saved = await saveFile(
    {
      name: `${run.model.name}.html`,
      kind: vscode.l10n.t('Web page'),
      beside: exploration.shown?.ranges.uri,
      make: async (call: CallOptions) => {
        const state = exploration.state();
        const pictures = await viewPictures(panel, call);
        const collected = await collectRun(slicesOf(exploration), state, run, stages, call);
        const file = async (name: string) =>
          new TextDecoder().decode(
            await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extension, 'dist', 'webview', name)),
          );
        return htmlBytes(
          savedPageHtml({
            title: vscode.l10n.t('{0}: {1}', state.source, run.model.name),
            language: vscode.env.language,
            theme,
            style: withoutMap(await file('explorer.css')),
            script: withoutMap(await file('explorer.js')),
            answers: withoutMap(await file('exportedPage.js')),
            run: JSON.stringify(toPortable(collected)),
            pictures,
          }),
        );
      },
    },
    target,
  );
  if (saved) {
    tellSaved(saved);
  }
}

/** The views that a saved page cannot show by itself, as SVG; the panel goes through them. */
async function viewPictures(
  panel: ExplorerPanel,
  { signal, onProgress }: CallOptions,
): Promise<Readonly<Record<string, string>>> {
  const pictures: Record<string, string> = {};
  const offers = (await panel.ask((page) => page.offers())).filter(
    ({ id }) => id.startsWith(VIEW_OFFER) && !LIVE_VIEWS.some((view) => id === VIEW_OFFER + view),
  );
  for (const { id, title } of offers) {
    throwIfCancelled(signal);
    onProgress?.({ message: title, done: 0, total: 0 });
    const { bytes } = await panel.ask((page) => page.render({ id, format: 'svg' }));
    pictures[id.slice(VIEW_OFFER.length)] = new TextDecoder().decode(bytes);
  }
  return pictures;
}

/** Source maps would be looked for beside the file. */
function withoutMap(code: string): string {
  return code.replace(/^\/[/*]# sourceMappingURL=.*$/gmu, '');
}

/** Whether a file of this size is wanted. A caller that named its place knows what it does. */
async function agreed(size: number, target: vscode.Uri | undefined): Promise<boolean> {
  if (size > TOO_LARGE) {
    throw new UserError(
      'badRequest',
      vscode.l10n.t(
        'The file would have {0}. Save fewer tensors, or explore a shorter text.',
        sizeText(size),
      ),
    );
  }
  if (size <= LARGE || target) {
    return true;
  }
  const save = vscode.l10n.t('Save Anyway');
  const message = vscode.l10n.t('The file will have about {0}.', sizeText(size));
  return (await vscode.window.showWarningMessage(message, save)) === save;
}

/** @throws UserError `emptyText` when nothing has been explored. */
async function shownRun(exploration: Exploration): Promise<ShownRun> {
  const { model, trace } = exploration.state();
  if (!model || !trace) {
    throw new UserError(
      'emptyText',
      vscode.l10n.t('Explore some text first: then there is something to save.'),
    );
  }
  const structure = await exploration.slice(undefined, (engine) => engine.structure({ model: model.id }));
  return { model, trace, structure };
}

function slicesOf(exploration: Exploration): RunSlices {
  return {
    matrix: (request, call) => exploration.slice(request.trace, (engine) => engine.matrix(request, call)),
    vectors: (request, call) => exploration.slice(request.trace, (engine) => engine.vectors(request, call)),
    masks: (request, call) => exploration.slice(request.trace, (engine) => engine.masks(request, call)),
    heads: (request, call) => exploration.slice(request.trace, (engine) => engine.heads(request, call)),
    states: (request, call) => exploration.slice(request.trace, (engine) => engine.states(request, call)),
    positions: (request, call) => exploration.slice(undefined, (engine) => engine.positions(request, call)),
  };
}

function isTarget(argument: unknown): argument is ExportTarget {
  const { what, format, uri } = (argument ?? {}) as Readonly<Record<string, unknown>>;
  return typeof what === 'string' && typeof format === 'string' && uri instanceof vscode.Uri;
}

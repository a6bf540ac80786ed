// The commands that open one view of the explorer, and a text to try it on: what the walkthrough's links call.
import * as vscode from 'vscode';
import { askWhich } from './ask';
import { UserError } from '../shared/errors';
import type { ExplorerView } from '../shared/protocol';
import type { Exploration } from './exploration';
import type { ExplorerPanel } from './explorerPanel';
import { selectedTexts } from './selectedTexts';

/** What the commands act on. */
export interface OpenViewParts {
  readonly exploration: Exploration;
  readonly panel: ExplorerPanel;
  /** Where the extension's own files are. */
  readonly extension: vscode.Uri;
}

/** The samples by the name that links give them: their file, its language, and what of it is selected. */
const SAMPLES = {
  /** The sentence that everything is shown on first. */
  text: { file: 'first-steps.md', language: 'markdown', selected: /^The animal .*\.$/mu },
  /** Pairs to learn from. */
  terms: { file: 'terms.de.tsv', language: 'plaintext', selected: /^[^]*\S/u },
} as const;

export function openViewCommands(
  parts: OpenViewParts,
): Readonly<Record<string, (argument?: unknown) => Promise<unknown>>> {
  return {
    'transformerExplorer.openView': (view) => openView(parts, view),
    'transformerExplorer.openSample': (name) => openSample(parts.extension, name === 'terms' ? name : 'text'),
  };
}

/** Asks for the view where none is named. Runs the model first where nothing has been explored. */
async function openView({ exploration, panel, extension }: OpenViewParts, named: unknown): Promise<void> {
  const views = viewNames();
  const view = views.find(([id]) => id === named)?.[0] ?? (await askForView(views));
  if (!view) {
    return;
  }
  // Before the run: the panel comes up with the view that was asked for.
  exploration.setView({ ...exploration.view, view });
  panel.show();
  if (exploration.shown) {
    panel.tell((page) => page.show(exploration.state()));
    return;
  }
  const editor = textEditor() ?? (await openSample(extension));
  await exploration.explore({
    uri: editor.document.uri,
    texts: selectedTexts(editor),
    decoderText: undefined,
  });
}

async function askForView(
  views: readonly (readonly [ExplorerView, string, string])[],
): Promise<ExplorerView | undefined> {
  const items = views.map(([view, label, detail]) => ({ view, label, detail }));
  const chosen = await askWhich(items, {
    title: vscode.l10n.t('Open a view of the Transformer Explorer'),
    matchOnDetail: true,
  });
  return chosen?.view;
}

/** A document of its own, so that it can be changed without harm, with what is to be shown selected. */
async function openSample(
  extension: vscode.Uri,
  name: keyof typeof SAMPLES = 'text',
): Promise<vscode.TextEditor> {
  const { file: path, language, selected } = SAMPLES[name];
  const file = vscode.Uri.joinPath(extension, 'samples', path);
  let content: string;
  try {
    content = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  } catch (error) {
    throw new UserError(
      'internal',
      vscode.l10n.t('The sample text of the extension cannot be read. Any other text will do.'),
      {},
      { cause: error },
    );
  }
  const document = await vscode.workspace.openTextDocument({ language, content });
  const editor = await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
  const sentence = selected.exec(content);
  if (sentence) {
    const [start, end] = [sentence.index, sentence.index + sentence[0].length];
    editor.selection = new vscode.Selection(document.positionAt(start), document.positionAt(end));
    editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
  return editor;
}

/** The editor with the focus; while the walkthrough has it, one that is visible. */
function textEditor(): vscode.TextEditor | undefined {
  const isText = ({ document }: vscode.TextEditor) => ['file', 'untitled'].includes(document.uri.scheme);
  return vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors.find(isText);
}

/** In the order of the tabs. */
function viewNames(): readonly (readonly [ExplorerView, string, string])[] {
  return [
    [
      'attention',
      vscode.l10n.t('Attention'),
      vscode.l10n.t('Every head of every layer, and one of them large'),
    ],
    ['inside', vscode.l10n.t('Inside'), vscode.l10n.t('The model’s structure, and one head step by step')],
    [
      'masks',
      vscode.l10n.t('Masks'),
      vscode.l10n.t('What must not be looked at, and what happens when you change it'),
    ],
    [
      'positions',
      vscode.l10n.t('Positions'),
      vscode.l10n.t('How the model knows the order of words, and what happens without'),
    ],
    [
      'embeddings',
      vscode.l10n.t('Embeddings'),
      vscode.l10n.t('From a token to its vector, and the vector’s way through the layers'),
    ],
    [
      'layers',
      vscode.l10n.t('Layers'),
      vscode.l10n.t('The residual stream, Add & Norm, and the feed-forward units'),
    ],
    [
      'output',
      vscode.l10n.t('Output'),
      vscode.l10n.t('What the model predicts, and what each layer would have said'),
    ],
    [
      'attribution',
      vscode.l10n.t('Attribution'),
      vscode.l10n.t('Which tokens an output comes from: attention, rollout, leaving out'),
    ],
    [
      'compare',
      vscode.l10n.t('Compare'),
      vscode.l10n.t('Two texts, two settings or two models side by side'),
    ],
    [
      'experiments',
      vscode.l10n.t('Experiments'),
      vscode.l10n.t('Questions to the model, each answered by changing it'),
    ],
  ];
}

// What the explorer's page may ask of the host: slices go to the engine unseen, the rest acts on exploration and editor.
import * as vscode from 'vscode';
import type { Engine, Method, PanelAction, PanelHost } from '../shared/protocol';
import type { PlacedText } from './documentRanges';
import type { Exploration } from './exploration';
import type { Highlights } from './highlights';
import { logError, showError } from './errorReport';
import type { Models } from './models';
import { editorText, textEditor } from './compareCommand';
import type { OtherRuns } from './otherRuns';
import { openRecipe, saveRecipe } from './recipeFiles';
import { revealToken } from './revealToken';
import { selectedTexts } from './selectedTexts';
import { UserError } from '../shared/errors';
import type { Recipe } from '../shared/intervention';
import { withChange } from '../shared/viewChange';

/** What {@link explorerHost} acts on. */
export interface ExplorerHostParts {
  readonly exploration: Exploration;
  readonly models: Models;
  readonly highlights: Highlights;
  readonly others: OtherRuns;
  readonly log: vscode.LogOutputChannel;
  readonly act: (action: PanelAction) => void;
}

export function explorerHost({
  exploration,
  models,
  highlights,
  others,
  log,
  act,
}: ExplorerHostParts): PanelHost {
  // The user hears of a failure here; the page has nothing to add.
  const told = (work: () => Promise<void>): Promise<void> =>
    work().catch((error: unknown) => {
      logError(log, 'A request of the explorer', error);
      showError(error, act);
    });
  /** A question about a run. */
  const ofRun =
    <Request extends { readonly trace: string }, Result>(
      method: (engine: Engine) => Method<Request, Result>,
    ): Method<Request, Result> =>
    (request, call) =>
      exploration.slice(request.trace, (engine) => method(engine)(request, call));
  /** A question about the model alone. */
  const ofModel =
    <Request, Result>(method: (engine: Engine) => Method<Request, Result>): Method<Request, Result> =>
    (request, call) =>
      exploration.slice(undefined, (engine) => method(engine)(request, call));
  return {
    overview: ofRun((engine) => engine.overview),
    matrix: ofRun((engine) => engine.matrix),
    cell: ofRun((engine) => engine.cell),
    pair: ofRun((engine) => engine.pair),
    masks: ofRun((engine) => engine.masks),
    states: ofRun((engine) => engine.states),
    vectors: ofRun((engine) => engine.vectors),
    cellTerms: ofRun((engine) => engine.cellTerms),
    scoreSpread: ofRun((engine) => engine.scoreSpread),
    headStages: ofRun((engine) => engine.headStages),
    residualNorms: ofRun((engine) => engine.residualNorms),
    units: ofRun((engine) => engine.units),
    distribution: ofRun((engine) => engine.distribution),
    steps: ofRun((engine) => engine.steps),
    labels: ofRun((engine) => engine.labels),
    logitLens: ofRun((engine) => engine.logitLens),
    attribution: ofRun((engine) => engine.attribution),
    leaveOneOut: ofRun((engine) => engine.leaveOneOut),
    gradients: ofRun((engine) => engine.gradients),
    integratedGradients: ofRun((engine) => engine.integratedGradients),
    subLayers: ofRun((engine) => engine.subLayers),
    projection: ofRun((engine) => engine.projection),
    heads: ofRun((engine) => engine.heads),
    tokenize: ofModel((engine) => engine.tokenize),
    intervene: async (request, call) => {
      const changed = await ofRun((engine) => engine.intervene)(request, call);
      exploration.derive(request.trace, changed.id);
      return changed;
    },
    compare: ofRun((engine) => engine.compare),
    difference: ofRun((engine) => engine.difference),
    sweep: ofRun((engine) => engine.sweep),
    equivariance: ofRun((engine) => engine.equivariance),
    contrast: ofRun((engine) => engine.contrast),
    contrastHeads: ofRun((engine) => engine.contrastHeads),
    runOther: (request, call) => others.begin(request, call),
    releaseOther: () => others.release(),
    editorText: async () => {
      const editor = textEditor(exploration);
      if (!editor) {
        throw new UserError('emptyText', vscode.l10n.t('Open a text document and select some text.'));
      }
      return { text: editorText(editor) };
    },
    controls: ofModel((engine) => engine.controls),
    positions: ofModel((engine) => engine.positions),
    structure: ofModel((engine) => engine.structure),
    neighbours: ofModel((engine) => engine.neighbours),
    ready: async () => exploration.state(),
    setView: async (change) => exploration.setView(withChange(exploration.view, change)),
    setModel: ({ id }) => told(() => models.choose(id)),
    setDecoder: (choice) =>
      told(async () => {
        // Another language keeps the text that was selected, whatever is selected by now.
        const kept = exploration.state().decoder.from === 'selection';
        const selected = choice.from === 'selection' && !kept ? decoderSelection(exploration) : undefined;
        await exploration.setDecoder({ ...choice, text: selected?.text ?? choice.text }, selected);
      }),
    hover: async ({ tokens }) => highlights.hover(tokens),
    reveal: (token) => told(() => revealToken(exploration, token)),
    act: async ({ action }) => act(action),
    export: async () => void (await vscode.commands.executeCommand('transformerExplorer.export')),
    saveRecipe: ({ interventions }) => told(() => saveRecipe(exploration, interventions)),
    openRecipe: async () => {
      let recipe: Recipe | undefined;
      await told(async () => {
        recipe = await openRecipe();
      });
      return recipe;
    },
    cancel: async () => exploration.cancel(),
    log: async ({ level, message }) => {
      if (level === 'error') {
        logError(log, 'Explorer page', message);
      } else {
        log.info(`Explorer page: ${message}`);
      }
    },
  };
}

/** What is selected now in the explored document, other than the source itself. */
function decoderSelection(exploration: Exploration): PlacedText {
  const ranges = exploration.shown?.ranges;
  const editor = vscode.window.visibleTextEditors.find(
    ({ document }) => document.uri.toString() === ranges?.uri.toString(),
  );
  const source = ranges?.places('encoder') ?? [];
  const selected = editor?.selections.some((selection) => !selection.isEmpty) ? selectedTexts(editor) : [];
  const second = selected.find(({ start }) => !source.some((text) => text.start === start));
  if (!second) {
    throw new UserError(
      'badRequest',
      vscode.l10n.t(
        'Select the text that the decoder shall read in the explored document, then choose again.',
      ),
    );
  }
  return second;
}

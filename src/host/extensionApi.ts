// What activate() returns: a look at the running extension for its test suite, and for nobody else's use.
import type * as vscode from 'vscode';
import type { PanelAction, PanelState, Slices, ViewState } from '../shared/protocol';
import type { EngineProcess } from './engineProcess';
import type { Exploration } from './exploration';
import type { ExplorerPanel } from './explorerPanel';
import type { Heat } from './heat';
import type { Inspector } from './inspector';
import type { OtherRun } from '../shared/contrast';
import type { OtherRuns } from './otherRuns';
import type { SavedState } from './savedState';
import type { ListedModel } from './modelsView/modelItem';
import type { ModelsView } from './modelsView/modelsView';
import type { StatusBar } from './statusBar';
import type { TrainingHost, TrainingState } from '../shared/trainingPage';
import type { TranslationHost, TranslationState } from '../shared/translationPage';
import type { FineTuning } from './training/fineTuning';
import type { Storage } from './training/storage';
import type { TrainingView } from './training/trainingView';
import type { TranslationCenter } from './translation/translationCenter';
import type { TranslationView } from './translation/translationView';

export interface ExtensionApi {
  /** Milliseconds that activate() took. */
  readonly activationMs: number;
  /** What the explorer draws from, whether it is open or not. */
  state(): PanelState;
  setView(view: ViewState): void;
  setDecoder: Exploration['setDecoder'];
  exploreFirstPart(): Promise<void>;
  cancel(): void;
  /** Settles when no run is going on. */
  idle(): Promise<void>;
  /** Slices of the shown run, as the explorer gets them. */
  readonly slices: Pick<Slices, 'matrix' | 'masks' | 'overview' | 'heads' | 'labels' | 'contrastHeads'>;
  /** The second side of the comparison; undefined while there is none. */
  readonly other: () => OtherRun | undefined;
  /** Runs a second side, and frees it, as the Compare view does. */
  runOther: OtherRuns['begin'];
  releaseOther(): Promise<void>;
  readonly statusText: () => string;
  readonly engineRunning: () => boolean;
  readonly modelLoaded: () => boolean;
  /** Ends the inspection engine's worker as a crash would. */
  crashEngine(): void;
  /** Whether the engine still has the run that is shown. */
  readonly live: () => boolean;
  readonly panelOpen: () => boolean;
  /** Where a token's text is in its document. */
  rangeOf(side: 'encoder' | 'decoder', batch: number, start: number, end: number): vscode.Range | undefined;
  /** What heat colours in the editor, what its status bar item says, and the milliseconds of its last answer to the cursor. */
  heat(): Heat['shown'];
  /** Presses a button beside an error. */
  act(action: PanelAction): void;
  /** The lines of the Models view, and how each is drawn. */
  modelLines(): Promise<readonly { readonly model: ListedModel; readonly item: vscode.TreeItem }[]>;
  /** The translation, as the page of its view gets and changes it. */
  readonly translation: {
    state(): TranslationState;
    /** Settles when nothing is being translated. */
    idle(): Promise<void>;
    readonly host: TranslationHost;
    readonly viewVisible: () => boolean;
    /** Whether the page of the view has asked for its state. */
    readonly pageReady: () => boolean;
    /** Does what the view does after a reload of the window. */
    reload(): Promise<void>;
  };
  /** Fine-tuning, as the page of its view gets and changes it. */
  readonly training: {
    state(): TrainingState;
    readonly host: TrainingHost;
    readonly viewVisible: () => boolean;
    readonly pageReady: () => boolean;
    /** Ends the worker that trains as a crash would. */
    crashEngine(): void;
    /** Files of fine-tuned weights, as any window finds them. */
    readonly storage: Storage;
    /** Looks for what an earlier window left unfinished, as at its start. */
    restore(): Promise<void>;
  };
  /** Does what VS Code does after a reload of the window. */
  restore(panel: vscode.WebviewPanel): Promise<void>;
}

export function extensionApi(parts: {
  readonly activationMs: number;
  readonly engine: EngineProcess;
  readonly exploration: Exploration;
  readonly inspector: Inspector;
  readonly panel: ExplorerPanel;
  readonly status: StatusBar;
  readonly saved: SavedState;
  readonly view: ModelsView;
  readonly heat: Heat;
  readonly others: OtherRuns;
  readonly act: (action: PanelAction) => void;
  readonly translation: {
    readonly center: TranslationCenter;
    readonly view: TranslationView;
    readonly host: TranslationHost;
  };
  readonly training: {
    readonly training: FineTuning;
    readonly view: TrainingView;
    readonly host: TrainingHost;
    readonly jobs: EngineProcess;
    readonly storage: Storage;
  };
}): ExtensionApi {
  const { activationMs, engine, exploration, inspector, panel, status, saved, view, heat, others, act } =
    parts;
  const { center, view: translationView, host } = parts.translation;
  const { training, view: trainingView, host: trainingHost, jobs, storage } = parts.training;
  return {
    activationMs,
    state: () => exploration.state(),
    setView: (view) => exploration.setView(view),
    setDecoder: (decoder, selected) => exploration.setDecoder(decoder, selected),
    exploreFirstPart: () => exploration.exploreFirstPart(),
    cancel: () => exploration.cancel(),
    idle: () => exploration.idle(),
    slices: {
      matrix: (request, call) => exploration.slice(request.trace, (e) => e.matrix(request, call)),
      masks: (request, call) => exploration.slice(request.trace, (e) => e.masks(request, call)),
      overview: (request, call) => exploration.slice(request.trace, (e) => e.overview(request, call)),
      contrastHeads: (request, call) =>
        exploration.slice(request.trace, (e) => e.contrastHeads(request, call)),
      labels: (request, call) => exploration.slice(request.trace, (e) => e.labels(request, call)),
      heads: (request, call) => exploration.slice(request.trace, (e) => e.heads(request, call)),
    },
    other: () => others.run,
    runOther: (request, call) => others.begin(request, call),
    releaseOther: () => others.release(),
    statusText: () => status.text,
    engineRunning: () => engine.running,
    modelLoaded: () => inspector.loaded !== undefined,
    crashEngine: () => engine.crash(),
    live: () => exploration.live,
    panelOpen: () => panel.isOpen,
    rangeOf: (side, batch, start, end) => exploration.shown?.ranges.rangeOf(side, batch, start, end),
    heat: () => heat.shown,
    act,
    translation: {
      state: () => center.session.state(),
      idle: () => center.session.idle(),
      host,
      viewVisible: () => translationView.visible,
      pageReady: () => translationView.isReady,
      reload: async () => {
        center.session.clear();
        await center.restore();
      },
    },
    training: {
      state: () => training.state(),
      host: trainingHost,
      viewVisible: () => trainingView.visible,
      pageReady: () => trainingView.isReady,
      crashEngine: () => jobs.crash(),
      storage,
      restore: () => training.restore(),
    },
    modelLines: async () =>
      (await view.getChildren()).map((model) => ({ model, item: view.getTreeItem(model) })),
    restore: (restored) => saved.deserializeWebviewPanel(restored),
  };
}

// The contract between host, engine and webviews. Every message in the product is a call of one of these methods.
import type {
  CompareRequest,
  Comparison,
  DifferenceRequest,
  Equivariance,
  EquivarianceRequest,
  InterveneRequest,
  SweepRequest,
  SweepResult,
} from './comparison';
import type {
  BesideRequest,
  Contrast,
  HeadContrast,
  HeadContrastRequest,
  OtherRequest,
  OtherRun,
  OtherSide,
  TwoRuns,
} from './contrast';
import type {
  AttributionRequest,
  CellTerms,
  CellTermsRequest,
  Distribution,
  DistributionRequest,
  HeadsRequest,
  GradientsRequest,
  Gradients,
  IntegratedGradientsRequest,
  IntegratedGradients,
  LeaveOneOutRequest,
  LeftOut,
  LogitLens,
  LogitLensRequest,
  NeighboursRequest,
  NeighbourToken,
  OutputStep,
  ProjectionRequest,
  RankedHead,
  ScoreSpread,
  StateProjection,
  StatesRequest,
  StepsRequest,
  SubLayerFlow,
  SubLayersRequest,
  TextSideRequest,
  TokenUnits,
  UnitsRequest,
  VectorsRequest,
} from './insight';
import type { HeadStages, HeadStagesRequest } from './headStages';
import type { ClassifiedText, ClassifyRequest, LabelScores, LabelsRequest } from './labels';
import type { ModelControls } from './intervention';
import type { Intervention } from './intervention';
import type { ModelStructure } from './modelStructure';
import type { ModelSummary } from './modelSummary';
import type { Matrix } from './tensor';
import type {
  AttentionMatrix,
  Cell,
  CellRequest,
  ExploreRequest,
  HeadRef,
  Masks,
  MasksRequest,
  MatrixRequest,
  Overview,
  OverviewRequest,
  PairRequest,
  Positions,
  PositionsRequest,
  TraceSummary,
} from './trace';
import type { TokenSequence, Unit } from './tokens';
import type {
  BeginTrainingRequest,
  TrainedForm,
  TrainingEffect,
  TrainingOptions,
  TrainingPreview,
  TrainingRun,
  TrainingStart,
  TrainingText,
  TrainingUpdate,
  TunedWeights,
} from './training';
import type {
  ExplainRequest,
  TranslatedText,
  TranslateRequest,
  TranslationExplanation,
  TranslationUpdate,
} from './translation';
import type { ViewChange } from './viewChange';
import type { ErrorCode } from './errors';
import type { ExportedFile, ExportOffer, ExportRequest, PageTheme } from './exporting';

/** How far a long call has come. `total` is 0 when unknown. */
export interface Progress {
  readonly message: string;
  readonly done: number;
  readonly total: number;
  /** What is there already, for those who show it while it grows. */
  readonly partial?: TranslationUpdate;
  /** Likewise, of a training. */
  readonly training?: TrainingUpdate;
}

/** Travels beside the request of every call: the caller may cancel and listen. Never serialised as such. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** A method of a contract: one plain request, an answer, and {@link CallOptions} on both ends. */
export type Method<Request, Result> = (request: Request, call?: CallOptions) => Promise<Result>;

// ---------------------------------------------------------------------------------------------- engine

export type BackendSetting = 'auto' | 'webgpu' | 'wasm';

/** What the engine needs to know before it can load anything. */
export interface EngineOptions {
  readonly backend: BackendSetting;
  /** WASM threads; 0 chooses by the number of cores. */
  readonly threads: number;
  /** Bytes that captured runs may occupy before the oldest is dropped. */
  readonly traceBytes: number;
}

/** The device that runs the model, and why it was chosen. */
export interface BackendInfo {
  readonly backend: 'webgpu' | 'wasm';
  /** E.g. `WASM, 2 threads` or `WebGPU (nvidia ampere)`. */
  readonly label: string;
  /** One sentence: why this one. */
  readonly reason: string;
  /** Set when the requested or preferred backend failed and another one took over. */
  readonly fallback: string | undefined;
}

/** The files of a model folder by their path inside it, e.g. `onnx/encoder_model.onnx`. */
export type ModelFiles = Readonly<Record<string, Uint8Array<ArrayBuffer>>>;

export interface LoadModelRequest {
  /** Chosen by the host; names the model in later requests. */
  readonly id: string;
  readonly name: string;
  /** Transferred: the sender's copies are gone. */
  readonly files: ModelFiles;
  /** Fine-tuned weights to put in place of the files' own. */
  readonly tuned?: TunedWeights;
  /** The backend that an earlier load of this model on this machine chose; spares the comparison of `auto`. */
  readonly backend?: BackendInfo['backend'];
}

/** A loaded model with the backend that was chosen for it. */
export interface LoadedModel {
  readonly summary: ModelSummary;
  readonly backend: BackendInfo;
}

/** host → engine: what happens when the model is changed. */
export interface Experiments {
  /** What interventions a model allows. */
  controls: Method<{ readonly model: string }, ModelControls>;
  /** @throws UserError `badRequest` naming the intervention that does not fit the model. */
  tokenize: Method<{ readonly model: string; readonly text: string }, TokenSequence>;
  intervene: Method<InterveneRequest, TraceSummary>;
  compare: Method<CompareRequest, Comparison>;
  difference: Method<DifferenceRequest, Matrix>;
  sweep: Method<SweepRequest, SweepResult>;
  equivariance: Method<EquivarianceRequest, Equivariance>;
}

/** host → engine: a second run beside a first. */
export interface Contrasts {
  /** Two runs in one answer: their tokens aligned, every head, the outputs, the states. */
  contrast: Method<TwoRuns, Contrast>;
  /** One head of each. @throws UserError `badRequest` for attentions that read different texts. */
  contrastHeads: Method<HeadContrastRequest, HeadContrast>;
}

/** host → engine: decoding. */
export interface Decodings {
  /**
   * One answer per text, in their order; streams {@link TranslationUpdate}s. Texts of one call are one padded batch.
   * @throws UserError `emptyText`, `textTooLong` (details `text`, `tokens`, `limit`), `languageUnknown`, `modelUnsupported`,
   * `badRequest` for settings out of range.
   */
  translate: Method<TranslateRequest, readonly TranslatedText[]>;
  /** @throws UserError as `translate`. */
  explainTranslation: Method<ExplainRequest, TranslationExplanation>;
}

/** host → engine: fine-tuning. A training lives in the engine until it is ended. */
export interface Trainings {
  /** Reads data without training. @throws UserError `emptyText`, `languageUnknown`, `modelUnsupported` for a task that the model cannot learn. */
  previewTraining: Method<
    {
      readonly model: string;
      readonly data: TrainingText;
      readonly heldOut: TrainingOptions['heldOut'];
      readonly seed: number;
    },
    TrainingPreview
  >;
  /** @throws UserError as `previewTraining`; `modelUnsupported` naming the operator that has no gradient; `outOfMemory`. */
  beginTraining: Method<BeginTrainingRequest, TrainingStart>;
  /**
   * Trains up to step `until`, streaming {@link TrainingUpdate}s; a cancelled call leaves the training at the step it had
   * reached. Where `until` has been reached, e.g. 0, answers at once. Calls about one training wait for each other.
   */
  train: Method<{ readonly training: string; readonly until: number }, TrainingRun>;
  /** Everything needed to go on later, as one safetensors file. */
  saveTraining: Method<{ readonly training: string }, Uint8Array<ArrayBuffer>>;
  /** What was learned, as files by name. */
  trainedWeights: Method<{ readonly training: string; readonly form: TrainedForm }, ModelFiles>;
  /** Compares the model before and now. */
  trainingEffect: Method<{ readonly training: string; readonly examples: number }, TrainingEffect>;
  endTraining: Method<{ readonly training: string }, void>;
  /** A model's files with tuned weights in place of its own: a whole model folder, as `trainedWeights` gives for `folder`. Transferred. */
  applyTuned: Method<Pick<LoadModelRequest, 'files'> & { readonly tuned: TunedWeights }, ModelFiles>;
}

/** host → engine. */
export interface Engine extends Experiments, Contrasts, Decodings, Trainings {
  /** Runs a text of a captured run in another way. @throws UserError as `explore`, and `outOfMemory` when only one of the runs can be kept. */
  beside: Method<BesideRequest, OtherRun>;
  /** Chooses and tests the backend. Call once, before anything else. */
  start: Method<EngineOptions, BackendInfo>;
  loadModel: Method<LoadModelRequest, LoadedModel>;
  unloadModel: Method<{ readonly model: string }, void>;
  /** Tokens of a text as the encoder (or the only stack) reads it, special tokens included; never too long. */
  /** @throws UserError `textTooLong` with details `tokens`, `limit` and `cutAt` (UTF-16 offset of the part that fits). */
  explore: Method<ExploreRequest, TraceSummary>;
  releaseTrace: Method<{ readonly trace: string }, void>;
  overview: Method<OverviewRequest, Overview>;
  matrix: Method<MatrixRequest, AttentionMatrix>;
  cell: Method<CellRequest, Cell>;
  pair: Method<PairRequest, Matrix>;
  masks: Method<MasksRequest, Masks>;
  positions: Method<PositionsRequest, Positions>;
  /** The whole model as blocks. */
  structure: Method<{ readonly model: string }, ModelStructure>;
  states: Method<StatesRequest, Matrix>;
  vectors: Method<VectorsRequest, Matrix>;
  cellTerms: Method<CellTermsRequest, CellTerms>;
  scoreSpread: Method<HeadRef, ScoreSpread>;
  /** Every stage of one head, in one answer. */
  headStages: Method<HeadStagesRequest, HeadStages>;
  /** ‖x‖ `[layers + 1, token]` of the residual stream. */
  residualNorms: Method<TextSideRequest, Matrix>;
  units: Method<UnitsRequest, readonly TokenUnits[]>;
  neighbours: Method<NeighboursRequest, readonly NeighbourToken[]>;
  /** @throws UserError `badRequest` for models without logits, and for `hide` in models without a mask token. */
  distribution: Method<DistributionRequest, Distribution>;
  /** What the model says at every position. @throws UserError `badRequest` for models without logits. */
  steps: Method<StepsRequest, readonly OutputStep[]>;
  /** What a text classifier says of an explored text. @throws UserError `badRequest` for models that are none. */
  labels: Method<LabelsRequest, LabelScores>;
  /**
   * One answer per text, in their order, and nothing captured. Of a text that is too long, its first part is read.
   * @throws UserError `modelUnsupported` for models that are no text classifiers, `emptyText` (details `text`)
   */
  classify: Method<ClassifyRequest, readonly ClassifiedText[]>;
  /** @throws UserError `badRequest` for models without logits, `modelUnsupported` where their computation cannot be followed. */
  logitLens: Method<LogitLensRequest, LogitLens>;
  attribution: Method<AttributionRequest, Matrix>;
  /** @throws UserError `badRequest` for models without logits or padding mask. */
  leaveOneOut: Method<LeaveOneOutRequest, LeftOut>;
  /** @throws UserError `badRequest` for models without logits, `modelUnsupported` naming an operator that has no gradient, `modelTooLarge`. */
  gradients: Method<GradientsRequest, Gradients>;
  /** As `gradients`; undefined where nothing is predicted. @throws UserError also `badRequest` for a baseline that the model does not have. */
  integratedGradients: Method<IntegratedGradientsRequest, IntegratedGradients | undefined>;
  /** @throws UserError `badRequest` for a layer that the model does not have. */
  subLayers: Method<SubLayersRequest, readonly SubLayerFlow[]>;
  /** @throws UserError `badRequest` for too many states, `modelUnsupported` where one cannot be captured. */
  projection: Method<ProjectionRequest, StateProjection>;
  heads: Method<HeadsRequest, readonly RankedHead[]>;
}

// ---------------------------------------------------------------------------------------------- explorer panel

/** What the webview may ask the engine for; the host relays these without looking inside. */
export type Slices = Pick<
  Engine,
  | 'overview'
  | 'matrix'
  | 'cell'
  | 'pair'
  | 'masks'
  | 'positions'
  | 'structure'
  | 'states'
  | 'vectors'
  | 'cellTerms'
  | 'scoreSpread'
  | 'headStages'
  | 'residualNorms'
  | 'units'
  | 'neighbours'
  | 'distribution'
  | 'steps'
  | 'labels'
  | 'logitLens'
  | 'attribution'
  | 'leaveOneOut'
  | 'gradients'
  | 'integratedGradients'
  | 'subLayers'
  | 'projection'
  | 'heads'
  | keyof Experiments
  | keyof Contrasts
>;

export type ExplorerView =
  | 'attention'
  | 'inside'
  | 'masks'
  | 'positions'
  | 'embeddings'
  | 'layers'
  | 'output'
  | 'attribution'
  | 'compare'
  | 'experiments';

/** What is looked at: kept by the host, so that panel, hover, status bar and a reloaded window agree. */
export interface ViewState {
  readonly view: ExplorerView;
  /** E.g. `encoder.3.self`; replaced by the first attention where the model lacks it. */
  readonly attention: string;
  readonly head: number;
  readonly mean: boolean;
  readonly unit: Unit;
  /** Index of the text in the batch. */
  readonly batch: number;
  /** The pinned cell, in tokens of the current unit. */
  readonly pinned: { readonly query: number; readonly key: number } | undefined;
  readonly lines: boolean;
  readonly matrix: boolean;
  readonly table: boolean;
  /** Lines below this weight are not drawn. */
  readonly threshold: number;
  /** Follow the word at the editor's cursor. */
  readonly follow: boolean;
  /** Colour the document's text by the attention of the word at the cursor. */
  readonly heat: boolean;
}

/** A model the user can switch to. */
export interface ModelChoice {
  readonly id: string;
  readonly name: string;
}

/** Where the decoder's input comes from, as the toolbar shows it. */
export interface DecoderChoice {
  readonly from: 'translation' | 'selection' | 'typed';
  readonly language: string | undefined;
  /** The typed text, or the second selection's. */
  readonly text: string;
}

/** Everything the panel draws from. */
export interface PanelState {
  readonly models: readonly ModelChoice[];
  /** Id of the model that is chosen, whether it could be loaded or not. */
  readonly chosen: string;
  readonly model: ModelSummary | undefined;
  readonly backend: BackendInfo | undefined;
  readonly trace: TraceSummary | undefined;
  readonly decoder: DecoderChoice;
  readonly view: ViewState;
  /** Name of the document the text is from, for titles. */
  readonly source: string;
  readonly error: PanelError | undefined;
}

/** An error as the panel shows it, with the actions that make sense for it. */
export interface PanelError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly actions: readonly PanelAction[];
}

export type PanelAction =
  | 'retry'
  | 'showLog'
  | 'chooseModel'
  | 'exploreFirstPart'
  | 'loadAnyway'
  | 'chooseTokenizer'
  | 'chooseConfig';

/** A token in one of the sequences of the trace. */
export interface TokenRef {
  readonly side: 'encoder' | 'decoder';
  readonly batch: number;
  /** Piece indexes, first to last. */
  readonly first: number;
  readonly last: number;
}

/** host → explorer panel. */
export interface Panel {
  /** Replaces what is shown. */
  show: Method<PanelState, void>;
  /**
   * The word at the editor's cursor (piece indexes); undefined when it is outside the trace. `moved` says that the user
   * moved the cursor there, and not that the panel or the run is new.
   */
  follow: Method<{ readonly token: TokenRef | undefined; readonly moved: boolean }, void>;
  /** Opens the comparison with this second side; `swapped` shows it as A. */
  compareWith: Method<{ readonly side: OtherSide; readonly swapped?: boolean }, void>;
  /** A run has begun; undefined when it ended. */
  busy: Method<{ readonly progress: Progress | undefined }, void>;
  /** The pictures and matrices that can be saved now; those of the view that is shown come first. */
  offers: Method<void, readonly ExportOffer[]>;
  /** @throws UserError `badRequest` for what is not offered, or cannot be drawn as a picture of that size. */
  render: Method<ExportRequest, ExportedFile>;
  theme: Method<void, PageTheme>;
}

/** explorer panel → host. The slices are relayed to the engine. */
export interface PanelHost extends Slices {
  /** The panel's first call; the answer is everything it needs. */
  ready: Method<void, PanelState>;
  /** The user looks at something else; the host tells status bar and hover. What it changed itself meanwhile stays. */
  setView: Method<ViewChange, void>;
  setModel: Method<{ readonly id: string }, void>;
  setDecoder: Method<DecoderChoice, void>;
  /** Tokens under the pointer; the host highlights their text in the editor. */
  hover: Method<{ readonly tokens: readonly TokenRef[] }, void>;
  /** Reveals the token's text in the editor, without taking the focus. */
  reveal: Method<TokenRef, void>;
  act: Method<{ readonly action: PanelAction }, void>;
  /** Asks what is to be saved, and where. */
  export: Method<void, void>;
  /** Asks for a file and writes the interventions into it. */
  saveRecipe: Method<{ readonly interventions: readonly Intervention[] }, void>;
  /** Asks for a file and reads it; undefined when the user gave up, or was told what is wrong with it. */
  openRecipe: Method<void, { readonly interventions: readonly Intervention[] } | undefined>;
  cancel: Method<void, void>;
  /** Runs the second side of a comparison; the one before is released. Slices may then ask about it. */
  runOther: Method<OtherRequest, OtherRun>;
  /** Frees the second side, and the model that was loaded for it. */
  releaseOther: Method<void, void>;
  /** What is selected in the text editor, or the sentence at its cursor. @throws UserError `emptyText` */
  editorText: Method<void, { readonly text: string }>;
  /** A problem in the webview, for the log. */
  log: Method<{ readonly level: 'info' | 'error'; readonly message: string }, void>;
}

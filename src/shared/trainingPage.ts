// The contract between host and the Fine-tuning view of the side bar, and what the view draws from.
import type { Method, PanelAction, PanelError } from './protocol';
import type { Language } from './modelSummary';
import type {
  TrainingEffect,
  TrainingOptions,
  TrainingPoint,
  TrainingPreview,
  TrainingTask,
} from './training';

/** Where the data come from. */
export interface TrainingSource {
  /** Names of one or two documents. */
  readonly documents: readonly string[];
  /** First line of the selection, from 1. */
  readonly line: number;
}

/** Fine-tuned weights that are kept in the extension's storage. */
export interface TunedModel {
  /** The id under which the model can be chosen. */
  readonly id: string;
  readonly name: string;
  /** Id and name of the model it was trained from. */
  readonly base: string;
  readonly baseName: string;
  readonly step: number;
  readonly of: number;
  readonly method: TrainingOptions['method'];
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly saved: number;
  /** Whether it has a checkpoint that training can go on from. */
  readonly resumable: boolean;
  /** Whether it has weights that a model can be made of; a training that was not finished or stopped has checkpoints only. */
  readonly usable: boolean;
  /** Whether its curve is kept, so that its training can be shown again. */
  readonly recorded: boolean;
  readonly inUse: boolean;
}

/** What the schedule says about a step. */
export interface PlannedRate {
  readonly step: number;
  readonly rate: number;
}

export interface TrainingState {
  /**
   * `empty`: no data. `reading`: data are being read. `ready`: a preview is shown. `starting`: the backward graph is built.
   * `running`, `paused`, `done`; `failed` with an error that leaves the last checkpoint.
   */
  readonly status: 'empty' | 'reading' | 'ready' | 'starting' | 'running' | 'paused' | 'done' | 'failed';
  /** Name of the model that training starts from. */
  readonly model: string;
  readonly source: TrainingSource | undefined;
  /** Number, from 1, that the document gives to line 0 of the preview. */
  readonly firstLine: number;
  readonly preview: TrainingPreview | undefined;
  /** Tasks that the model can learn. */
  readonly tasks: readonly TrainingTask[];
  readonly languages: readonly Language[];
  readonly options: TrainingOptions;
  /** Weights that change; 0 before it is known. */
  readonly trainable: number;
  readonly step: number;
  readonly points: readonly TrainingPoint[];
  /** The learning rate that the options will give, at enough steps to draw it; empty where it is not known yet. */
  readonly planned: readonly PlannedRate[];
  readonly tokensPerSecond: number;
  /** Milliseconds left; undefined while unknown. */
  readonly left: number | undefined;
  /** Step and size of the last checkpoint. */
  readonly saved: { readonly step: number; readonly bytes: number } | undefined;
  readonly effect: TrainingEffect | undefined;
  /** Whether the effect is being measured. */
  readonly measuring: boolean;
  /** The result of the training that is shown, once there is one. */
  readonly result: TunedModel | undefined;
  readonly tuned: readonly TunedModel[];
  /** Whether {@link TrainingHost.undo} would bring back what was in use before. */
  readonly undoable: boolean;
  /** A sentence about how it ended, e.g. why it stopped early. */
  readonly note: string | undefined;
  readonly error: PanelError | undefined;
}

/** host → Fine-tuning view. */
export interface TrainingPage {
  show: Method<TrainingState, void>;
  /** While training runs: further points of the curve. */
  update: Method<
    {
      readonly points: readonly TrainingPoint[];
      readonly step: number;
      readonly tokensPerSecond: number;
      readonly left: number | undefined;
      readonly saved: TrainingState['saved'];
    },
    void
  >;
}

/** Fine-tuning view → host. */
export interface TrainingHost {
  ready: Method<void, TrainingState>;
  /** Reads the selection of the active editor as data. */
  readSelection: Method<void, void>;
  /** Reads the same text as another kind of data, or into another language. */
  setData: Method<{ readonly task?: TrainingTask; readonly language?: string }, void>;
  setOptions: Method<Partial<TrainingOptions>, void>;
  resetOptions: Method<void, void>;
  start: Method<void, void>;
  pause: Method<void, void>;
  resume: Method<void, void>;
  /** Ends training; the last checkpoint stays and can be used or deleted. */
  stop: Method<void, void>;
  /** Brings back the model that was in use before; the tuned weights stay in the list. */
  undo: Method<void, void>;
  /** Makes a tuned model, or the base (`''`), the one that everything uses. */
  use: Method<{ readonly id: string }, void>;
  rename: Method<{ readonly id: string }, void>;
  delete: Method<{ readonly id: string }, void>;
  export: Method<{ readonly id: string }, void>;
  /** Goes on with a training that was interrupted. */
  continueFrom: Method<{ readonly id: string }, void>;
  /** Shows a training that is kept: its data and settings, its curve, and what it has changed. */
  showTraining: Method<{ readonly id: string }, void>;
  /** Opens the explorer's Compare view: base on one side, tuned model on the other, on the selection or an example. */
  compare: Method<{ readonly id: string; readonly text?: string }, void>;
  /** Reveals a line of the data in its document. */
  reveal: Method<{ readonly line: number }, void>;
  act: Method<{ readonly action: PanelAction }, void>;
  log: Method<{ readonly level: 'info' | 'error'; readonly message: string }, void>;
}

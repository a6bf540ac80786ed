// Requests for, and results of, fine-tuning: the data as it was understood, the settings, how far it has come, what changed.
import type { BackendInfo } from './protocol';

/** What the model learns. */
export type TrainingTask = 'translation' | 'causal' | 'masked' | 'classification';

/** How the data are laid out: `tabs` two columns, `parallel` two texts line by line, `plain` running text. */
export type TrainingLayout = 'tabs' | 'jsonl' | 'parallel' | 'plain';

/** Why a line is not learned from; see `src/training/data`. */
export type TrainingSkip =
  'empty' | 'oneSided' | 'tabs' | 'notJson' | 'fields' | 'duplicate' | 'tooLong' | 'unknownScript' | 'broken';

/** The text of training data, and what its caller knows about it. */
export interface TrainingText {
  readonly text: string;
  /** The second of two parallel texts. */
  readonly second?: string;
  /** Decides where the text could be read in several ways. */
  readonly task?: TrainingTask;
  /** Translation: the language of the targets, BCP 47; the model's first where left out. */
  readonly language?: string;
}

/** One example, for a preview. */
export interface ExamplePreview {
  /** From 0, in the text it came from. */
  readonly line: number;
  readonly source: string;
  /** Target or label; empty for running text. */
  readonly target: string;
  readonly sourceTokens: number;
  readonly targetTokens: number;
  readonly heldOut: boolean;
}

/** What was understood of training data. */
export interface TrainingPreview {
  readonly task: TrainingTask;
  readonly layout: TrainingLayout;
  readonly language: string | undefined;
  /** Examples to learn from, and those held out to measure with; of running text, the blocks that are read at once. */
  readonly train: number;
  readonly heldOut: number;
  /** Tokens of the targets (of the text, where there are none) that one pass over the data learns from. */
  readonly tokens: number;
  /** The first {@link PREVIEW_EXAMPLES}. */
  readonly examples: readonly ExamplePreview[];
  /** The first {@link PREVIEW_EXAMPLES} lines that are left out. */
  readonly skipped: readonly {
    readonly line: number;
    readonly reason: TrainingSkip;
    readonly text: string;
  }[];
  /** How many lines each reason took; only reasons that occur. */
  readonly counts: Readonly<Partial<Record<TrainingSkip, number>>>;
  /** Classification: the labels. */
  readonly labels: readonly string[];
}

export const PREVIEW_EXAMPLES = 200;

/** Weight matrices that LoRA can adapt. */
export type LoraTarget = 'query' | 'key' | 'value' | 'output' | 'feedForward';

/** How to train. Every field has a value, so that a training can be made again. */
export interface TrainingOptions {
  readonly method: 'full' | 'lora';
  readonly lora: { readonly rank: number; readonly alpha: number; readonly targets: readonly LoraTarget[] };
  readonly steps: number;
  /** Examples per step: `batch` at once, `accumulate` times. */
  readonly batch: number;
  readonly accumulate: number;
  readonly schedule: 'constant' | 'cosine' | 'linear' | 'paper';
  /** Highest learning rate; for `paper` the factor before d_model^−0.5. */
  readonly rate: number;
  readonly warmup: number;
  readonly weightDecay: number;
  /** Largest norm of the gradient; 0 switches clipping off. */
  readonly clip: number;
  readonly labelSmoothing: number;
  readonly dropout: number;
  /**
   * Share of the change that is kept in the end, above 0 to 1: weights = base + strength · (trained − base). Below 1 the
   * model forgets less of what it knew (Wortsman et al. 2022).
   */
  readonly strength: number;
  /** Share of the examples that is held out, or `auto`: a tenth from 30 examples on. */
  readonly heldOut: number | 'auto';
  readonly seed: number;
  /** Steps between two checkpoints, and between two measurements of the held-out loss. */
  readonly saveEvery: number;
}

/** Begins a training of a loaded model, from its weights or from a checkpoint. */
export interface BeginTrainingRequest {
  /** Chosen by the host; names the training in later requests. */
  readonly id: string;
  readonly model: string;
  readonly data: TrainingText;
  readonly options: TrainingOptions;
  /** A checkpoint of the same data, options and model. Transferred. */
  readonly checkpoint?: Uint8Array<ArrayBuffer>;
}

/** A training that is ready for its next step. */
export interface TrainingStart {
  readonly preview: TrainingPreview;
  /** Weights that change. */
  readonly trainable: number;
  /** Steps that are done already. */
  readonly step: number;
  /** Milliseconds it took to build the backward graph and its session. */
  readonly built: number;
  /** The curve so far. */
  readonly points: readonly TrainingPoint[];
  /** Bytes that weights, optimizer state and gradients occupy. */
  readonly bytes: number;
  /** The device that computes the steps, and why. */
  readonly backend: BackendInfo;
}

/** One step of the curve. */
export interface TrainingPoint {
  readonly step: number;
  /** Mean over the step's target tokens, in nats, without smoothing. */
  readonly loss: number;
  readonly rate: number;
  /** Norm of the gradient before clipping. */
  readonly norm: number;
  /** Mean over the held-out target tokens, where it was measured at this step. */
  readonly heldOut?: number;
}

/** How far a running call of `train` has come; travels in `Progress.training`. */
export interface TrainingUpdate {
  readonly points: readonly TrainingPoint[];
  readonly tokensPerSecond: number;
  readonly millisecondsPerStep: number;
}

/** How a call of `train` ended. */
export interface TrainingRun {
  readonly step: number;
  /** The curve so far: what a cancelled call has still reached is not told as progress. */
  readonly points: readonly TrainingPoint[];
  /** All steps are done. */
  readonly finished: boolean;
  /** Why it stopped before: the loss is not finite, or far above where it was; the last good checkpoint stands. */
  readonly stopped: string | undefined;
}

/**
 * What the model says to an example, before and now. Masked language models: the source has the mask token in gaps, the others
 * are what belongs, or is filled, into them in order.
 */
export interface BeforeAfter {
  readonly source: string;
  readonly wanted: string;
  readonly before: string;
  readonly now: string;
  readonly heldOut: boolean;
}

/** A number before and now; undefined where it does not apply. */
export interface Change {
  readonly before: number;
  readonly now: number;
}

/** What training has changed, measured on the held-out examples, or on those learned from where none are held out. */
export interface TrainingEffect {
  readonly on: 'heldOut' | 'train';
  /** How many examples it was measured on. */
  readonly measured: number;
  /** Those that it was measured on, then a few that were learned from where that are others. */
  readonly examples: readonly BeforeAfter[];
  readonly loss: Change;
  /** chrF (Popović 2015), 0 to 100; translation only. */
  readonly chrf?: Change;
  /** Share of labels that are right; classification only. */
  readonly accuracy?: Change;
  /** Share of hidden tokens that are filled in right; masked language models only. */
  readonly filled?: Change;
  /** chrF of the model's translations of other text against those it gave before (100 before, by definition): what it forgot. */
  readonly otherText?: Change;
}

/** The form in which trained weights leave the engine. */
export type TrainedForm =
  /** What the product keeps: changed weights, or LoRA matrices in PEFT's layout, to be applied to the base model's files. */
  | 'change'
  /** A whole model folder that other programs read too. */
  | 'folder';

/** Changed weights, applied to a model's files while it is loaded. */
export interface TunedWeights {
  /** The files of the form `change`, by name: `adapter_config.json` and `adapter_model.safetensors`, or `weights.safetensors`. */
  readonly files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
}

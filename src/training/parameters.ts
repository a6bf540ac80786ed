// Where the weights that are trained live, and how a step is taken there. Types only.
import type { NamedTensors } from '../shared/tensor';
import type { AdamWOptions } from './adamW';
import type { ParameterState } from './checkpoint';

/** Numbers of one step. */
export interface StepNumbers {
  readonly rate: number;
  /** From 1. */
  readonly step: number;
  /** Largest norm of the gradient; 0 for any. */
  readonly clip: number;
  readonly optimiser: AdamWOptions;
}

/** Losses of a batch, divided by its divisor: with label smoothing, and without. */
export interface BatchLoss {
  readonly loss: number;
  readonly plain: number;
}

/**
 * The parameters of a training with their moments. A step is: {@link addGradient} for each of its batches, {@link prepare}, then
 * {@link commit} or {@link drop}; until `commit` nothing has changed, whatever throws.
 */
export interface TrainedParameters {
  /** Bytes of weights, moments and the gradients of a step. */
  readonly bytes: number;
  /** Runs a batch forward and backward, and adds its gradient to that of the step. @throws what a run throws */
  addGradient(feeds: NamedTensors, signal?: AbortSignal): Promise<BatchLoss>;
  /** @returns the norm of the step's gradient before clipping: NaN or ∞ where a number of it is. */
  prepare(numbers: StepNumbers): Promise<number>;
  /** Takes the step that was prepared, at once. */
  commit(): void;
  /** Forgets the step. */
  drop(): void;
  /**
   * Loss without smoothing of a batch.
   *
   * @param weights instead of the parameters'.
   */
  evaluate(
    feeds: NamedTensors,
    signal?: AbortSignal,
    weights?: ReadonlyMap<string, Float32Array<ArrayBuffer>>,
  ): Promise<number>;
  /** Replaces weights and moments; the numbers are copied. @throws RangeError for a parameter that the state lacks. */
  load(state: ReadonlyMap<string, ParameterState>): void;
  /** Weights and moments as of now; live where they live in this thread, else copies. */
  read(): Promise<ReadonlyMap<string, ParameterState>>;
}

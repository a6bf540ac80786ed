// A graph with controls: small inputs that change what the model does, and change nothing at their neutral values. Types only.
import type { Anatomy, HeadLayout } from '../anatomy/anatomy';
import type { OnnxModel } from '../onnx/model';
import type { Side } from '../shared/modelSummary';

/** Layouts with heads before queries. */
export type PerHeadLayout = Extract<HeadLayout, 'heads' | 'merged' | 'grouped'>;

/** Names of the inputs that control one attention; undefined where the graph does not show the place. All float32 or bool. */
export interface SiteControls {
  readonly attention: string;
  /** How heads lie at each place: tells the shape of its inputs. */
  readonly layouts: {
    readonly scaled: PerHeadLayout;
    readonly masked: PerHeadLayout;
    readonly weights: PerHeadLayout;
  };
  /** Multiplies the scaled scores: `[1, heads, 1, 1]`, neutral 1. */
  readonly factor: string;
  /** Only with a bias on the scores: multiplies scores, bias and mask together, as `factor`. */
  readonly inverseTemperature: string | undefined;
  /** Cells `[batch, heads, query, key]` whose mask is replaced, neutral false; and which of those are kept. */
  readonly replace: string;
  readonly keep: string;
  /** Bool, `[1]`: whether removed cells get a weight of exactly 0 even in rows with nothing left. */
  readonly strict: string;
  /** Bool, as `factor`: heads that use ReLU; neutral false. */
  readonly relu: string;
  readonly context: ContextControls | undefined;
}

/** Controls of weights·V. */
export interface ContextControls {
  /** `flat`: the inputs are `[batch, query, heads, 1 or d]`; else heads before queries. */
  readonly layout: PerHeadLayout | 'flat';
  /** Multiplies each head, neutral 1. */
  readonly gate: string;
  /** Bool: rows of heads that take `values` instead; neutral false and 0. */
  readonly select: string;
  readonly values: string;
}

/** Controls of positions that are added to the embedding. */
export interface TableControls {
  readonly kind: 'table';
  /** Bool `[1]`: `given` instead of the model's own; neutral false and 0. */
  readonly select: string;
  readonly given: string;
  /** `run`: `[batch, token, width]`; else `[position, width]` for every position of a table of so many rows. */
  readonly rows: 'run' | number;
  /** Bool `[1]`: multiplied instead of added; undefined inside fused operators. */
  readonly multiply: string | undefined;
}

/** Controls of a rotation of queries and keys. */
export interface RotaryControls {
  readonly kind: 'rotary';
  /** Bool `[1]`: `cosines` and `sines` instead of the model's own, `[positions, columns]`; neutral false and 0. */
  readonly select: string;
  readonly cosines: string;
  readonly sines: string;
  /** How pairs lie in the columns that the graph multiplies with: once, twice one behind the other, or each one twice. */
  readonly columns: 'pairs' | 'halves' | 'interleaved';
  /** `run`: a row for each token of the run; else for every position of a table of so many rows. */
  readonly rows: 'run' | number;
}

/** Controls of the biases that the scores get for their distance: float `[]`, neutral 1. */
export interface BiasControls {
  readonly kind: 'bias';
  readonly factors: readonly string[];
}

/** A state after a layer: bool `[batch, position, 1]`, and the rows to take there `[batch, position, width]`. */
export interface LayerControls {
  readonly layer: number;
  readonly select: string;
  readonly values: string;
}

/** A graph that can be changed while it runs. Tensors keep their names: each name now shows what was changed. */
export interface Experiment {
  readonly model: OnnxModel;
  readonly anatomy: Anatomy;
  readonly controls: StackControls;
}

export interface StackControls {
  readonly side: Side;
  readonly sites: readonly SiteControls[];
  readonly positions: TableControls | RotaryControls | BiasControls | undefined;
  /** Input by name of the sub-layer: float `[]`, neutral 1. */
  readonly subLayers: ReadonlyMap<string, string>;
  readonly layers: readonly LayerControls[];
  /** Neutral values of every control: what changes nothing. */
  readonly neutral: ReadonlyMap<string, NeutralControl>;
}

/** One control at rest: an axis of 1 stands for as many as are needed. */
export interface NeutralControl {
  readonly type: 'float32' | 'bool';
  readonly rank: number;
  readonly value: 0 | 1;
}

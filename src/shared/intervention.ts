// Changes to a running model as plain data: what is changed, where, and by how much. Nothing here computes.
import type { AttentionKind, Side } from './modelSummary';

/** Attentions by name, all of one kind, or all of the model. */
export type AttentionChoice = 'all' | AttentionKind | readonly string[];
/** Heads from 0; a head that an attention lacks is an error where it was named, and left out nowhere. */
export type HeadChoice = 'all' | readonly number[];
/** Texts of the batch, from 0. */
export type TextChoice = 'all' | readonly number[];

interface Switchable {
  /** Kept in the list but without effect when false. */
  readonly enabled: boolean;
}

interface OnHeads extends Switchable {
  readonly attentions: AttentionChoice;
  readonly heads: HeadChoice;
}

/** Multiplies what heads contribute, before they are joined (section 3.2.2): 0 removes, 1 changes nothing. */
export interface HeadGate extends OnHeads {
  readonly kind: 'headGate';
  readonly factor: number;
}

/** Divides everything that enters the softmax, except the mask; above 0. Below 1 is sharper, above 1 more even. */
export interface Temperature extends OnHeads {
  readonly kind: 'temperature';
  readonly temperature: number;
}

/**
 * What multiplies q·k instead of the model's own scale: by name 1, 1/√d_k (the paper's, section 3.2.1), 1/(2√d_k), 1/d_k,
 * or any number. With a softcap, what comes out of the cap is rescaled.
 */
export interface ScoreScale extends OnHeads {
  readonly kind: 'scoreScale';
  readonly scale: 'none' | 'sqrt' | 'twiceSqrt' | 'full' | number;
}

/** Replaces the softmax by ReLU(x) ÷ Σ ReLU(x) over the keys; a row without a positive score becomes 0 everywhere. */
export interface Normaliser extends OnHeads {
  readonly kind: 'normaliser';
  readonly by: 'relu' | 'softmax';
}

/**
 * What a mask is to be. Every preset but `none` also removes padding, unless `padding` says `visible`.
 * `prefix`: the first `length` keys are seen by every query, later ones by those after them (as in GLM).
 * `window`: keys at most `size` places away; with `causal`, only those before.
 * `cells`: these cells, the others stay as the model has them. `rows`: 1 keeps, 0 removes, null leaves to the model; what
 * lies beyond the given rows or columns is left to the model too.
 */
export type MaskChoice =
  | { readonly preset: 'none' }
  | { readonly preset: 'causal'; readonly padding?: 'hidden' | 'visible' }
  | { readonly preset: 'padding' }
  | { readonly preset: 'prefix'; readonly length: number; readonly padding?: 'hidden' | 'visible' }
  | {
      readonly preset: 'window';
      readonly size: number;
      readonly causal?: boolean;
      readonly padding?: 'hidden' | 'visible';
    }
  | {
      readonly preset: 'cells';
      readonly cells: readonly { readonly query: number; readonly key: number; readonly keep: boolean }[];
    }
  | { readonly preset: 'rows'; readonly rows: readonly (readonly (0 | 1 | null)[])[] };

/**
 * Replaces the mask. A query that is left without any key reads nothing: its weights and its context are 0. Where a decoder is
 * let see later keys, a translation reads all of its tokens again at every step, as a cache would hide them.
 */
export interface MaskOverride extends OnHeads {
  readonly kind: 'mask';
  readonly texts: TextChoice;
  readonly mask: MaskChoice;
}

/** The text another run reads, whose activations are patched in. */
export interface PatchSource {
  readonly text: string;
  /** What the decoder of an encoder-decoder reads; default: the model's own translation of `text`. */
  readonly decoder?: string;
}

/** What is patched: the context of a head, or the state after a layer. */
export type PatchTarget =
  | { readonly of: 'head'; readonly attention: string; readonly head: number }
  | { readonly of: 'layer'; readonly side: Side; readonly layer: number };

/**
 * Replaces activations by those of another text's run, which is not changed by any intervention. Without `tokens`, each
 * position takes the one of the same number, as far as both texts reach; what lies beyond stays.
 */
export interface Patch extends Switchable {
  readonly kind: 'patch';
  readonly target: PatchTarget;
  readonly source: PatchSource;
  readonly texts: TextChoice;
  /** Position `from` of the source's run goes to position `to`. */
  readonly tokens?: readonly { readonly from: number; readonly to: number }[];
}

/**
 * What happens to positions. `shift`: token i gets position i + by. `shuffle`: the positions of the text change places,
 * the same way for the same seed; `among`: only the first so many (default: as many as the text, of an encoder-decoder the
 * source, has tokens). `scale`: added positions, or the bias on the scores, times `factor`. `multiply`: the embedding is
 * multiplied with the positions instead of adding them. `sinusoidal`: the table of section 3.5. `table`: these rows.
 * Positions beyond either end of a table read its first or last row.
 */
export type PositionChange =
  | { readonly to: 'remove' }
  | { readonly to: 'shift'; readonly by: number }
  | { readonly to: 'shuffle'; readonly seed: number; readonly among?: number }
  | { readonly to: 'scale'; readonly factor: number }
  | { readonly to: 'multiply' }
  | { readonly to: 'sinusoidal' }
  | { readonly to: 'table'; readonly rows: readonly (readonly number[])[] };

export interface PositionEdit extends Switchable {
  readonly kind: 'positions';
  readonly side: Side;
  readonly change: PositionChange;
}

/** Multiplies what sub-layers add to the residual stream: 0 skips them, 1 changes nothing. */
export interface SubLayerGate extends Switchable {
  readonly kind: 'subLayer';
  /** E.g. `encoder.0.self` or `decoder.2.feedForward`. */
  readonly subLayers: readonly string[];
  readonly factor: number;
}

export type Intervention =
  HeadGate | Temperature | ScoreScale | Normaliser | MaskOverride | Patch | PositionEdit | SubLayerGate;

export type InterventionKind = Intervention['kind'];

/** The version that this program writes and reads. */
export const RECIPE_VERSION = 1;

/** A list of interventions as it is saved. */
export interface Recipe {
  readonly version: typeof RECIPE_VERSION;
  readonly name: string;
  /** Name of the model it was made with, for people. */
  readonly model?: string;
  readonly interventions: readonly Intervention[];
}

/** What of an attention can be changed, and its own values. */
export interface AttentionControls {
  readonly attention: string;
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly heads: number;
  readonly headSize: number;
  /** The model's own scale; undefined where it is not one number. */
  readonly scale: number | undefined;
  readonly can: readonly ('headGate' | 'temperature' | 'scoreScale' | 'normaliser' | 'mask' | 'patch')[];
}

/** What can be changed in a loaded model. */
export interface ModelControls {
  readonly attentions: readonly AttentionControls[];
  /** Names and layers of sub-layers that can be scaled or skipped. */
  readonly subLayers: readonly {
    readonly name: string;
    readonly what: 'attention' | 'feedForward';
    readonly layer: number;
  }[];
  /** Layers whose output can be patched, by side. */
  readonly layers: readonly { readonly side: Side; readonly layer: number }[];
  readonly positions: readonly { readonly side: Side; readonly can: readonly PositionChange['to'][] }[];
  /** Sentences: what cannot be changed in this model, and why. */
  readonly notes: readonly string[];
}

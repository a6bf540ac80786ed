// Request for, and answer with, every stage of one head of one attention, from queries and keys to the residual stream.
import type { Matrix } from './tensor';

/** Asks for all stages of one head of one text. */
export interface HeadStagesRequest {
  readonly trace: string;
  /** E.g. `encoder.3.self`. */
  readonly attention: string;
  /** Head from 0. */
  readonly head: number;
  readonly batch: number;
}

/** Why a head's share of the output projection cannot be computed. */
export type NoOutput =
  /** No product with a weight was found behind the joined heads. */
  | 'noProjection'
  /** The weight stands in a file of its own and was not copied. */
  | 'weightElsewhere'
  /** The input of the projection is not the heads side by side. */
  | 'otherLayout';

/**
 * The stages of scaled dot-product attention (Vaswani et al. 2017, sections 3.2.1 and 3.2.2), as captured. Undefined is
 * what the graph does not expose.
 */
export interface HeadStages {
  /** `[query, d_k]`, `[key, d_k]`, `[key, d_v]`; after rotary positions, where there are any. */
  readonly query: Matrix | undefined;
  readonly key: Matrix | undefined;
  readonly value: Matrix | undefined;
  /** `[query, key]`: q·k; after the scale; as it enters the softmax; after it. */
  readonly scores: Matrix | undefined;
  readonly scaled: Matrix | undefined;
  readonly masked: Matrix | undefined;
  readonly weights: Matrix | undefined;
  /** What the mask adds `[query, key]`: 0 keeps; undefined without a mask. */
  readonly mask: Matrix | undefined;
  /** 1 for the cells that the mask removes, `[query, key]`. */
  readonly removed: Uint8Array<ArrayBuffer>;
  /** weights · V `[query, d_v]`. */
  readonly context: Matrix | undefined;
  /**
   * This head's share of the output projection `[query, d_model]`: its context times its rows of W_O. The shares of all
   * heads and the bias add up to `projected`.
   */
  readonly output: Matrix | undefined;
  readonly noOutput: NoOutput | undefined;
  /** All heads side by side `[query, heads·d_v]`. */
  readonly joined: Matrix | undefined;
  /** The joined heads times W_O, bias included `[query, d_model]`. */
  readonly projected: Matrix | undefined;
  /** The residual stream before and after this attention was added `[query, d_model]`. */
  readonly before: Matrix | undefined;
  readonly after: Matrix | undefined;
}

// A captured run as a saved page carries it: enough to show attention, masks and positions without an engine. Types only.
import type { HeadQuestion, RankedHead } from './insight';
import type { AttentionKind } from './modelSummary';
import type { PanelState } from './protocol';
import type { Masks, Positions } from './trace';

/** One head of one text, `[query, key]` in pieces. */
export interface SavedHead {
  readonly rows: number;
  readonly columns: number;
  readonly weights: Float32Array<ArrayBuffer>;
  /** Undefined where the graph does not expose them, or the page was to be small. */
  readonly scores: Float32Array<ArrayBuffer> | undefined;
  readonly scaled: Float32Array<ArrayBuffer> | undefined;
  /** ‖v‖ of every key. */
  readonly valueNorms: Float32Array<ArrayBuffer> | undefined;
  /** 1 where the mask removes a cell; undefined where it is as in the first head. */
  readonly masked: Uint8Array<ArrayBuffer> | undefined;
}

/** What is known of one text in one attention. */
export interface SavedAttention {
  readonly attention: string;
  readonly batch: number;
  readonly heads: readonly SavedHead[];
  /** Index into {@link SavedRun.masks}. */
  readonly masks: number;
}

export interface SavedPositions {
  readonly layer: number | undefined;
  readonly head: number | undefined;
  readonly positions: Positions;
}

export interface SavedRanking {
  readonly kind: AttentionKind;
  readonly batch: number;
  readonly question: HeadQuestion;
  readonly heads: readonly RankedHead[];
}

export interface SavedRun {
  readonly state: PanelState;
  readonly attentions: readonly SavedAttention[];
  /** Different ones: attentions often share theirs. */
  readonly masks: readonly Masks[];
  readonly positions: readonly SavedPositions[];
  readonly rankings: readonly SavedRanking[];
}

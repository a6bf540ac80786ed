// Requests for, and slices of, one captured run of the model (a trace). A panel asks for slices, never for whole runs.
import type { Intervention } from './intervention';
import type { AttentionKind, PositionKind, Side } from './modelSummary';
import type { Matrix } from './tensor';
import type { TokenSequence, Unit } from './tokens';

/** Where the decoder's input of an encoder-decoder model comes from. */
export type DecoderInput =
  /** `beams`: width of the beam search, greedy where left out. */
  (
    | { readonly from: 'translation'; readonly language?: string; readonly beams?: number }
    | { readonly from: 'text'; readonly texts: readonly string[]; readonly language?: string }
    /** What was decoded before, token by token: ids without start, the end included where there was one. */
    | { readonly from: 'ids'; readonly ids: readonly (readonly number[])[]; readonly language?: string }
  ) & {
    /** BCP 47; only for models that are told the language of the source. */
    readonly sourceLanguage?: string;
  };

/** Runs the model on one or several texts; several make one padded batch. */
export interface ExploreRequest {
  readonly model: string;
  readonly texts: readonly string[];
  /** Ignored by models without a decoder beside an encoder. Default: the model's own greedy translation. */
  readonly decoder?: DecoderInput;
  /** Changes to the model during this run; those that are switched off do nothing. Default: none. */
  readonly interventions?: readonly Intervention[];
}

/** What is known of a trace without looking at a tensor. */
export interface TraceSummary {
  readonly id: string;
  readonly model: string;
  /** One sequence per text, padded to equal length; empty for decoder-only models. */
  readonly encoder: readonly TokenSequence[];
  /** One sequence per text: the text itself for decoder-only models; empty for encoder-only models. */
  readonly decoder: readonly TokenSequence[];
  readonly language?: string;
  /** What was changed in the model during this run. */
  readonly interventions?: readonly Intervention[];
  /** Milliseconds: tokenising, translating, and the teacher-forced pass. */
  readonly timing: { readonly tokenize: number; readonly decode: number; readonly run: number };
}

/** Which head of which attention of which text. */
export interface HeadRef {
  readonly trace: string;
  /** E.g. `encoder.3.self`. */
  readonly attention: string;
  /** Head from 0, or the mean of the layer's heads. */
  readonly head: number | 'mean';
  /** Index of the text in the batch. */
  readonly batch: number;
}

/**
 * The stages of scaled dot-product attention (Vaswani et al. 2017, section 3.2.1):
 * `scores` q·k, `scaled` before the mask, `masked` as it enters the softmax, `weights` after it.
 */
export type Stage = 'scores' | 'scaled' | 'masked' | 'weights';

/** Asks for `[query, key]` of one head. Words: sum over key pieces, mean over query pieces; weights only. */
export interface MatrixRequest extends HeadRef {
  readonly stage: Stage;
  readonly unit: Unit;
}

/** A matrix over tokens or words; `masked` marks with 1 the cells that the mask removes, same size as `data`. */
export interface AttentionMatrix extends Matrix {
  readonly masked: Uint8Array<ArrayBuffer>;
}

/** Asks for thumbnails of every head of one kind of attention. */
export interface OverviewRequest {
  readonly trace: string;
  readonly kind: AttentionKind;
  readonly batch: number;
  readonly unit: Unit;
  /** Thumbnails are at most this many cells a side; a block of cells then shows its largest weight. */
  readonly maxCells: number;
}

/** Thumbnails `[layer, head, rows, columns]` in one buffer; `block` is how many cells a side each one stands for. */
export interface Overview {
  readonly kind: AttentionKind;
  readonly layers: number;
  readonly heads: number;
  readonly rows: number;
  readonly columns: number;
  readonly block: number;
  readonly data: Float32Array<ArrayBuffer>;
  readonly masked: Uint8Array<ArrayBuffer>;
}

/** Asks for the weight of one pair in every head of one kind: the answer is `[layers, heads]`. */
export interface PairRequest {
  readonly trace: string;
  readonly kind: AttentionKind;
  readonly batch: number;
  readonly unit: Unit;
  readonly query: number;
  readonly key: number;
}

/** Asks for everything about one cell; query and key are pieces. */
export interface CellRequest extends HeadRef {
  readonly query: number;
  readonly key: number;
}

/** The numbers behind one cell; undefined where the graph does not expose that stage. */
export interface Cell {
  readonly weight: number;
  /** 1 = largest of its row. */
  readonly rank: number;
  readonly of: number;
  readonly score: number | undefined;
  readonly scaled: number | undefined;
  /** What the mask adds: 0 or a large negative number; −∞ where Where replaces the score. */
  readonly mask: number | undefined;
  /** ‖v‖ of the key's value vector in this head. */
  readonly valueNorm: number | undefined;
}

/** Asks for the mask of one attention; the mask of a head is per text. */
export interface MasksRequest {
  readonly trace: string;
  readonly attention: string;
  readonly batch: number;
}

/** One mask `[query, key]`: what is added to the scores (0 keeps, very negative removes), or −∞/0 for a Where. */
export interface MaskStage {
  readonly matrix: Matrix;
  /** The tensor it was read from, or how it was computed. */
  readonly source: string;
  /** Number of key columns (padding) or cells (others) removed. */
  readonly removed: number;
}

/** The mask of one attention, in parts and as it enters the softmax. */
export interface Masks {
  readonly form: 'add' | 'where' | 'none' | 'fused';
  /** Undefined when nothing is padded or the model has no padding mask. */
  readonly padding: MaskStage | undefined;
  /** Undefined when no query is kept from seeing later keys. */
  readonly causal: MaskStage | undefined;
  /** What enters the softmax; undefined when the attention has no mask. */
  readonly total: MaskStage | undefined;
  /** The graph's input or node that the mask comes from. */
  readonly input: string | undefined;
  /** Dimensions of the mask tensor in the run, e.g. `[2, 1, 1, 17]`. */
  readonly dims: readonly number[] | undefined;
  /** The most negative value. */
  readonly maskedValue: number | undefined;
  /** Attentions that read the same mask tensor. */
  readonly sharedBy: readonly string[];
  /** Why a part is missing, when it is. */
  readonly why: string | undefined;
}

/** Asks for the positional information of one side of the model, up to `rows` positions. */
export interface PositionsRequest {
  readonly model: string;
  readonly side: Side;
  readonly rows: number;
  /** For relative positions and ALiBi: which layer and head to show. */
  readonly layer?: number;
  readonly head?: number;
}

/** The true positional information of the model. */
export interface Positions {
  readonly side: Side;
  readonly kind: PositionKind;
  readonly evidence: string;
  /** Rows in the file's table, 0 without one. */
  readonly available: number;
  /** `[position, dimension]`: the table's rows; for rotary the angle of each pair of dimensions, in radians. */
  readonly table: Matrix | undefined;
  /** `[position, position]`: dot product of rows; for relative positions and ALiBi the bias `[query, key]` itself. */
  readonly similarity: Matrix | undefined;
  /** Sinusoidal: sines and cosines alternate, or fill one half each. Rotary: how pairs are formed. */
  readonly layout: 'interleaved' | 'halves' | undefined;
  /** Sinusoidal: largest difference from the formula of section 3.5 of the paper. */
  readonly formulaError: number | undefined;
  /** Tokens per period of each dimension; empty unless sinusoidal or rotary. */
  readonly wavelengths: Float32Array<ArrayBuffer>;
  /** What the token embedding is multiplied with before the positions are added (√d_model in the paper); 1 if nothing. */
  readonly embeddingScale: number | undefined;
  readonly tensor: string | undefined;
}

// What was found in one ONNX graph: types only. Names are tensor names of that graph.
import type { StackStructure } from '../shared/modelStructure';
import type { AttentionKind, NotFound, PositionKind, Side } from '../shared/modelSummary';

/**
 * How the heads lie in a tensor whose rows are positions and whose columns are keys or elements:
 * - `heads`: `[batch, heads, rows, columns]`; either of the first two axes may be 1 and is then broadcast
 * - `headsTransposed`: the same with the last two axes swapped (a key ready for MatMul)
 * - `merged`: `[batch·heads, rows, columns]`, batch outermost; `mergedTransposed` likewise swapped
 * - `flat`: `[batch, rows, heads·columns]`
 * - `grouped`: `[batch, keyValueHeads, group, rows, columns]`
 */
export type HeadLayout = 'heads' | 'headsTransposed' | 'merged' | 'mergedTransposed' | 'flat' | 'grouped';

/** A tensor of an attention and how to find one head in it. */
export interface SiteTensor {
  readonly tensor: string;
  readonly layout: HeadLayout;
  /** What the tensor must be multiplied with to be what it stands for; 1 when left out. */
  readonly factor?: number;
}

/** One way in which a mask acts on the scores. */
export interface MaskStep {
  readonly form: 'add' | 'where';
  /** The operand as it meets the scores: added to them, or the condition of a Where. */
  readonly tensor: string;
  /** How the scores lie that it meets; its own axes are broadcast against theirs, counted from the end. */
  readonly layout: HeadLayout;
  /** For Where: whether a true condition keeps the score or masks it, and the value put in its place. */
  readonly keepsWhenTrue?: boolean;
  readonly maskedValue?: number;
  /** For add: the tensor is subtracted from the scores instead. */
  readonly subtracted?: boolean;
  /** The node that combines mask and scores. */
  readonly node: string;
}

/** A part of a mask that is a tensor of its own; additive, or a truth value per cell. */
export interface MaskPart {
  readonly kind: 'padding' | 'causal' | 'other';
  readonly tensor: string;
  readonly layout: HeadLayout;
  readonly form: 'add' | 'where';
  readonly keepsWhenTrue?: boolean;
}

/** The mask of one attention. */
export interface MaskSite extends MaskStep {
  /** What masks the scores after the first step, e.g. GPT-2's padding mask after its causal one. */
  readonly more: readonly MaskStep[];
  /** Graph inputs whose values the mask is computed from, e.g. `attention_mask`. */
  readonly inputs: readonly string[];
  /** Whether later keys are removed from every query, tried out on small sizes; undefined when that was not possible. */
  readonly causal: boolean | undefined;
  /** Parts of the mask that are tensors of their own, when the graph adds or combines them. */
  readonly parts: readonly MaskPart[];
}

/** Position information that enters the scores of one attention (T5's relative bias, ALiBi), apart from masks. */
export interface ScoreBias {
  readonly kind: 'relative' | 'alibi';
  readonly tensor: string;
  /** As for {@link MaskStep}. */
  readonly layout: HeadLayout;
}

/** One attention found in the graph. */
export interface AttentionSite {
  /** `encoder.L.self`, `decoder.L.self`, `decoder.L.cross`. */
  readonly name: string;
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  /** d_k; 0 when the graph does not say. */
  readonly headSize: number;
  /** The node the attention was found by: its Softmax, or the fused operator. */
  readonly node: string;
  readonly foundBy: string;
  /** Set for fused operators: the stages below are then added by taps next to the fused node. */
  readonly fused: FusedSite | undefined;
  /** Result of the softmax. */
  readonly weights: SiteTensor;
  /** q·k before scale and mask; undefined when the graph scales q or k first and has no such tensor. */
  readonly scores: SiteTensor | undefined;
  /** After the scale, before the mask and any bias. */
  readonly scaled: SiteTensor | undefined;
  /** As it enters the softmax. */
  readonly masked: SiteTensor | undefined;
  /** What multiplies q·k in all (e.g. 1/√d_k), wherever the graph applies it. */
  readonly scale:
    { readonly value: number; readonly on: 'scores' | 'query' | 'key' | 'both' | 'fused' } | undefined;
  readonly mask: MaskSite | undefined;
  readonly bias: ScoreBias | undefined;
  readonly query: SiteTensor | undefined;
  readonly key: SiteTensor | undefined;
  readonly value: SiteTensor | undefined;
  /** Gemma's `cap·tanh(x ÷ cap)` between scale and mask; `scaled` is then after it. */
  readonly softcap?: number;
  /** weights · V, before the heads are joined. */
  readonly context: SiteTensor | undefined;
}

/** What a fused attention operator reads; enough to recompute its stages beside it. */
export interface FusedSite {
  readonly opType: string;
  readonly domain: string;
  /** Index of the node in `graph.nodes`. */
  readonly nodeIndex: number;
}

/** The positional information of the stack. */
export interface PositionSite {
  readonly kind: PositionKind;
  /** What in the graph says so, in one sentence. */
  readonly evidence: string;
  /** Initializer `[positions, d_model]` of a sinusoidal or learned table, or the tensor of a computed one. */
  readonly tensor: string | undefined;
  /** Whether `tensor` is an initializer, so that it can be read without a run. */
  readonly constant: boolean;
  /** Rows at the start of the table that are not positions (e.g. 2 in BART's learned table). */
  readonly offset: number;
  readonly positions: number;
  readonly dimensions: number;
  readonly layout: 'interleaved' | 'halves' | undefined;
  /** Largest difference from the sinusoid formula, for sinusoidal tables. */
  readonly formulaError: number | undefined;
  /** Rotary: inverse frequencies, one per pair of dimensions. */
  readonly frequencies: readonly number[] | undefined;
}

/** The token embedding. */
export interface EmbeddingSite {
  readonly tensor: string;
  readonly vocabulary: number;
  readonly width: number;
  /** What the rows are multiplied with (√d_model in the paper), 1 if nothing. */
  readonly scale: number;
  readonly node: string;
  /** A hash of the numbers, to see that two files hold the same embedding; undefined when they stand elsewhere. */
  readonly fingerprint: number | undefined;
}

/** The projection onto the vocabulary. */
export interface OutputSite {
  /** The weight as the graph reads it. */
  readonly tensor: string;
  readonly logits: string;
  readonly vocabulary: number;
  /** The same initializer as the embedding, possibly transposed, or equal in every number. */
  readonly tied: boolean;
}

/** What the inputs of the graph are for. */
export type InputRole =
  | {
      readonly role:
        | 'tokens'
        | 'paddingMask'
        | 'positions'
        | 'tokenTypes'
        | 'encoderStates'
        | 'encoderPaddingMask'
        | 'useCache'
        | 'other';
    }
  | {
      readonly role: 'past';
      readonly layer: number;
      readonly of: 'self' | 'cross';
      /** `both`: one input holds keys and values, `[2, batch, heads, past, d]`. */
      readonly what: 'key' | 'value' | 'both';
    };

/** Where is what in one graph. What could not be found is listed with the reason, never guessed. */
export interface Anatomy {
  /** A decoder has a causal mask, past states or cross-attention. */
  readonly side: Side;
  readonly layers: number;
  /** d_model; 0 when unknown. */
  readonly width: number;
  readonly attentions: readonly AttentionSite[];
  readonly positions: PositionSite;
  readonly embedding: EmbeddingSite | undefined;
  readonly output: OutputSite | undefined;
  readonly inputs: Readonly<Record<string, InputRole>>;
  /** Elements of all floating-point initializers, shared ones once. */
  readonly parameters: number;
  /** The whole stack as blocks, for drawing it and for looking beyond attention. */
  readonly structure: StackStructure;
  readonly notFound: readonly NotFound[];
}

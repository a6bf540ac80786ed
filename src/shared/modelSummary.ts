// What the host and the webviews know about a loaded model; everything is read from its graph and files.

export type Family = 'encoder-only' | 'decoder-only' | 'encoder-decoder';
export type AttentionKind = 'encoderSelf' | 'decoderSelf' | 'cross';
export type Side = 'encoder' | 'decoder';

/** One attention block of the model, e.g. `encoder.3.self`; layers and heads count from 0. */
export interface AttentionSummary {
  /** `encoder.L.self`, `decoder.L.self` or `decoder.L.cross`. */
  readonly name: string;
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly heads: number;
  /** Heads of K and V; fewer than `heads` with grouped queries. */
  readonly keyValueHeads: number;
  /** d_k, elements of one query or key vector; 0 when the graph does not say. */
  readonly headSize: number;
  /** What multiplies the dot product q·k before the mask, in all (e.g. 1/√d_k); undefined when it could not be found. */
  readonly scale: number | undefined;
  /** How the mask enters: added to the scores, chosen by Where, none, or inside a fused operator. */
  readonly maskForm: 'add' | 'where' | 'none' | 'fused';
  /** Tensor whose last axis sums to one. */
  readonly softmax: string;
  /** E.g. `Softmax → MatMul` or `com.microsoft MultiHeadAttention`. */
  readonly foundBy: string;
  /** The name of the node, as the file has it. */
  readonly node: string;
}

/** Something that was looked for and not found, with the reason. */
export interface NotFound {
  readonly what: string;
  readonly why: string;
}

export type PositionKind = 'sinusoidal' | 'learned' | 'rotary' | 'relative' | 'alibi' | 'none';

/** How one side of the model knows about order. */
export interface PositionSummary {
  readonly side: Side;
  readonly kind: PositionKind;
  /** What in the graph says so, in one sentence. */
  readonly evidence: string;
  /** Positions × dimensions of the table, where there is one. */
  readonly table?: { readonly positions: number; readonly dimensions: number };
}

/** A language that the model can translate into. */
export interface Language {
  /** BCP 47, e.g. `de`. */
  readonly code: string;
  /** The token that selects it, e.g. `>>deu<<`. */
  readonly token: string;
}

export interface ModelSummary {
  readonly id: string;
  readonly name: string;
  readonly family: Family;
  readonly layers: { readonly encoder: number; readonly decoder: number };
  /** Heads of the first attention. */
  readonly heads: number;
  /** d_model; 0 when unknown. */
  readonly width: number;
  readonly vocabulary: number;
  /** Weights, counting shared ones once. */
  readonly parameters: number;
  /** Bytes of the weights in float32. */
  readonly weightBytes: number;
  readonly attentions: readonly AttentionSummary[];
  readonly positions: readonly PositionSummary[];
  /** Whether the output projection is the transposed embedding; undefined when one of them was not found. */
  readonly tied: boolean | undefined;
  /** Languages to translate into. */
  readonly languages: readonly Language[];
  /** Languages to translate from, for models that must be told; empty for those that need not. */
  readonly sourceLanguages: readonly Language[];
  /** Longest sequence of tokens, special ones included. */
  readonly maxTokens: { readonly encoder: number; readonly decoder: number };
  /** What a text classifier tells apart, by class; left out for models that are none. */
  readonly labels?: readonly string[] | undefined;
  readonly notFound: readonly NotFound[];
  /** Sentences a user should know, e.g. where the tokenizer is only approximated. */
  readonly notes: readonly string[];
}

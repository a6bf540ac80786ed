// The whole model as blocks, as in Figure 1 of the paper, each with the tensors to look at; plain data, read from the graph.
import type { Family, NotFound, PositionKind, Side } from './modelSummary';

/** Two graphs of a model (or one) as blocks. */
export interface ModelStructure {
  readonly family: Family;
  readonly stacks: readonly StackStructure[];
  /** Weights, shared ones once. */
  readonly parameters: number;
  /** Whether encoder and decoder hold the same embedding in every number. */
  readonly sharedEmbedding: boolean;
}

/** One stack of layers, from token ids to states or logits. Tensors are named as in the graph. */
export interface StackStructure {
  readonly side: Side;
  /** N of the paper. */
  readonly layers: number;
  /** d_model; 0 when unknown. */
  readonly width: number;
  /** d_ff of the first feed-forward; 0 when none was found. */
  readonly feedForward: number;
  readonly embedding: EmbeddingBlock | undefined;
  /** Attentions and feed-forwards in the order in which they run. */
  readonly subLayers: readonly SubLayer[];
  /** `post` as in the paper, `pre` as in GPT-2; `none` when no norm stands at a residual connection. */
  readonly normPlacement: 'pre' | 'post' | 'none';
  /** The norm after the last layer, which only pre-norm stacks have. */
  readonly finalNorm: NormBlock | undefined;
  readonly head: HeadBlock | undefined;
  /** Elements of the weights of this graph. */
  readonly parameters: number;
  readonly notFound: readonly NotFound[];
}

/** Token ids to vectors (section 3.4) plus positions (3.5). */
export interface EmbeddingBlock {
  readonly weight: string;
  readonly vocabulary: number;
  readonly width: number;
  /** √d_model in the paper, 1 for none. */
  readonly scale: number;
  readonly positions: PositionKind;
  /** Rows that were looked up, before the scale. */
  readonly tokens: string;
  /** Rows of the position table that are added, where it is looked up by index. */
  readonly added: string | undefined;
  readonly tokenTypes: string | undefined;
  /** After everything was added and normalised: what the first layer reads. */
  readonly output: string | undefined;
  readonly norm: NormBlock | undefined;
  readonly parameters: number;
}

/** Layer normalisation: `(x − mean) ÷ √(variance + ε)·γ + β`; `rms` leaves out mean and β. */
export interface NormBlock {
  readonly kind: 'layer' | 'rms';
  /** Empty where a fused operator keeps the sum to itself. */
  readonly input: string;
  readonly output: string;
  readonly gain: string | undefined;
  readonly bias: string | undefined;
  readonly epsilon: number;
  readonly parameters: number;
}

/** A product with a weight, `x·W + b`. */
export interface LinearBlock {
  readonly input: string;
  readonly output: string;
  readonly weight: string;
  /** The weight lies as `[out, in]` in the file. */
  readonly transposed: boolean;
  readonly bias: string | undefined;
  readonly inputs: number;
  readonly outputs: number;
  readonly parameters: number;
}

/** `x + Sublayer(x)`: what is added to what. */
export interface ResidualBlock {
  readonly skip: string;
  readonly branch: string;
  readonly output: string;
}

interface SubLayerBase {
  /** `encoder.3.self`, `decoder.0.cross`, `encoder.3.feedForward`. */
  readonly name: string;
  readonly layer: number;
  /** Undefined when the graph has no residual connection here. */
  readonly residual: ResidualBlock | undefined;
  readonly norm: NormBlock | undefined;
  /** What the next sub-layer reads: after the residual connection, and after the norm where it stands behind it. */
  readonly output: string;
  readonly parameters: number;
}

export interface AttentionBlock extends SubLayerBase {
  readonly what: 'attention';
  /** W_Q, W_K and W_V: three, or one with all side by side; empty inside some fused operators. */
  readonly inputs: readonly LinearBlock[];
  /** All heads side by side, `[batch, length, heads·d_v]`; then the output projection W_O. */
  readonly projection: LinearBlock | undefined;
}

export type Activation =
  | 'ReLU'
  | 'GELU'
  | 'GELU (tanh)'
  | 'GELU (sigmoid)'
  | 'SiLU'
  | 'tanh'
  | 'ReGLU'
  | 'GEGLU'
  | 'SwiGLU'
  | 'unknown';

/** `act(x·W₁ + b₁)·W₂ + b₂` (section 3.3), or with a gate `(act(x·W) ⊙ x·V)·W₂`. */
export interface FeedForwardBlock extends SubLayerBase {
  readonly what: 'feedForward';
  readonly activation: Activation;
  /** One, or gate and value. The one that goes through the activation first. */
  readonly up: readonly LinearBlock[];
  /** Its input is the hidden units after the activation. */
  readonly down: LinearBlock;
}

export type SubLayer = AttentionBlock | FeedForwardBlock;

/** From states to logits. */
export interface HeadBlock {
  readonly projection: LinearBlock;
  /** What the states are multiplied with before it: d_model^−½ in T5, else 1. */
  readonly scale: number;
  /** What the projection is taken of, before that scale. */
  readonly states: string;
  readonly logits: string;
  readonly vocabulary: number;
  readonly tied: boolean;
  /** What stands between the last layer and the projection, beyond the final norm: BERT's dense, activation and norm. */
  readonly transform:
    | { readonly dense: LinearBlock; readonly activation: Activation; readonly norm: NormBlock | undefined }
    | undefined;
  readonly parameters: number;
}

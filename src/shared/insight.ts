// Requests for, and answers about, what lies beyond attention in a captured run: states, units, distributions, heads by what they do.
import type { AttentionKind, Side } from './modelSummary';
import type { Matrix } from './tensor';
import type { CellRequest, HeadRef } from './trace';

/** One product of the sum `q·k`. */
export interface Term {
  /** Dimension of the head, from 0. */
  readonly dimension: number;
  readonly query: number;
  readonly key: number;
  readonly product: number;
}

export interface TokenUnits {
  /** Share of units that are exactly 0, as ReLU leaves them (section 3.3 of the paper). */
  readonly zeros: number;
  /** The units with the largest |activation|, largest first. */
  readonly strongest: readonly { readonly unit: number; readonly value: number }[];
}

export interface Neighbour {
  readonly row: number;
  readonly cosine: number;
}

export interface DistributionSettings {
  /** Logits are divided by it; 1 leaves them. Above 0. */
  readonly temperature: number;
  /** Only the k likeliest stay; 0 for all. */
  readonly topK: number;
  /** The fewest likeliest whose probabilities reach p stay (Holtzman et al. 2020, section 3.1); 1 for all. */
  readonly topP: number;
}

/** A token of the vocabulary with what it got. */
export interface Candidate {
  readonly id: number;
  /** As the vocabulary spells it. */
  readonly piece: string;
  readonly logit: number;
  /** Softmax of the logits as they are. */
  readonly plain: number;
  /** After temperature, top-k and top-p; 0 for what they remove. */
  readonly probability: number;
}

export interface Distribution {
  /** Likeliest first. */
  readonly candidates: readonly Candidate[];
  /** −Σ p·ln p of the plain softmax, in nats. */
  readonly entropy: number;
  /** How many tokens the settings keep. */
  readonly kept: number;
}

/** The questions that can be asked of a head. */
export type HeadQuestion =
  'previous' | 'next' | 'itself' | 'sameWord' | 'delimiter' | 'sharpest' | 'even' | 'pair';

/** Rows `first` to `last` (default: all) of a state of one text, `[token, width]`; names as in `stateNames`. */
export interface StatesRequest {
  readonly trace: string;
  /** E.g. `encoder.0.feedForward.hidden` or `decoder.layer.2`. */
  readonly state: string;
  readonly batch: number;
  readonly first?: number;
  readonly last?: number;
}

/** The rows of one head, `[token, d_k]`. */
export interface VectorsRequest extends HeadRef {
  readonly head: number;
  readonly of: 'query' | 'key' | 'value' | 'context';
}

/** The arithmetic of one cell. */
export interface CellTerms {
  /** By size of contribution; their sum is the score. */
  readonly terms: readonly Term[];
  readonly sum: number;
  readonly cosine: number;
}

export type CellTermsRequest = CellRequest & { readonly head: number };

/** Spread of one head's scores; with unit-variance q and k the paper expects d_k before the scale (section 3.2.1). */
export interface ScoreSpread {
  readonly headSize: number;
  readonly scores: { readonly mean: number; readonly variance: number; readonly count: number } | undefined;
  readonly scaled: { readonly mean: number; readonly variance: number; readonly count: number } | undefined;
}

export interface TextSideRequest {
  readonly trace: string;
  readonly side: Side;
  readonly batch: number;
}

export interface UnitsRequest {
  readonly trace: string;
  readonly batch: number;
  /** E.g. `encoder.0.feedForward`. */
  readonly feedForward: string;
  readonly count: number;
}

export interface NeighboursRequest {
  readonly model: string;
  readonly id: number;
  readonly count: number;
}

/** A neighbour with what the vocabulary spells. */
export interface NeighbourToken extends Neighbour {
  readonly piece: string;
}

export interface DistributionRequest extends DistributionSettings {
  readonly trace: string;
  readonly batch: number;
  readonly position: number;
  readonly count: number;
  /** Put the mask token in the position's place first, as the training of a masked model does; another run of the model. */
  readonly hide?: boolean;
}

export interface StepsRequest {
  readonly trace: string;
  readonly batch: number;
}

/** What a model with logits says at one position. */
export interface OutputStep {
  /** The token that stands where the model predicts: the next one, or in a masked model the one at the position itself. */
  readonly actual: Said | undefined;
  /** The likeliest token. */
  readonly best: Said;
  /** In nats. */
  readonly entropy: number;
}

/** A token with its probability and its place among all, 1 for the likeliest. */
export interface Said {
  readonly id: number;
  readonly piece: string;
  readonly probability: number;
  readonly rank: number;
}

export interface LogitLensRequest {
  readonly trace: string;
  readonly batch: number;
  /** Positions `first` to `last`, at most {@link LENS_POSITIONS}. */
  readonly first: number;
  readonly last: number;
  /** How many candidates of each state. */
  readonly count: number;
}

/** Positions that one answer of the logit lens covers. */
export const LENS_POSITIONS = 64;

/** The state after every layer through the end of the model (nostalgebraist 2020). */
export interface LogitLens {
  /** The embedding, then the layers, in the order of the rows. */
  readonly states: readonly string[];
  /** `[state][position]` */
  readonly cells: readonly (readonly LensCell[])[];
  /** Largest difference between the last state's logits and the model's own: rounding only. */
  readonly error: number;
}

export interface LensCell {
  readonly candidates: readonly Said[];
  readonly entropy: number;
  /** What the model says in the end, in this state. */
  readonly final: Said;
}

export interface HeadsRequest {
  readonly trace: string;
  readonly kind: AttentionKind;
  readonly batch: number;
  readonly question: HeadQuestion;
  /** For `pair`; pieces. */
  readonly pair?: { readonly query: number; readonly key: number };
}

/** A head and its answer, highest first in a ranking. */
export interface RankedHead {
  readonly attention: string;
  readonly head: number;
  readonly score: number;
}

/**
 * Asks how much each source token says about each target token, `[target, source]`: by the mean weight of the heads of
 * one layer, or by attention rollout. Sources are the tokens that the first stack reads.
 */
export interface AttributionRequest {
  readonly trace: string;
  readonly batch: number;
  readonly method: { readonly by: 'attention'; readonly layer: number } | { readonly by: 'rollout' };
}

/** Leaves source tokens `[first, first + count)` out one by one. */
export interface LeaveOneOutRequest {
  readonly trace: string;
  readonly batch: number;
  readonly first: number;
  readonly count: number;
}

export interface LeftOut {
  /** Source tokens in all. */
  readonly total: number;
  /**
   * `[source token, target position]`: ln p of the token that stands where the model predicts, before minus after the source
   * token was left out. Above 0: it spoke for that output. NaN for padding and where nothing is predicted.
   */
  readonly drops: Matrix;
}

/** Differentiates what is predicted at target positions `[first, first + count)`. */
export interface GradientsRequest {
  readonly trace: string;
  readonly batch: number;
  readonly first: number;
  readonly count: number;
}

/**
 * Of ln p of the token that stands where the model predicts, as in {@link LeftOut}; by the embeddings as the first layer reads
 * them: looked up and scaled, before positions are added. `[target position, token]`: the source tokens, and in an
 * encoder-decoder after them those that the decoder reads. NaN where nothing is predicted.
 */
export interface Gradients {
  /** Target positions in all. */
  readonly total: number;
  /** Saliency: the length of the gradient (Simonyan et al. 2014; Li et al. 2016). */
  readonly saliency: Matrix;
  /** Gradient · embedding (Shrikumar et al. 2016; Denil et al. 2014). Above 0: the token spoke for the output. */
  readonly product: Matrix;
}

/** What takes the place of every embedding at the start of the path: zeros, or the embedding of the padding token. */
export type GradientBaseline = 'zero' | 'pad';

export interface IntegratedGradientsRequest {
  readonly trace: string;
  readonly batch: number;
  /** Target position. */
  readonly target: number;
  readonly baseline: GradientBaseline;
}

/**
 * Integrated gradients of one target position: along the straight line from the baseline, on which the embeddings of source and,
 * in an encoder-decoder, of what the decoder reads move together.
 */
export interface IntegratedGradients {
  /** By token, as the columns of {@link Gradients}. */
  readonly scores: Float32Array<ArrayBuffer>;
  /** ln p with the text, and at the baseline. */
  readonly value: number;
  readonly baselineValue: number;
  /** |Σ scores − (value − baselineValue)|, in nats: 0 for an integral without error (completeness). */
  readonly error: number;
  readonly steps: number;
}

/** Sub-layers of one layer, from 0. */
export interface SubLayersRequest {
  readonly trace: string;
  readonly side: Side;
  readonly layer: number;
  readonly batch: number;
}

/** A state in numbers: ‖x‖, and mean and standard deviation over its dimensions. */
export interface RowNumbers {
  readonly length: number;
  readonly mean: number;
  readonly deviation: number;
}

/** What BatchNorm over the tokens of this batch makes of the same sum, beside what the model's norm makes of it. */
export interface BatchNormComparison extends RowNumbers {
  readonly cosine: number;
  /** ‖own − batch‖ ÷ ‖own‖ */
  readonly distance: number;
}

/** One token on its way through a sub-layer; undefined where the graph has no such step. */
export interface SubLayerToken {
  /** x */
  readonly input: RowNumbers | undefined;
  /** Sublayer(x) */
  readonly branch: RowNumbers | undefined;
  /** x + Sublayer(x) */
  readonly sum: RowNumbers | undefined;
  /** cos(x, Sublayer(x)) */
  readonly cosine: number | undefined;
  /** What the norm reads and what it answers: behind the sum (post-norm), or before the sub-layer (pre-norm). */
  readonly before: RowNumbers | undefined;
  readonly after: RowNumbers | undefined;
  readonly batchNorm: BatchNormComparison | undefined;
}

export interface SubLayerFlow {
  readonly name: string;
  readonly what: 'attention' | 'feedForward';
  readonly norm: 'layer' | 'rms' | undefined;
  readonly tokens: readonly SubLayerToken[];
}

/** States (tokens × layers) that one projection shows at most: the effort grows with the third power. */
export const PROJECTED_STATES = 320;

export interface ProjectionRequest {
  readonly trace: string;
  readonly side: Side;
  readonly tokens: readonly { readonly batch: number; readonly position: number }[];
  /** Subtract the mean of the shown tokens from each layer first. */
  readonly centred: boolean;
}

/** PCA of states of several layers with common axes. */
export interface StateProjection {
  /** The embedding, then the layers. */
  readonly states: readonly string[];
  /** Share of the variance on each axis. */
  readonly explained: readonly [number, number];
  /** `[state]`: cosines between the tokens' states as they are, `[token, token]`. */
  readonly cosines: readonly Matrix[];
  /** `[state][token]` */
  readonly points: readonly (readonly { readonly x: number; readonly y: number }[])[];
}

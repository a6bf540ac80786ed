// Requests for, and answers about, what an intervention changed: two runs side by side, and sweeps of many settings.
import type { Candidate } from './insight';
import type { Intervention } from './intervention';
import type { LabelChange } from './labels';
import type { AttentionKind } from './modelSummary';
import type { Unit } from './tokens';

/** Runs the texts of a captured run again under interventions; the new run is a trace of its own. */
export interface InterveneRequest {
  /** The run to start from; its own interventions do not carry over. */
  readonly trace: string;
  readonly interventions: readonly Intervention[];
}

/**
 * Asks what changed from one run to another of the same texts. Of encoder-decoders, distributions and weights are compared
 * over the same decoder input, that of the first run, so that position stands against position.
 */
export interface CompareRequest {
  /** The run before. */
  readonly trace: string;
  readonly after: string;
  readonly batch: number;
}

/** By how much one head's weights changed. */
export interface HeadChange {
  readonly attention: string;
  readonly kind: AttentionKind;
  readonly layer: number;
  readonly head: number;
  /** Largest and mean |Δ| over the cells of the text's own tokens. */
  readonly largest: number;
  readonly mean: number;
}

/** What the scores and weights of a whole run are like; means over rows of all heads of all blocks, padding left out. */
export interface AttentionFacts {
  /** Of the scaled scores that the mask leaves. */
  readonly scoreVariance: number;
  /** Mean over rows. */
  readonly largestWeight: number;
  /** Bits; mean over rows. */
  readonly entropy: number;
  /** p(1 − p) at the largest weight p: the slope of the softmax there; mean over rows. */
  readonly slope: number;
  readonly rows: number;
}

/** The output distribution of one position, before and after. */
export interface OutputChange {
  readonly position: number;
  /** KL(before ‖ after) in nats. */
  readonly kl: number;
  /** Likeliest first. */
  readonly before: readonly Candidate[];
  readonly after: readonly Candidate[];
}

/** A token of one translation or the other; both where they agree. Indexes into the decoder's sequences. */
export interface AlignedToken {
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** The model's own translation, before and after. */
export interface TranslationChange {
  readonly before: string;
  readonly after: string;
  readonly tokens: readonly AlignedToken[];
  /** Tokens of the first that the second does not have, or has something else for; and the other way round. */
  readonly changed: number;
  readonly added: number;
  /** Tokens of the first, start and end left out. */
  readonly of: number;
}

export interface Comparison {
  readonly heads: readonly HeadChange[];
  readonly facts: { readonly before: AttentionFacts; readonly after: AttentionFacts };
  /** Undefined for models without logits. */
  readonly output:
    | { readonly meanKl: number; readonly largestKl: number; readonly positions: readonly OutputChange[] }
    | undefined;
  /** Undefined unless both runs translated by themselves. */
  readonly translation: TranslationChange | undefined;
  /** Of text classifiers. */
  readonly labels?: LabelChange | undefined;
}

/** Asks for one head's weights after minus before, `[query, key]`, over the tokens of the run before. */
export interface DifferenceRequest extends CompareRequest {
  readonly attention: string;
  readonly head: number | 'mean';
  readonly unit: Unit;
}

/** What is tried out one by one: every head removed, every sub-layer or layer skipped, or each of some score scales in all blocks. */
export type SweepOver =
  | { readonly over: 'heads'; readonly kind?: AttentionKind }
  | { readonly over: 'subLayers' }
  | { readonly over: 'layers' }
  | { readonly over: 'scale'; readonly scales: readonly number[] };

/** Tries settings one by one on top of the interventions of a run; reports progress, and can be cancelled in between. */
export interface SweepRequest {
  /** What each setting is compared with. */
  readonly trace: string;
  readonly batch: number;
  readonly sweep: SweepOver;
  /** Encoder-decoders: translate anew under each setting, to count changed tokens. */
  readonly translate: boolean;
  /** Only items `[first, first + count)`, so that a caller can show what is there; default: all. */
  readonly first?: number;
  readonly count?: number;
}

/** One setting of a sweep. */
export interface SweepPoint {
  /** What this setting was, as it can be put into a list. */
  readonly intervention: Intervention;
  readonly attention: string | undefined;
  readonly head: number | undefined;
  readonly subLayer: string | undefined;
  /** Of sweeps over layers, e.g. `encoder.2`. */
  readonly layer?: string;
  readonly scale: number | undefined;
  /** Mean over positions of KL(before ‖ after) in nats; undefined for models without logits. */
  readonly meanKl: number | undefined;
  /** Share of positions whose likeliest token is another one; undefined for models without logits. */
  readonly flipped: number | undefined;
  /** Changed tokens of the translation; undefined where nothing was translated. */
  readonly changedTokens: number | undefined;
  readonly translation: string | undefined;
  /** Of scale sweeps. */
  readonly facts: AttentionFacts | undefined;
}

export interface SweepResult {
  /** How many settings the whole sweep has. */
  readonly total: number;
  readonly points: readonly SweepPoint[];
}

/** Shuffles the tokens of a text and asks whether the outputs are the same set, only in another order. */
export interface EquivarianceRequest {
  readonly trace: string;
  readonly batch: number;
  readonly seed: number;
  /** Whether the positions are removed, as permutation equivariance needs, or kept, to see that it fails. */
  readonly positions: 'remove' | 'keep';
}

export interface Equivariance {
  /** `order[i]` is the token of the text that stands at place i of the shuffled one. Special tokens are shuffled too. */
  readonly order: readonly number[];
  /** Largest |difference| of an output after putting the shuffled run's back into order, and the mean. */
  readonly largest: number;
  readonly mean: number;
  /** Largest |output|, to judge the difference by. */
  readonly scale: number;
}

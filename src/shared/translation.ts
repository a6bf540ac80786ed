// Requests for, and results of, decoding: translations by an encoder-decoder, continuations by a decoder-only model.
import type { Matrix } from './tensor';
import type { TokenSequence } from './tokens';

/** How tokens are chosen. Every field has a value, so that a result can be made again. */
export interface Decoding {
  readonly method: 'greedy' | 'beam' | 'sample';
  /** Sequences that are continued side by side; only for `beam`. */
  readonly beams: number;
  /** Hypotheses to return, at most `beams` for `beam`; as many independent samples for `sample`; greedy has one. */
  readonly hypotheses: number;
  /** Beam: a hypothesis is worth log-probability ÷ length ** lengthPenalty (Wu et al. 2016, section 7, without its constant). */
  readonly lengthPenalty: number;
  /** Sampling: logits are divided by it, above 0. */
  readonly temperature: number;
  /** Sampling: only the so many likeliest tokens; 0 for all. */
  readonly topK: number;
  /** Sampling: only the likeliest tokens that together reach this probability; 1 for all (Holtzman et al. 2020). */
  readonly topP: number;
  /** Sampling: the same seed gives the same text. */
  readonly seed: number;
  /** No n-gram of this many tokens occurs twice; 0 switches it off. */
  readonly noRepeat: number;
  /** Logits of tokens that occurred are divided (positive) or multiplied (negative) by it; 1 switches it off (Keskar et al. 2019). */
  readonly repetitionPenalty: number;
  /** Tokens to generate at most, the end included; 0 leaves it to the model and the length of the source. */
  readonly maxLength: number;
}

export const DEFAULT_DECODING: Decoding = {
  method: 'beam',
  beams: 4,
  hypotheses: 3,
  lengthPenalty: 1,
  temperature: 1,
  topK: 0,
  topP: 1,
  seed: 1,
  noRepeat: 0,
  repetitionPenalty: 1,
  maxLength: 0,
};

/** Translates texts, each on its own (a sentence, as a rule); a decoder-only model continues them. */
export interface TranslateRequest {
  readonly model: string;
  readonly texts: readonly string[];
  /** BCP 47; the model's first target language where left out. */
  readonly language?: string;
  /** BCP 47; only for models that are told the language of the source. */
  readonly sourceLanguage?: string;
  readonly decoding: Decoding;
  /** With one text only: what the target must begin with; the rest is decoded. */
  readonly begin?: readonly number[];
  /** Whether to keep the tree of a beam search. */
  readonly tree?: boolean;
}

/** One way to say a text in another language, or to go on with it. */
export interface TranslationHypothesis {
  /** The decoded text as tokens with their ranges in it; its last token is the end of the sequence where it ended. */
  readonly target: TokenSequence;
  /** Ids that were generated, without start and end. */
  readonly ids: readonly number[];
  /** Natural logarithm of each token's probability; one more for the end when there was one. */
  readonly logProbabilities: readonly number[];
  /** Their sum. */
  readonly logProbability: number;
  /** Sum ÷ length ** lengthPenalty; the sum itself when sampling. */
  readonly score: number;
  /** False where the limit of length cut it off. */
  readonly ended: boolean;
}

/** One continuation that a beam search looked at. */
export interface BeamNode {
  /** Index of the node it continues; −1 for the first token. */
  readonly parent: number;
  readonly id: number;
  /** What to show of it. */
  readonly label: string;
  /** Natural logarithms: of this token, and of all tokens up to it. */
  readonly logProbability: number;
  readonly total: number;
  /** Tokens up to it, itself included. */
  readonly length: number;
  /** Kept in the beam, ended there as a hypothesis, or dropped for better ones. */
  readonly fate: 'kept' | 'ended' | 'dropped';
}

/** Parents stand before their children. */
export interface BeamTree {
  readonly nodes: readonly BeamNode[];
}

/** The answer for one text. */
export interface TranslatedText {
  /** The text as the model reads it, special tokens included. */
  readonly source: TokenSequence;
  /** Best first, at least one. */
  readonly hypotheses: readonly TranslationHypothesis[];
  readonly tree?: BeamTree;
}

/** How far a running call of `translate` has come; travels in `Progress.partial`. */
export interface TranslationUpdate {
  /** For each text of the request, the best target so far; empty for those that are not begun. */
  readonly texts: readonly string[];
  /** Tokens of the longest one. */
  readonly step: number;
}

/** Which cross-attention is looked at: of one layer or all of them, one head or their mean; from 0. */
export interface HeadChoice {
  readonly layer: number | 'all';
  readonly head: number | 'mean';
}

/** Asks why each token of a target came out. `ids` as in {@link TranslationHypothesis}. */
export interface ExplainRequest {
  readonly model: string;
  readonly text: string;
  readonly ids: readonly number[];
  readonly language?: string;
  readonly sourceLanguage?: string;
  readonly heads: HeadChoice;
  /** Alternatives to list at each step. */
  readonly alternatives: number;
}

/** A token that could have been chosen at one step. */
export interface Alternative {
  readonly id: number;
  /** The token as text; the name of the end in angle brackets. */
  readonly label: string;
  readonly probability: number;
  /** Whether it ends the sequence. */
  readonly end: boolean;
}

/** One step of decoding: the row of `attention` with the same index belongs to it. */
export interface TargetStep {
  /** Index into `target.tokens`. */
  readonly token: number;
  readonly probability: number;
  /** Of the whole distribution, in bits. */
  readonly entropy: number;
  /** Likeliest first; the chosen one is among them where it is likely enough. */
  readonly alternatives: readonly Alternative[];
}

/** Everything a translation can be asked about, from one teacher-forced pass over source and target. */
export interface TranslationExplanation {
  readonly source: TokenSequence;
  readonly target: TokenSequence;
  readonly steps: readonly TargetStep[];
  /**
   * `[steps, source tokens]`: the weights of the chosen heads at the position that made each token; each row sums to 1. For a
   * decoder-only model the source is the prompt, and the rest of each row looks at tokens made before.
   */
  readonly attention: Matrix;
  /** Words of `source` that no target word looks at: untranslated, as far as attention can tell. */
  readonly untranslated: readonly number[];
  /** Words of `target` that say again what stands before them. */
  readonly repeated: readonly number[];
}

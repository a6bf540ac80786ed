// Requests for, and answers about, two runs of any texts, settings or models side by side; see comparison.ts for one run before and after.
import type { Candidate } from './insight';
import type { Intervention } from './intervention';
import type { LabelScores } from './labels';
import type { AttentionKind, ModelSummary, Side } from './modelSummary';
import type { Matrix } from './tensor';
import type { Unit } from './tokens';
import type { TraceSummary } from './trace';

/** What the second side of a comparison is, as the user chooses it; all else is as in the first. */
export type OtherSide =
  | { readonly by: 'text'; readonly text: string }
  /** None: the model as it was loaded. */
  | { readonly by: 'interventions'; readonly interventions: readonly Intervention[] }
  | { readonly by: 'language'; readonly language: string }
  | { readonly by: 'beams'; readonly beams: number }
  /** Id of one of the models that can be chosen. */
  | { readonly by: 'model'; readonly model: string };

/** page → host: runs the second side beside a text of the run that is shown. */
export interface OtherRequest {
  readonly trace: string;
  readonly batch: number;
  readonly side: OtherSide;
}

/** The second side; `batch` is which of its texts is compared. */
export interface OtherRun {
  readonly trace: TraceSummary;
  readonly batch: number;
  readonly summary: ModelSummary;
}

/** host → engine: runs a text of a captured run once more in another way. What is left out stays as it was. */
export interface BesideRequest {
  readonly trace: string;
  readonly batch: number;
  /** Another loaded model; it runs as it was loaded, and its decoder translates. */
  readonly model?: string;
  readonly text?: string;
  readonly interventions?: readonly Intervention[];
  readonly language?: string;
  /** Width of the beam search; 1 is greedy. */
  readonly beams?: number;
}

/** Two texts of two runs. */
export interface TwoRuns {
  readonly trace: string;
  readonly batch: number;
  readonly other: string;
  readonly otherBatch: number;
  readonly unit: Unit;
  /** How layers are matched where there are not as many of them: by their number from the first, or from the last one. */
  readonly layersFrom: 'bottom' | 'top';
}

/** Pieces `[first, last]` of one text. */
export interface AlignedPart {
  readonly first: number;
  readonly last: number;
  readonly label: string;
}

/**
 * What stands at one place of two aligned texts. `same`: both say the same, and are compared. Otherwise one is missing, or
 * stands in the place of the other; then nothing is compared.
 */
export interface AlignedItem {
  readonly a: AlignedPart | undefined;
  readonly b: AlignedPart | undefined;
  readonly same: boolean;
}

/** The sequences that two models read on one of their sides, aligned. */
export interface AlignedSide {
  readonly a: Side;
  readonly b: Side;
  readonly items: readonly AlignedItem[];
}

/** How far one head's weights are from those of the head with its number; over the cells that both texts have. */
export interface HeadDistance {
  readonly attention: string;
  readonly other: string;
  readonly layer: number;
  readonly head: number;
  /** Mean and largest |A − B|. */
  readonly mean: number;
  readonly largest: number;
}

/** One kind of attention of the first model, and what stands for it in the second. */
export interface KindContrast {
  readonly a: AttentionKind;
  /** Undefined where the second model has nothing of the sort. */
  readonly b: AttentionKind | undefined;
  /** Attentions of the first, by layer, each with the one of the second that it is compared with. */
  readonly layers: readonly { readonly a: string; readonly b: string | undefined }[];
  /** Empty where heads have no counterparts, or no two tokens are the same. */
  readonly heads: readonly HeadDistance[];
  /** Cells of a matrix that are compared. */
  readonly cells: number;
  /** Why heads are missing, in a sentence. */
  readonly why: string | undefined;
}

/** The output distributions at one place of the aligned texts, in pieces. */
export interface OutputPlace {
  readonly a: AlignedPart;
  readonly b: AlignedPart;
  /** KL(A ‖ B) and KL(B ‖ A) in nats; undefined for models with other vocabularies. */
  readonly kl: { readonly ab: number; readonly ba: number } | undefined;
  /** Likeliest first. */
  readonly likeliestA: readonly Candidate[];
  readonly likeliestB: readonly Candidate[];
}

export interface OutputContrast {
  /** What text classifiers say of the whole texts; a side without labels is no classifier. */
  readonly labels?: { readonly a: LabelScores | undefined; readonly b: LabelScores | undefined } | undefined;
  readonly places: readonly OutputPlace[];
  /** What is missing, and why, in a sentence. */
  readonly why: string | undefined;
}

/** Cosines of the states of aligned tokens at the borders of layers. */
export interface StateContrast {
  readonly a: Side;
  readonly b: Side;
  /** Names of the states, the embedding first. */
  readonly states: readonly { readonly a: string; readonly b: string }[];
  /** `[state, item]`; NaN where nothing is compared. */
  readonly cosines: Matrix;
  readonly why: string | undefined;
}

/** Two runs side by side. */
export interface Contrast {
  readonly sides: readonly AlignedSide[];
  readonly kinds: readonly KindContrast[];
  readonly output: OutputContrast;
  readonly states: readonly StateContrast[];
  /** What of the two models cannot be compared, or only with care, in sentences. */
  readonly notes: readonly string[];
}

/** Asks for one head beside another one. */
export interface HeadContrastRequest extends TwoRuns {
  readonly attention: string;
  readonly head: number | 'mean';
  readonly otherAttention: string;
  readonly otherHead: number | 'mean';
}

/**
 * Two heads over the aligned tokens, `[query item, key item]` each: cells that a text does not have are 0 and marked with
 * 1. The difference has marks wherever one of the two is missing.
 */
export interface HeadContrast {
  readonly queries: readonly AlignedItem[];
  readonly keys: readonly AlignedItem[];
  readonly a: Matrix;
  readonly b: Matrix;
  /** A − B */
  readonly difference: Matrix;
  readonly absent: {
    readonly a: Uint8Array<ArrayBuffer>;
    readonly b: Uint8Array<ArrayBuffer>;
    readonly difference: Uint8Array<ArrayBuffer>;
  };
  /** Mean and largest |A − B| over the `cells` that are compared. */
  readonly mean: number;
  readonly largest: number;
  readonly cells: number;
}

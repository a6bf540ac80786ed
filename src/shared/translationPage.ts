// The contract between host and the Translation view of the side bar, and what the view draws from.
import type { Language } from './modelSummary';
import type { Method, PanelAction, PanelError } from './protocol';
import type { TokenSequence } from './tokens';
import type {
  BeamTree,
  Decoding,
  HeadChoice,
  TranslationExplanation,
  TranslationHypothesis,
} from './translation';

/** Where the text comes from. */
export interface TranslationSource {
  /** Name of the document. */
  readonly document: string;
  /** First line, from 1. */
  readonly line: number;
  /** How many places are selected. */
  readonly places: number;
  /** Whether the document can be changed; Replace and Insert Below need it. */
  readonly writable: boolean;
}

/** A part of one selected place: the texts of all parts, one after the other, are the text of the place. */
export type PassagePart =
  /** Kept as it is: comment markers, indentation, line breaks, code. */
  | { readonly kind: 'kept'; readonly text: string }
  /** Translated as one text; `sentence` is its number in the whole translation, from 0. */
  | { readonly kind: 'sentence'; readonly text: string; readonly sentence: number };

/** One selected place. */
export interface Passage {
  readonly parts: readonly PassagePart[];
}

/** A sentence in translation. Ranges of tokens are ranges of the texts as the document has them, code included. */
export interface SentenceTranslation {
  readonly sentence: number;
  readonly status: 'waiting' | 'running' | 'done' | 'failed';
  /** The text so far, or the chosen hypothesis's. */
  readonly text: string;
  readonly source: TokenSequence | undefined;
  /** Best first; empty until it is done. */
  readonly hypotheses: readonly TranslationHypothesis[];
  /** Index of the hypothesis that stands in the text. */
  readonly chosen: number;
  /** Tokens at the beginning that the user forced. */
  readonly forced: number;
  /** Whether the text may be made up, as far as the search can tell; `note` says why. */
  readonly doubtful: boolean;
  /** Why the text is worse than it could be, e.g. that it was cut off. */
  readonly note: string | undefined;
}

/** How far a translation has come. */
export interface TranslationProgress {
  readonly sentences: number;
  readonly of: number;
  readonly tokens: number;
  readonly milliseconds: number;
}

export interface TranslationState {
  /** `continue` for decoder-only models. */
  readonly mode: 'translate' | 'continue';
  readonly status: 'empty' | 'loading' | 'running' | 'done' | 'stopped' | 'failed';
  /** Name of the model; empty before it is loaded. */
  readonly model: string;
  readonly source: TranslationSource | undefined;
  readonly passages: readonly Passage[];
  readonly sentences: readonly SentenceTranslation[];
  readonly progress: TranslationProgress;
  /** What the model can be told; empty where it has nothing to choose. */
  readonly languages: readonly Language[];
  readonly sourceLanguages: readonly Language[];
  readonly language: string | undefined;
  readonly sourceLanguage: string | undefined;
  readonly follow: boolean;
  readonly decoding: Decoding;
  readonly heads: HeadChoice;
  /** What can be chosen for `heads`. */
  readonly layers: number;
  readonly headsPerLayer: number;
  /** Tokens less probable than this are marked. */
  readonly confidence: number;
  readonly error: PanelError | undefined;
}

/** A sentence that changed; what is large is left out where it is as before. */
export type SentenceChange = Omit<SentenceTranslation, 'source' | 'hypotheses'> &
  Partial<Pick<SentenceTranslation, 'source' | 'hypotheses'>>;

/** What is new since the page was told of everything. */
export interface TranslationChange {
  /** Everything but the texts; left out where nothing of it changed. */
  readonly rest?: Omit<TranslationState, 'passages' | 'sentences' | 'progress'>;
  readonly sentences: readonly SentenceChange[];
  readonly progress: TranslationProgress;
}

/** Which sentence, as it stands in the text. */
export interface SentenceRef {
  readonly sentence: number;
}

/** host → Translation view. */
export interface TranslationPage {
  /** Replaces what is shown: other texts. */
  show: Method<TranslationState, void>;
  /** What changed of the same texts. */
  update: Method<TranslationChange, void>;
}

/** Translation view → host. */
export interface TranslationHost {
  /** The view's first call; the answer is everything it needs. */
  ready: Method<void, TranslationState>;
  setLanguage: Method<{ readonly language: string }, void>;
  setSourceLanguage: Method<{ readonly language: string }, void>;
  setFollow: Method<{ readonly follow: boolean }, void>;
  /** Decodes again with these settings, which become the user's. */
  setDecoding: Method<Partial<Decoding>, void>;
  /** Which cross-attention explanations show from now on. */
  setHeads: Method<HeadChoice, void>;
  /** What made each token of a sentence, with the code of the document in place. @throws UserError as `Engine.explainTranslation` */
  explain: Method<SentenceRef, TranslationExplanation>;
  /** The tree of the beam search, searched again with it where it was not kept. */
  tree: Method<SentenceRef, BeamTree>;
  /** Puts another hypothesis into the text. */
  choose: Method<SentenceRef & { readonly hypothesis: number }, void>;
  /** Puts `id` at step `step` of the sentence and decodes on from there; the words before stay. */
  force: Method<SentenceRef & { readonly step: number; readonly id: number }, void>;
  /** Puts the sentence back to what the model said by itself. */
  unforce: Method<SentenceRef, void>;
  replace: Method<void, void>;
  insertBelow: Method<void, void>;
  copy: Method<void, void>;
  /** Ends what is running; what was decoded stays. */
  stop: Method<void, void>;
  /** Translates what is selected now. */
  translateSelection: Method<void, void>;
  act: Method<{ readonly action: PanelAction }, void>;
  /** Highlights words of a source sentence (indexes into its `source.words`) in the editor; none clears. */
  hover: Method<SentenceRef & { readonly words: readonly number[] }, void>;
  /** Opens the explorer on the sentence and what was decoded, at the step's row of the cross-attention. */
  openInExplorer: Method<SentenceRef & { readonly step: number }, void>;
  /** A problem in the webview, for the log. */
  log: Method<{ readonly level: 'info' | 'error'; readonly message: string }, void>;
}

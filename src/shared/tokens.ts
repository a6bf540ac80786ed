// Tokens of a text with their UTF-16 ranges, and the words they make up.

/** One token of a sequence. */
export interface Token {
  /** Row of the embedding matrix. */
  readonly id: number;
  /** The token as the vocabulary spells it, such as `▁animal` or `##ing`. */
  readonly piece: string;
  /** What to show: the covered text, or the piece for special tokens. */
  readonly label: string;
  /** UTF-16 range `[start, end)` in the sequence's text; both −1 where the token covers no text. */
  readonly start: number;
  readonly end: number;
  /** Index into `TokenSequence.words`. */
  readonly word: number;
  /** Added by the tokenizer or the model (`</s>`, `[CLS]`, language tag, padding), not read from the text. */
  readonly special: boolean;
  /** Padding, present only because the batch is as long as its longest sequence. */
  readonly padding?: boolean;
}

/** A word: consecutive tokens `[first, last]` that the text does not separate. Special tokens are words of their own. */
export interface Word {
  readonly label: string;
  readonly first: number;
  readonly last: number;
  /** UTF-16 range in the sequence's text; both −1 for special tokens. */
  readonly start: number;
  readonly end: number;
}

/** A text as the model reads it. Tokens and words are in reading order; ranges are ordered and inside the text. */
export interface TokenSequence {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly words: readonly Word[];
}

/** Whether attention is shown per word or per piece. */
export type Unit = 'pieces' | 'words';

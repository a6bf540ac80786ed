// What a tokenizer leaves out of the text: part of its description, so that coverage can be asserted.

/** Characters that no token covers. White space is never listed. */
export interface Drop {
  /** E.g. `control characters`. */
  readonly what: string;
  /** Whether this character (code point) may be left out. */
  readonly matches: (character: string) => boolean;
}

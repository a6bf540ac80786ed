// The target-language tags in a translation model's vocabulary.

/** A tag that tells a translation model its target language. */
export interface LanguageToken {
  readonly id: number;
  /** E.g. `>>deu<<`. */
  readonly token: string;
  /** E.g. `deu`. */
  readonly code: string;
}

/** @param pieces piece by id. */
export function languageTokens(pieces: readonly (string | undefined)[]): LanguageToken[] {
  return pieces.flatMap((token, id) => {
    const code = /^>>(.+)<<$/.exec(token ?? '')?.[1];
    return token === undefined || code === undefined ? [] : [{ id, token, code }];
  });
}

// The language tags in a translation model's vocabulary, whatever convention it follows. What they are used for is not decided here.

/**
 * How a tag is written: `tag` stands before the source and says what to translate into (`>>deu<<` of Marian, `<2de>` of models
 * like MADLAD-400), `code` names a language on either side (`__de__` of M2M-100, `de_DE` of mBART, `deu_Latn` of NLLB-200).
 */
export type TagStyle = 'tag' | 'code';

/** A token that stands for a language. */
export interface LanguageToken {
  readonly id: number;
  /** E.g. `>>deu<<`. */
  readonly token: string;
  /** E.g. `deu`. */
  readonly code: string;
  readonly style: TagStyle;
}

/** Nothing else in a vocabulary looks like these. */
const tags = [/^>>(.+)<<$/, /^<2([a-z]{2,3}(?:_[A-Z][a-z]{3})?)>$/];
/** Words may look like these, tokens that were added to a vocabulary do not. */
const codes = [/^__([a-z]{2,3})__$/, /^([a-z]{2}_[A-Z]{2})$/, /^([a-z]{3}_[A-Z][a-z]{3})$/];

/**
 * @param pieces Piece by id.
 * @param added Whether a token was added to the vocabulary that was learnt.
 */
export function languageTokens(
  pieces: readonly (string | undefined)[],
  added: (id: number) => boolean = () => false,
): LanguageToken[] {
  const find = (token: string, patterns: readonly RegExp[]) =>
    patterns.map((pattern) => pattern.exec(token)?.[1]).find((code) => code !== undefined);
  return pieces.flatMap((token = '', id): LanguageToken[] => {
    const tag = find(token, tags);
    const code = tag ?? (added(id) ? find(token, codes) : undefined);
    return code === undefined ? [] : [{ id, token, code, style: tag === undefined ? 'code' : 'tag' }];
  });
}

// Words that a translator copies: they stand for code in a sentence, and are found again in its translation.

/** A name that stands for code, and the forms that translators give it. */
export interface Placeholder {
  readonly name: string;
  readonly forms: RegExp;
}

const placeholder = (name: string, ...forms: readonly string[]): Placeholder => ({
  name,
  forms: new RegExp(
    [
      `(?<![\\p{L}\\p{N}])(?:${[name, ...forms.filter((form) => /^\w+$/u.test(form))].join('|')})(?![\\p{L}\\p{N}])`,
      ...forms.filter((form) => !/^\w+$/u.test(form)),
    ].join('|'),
    'gu',
  ),
});

/**
 * In the order in which they are used. Of 20 sentences about code, the shipped translator (beam 4) gave `Tom` back exactly once, in one
 * of its forms, in 19, 20 and 20 (de, fr, zh), `Mary` in 19, 20 and 19, `Boston` in 18, 19 and 19, `Paris` in 15, 19 and 17, and the
 * number 42 in 20, 20 and 15. With greedy decoding it never gave `[1]`, `XYZ` or `"X"` back as they were.
 */
export const PLACEHOLDERS: readonly Placeholder[] = [
  placeholder('Tom', '汤姆', '湯姆'),
  placeholder('Mary', 'Maria', 'Marie', '玛丽', '瑪麗', '玛莉'),
  placeholder('Boston', '波士顿', '波士頓'),
  placeholder('Paris', '巴黎'),
];

/** The only place of a placeholder in a text; undefined where it is missing or stands twice. */
export function placeOf(
  text: string,
  { forms }: Placeholder,
): { readonly start: number; readonly end: number } | undefined {
  const found = [...text.matchAll(forms)];
  return found.length === 1 ? { start: found[0].index, end: found[0].index + found[0][0].length } : undefined;
}

/** Placeholders for so many pieces of code in a sentence that says these words; undefined where there are too few. */
export function choosePlaceholders(words: string, count: number): readonly Placeholder[] | undefined {
  const free = PLACEHOLDERS.filter(({ forms }) => words.search(forms) < 0);
  return free.length >= count ? free.slice(0, count) : undefined;
}

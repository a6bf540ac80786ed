// One line of a JSONL file as a pair, a text or a labelled text, by the names of fields that data sets use.

/** What a line holds; a side that is missing is the empty string. */
export type JsonFields =
  | { readonly kind: 'pair'; readonly source: string; readonly target: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'labelled'; readonly text: string; readonly label: string };

/** Languages as keys of `{"translation": {"en": …, "de": …}}`. */
export interface PairLanguages {
  readonly source?: string;
  readonly target?: string;
}

/** `notJson` for what is no JSON object, `fields` for an object without known fields. */
export function jsonFields(line: string, languages: PairLanguages): JsonFields | 'notJson' | 'fields' {
  const record = recordOf(line);
  if (!record) {
    return 'notJson';
  }
  const { translation, text, label } = record;
  if (typeof translation === 'object' && translation !== null && !Array.isArray(translation)) {
    return translationPair(translation as Readonly<Record<string, unknown>>, languages);
  }
  for (const [from, to] of [
    ['source', 'target'],
    ['src', 'tgt'],
  ]) {
    if (from in record || to in record) {
      return { kind: 'pair', source: stringOf(record[from]), target: stringOf(record[to]) };
    }
  }
  if (typeof text !== 'string') {
    return 'fields';
  }
  return label === undefined || label === null
    ? { kind: 'text', text: text.trim() }
    : { kind: 'labelled', text: text.trim(), label: stringOf(label) };
}

function recordOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

/** The language that is asked for, else the first is the source and the second the target. */
function translationPair(
  texts: Readonly<Record<string, unknown>>,
  { source, target }: PairLanguages,
): JsonFields | 'fields' {
  const keys = Object.keys(texts);
  const keyOf = (wanted: string | undefined): string | undefined =>
    wanted === undefined
      ? undefined
      : (keys.find((key) => key === wanted) ??
        keys.find((key) => key.split(/[-_]/)[0] === wanted.split(/[-_]/)[0]));
  const known = { from: keyOf(source), to: keyOf(target) };
  const from = known.from ?? keys.find((key) => key !== known.to);
  const to = known.to ?? keys.find((key) => key !== from);
  const side = (key: string | undefined): string => (key === undefined ? '' : stringOf(texts[key]));
  return keys.length === 0 ? 'fields' : { kind: 'pair', source: side(from), target: side(to) };
}

/** Labels are often numbers or truth values. */
function stringOf(value: unknown): string {
  return typeof value === 'string'
    ? value.trim()
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
}

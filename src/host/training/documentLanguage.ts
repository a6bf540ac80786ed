// Which language the targets of a document are in, where its name, its first line or its fields say so. Pure.
import { languageIn } from '../languageIn';

type Languages = readonly { readonly code: string }[];

/** What a document says about its language, and its text from the first line on that is no heading. */
export interface SaidLanguage {
  /** One of the model's; undefined where the document does not say. */
  readonly language: string | undefined;
  readonly text: string;
  /** Lines that were taken away. */
  readonly skipped: 0 | 1;
}

/** At the end of a name without extension: `.de`, `_de`, `.de-AT`, or both languages as in `en-de`. */
const AT_END = /[._\s]([a-z]{2,3}(?:-[a-z]{2,4})?)$/iu;
const PAIR = /(?:^|[._\s-])[a-z]{2,3}-([a-z]{2,3})$/iu;

/** `terms.de.tsv`, `terms_de.txt`, `en-de.tsv`: a language before the extension. */
export function languageInName(name: string, languages: Languages): string | undefined {
  const stem = name.replace(/\.[^.]*$/u, '');
  // Of `terms.en-de`, the second is the language of the targets; of `terms.de-AT`, there is only one.
  const pair = languageIn(languages, PAIR.exec(stem)?.[1]);
  return pair ?? languageIn(languages, AT_END.exec(stem)?.[1]);
}

/**
 * Looks at the first line: a heading of two columns such as `en<TAB>de` or `English<TAB>German`, or a JSON object with the
 * languages as keys.
 */
export function languageInText(text: string, languages: Languages): SaidLanguage {
  const [first = ''] = /^\uFEFF?[^\r\n]*/u.exec(text) ?? [];
  const line = first.replace(/^\uFEFF/u, '').trim();
  const columns = line.split('\t').map((column) => column.trim());
  if (columns.length === 2 && columns.every((column) => codeOf(column) !== undefined)) {
    const code = codeOf(columns[1]);
    const rest = text.slice(first.length).replace(/^(?:\r\n|\r|\n)/u, '');
    return { language: languageIn(languages, code), text: rest, skipped: 1 };
  }
  const language = line.startsWith('{') ? languageIn(languages, jsonTarget(line)) : undefined;
  return { language, text, skipped: 0 };
}

/** `de`, `de-AT` or the English or own name of a language; undefined for other words. */
function codeOf(heading: string): string | undefined {
  const word = heading.toLowerCase();
  if (/^[a-z]{2}(?:-[a-z]{2})?$/u.test(word)) {
    return isLanguage(word) ? word : undefined;
  }
  return NAMED.find((code) =>
    ['en', code].some((inside) => nameOf(code, inside)?.toLowerCase() === word && word !== code),
  );
}

/** Codes whose names are recognised in a heading. */
const NAMED: readonly string[] =
  'ar bg ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv nl no pl pt ro ru sk sl sr sv th tr uk vi zh'.split(
    ' ',
  );

function isLanguage(code: string): boolean {
  const name = nameOf(code, 'en');
  return name !== undefined && name.toLowerCase() !== code;
}

function nameOf(code: string, inside: string): string | undefined {
  try {
    return new Intl.DisplayNames([inside], { type: 'language', fallback: 'none' }).of(code);
  } catch (error) {
    if (error instanceof RangeError) {
      return undefined; // no code at all
    }
    throw error;
  }
}

/** The second key of `{"translation": {"en": …, "de": …}}`. */
function jsonTarget(line: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
  const { translation } = (value ?? {}) as { readonly translation?: unknown };
  return typeof translation === 'object' && translation !== null ? Object.keys(translation)[1] : undefined;
}

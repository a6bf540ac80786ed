// Lines of a stream through a translator: windows of similar lines, printed in their order. Opens no engine.
import { createInterface } from 'node:readline';
import { isCancelled, UserError } from '../../shared/errors';
import type { TranslatedText } from '../../shared/translation';

/** Lines that are read before any of them is printed; similar ones among them are translated together. */
const WINDOW = 256;
/** Sentences in one run. More are no faster on processors, and all wait for the longest. */
const TOGETHER = 16;

interface Line {
  readonly number: number;
  readonly text: string;
}

export interface LineParts {
  /** Texts of one run, in their order. @throws UserError whose details name the `text` that the model cannot read. */
  readonly translate: (texts: readonly string[]) => Promise<readonly TranslatedText[]>;
  /** Whether the model goes on with a line instead of translating it. */
  readonly continues: boolean;
  readonly print: (line: string) => void;
  /** Tells of a line that has no translation, or one without an end. */
  readonly warn: (line: string) => void;
}

/**
 * Reads lines until the input ends and prints as many, in their order. Empty lines stay empty. A translation that the limit
 * of length cut off is printed and `warn`ed of; continuations, which rarely have an end, are printed after their line. A line
 * that the model cannot read is `warn`ed of and leaves an empty one, so that the output stays aligned with the input.
 *
 * @throws UserError at the end, where lines could not be read; at once for everything else, naming the line.
 */
export async function translateLines(input: NodeJS.ReadableStream, parts: LineParts): Promise<void> {
  const { continues, print, warn } = parts;
  let window: Line[] = [];
  let unread = 0;
  const flush = async () => {
    const results = await translateWindow(window, parts.translate);
    for (const [i, { number, text }] of window.entries()) {
      const result = results[i];
      if (result instanceof UserError) {
        unread++;
        print('');
        warn(`Line ${number}: ${reasonOf(result)}`);
        continue;
      }
      print(continues ? text + result.text : result.text);
      if (!result.ended && !continues) {
        warn(`Line ${number}: the translation has no end; it was cut off.`);
      }
    }
    window = [];
  };
  let number = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    window.push({ number: ++number, text });
    if (window.length === WINDOW) {
      await flush();
    }
  }
  await flush();
  if (unread > 0) {
    throw new UserError('badRequest', `${unread} of ${number} lines could not be read by the model.`);
  }
}

/** What became of a line; the error of one that the model cannot read. */
type Result = { readonly text: string; readonly ended: boolean } | UserError;

/** The translations of some lines, in their order. */
async function translateWindow(
  window: readonly Line[],
  translate: LineParts['translate'],
): Promise<readonly Result[]> {
  const results: Result[] = window.map(() => ({ text: '', ended: true }));
  const order = [...window.keys()]
    .filter((index) => window[index].text.trim() !== '')
    .sort((a, b) => window[a].text.length - window[b].text.length);
  for (let start = 0; start < order.length; start += TOGETHER) {
    let left = order.slice(start, start + TOGETHER);
    while (left.length > 0) {
      const lines = left.map((index) => window[index]);
      const found = await translate(lines.map(({ text }) => text)).catch((error: unknown) =>
        unreadable(error, lines),
      );
      if ('unread' in found) {
        // The others can be translated without the one that nobody can read.
        results[left[found.unread]] = found.error;
        left = left.filter((_, i) => i !== found.unread);
        continue;
      }
      for (const [i, index] of left.entries()) {
        const [{ target, ended }] = found[i].hypotheses;
        // Whatever is inside, a line stays one line.
        results[index] = { text: target.text.replace(/\s*\n\s*/g, ' '), ended };
      }
      left = [];
    }
  }
  return results;
}

/** Which of the lines the model cannot read. @throws The error, with the number of the line where it names one, if it is another. */
function unreadable(
  error: unknown,
  lines: readonly Line[],
): { readonly unread: number; readonly error: UserError } {
  if (!(error instanceof UserError) || isCancelled(error)) {
    throw error;
  }
  const at = error.details.text;
  if (typeof at !== 'number' || !(at in lines)) {
    throw error;
  }
  if (error.code === 'textTooLong' || error.code === 'emptyText') {
    return { unread: at, error };
  }
  throw new UserError(error.code, `Line ${lines[at].number}: ${error.message}`, error.details, {
    cause: error,
  });
}

/** What is wrong with a line, in terms of lines: the engine's own advice is for those who select a text. */
function reasonOf({ code, details: { tokens, limit }, message }: UserError): string {
  return code === 'textTooLong'
    ? `it has ${tokens} tokens, but this model reads at most ${limit}. Split it into several lines.`
    : message;
}

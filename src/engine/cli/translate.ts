// The verb `translate`: each line of the standard input, translated or continued, to the standard output.
import { createInterface } from 'node:readline';
import { isCancelled, UserError } from '../../shared/errors';
import type { ExplorerEngine } from '../explorerEngine';
import type { Command } from './arguments';
import { MODEL, openEngine } from './openEngine';

type TranslateCommand = Extract<Command, { readonly verb: 'translate' }>;

/** Lines that are read before any of them is printed; similar ones among them are translated together. */
const WINDOW = 256;
/** Sentences in one run. More are no faster on processors, and all wait for the longest. */
const TOGETHER = 16;

interface Line {
  readonly number: number;
  readonly text: string;
}

/**
 * Reads lines until the input ends and prints as many, in their order. Empty lines stay empty. A translation that the limit
 * of length cut off is printed and `warn`ed of; continuations, which rarely have an end, are printed after their line.
 *
 * @throws UserError naming the line.
 */
export async function translateCommand(
  command: TranslateCommand,
  input: NodeJS.ReadableStream,
  print: (line: string) => void,
  warn: (line: string) => void,
): Promise<void> {
  const { engine } = await openEngine(command.model, command);
  checkLanguages(engine, command);
  let window: Line[] = [];
  const continues = engine.model(MODEL).summary.family === 'decoder-only';
  const flush = async () => {
    const results = await translateWindow(engine, window, command);
    for (const [i, { text, ended, number }] of results.entries()) {
      print(continues ? window[i].text + text : text);
      if (!ended && !continues) {
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
}

/** @throws UserError `badRequest` for a language that has to be said, or cannot be. */
function checkLanguages(engine: ExplorerEngine, { from, to }: TranslateCommand): void {
  const { languages, sourceLanguages, family, name } = engine.model(MODEL).summary;
  const codes = languages.map(({ code }) => code).join(', ');
  if (to === undefined && languages.length > 1) {
    throw new UserError(
      'badRequest',
      `translate needs --to LANGUAGE. The model "${name}" knows: ${codes}. See --help.`,
    );
  }
  if (to !== undefined && family === 'decoder-only') {
    throw new UserError(
      'badRequest',
      `The model "${name}" continues texts: --to is for models that translate. See --help.`,
    );
  }
  if (from !== undefined && sourceLanguages.length === 0) {
    throw new UserError(
      'badRequest',
      `The model "${name}" is not told the language of the source: leave out --from. See --help.`,
    );
  }
}

/** The translations of some lines, in their order. */
async function translateWindow(
  engine: ExplorerEngine,
  window: readonly Line[],
  { from, to, decoding }: TranslateCommand,
) {
  const results = window.map(({ number }) => ({ number, text: '', ended: true }));
  const order = [...window.keys()]
    .filter((index) => window[index].text.trim() !== '')
    .sort((a, b) => window[a].text.length - window[b].text.length);
  for (let start = 0; start < order.length; start += TOGETHER) {
    const indices = order.slice(start, start + TOGETHER);
    const lines = indices.map((index) => window[index]);
    const texts = lines.map(({ text }) => text);
    const found = await engine
      .translate({ model: MODEL, texts, language: to, sourceLanguage: from, decoding })
      .catch((error: unknown) => Promise.reject(named(error, lines)));
    for (const [i, index] of indices.entries()) {
      const [{ target, ended }] = found[i].hypotheses;
      // Whatever is inside, a line stays one line.
      results[index] = { ...results[index], text: target.text.replace(/\s*\n\s*/g, ' '), ended };
    }
  }
  return results;
}

/** The error with the number of the line that it is about. */
function named(error: unknown, lines: readonly Line[]): unknown {
  if (!(error instanceof UserError) || isCancelled(error)) {
    return error;
  }
  const { text } = error.details;
  const line = typeof text === 'number' ? lines[text] : undefined;
  return line
    ? new UserError(error.code, `Line ${line.number}: ${error.message}`, error.details, { cause: error })
    : error;
}

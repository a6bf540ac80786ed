// The verb `classify`: the labels of texts, or of the lines of the standard input, one JSON object a line.
import { createInterface } from 'node:readline';
import { UserError } from '../../shared/errors';
import type { ClassifiedText } from '../../shared/labels';
import type { Command } from './arguments';
import { MODEL, openEngine } from './openEngine';

type ClassifyCommand = Extract<Command, { readonly verb: 'classify' }>;

/** @throws UserError `modelUnsupported` for a model that is no text classifier; as {@link classifyLines}. */
export async function classifyCommand(
  { model, texts, ...device }: ClassifyCommand,
  input: NodeJS.ReadableStream,
  write: (text: string) => Promise<void>,
  tell: (line: string) => void,
): Promise<void> {
  const { engine } = await openEngine(model, device);
  const { labels, name } = engine.model(MODEL).summary;
  if (!labels) {
    const message = `The model "${name}" does not tell texts apart: classify needs a text classifier, such as fine-tune makes from lines of label, tab, text. See --help.`;
    throw new UserError('modelUnsupported', message);
  }
  const classify = async (text: string) => (await engine.classify({ model: MODEL, texts: [text] }))[0];
  const lines = createInterface({ input, crlfDelay: Infinity });
  await classifyLines(texts ?? lines, { classify, write, tell });
}

export interface ClassifyParts {
  readonly classify: (text: string) => Promise<ClassifiedText>;
  readonly write: (text: string) => Promise<void>;
  readonly tell: (line: string) => void;
}

/** Empty lines stay empty, so that the output stays aligned with the input; a text that was cut is told of. */
export async function classifyLines(
  texts: Iterable<string> | AsyncIterable<string>,
  { classify, write, tell }: ClassifyParts,
): Promise<void> {
  let number = 0;
  for await (const text of texts) {
    number++;
    if (text.trim() === '') {
      await write('\n');
      continue;
    }
    const found = await classify(text);
    if (found.cutAt !== undefined) {
      tell(`Text ${number} is too long: its first ${found.cutAt} of ${text.length} characters were read.`);
    }
    await write(`${JSON.stringify(lineOf(text, found))}\n`);
  }
}

/** Nine digits are all that a float32 has. */
function lineOf(text: string, { scores, tokens, cutAt }: ClassifiedText): object {
  return {
    text,
    labels: scores.map(({ label, probability }) => ({
      label,
      probability: Number(probability.toPrecision(9)),
    })),
    tokens,
    cutAt,
  };
}

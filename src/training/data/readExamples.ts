// Tokenises examples and leaves out what the model cannot read: too many tokens, or a script that it does not know.
import { throwIfCancelled } from '../../shared/errors';
import { nextMacrotask } from '../../shared/macrotask';
import type { Token, TokenSequence } from '../../shared/tokens';
import type { DataForm, Example, Skipped, TrainingData } from './example';
import { trainingData } from './example';
import type { Block } from './textBlocks';
import { blocks, partsOf } from './textBlocks';

/** How a model reads: its tokenizer with the tokens that it wants around a text. */
export interface Reading {
  readonly source: (text: string) => TokenSequence;
  /** Of an encoder-decoder: the target with the token that ends it. */
  readonly target?: (text: string) => TokenSequence;
  /** What the decoder of an encoder-decoder reads first. */
  readonly decoderStart?: number;
  /** The id that the tokenizer gives what it does not know; undefined for one that knows everything. */
  readonly unknown: number | undefined;
  /** Longest sequences, special tokens included. */
  readonly maxTokens: { readonly source: number; readonly target: number };
}

/** Above this share of unknown ones among the tokens of a text, it is left out: a name may be unknown, a sentence not. */
export const MOST_UNKNOWN = 0.3;

/** No prediction is asked for at this place. */
export const NO_LABEL = -1;

/** An example as ids. */
export interface TokenExample {
  /** Index into the examples of {@link ReadData.data}. */
  readonly example: number;
  /** What the model reads: of an encoder-decoder, the encoder. */
  readonly input: readonly number[];
  /** Of an encoder-decoder: what the decoder reads, the target shifted by one place. */
  readonly decoder: readonly number[] | undefined;
  /**
   * What is to be predicted, or {@link NO_LABEL}: at each place of what the decoder reads (translation); the next token at
   * each place (causal); the token itself where it may be masked (masked); one class (classification).
   */
  readonly labels: readonly number[];
}

export interface ReadData {
  /** The data without what was left out here, running text in the blocks that are read; the labels stay those of all of it. */
  readonly data: TrainingData;
  readonly examples: readonly TokenExample[];
}

/** Examples tokenised at a time before other work of the thread gets its turn. */
const SLICE = 200;

/** Running text that is too long becomes several examples; of everything else, too long a text is left out. */
export async function readExamples(
  data: TrainingData,
  reading: Reading,
  {
    signal,
    onProgress,
  }: { readonly signal?: AbortSignal; readonly onProgress?: (done: number, total: number) => void } = {},
): Promise<ReadData> {
  const read: TokenExample[] = [];
  const skipped: Skipped[] = [];
  const kept: Example[] = [];
  const labels = new Map(data.labels.map((label, i) => [label, i]));
  for (const [index, example] of data.examples.entries()) {
    if (index % SLICE === SLICE - 1) {
      onProgress?.(index, data.examples.length);
      await nextMacrotask();
      throwIfCancelled(signal);
    }
    const found = readExample(example, data.form, reading, labels);
    if (typeof found === 'string' || found.length === 0) {
      skipped.push({ line: example.line, reason: typeof found === 'string' ? found : 'empty' });
      continue;
    }
    for (const { ids, part } of found) {
      read.push({ example: kept.length, ...ids });
      kept.push(part);
    }
  }
  const left = trainingData(data.form, kept, [...data.skipped, ...skipped]);
  return { data: { ...left, labels: data.labels }, examples: read };
}

type Ids = Omit<TokenExample, 'example'>;

/** What is read at once, and of what. */
interface Part {
  readonly ids: Ids;
  readonly part: Example;
}

function readExample(
  example: Example,
  { task, layout }: DataForm,
  reading: Reading,
  labels: ReadonlyMap<string, number>,
): Part[] | 'tooLong' | 'unknownScript' {
  const { source, target, label } = example;
  const { maxTokens } = reading;
  const sequences = [reading.source(source)];
  if (task === 'translation') {
    sequences.push((reading.target ?? reading.source)(target ?? ''));
  }
  if (sequences.some((sequence) => isForeign(sequence, reading.unknown))) {
    return 'unknownScript';
  }
  const [input, wanted] = sequences.map(({ tokens }) => tokens.map(({ id }) => id));
  const whole = (ids: Ids): Part[] => [{ ids, part: example }];
  const inBlocks = (found: readonly (readonly [Block, Ids])[]): Part[] => {
    if (found.length === 1) {
      return whole(found[0][1]);
    }
    const ranges = found.map(([block]) => block);
    const parts = partsOf(example, sequences[0], ranges, layout === 'plain');
    return found.map(([, ids], i) => ({ ids, part: parts[i] }));
  };
  switch (task) {
    case 'translation':
      if (input.length > maxTokens.source || wanted.length > maxTokens.target) {
        return 'tooLong';
      }
      return whole({ input, decoder: [reading.decoderStart ?? 0, ...wanted.slice(0, -1)], labels: wanted });
    case 'classification':
      return input.length > maxTokens.source
        ? 'tooLong'
        : whole({ input, decoder: undefined, labels: [labels.get(label ?? '') ?? NO_LABEL] });
    case 'causal':
      return inBlocks(nextTokenBlocks(input, maxTokens.source));
    case 'masked':
      return inBlocks(framedBlocks(sequences[0], maxTokens.source));
    default:
      return task satisfies never;
  }
}

/** Blocks of a text of which each token is to be told from those before it; the last one of a block begins the next. */
function nextTokenBlocks(ids: readonly number[], most: number): (readonly [Block, Ids])[] {
  return blocks(ids.length - 1, most).map(({ from, to }) => {
    const read = { input: ids.slice(from, to), decoder: undefined, labels: ids.slice(from + 1, to + 1) };
    return [{ from, to: to + 1 === ids.length ? ids.length : to }, read] as const;
  });
}

/** Blocks of a text to be masked, each in the frame that the tokenizer puts around a whole text: models read no text without it. */
function framedBlocks({ tokens }: TokenSequence, most: number): (readonly [Block, Ids])[] {
  const isText = ({ special }: Token): boolean => !special;
  const first = Math.max(0, tokens.findIndex(isText));
  const end = tokens.findLastIndex(isText) + 1;
  const ids = tokens.map(({ id }) => id);
  const [before, after] = [ids.slice(0, first), ids.slice(Math.max(first, end))];
  const never = (frame: readonly number[]): number[] => frame.map(() => NO_LABEL);
  return blocks(end - first, Math.max(1, most - before.length - after.length), first).map((block) => {
    const part = ids.slice(block.from, block.to);
    const read = {
      input: [...before, ...part, ...after],
      decoder: undefined,
      labels: [...never(before), ...part, ...never(after)],
    };
    return [block, read] as const;
  });
}

function isForeign({ tokens }: TokenSequence, unknown: number | undefined): boolean {
  const text = tokens.filter(({ special }) => !special);
  return text.filter(({ id }) => id === unknown).length > MOST_UNKNOWN * text.length;
}

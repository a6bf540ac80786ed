// Decodes a batch in which every sequence goes its own way: greedy decoding and sampling differ only in how a token is chosen.
import { throwIfCancelled } from '../shared/errors';
import { nextMacrotask } from '../shared/macrotask';
import { logProbability } from './logits';
import type { Generated } from './opening';
import { openTargets } from './opening';
import type { LengthLimit, SearchOptions } from './options';
import { longestTarget } from './options';
import type { Step } from './step';
import { applyRules } from './tokenRules';

/** Chooses among logits to which all rules were applied; undefined where nothing may follow. */
export type Choose = (logits: Float32Array, source: number, sequence: number) => number | undefined;

interface Sequence {
  readonly source: number;
  /** Among those of the same source. */
  readonly index: number;
  readonly ids: number[];
  readonly logProbabilities: number[];
  ended: boolean;
  over: boolean;
  /** Its row in the batch. */
  row: number;
  /** What it reads next. */
  last: number;
}

/**
 * Continues `count` sequences of every source until the end or the limit; yields to the event loop at every step.
 *
 * @returns `[source][sequence]`
 * @throws UserError `cancelled`
 */
export async function decodeEach<State>(
  step: Step<State>,
  options: SearchOptions & LengthLimit,
  count: number,
  choose: Choose,
): Promise<Generated[][]> {
  const { prompt, signal, onStep } = options;
  const { begun, result } = await openTargets(step, options);
  const sequences = begun.map((generated, source) =>
    Array.from({ length: count }, (_, index) => newSequence(generated, source, index)),
  );
  let present = sequences.flat();
  present.forEach((sequence) => {
    sequence.over ||= sequence.ids.length >= longestTarget(options, sequence.source);
  });
  let rows = prompt.length;
  let { logits, state } = result;
  while (present.some(({ over }) => !over)) {
    const { vocabulary } = step;
    const shared = present.length > rows;
    for (const sequence of present.filter(({ over }) => !over)) {
      const start = sequence.row * vocabulary;
      const next = logits.subarray(start, start + vocabulary);
      // Rules change what they are given, and at first the sequences of a source share a row.
      chooseNext(sequence, shared ? next.slice() : next, options, choose);
    }
    onStep?.(sequences.map(([{ ids }]) => [...ids]));
    const going = present.filter(({ over }) => !over);
    if (going.length === 0) {
      break;
    }
    await nextMacrotask();
    throwIfCancelled(signal);
    // Taking out a sequence costs a copy of all others, so those that are over stay until they are half of the batch.
    present = 2 * going.length > present.length ? present : going;
    const taken = present.map(({ row }) => row);
    const unchanged = taken.length === rows && taken.every((from, to) => from === to);
    const before = unchanged ? state : step.select(state, taken);
    const read = present.map(({ last }) => [last]);
    ({ logits, state } = await step.advance(before, read, signal, 1));
    present.forEach((sequence, row) => (sequence.row = row));
    rows = present.length;
  }
  return sequences.map((each) =>
    each.map(({ ids, logProbabilities, ended }) => ({ ids, logProbabilities, ended })),
  );
}

function newSequence({ ids, logProbabilities, ended }: Generated, source: number, index: number): Sequence {
  return {
    source,
    index,
    ids: [...ids],
    logProbabilities: [...logProbabilities],
    ended,
    over: ended,
    row: source,
    last: ids[ids.length - 1] ?? 0,
  };
}

function chooseNext(
  sequence: Sequence,
  logits: Float32Array,
  options: SearchOptions & LengthLimit,
  choose: Choose,
): void {
  const { source, index, ids, logProbabilities } = sequence;
  const forced = logProbabilities.length === 0 ? options.forcedFirst : undefined;
  applyRules(logits, options, [...options.prompt[source], ...ids], forced);
  const id = forced ?? choose(logits, source, index);
  if (id === undefined) {
    sequence.over = true;
    return;
  }
  logProbabilities.push(logProbability(logits, id));
  sequence.last = id;
  sequence.ended = options.eos.includes(id);
  if (!sequence.ended) {
    ids.push(id);
  }
  sequence.over = sequence.ended || logProbabilities.length >= longestTarget(options, source);
}

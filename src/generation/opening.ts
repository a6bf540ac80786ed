// The first pass of every way of decoding: reads the prompts with what the targets must begin with, and says how probable that was.
import { throwIfCancelled } from '../shared/errors';
import { logProbability } from './logits';
import type { SearchOptions } from './options';
import type { Step, StepResult } from './step';
import { applyRules } from './tokenRules';

/** One generated sequence, without prompt and end. */
export interface Generated {
  readonly ids: readonly number[];
  /** Natural logarithm of each token's probability; one more for the end when there was one. */
  readonly logProbabilities: readonly number[];
  /** Whether the model ended it, rather than the limit. */
  readonly ended: boolean;
}

/** Where choosing begins. */
export interface Opening<State> {
  /** For each source what was forced so far. */
  readonly begun: readonly Generated[];
  /** The end, where the forced beginning has one. */
  readonly end: number | undefined;
  /** After the last token that was read; logits `[source, vocabulary]`. */
  readonly result: StepResult<State>;
}

/** Reads `prompt` and `begin` in one pass. @throws UserError `cancelled` */
export async function openTargets<State>(step: Step<State>, options: SearchOptions): Promise<Opening<State>> {
  const { prompt, begin = [], eos, signal } = options;
  throwIfCancelled(signal);
  const at = begin.findIndex((id) => eos.includes(id));
  const end = at < 0 ? undefined : begin[at];
  const ids = at < 0 ? begin : begin.slice(0, at);
  const positions = ids.length + 1;
  const { logits, state } = await step.advance(
    step.start,
    prompt.map((row) => [...row, ...ids]),
    signal,
    positions,
  );
  const { vocabulary } = step;
  const row = (source: number, position: number): Float32Array => {
    const start = (source * positions + position) * vocabulary;
    return logits.subarray(start, start + vocabulary);
  };
  const forced = end === undefined ? ids : [...ids, end];
  const begun = prompt.map((before, source): Generated => {
    const logProbabilities = forced.map((id, position) => {
      const next = row(source, position);
      applyRules(next, options, [...before, ...ids.slice(0, position)], id);
      return logProbability(next, id);
    });
    return { ids, logProbabilities, ended: end !== undefined };
  });
  const last = new Float32Array(prompt.length * vocabulary);
  prompt.forEach((_ids, source) => last.set(row(source, ids.length), source * vocabulary));
  return { begun, end, result: { logits: positions === 1 ? logits : last, state } };
}

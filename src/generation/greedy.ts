// Greedy decoding: the most probable token at every step, for a batch of sequences. Beam search and sampling stand beside it.
import { throwIfCancelled } from '../shared/errors';
import { nextMacrotask } from '../shared/macrotask';
import { best, forbid, logProbability } from './logits';
import type { Step } from './step';

export interface GreedyOptions {
  /** What each sequence begins with `[batch][length]`, equally long, e.g. the decoder's start token. */
  readonly prompt: readonly (readonly number[])[];
  /** Any of these ends a sequence. */
  readonly eos: readonly number[];
  /** Never chosen. */
  readonly forbidden?: readonly number[];
  /** Chosen first, whatever the model says. */
  readonly forcedFirst?: number;
  /** Tokens to generate at most, the end included. */
  readonly maxLength: number;
  readonly signal?: AbortSignal;
  /** Called after every step with all tokens generated so far `[batch][length]`, ends excluded. */
  readonly onStep?: (ids: readonly (readonly number[])[]) => void;
}

/** One generated sequence, without prompt and end. */
export interface Generated {
  readonly ids: readonly number[];
  /** Natural logarithm of each token's probability; one more for the end when there was one. */
  readonly logProbabilities: readonly number[];
  /** Whether the model ended it, rather than the limit. */
  readonly ended: boolean;
}

interface Sequence {
  readonly ids: number[];
  readonly logProbabilities: number[];
  ended: boolean;
}

/**
 * Decodes every sequence of the batch until its end or `maxLength`; yields to the event loop at every step.
 *
 * @throws UserError `cancelled`
 */
export async function greedy<State>(step: Step<State>, options: GreedyOptions): Promise<Generated[]> {
  const { prompt, eos, forbidden = [], forcedFirst, maxLength, signal, onStep } = options;
  const sequences = prompt.map((): Sequence => ({ ids: [], logProbabilities: [], ended: false }));
  let state = step.start;
  let next = prompt;
  for (let length = 0; length < maxLength; length++) {
    throwIfCancelled(signal);
    const result = await step.advance(state, next, signal);
    state = result.state;
    next = sequences.map((sequence, row) => {
      // An ended sequence stays in the batch and reads its end again; nobody looks at what follows.
      if (sequence.ended) {
        return eos.slice(0, 1);
      }
      const all = result.logits.subarray(row * step.vocabulary, (row + 1) * step.vocabulary);
      const logits = forbid(all, forbidden);
      const forced = length === 0 ? forcedFirst : undefined;
      const chosen =
        forced === undefined ? best(logits) : { id: forced, logProbability: logProbability(logits, forced) };
      sequence.logProbabilities.push(chosen.logProbability);
      sequence.ended = eos.includes(chosen.id);
      if (!sequence.ended) {
        sequence.ids.push(chosen.id);
      }
      return [chosen.id];
    });
    onStep?.(sequences.map(({ ids }) => [...ids]));
    if (sequences.every(({ ended }) => ended)) {
      break;
    }
    await nextMacrotask();
  }
  return sequences;
}

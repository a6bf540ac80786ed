// Greedy decoding: the most probable token at every step, for a batch of sequences. Beam search and sampling stand beside it.
import { decodeEach } from './decodeEach';
import { argmax } from './logits';
import type { Generated } from './opening';
import type { LengthLimit, SearchOptions } from './options';
import type { Step } from './step';

export type { Generated };
export type GreedyOptions = SearchOptions & LengthLimit;

/**
 * Decodes every source of the batch until its end or limit; yields to the event loop at every step. Of equals the smaller id is
 * chosen. A sequence after which nothing may follow stops there as if at its limit.
 *
 * @throws UserError `cancelled`
 */
export async function greedy<State>(step: Step<State>, options: GreedyOptions): Promise<Generated[]> {
  const found = await decodeEach(step, options, 1, argmax);
  return found.map(([only]) => only);
}

// What the engine's decoder writes after given tokens, greedily: decoder-only models have no verb for it yet.
import { decoderStep } from '../../src/engine/decoderStep';
import type { Model } from '../../src/engine/model';
import { greedy } from '../../src/generation/greedy';

/** Up to `count` ids after `ids`, the end included where there is one. @param forbidden Ids beside those that the files forbid. */
export async function continueText(
  { decoder, config, tokenizer, summary }: Model,
  ids: readonly number[],
  count: number,
  forbidden: readonly number[] = [],
): Promise<number[]> {
  if (!decoder) {
    throw new Error(`${summary.name} has no decoder.`);
  }
  const eos = [...config.eos, tokenizer?.special.eos].filter((id) => id !== undefined);
  const [generated] = await greedy(decoderStep(decoder, 1, undefined), {
    prompt: [ids],
    eos,
    forbidden: [...config.forbidden, ...forbidden],
    maxLength: count,
  });
  return [...generated.ids, ...(generated.ended ? eos.slice(0, 1) : [])];
}

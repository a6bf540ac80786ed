// The model's own translation of a batch that was encoded: what the decoder reads when nothing else is given.
import type { CallOptions } from '../../shared/protocol';
import { DEFAULT_DECODING } from '../../shared/translation';
import { decoderStep } from '../decoderStep';
import type { StackInputs } from '../feeds';
import type { Model } from '../model';
import type { Decoded } from './decode';
import { decode } from './decode';
import { stacksOf } from './encodeBatch';
import { longestTranslation } from './limits';
import type { Speech } from './speech';
import { decoderPrompt, forcedFirst } from './speech';
import { endings, forbidden } from './target';

/**
 * The best target of every source.
 *
 * @param beams Width of the beam search; 1 is greedy decoding.
 * @throws UserError `modelUnsupported`, `cancelled`
 */
export async function ownTranslation(
  model: Model,
  encoder: NonNullable<StackInputs['encoder']>,
  { target, beams = 1 }: Pick<Speech, 'target'> & { readonly beams?: number },
  { signal, onProgress }: CallOptions,
): Promise<Decoded[]> {
  const { decoder } = stacksOf(model);
  const prompt = decoderPrompt(model, { target });
  const room = model.summary.maxTokens.decoder - prompt.length;
  const options = {
    prompt: encoder.real.map(() => prompt),
    eos: endings(model),
    forbidden: forbidden(model),
    forcedFirst: forcedFirst(model),
    // Padding must not change a result, so each limit is that of the source alone.
    maxLengths: encoder.real.map((row) => longestTranslation(room, row.filter(Boolean).length, 0)),
    signal,
    onStep: (ids: readonly (readonly number[])[]) => {
      const done = ids.reduce((most, row) => Math.max(most, row.length), 0);
      onProgress?.({ message: 'Translating', done, total: 0 });
    },
  };
  const decoding = {
    ...DEFAULT_DECODING,
    method: beams > 1 ? ('beam' as const) : ('greedy' as const),
    beams,
  };
  const found = await decode(decoderStep(decoder, encoder.real.length, encoder), options, decoding);
  return found.map(({ hypotheses: [best] }) => best);
}

// Runs the encoder on a padded batch of sources.
import { UserError } from '../../shared/errors';
import type { CallOptions } from '../../shared/protocol';
import type { TokenSequence } from '../../shared/tokens';
import type { StackInputs } from '../feeds';
import type { Model } from '../model';
import { idsOf, realOf } from '../sequences';
import type { Stack } from '../stack';

/** What the decoder reads of a padded batch. */
export async function encodeBatch(
  stack: Stack,
  sources: readonly TokenSequence[],
  { signal }: CallOptions,
): Promise<NonNullable<StackInputs['encoder']>> {
  const real = realOf(sources);
  const output = stack.states();
  const { [output]: states } = await stack.session.run(
    stack.feeds({ ids: idsOf(sources), real }),
    [output],
    signal,
  );
  return { states, real };
}

/** @throws UserError `modelMissing` */
export function stacksOf({ encoder, decoder, summary }: Model): {
  readonly encoder: Stack;
  readonly decoder: Stack;
} {
  if (!encoder || !decoder) {
    const message = `A part of the model "${summary.name}" is missing. Choose the folder with all of its files.`;
    throw new UserError('modelMissing', message);
  }
  return { encoder, decoder };
}

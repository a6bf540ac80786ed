// Shuffles the tokens of a text: without positions, self-attention gives the same outputs in the shuffled order.
import { UserError } from '../../shared/errors';
import type { Equivariance, EquivarianceRequest } from '../../shared/comparison';
import type { Intervention } from '../../shared/intervention';
import type { CallOptions } from '../../shared/protocol';
import { shuffled } from '../../shared/shuffle';
import { rowOf } from '../../shared/tensor';
import type { Model } from '../model';
import { StackRun } from '../stackRun';
import type { Trace } from '../trace';

/**
 * Compares the encoder's outputs for a text with those for its tokens in another order, put back into place.
 *
 * @throws UserError `badRequest` for models without an encoder: a causal mask knows the order by itself
 */
export async function equivarianceOf(
  plain: Model,
  trace: Trace,
  { batch, seed, positions }: EquivarianceRequest,
  call: CallOptions,
): Promise<Equivariance> {
  if (!plain.encoder) {
    const message =
      'This model has no encoder. A decoder knows the order of tokens by its causal mask, also without positions.';
    throw new UserError('badRequest', message);
  }
  const removed: readonly Intervention[] =
    positions === 'remove' && plain.encoder.anatomy.positions.kind !== 'none'
      ? [{ kind: 'positions', enabled: true, side: 'encoder', change: { to: 'remove' } }]
      : [];
  const interventions = [...(trace.request.interventions ?? []), ...removed];
  const { encoder } = await plain.experiments.under(
    plain,
    interventions,
    trace.request.decoder?.language,
    call,
  );
  const stack = encoder ?? plain.encoder;
  const ids = trace.summary.encoder[batch].tokens.flatMap(({ id, padding }) =>
    padding === true ? [] : [id],
  );
  const order = shuffled(ids.length, seed);
  const output = stack.states();
  const outputsFor = async (tokens: readonly number[]) => {
    const feeds = stack.feeds({ ids: [tokens], real: [tokens.map(() => true)] });
    const run = await StackRun.begin(stack, feeds, [output], call.signal);
    const { dims, data } = run.get(output);
    if (!(data instanceof Float32Array)) {
      throw new UserError('modelUnsupported', 'The outputs of this encoder are no float32 numbers.');
    }
    return { rows: tokens.length, columns: dims[dims.length - 1], data };
  };
  const straight = await outputsFor(ids);
  const mixed = await outputsFor(order.map((token) => ids[token]));
  let [largest, sum, scale] = [0, 0, 0];
  order.forEach((token, place) => {
    const [before, after] = [rowOf(straight, token), rowOf(mixed, place)];
    before.forEach((value, i) => {
      const difference = Math.abs(value - after[i]);
      largest = Math.max(largest, difference);
      sum += difference;
      scale = Math.max(scale, Math.abs(value));
    });
  });
  return { order, largest, mean: sum / straight.data.length, scale };
}

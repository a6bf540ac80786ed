// How much each token of the text says about each output: by attention, by rollout, and by leaving it out.
import { meanOfHeads, rollout, rolloutThroughDecoder } from '../../explain/rollout';
import { logProbability } from '../../generation/logits';
import { throwIfCancelled, UserError } from '../../shared/errors';
import type { AttributionRequest, LeaveOneOutRequest, LeftOut } from '../../shared/insight';
import { nextMacrotask } from '../../shared/macrotask';
import type { AttentionKind } from '../../shared/modelSummary';
import type { Matrix, Tensor } from '../../shared/tensor';
import { rowOf } from '../../shared/tensor';
import type { CallOptions } from '../../shared/protocol';
import { idsOf, realOf } from '../sequences';
import type { Stack } from '../stack';
import { StackRun } from '../stackRun';
import type { Trace } from '../trace';
import { headView } from './heads';
import { logitsAt, outputRun, predicted } from './outputs';
import { statesOf } from './states';

/** `[target, source]`: sources are what the first stack reads, targets what the last one does. */
export async function attributionSlice(
  trace: Trace,
  { batch, method }: AttributionRequest,
  signal?: AbortSignal,
): Promise<Matrix> {
  const { encoder, decoder } = trace.summary;
  const both = encoder.length > 0 && decoder.length > 0;
  const own: AttentionKind = encoder.length > 0 ? 'encoderSelf' : 'decoderSelf';
  if (method.by === 'attention') {
    const layers = await layerMeans(trace, both ? 'cross' : own, batch, signal);
    const layer = layers.at(method.layer);
    if (!layer) {
      throw new UserError('badRequest', `This model has no layer ${method.layer + 1}.`);
    }
    return layer;
  }
  const first = await layerMeans(trace, own, batch, signal);
  return both
    ? rolloutThroughDecoder(
        first,
        await layerMeans(trace, 'decoderSelf', batch, signal),
        await layerMeans(trace, 'cross', batch, signal),
      )
    : rollout(first);
}

/** The mean of the heads of every layer of a kind, by layer. */
async function layerMeans(
  trace: Trace,
  kind: AttentionKind,
  batch: number,
  signal: AbortSignal | undefined,
): Promise<Matrix[]> {
  const means: Matrix[] = [];
  for (const site of trace.attentions(kind)) {
    const captured = await trace.run(kind).capture(site.name, 'weights', signal);
    if (!captured) {
      throw new UserError('badRequest', `The weights of ${site.name} are not in the graph.`);
    }
    const heads = Array.from({ length: site.heads }, (_, head) => headView(captured, site, batch, head));
    means.push(meanOfHeads(heads));
  }
  return means;
}

/**
 * Leaves tokens of the source out one by one, by declaring each to be padding, so that no query sees it, and says what that
 * costs every output. The decoder reads the same tokens as before.
 *
 * @throws UserError `badRequest` for models without logits or padding mask, `cancelled` between tokens
 */
export async function leaveOneOut(
  trace: Trace,
  { batch, first, count }: LeaveOneOutRequest,
  { signal, onProgress }: CallOptions,
): Promise<LeftOut> {
  const { encoder, decoder } = trace.summary;
  const source = (encoder.length > 0 ? encoder : decoder)[batch];
  const run = outputRun(trace);
  const targets = trace.summary[run.stack.anatomy.side][batch];
  const last = targets.tokens.length - 1;
  const before = await logitsAt(trace, run, { batch, first: 0, last }, signal);
  const chosen = Array.from(source.tokens.keys()).slice(first, first + count);
  const data = new Float32Array(chosen.length * targets.tokens.length).fill(NaN);
  for (const [row, token] of chosen.entries()) {
    throwIfCancelled(signal);
    onProgress?.({ message: source.tokens[token].label, done: row, total: chosen.length });
    const changed = source.tokens[token].padding ? undefined : await without(trace, batch, token, signal);
    targets.tokens.forEach((_target, position) => {
      const said = predicted(trace, batch, position);
      if (changed && said !== undefined) {
        const gone = logProbability(rowOf(changed, position), said);
        data[row * targets.tokens.length + position] = logProbability(rowOf(before, position), said) - gone;
      }
    });
    // A cancellation can only be heard between tasks.
    await nextMacrotask();
  }
  const drops: Matrix = { rows: chosen.length, columns: targets.tokens.length, data };
  return { total: source.tokens.length, drops };
}

/** `[position, vocabulary]` of one text without one of its source tokens; the batch is that text alone. */
async function without(
  trace: Trace,
  batch: number,
  token: number,
  signal: AbortSignal | undefined,
): Promise<Matrix> {
  const { model, summary } = trace;
  let encoder: { states: Tensor; real: readonly (readonly boolean[])[] } | undefined;
  let run: StackRun | undefined;
  const begin = async (stack: Stack, side: 'encoder' | 'decoder', hides: boolean): Promise<StackRun> => {
    const sequences = [summary[side][batch]];
    const real = realOf(sequences).map((row) => row.map((isReal, i) => isReal && !(hides && i === token)));
    if (hides && !Object.values(stack.anatomy.inputs).some(({ role }) => role === 'paddingMask')) {
      throw new UserError(
        'badRequest',
        'This model has no padding mask, so no token can be left out of its attention.',
      );
    }
    return StackRun.of(stack, stack.feeds({ ids: idsOf(sequences), real, encoder, texts: [batch] }));
  };
  if (model.encoder && summary.encoder.length > 0) {
    run = await begin(model.encoder, 'encoder', true);
    if (model.decoder) {
      const states = model.encoder.states();
      await run.fetch([states], signal);
      const real = realOf([summary.encoder[batch]]).map((row) =>
        row.map((isReal, i) => isReal && i !== token),
      );
      encoder = { states: run.get(states), real };
    }
  }
  if (model.decoder && summary.decoder.length > 0) {
    run = await begin(model.decoder, 'decoder', encoder === undefined);
  }
  const { side } = outputRun(trace).stack.anatomy;
  const tokens = summary[side][batch].tokens.length;
  const logits = run && (await statesOf(run, tokens, { state: `${side}.logits`, batch: 0 }, signal));
  if (!logits) {
    throw new UserError('badRequest', 'The logits of this model cannot be captured.');
  }
  return logits;
}

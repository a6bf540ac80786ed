// Two runs of the same texts made comparable: the decoder of the second also reads what the decoder of the first read.
import { UserError } from '../../shared/errors';
import type { AttentionKind } from '../../shared/modelSummary';
import type { CallOptions } from '../../shared/protocol';
import type { TokenSequence } from '../../shared/tokens';
import { capture } from '../explore';
import { comparedOutputs } from './comparedOutputs';
import { idsOf, realOf } from '../sequences';
import type { StackRun } from '../stackRun';
import type { Trace } from '../trace';

/** A pair of runs with attentions of one side, over the same tokens. */
export interface RunPair {
  readonly before: StackRun;
  readonly after: StackRun;
  readonly side: 'encoder' | 'decoder';
}

/**
 * The runs of the two traces side by side.
 *
 * @throws UserError `badRequest` when their texts differ
 */
export async function comparedRuns(
  before: Trace,
  after: Trace,
  call: CallOptions,
): Promise<readonly RunPair[]> {
  if (before.summary.model !== after.summary.model) {
    throw new UserError('badRequest', 'These two runs are of different models.');
  }
  const [first, second] = [before.summary, after.summary];
  const read = first.encoder.length > 0 ? 'encoder' : 'decoder';
  if (!same(first[read], second[read])) {
    throw new UserError('badRequest', 'These two runs are of different texts.');
  }
  const pairs: RunPair[] = [];
  if (first.encoder.length > 0) {
    pairs.push({ side: 'encoder', before: before.run('encoderSelf'), after: after.run('encoderSelf') });
  }
  if (first.decoder.length > 0) {
    pairs.push({
      side: 'decoder',
      before: before.run('decoderSelf'),
      after: await decoderOver(after, before, call),
    });
  }
  return pairs;
}

/** The run of a pair that holds attentions of a kind. */
export function pairOf(pairs: readonly RunPair[], kind: AttentionKind): RunPair | undefined {
  return pairs.find(({ side }) => side === (kind === 'encoderSelf' ? 'encoder' : 'decoder'));
}

/** The run of the decoder of `trace` that reads the tokens of `other`; its own run when they are the same. */
async function decoderOver(trace: Trace, other: Trace, call: CallOptions): Promise<StackRun> {
  const own = trace.run('decoderSelf');
  const sequences = other.summary.decoder;
  if (same(sequences, trace.summary.decoder)) {
    return own;
  }
  const known = trace.forced.get(other.summary.id);
  if (known) {
    return known;
  }
  const encoder = trace.model.encoder;
  if (!encoder) {
    throw new UserError('badRequest', 'These two runs are of different texts.');
  }
  const encoderRun = trace.run('encoderSelf');
  await encoderRun.fetch([encoder.states()], call.signal);
  const source = { states: encoderRun.get(encoder.states()), real: realOf(trace.summary.encoder) };
  const run = await capture(own.stack, sequences, source, comparedOutputs(own.stack), call);
  trace.forced.set(other.summary.id, run);
  return run;
}

function same(a: readonly TokenSequence[], b: readonly TokenSequence[]): boolean {
  return JSON.stringify([idsOf(a), realOf(a)]) === JSON.stringify([idsOf(b), realOf(b)]);
}

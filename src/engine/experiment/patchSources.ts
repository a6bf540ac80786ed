// Activations of other texts, to be patched into a run: captured from the unchanged model, the latest ones kept.
import { UserError } from '../../shared/errors';
import type { Patch, PatchSource } from '../../shared/intervention';
import type { Matrix } from '../../shared/tensor';
import { headMatrix } from '../slices/heads';
import { statesSlice } from '../slices/states';
import type { Trace } from '../trace';
import type { PatchRows } from './stackSettings';

/** Captured matrices are small; this many make a session of clicks. */
const KEPT = 32;

/** Runs the unchanged model on a text. */
export type SourceRun = (text: string, decoder: string | undefined) => Promise<Trace>;

export class PatchSources {
  private readonly captured = new Map<string, Matrix>();

  async rowsOf(
    patch: Patch,
    language: string | undefined,
    run: SourceRun,
    signal: AbortSignal | undefined,
  ): Promise<PatchRows> {
    const { target, source, tokens, texts } = patch;
    const key = JSON.stringify([target, source, language]);
    const known = this.captured.get(key);
    const rows = known ?? (await capture(patch.target, source, run, signal));
    this.captured.delete(key);
    this.captured.set(key, rows);
    for (const oldest of this.captured.keys()) {
      if (this.captured.size <= KEPT) {
        break;
      }
      this.captured.delete(oldest);
    }
    return { rows, tokens, texts };
  }
}

async function capture(
  target: Patch['target'],
  { text, decoder }: PatchSource,
  run: SourceRun,
  signal: AbortSignal | undefined,
): Promise<Matrix> {
  const trace = await run(text, decoder);
  if (target.of === 'layer') {
    const state = `${target.side}.layer.${target.layer}`;
    return statesSlice(trace, { trace: trace.summary.id, state, batch: 0 }, signal);
  }
  const { attention, head } = target;
  const { site, run: own } = trace.attention(attention);
  const captured = await own.capture(attention, 'context', signal);
  if (!captured) {
    throw new UserError('badRequest', `The graph does not show what the heads of ${attention} read.`, {
      attention,
    });
  }
  return headMatrix(captured, site, 0, head);
}

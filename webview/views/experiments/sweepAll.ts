// A whole sweep in parts, so that it shows how far it has come and can be stopped in between.
import type { SweepOver, SweepPoint } from '../../../src/shared/comparison';
import type { CallOptions } from '../../../src/shared/protocol';
import type { Bench } from './experiment';

/** Settings that are tried in one call. */
const CHUNK = 4;

/** @throws Error `cancelled` when the signal is aborted. */
export async function sweepAll(
  { lab, trace, batch }: Bench,
  sweep: SweepOver,
  translate: boolean,
  call: CallOptions,
): Promise<readonly SweepPoint[]> {
  const points: SweepPoint[] = [];
  for (let total = Infinity; points.length < total;) {
    const request = { trace: trace.id, batch, sweep, translate, first: points.length, count: CHUNK };
    const part = await lab.sweep(request, call.signal ? { signal: call.signal } : {});
    total = part.total;
    points.push(...part.points);
    call.onProgress?.({ message: '', done: points.length, total });
    if (part.points.length === 0) {
      break;
    }
  }
  return points;
}

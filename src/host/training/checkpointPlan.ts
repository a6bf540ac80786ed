// When a training is saved, and which of its checkpoints are kept.
import type { Checkpoint } from './tunedManifest';

/** How many of the newest are kept: should the last one turn out to be unreadable, the one before it stands. */
const NEWEST = 2;

/** The step at which to save next: a multiple of `every`, or the last one. */
export function nextSave(step: number, every: number, steps: number): number {
  return Math.min(steps, (Math.floor(step / every) + 1) * every);
}

/**
 * The checkpoints to keep, by step: the newest two, the one with the lowest held-out loss, and the newest one that is known to
 * be good, for the loss may turn out to have gone astray since. One of each step, the later in the list.
 *
 * @param good The last step after which the weights are known to be good.
 */
export function kept(checkpoints: readonly Checkpoint[], good = Infinity): readonly Checkpoint[] {
  const byStep = new Map(checkpoints.map((checkpoint) => [checkpoint.step, checkpoint]));
  const sorted = [...byStep.values()].sort((a, b) => a.step - b.step);
  const measured = sorted.filter(({ heldOut }) => heldOut !== undefined && Number.isFinite(heldOut));
  const best = measured.reduce<Checkpoint | undefined>(
    (low, each) => (low === undefined || Number(each.heldOut) < Number(low.heldOut) ? each : low),
    undefined,
  );
  const last = sorted.findLast(({ step }) => step <= good);
  return sorted.filter((each, index) => index >= sorted.length - NEWEST || each === best || each === last);
}

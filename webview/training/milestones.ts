// What is worth saying aloud about a training: its beginning, every tenth of its steps, and its end. Pure.
import type { TrainingState } from '../../src/shared/trainingPage';
import { trainingStrings as strings } from '../strings/trainingStrings';
import { formatLeft } from './trainingFormat';

/** What is heard of a state. */
export type Heard = Pick<
  TrainingState,
  'status' | 'step' | 'points' | 'left' | 'note' | 'error' | 'preview' | 'options' | 'result'
>;

/** The sentence for the live region, if the way from one state to the next deserves one. */
export function milestone(before: Heard | undefined, now: Heard): string | undefined {
  if (before === undefined) {
    return undefined;
  }
  if (isShownAgain(before, now)) {
    return strings.announceShown(now.result?.name ?? '', now.step, now.points.at(-1)?.loss);
  }
  if (before.status !== now.status) {
    return turn(before, now);
  }
  const tenth = tenths(now);
  if (now.status !== 'running' || tenth <= tenths(before) || tenth >= 10) {
    return undefined;
  }
  const loss = now.points.at(-1)?.loss;
  return strings.announceStep(
    now.step,
    now.options.steps,
    loss,
    now.left === undefined ? undefined : formatLeft(now.left),
  );
}

function turn(before: Heard, now: Heard): string | undefined {
  switch (now.status) {
    case 'starting':
      return strings.announceStarting;
    case 'running':
      return before.status === 'paused'
        ? strings.announceResumed(now.step)
        : strings.announceStarted(now.options.steps);
    case 'paused':
      return strings.announcePaused(now.step);
    case 'done':
      return now.note ?? strings.announceDone(now.step, now.points.at(-1)?.loss);
    case 'failed':
      // What an error says is an alert of its own.
      return now.error ? strings.announceFailed(now.step) : now.note;
    case 'ready':
      return (
        now.preview &&
        strings.announceData(now.preview.train, now.preview.heldOut, skippedLines(now.preview.counts))
      );
    case 'empty':
    case 'reading':
      return undefined;
    default:
      return now.status satisfies never;
  }
}

/** Whether another training than before is shown, that has not just ended. */
function isShownAgain(before: Heard, now: Heard): boolean {
  const wasGoingOn = before.status === 'starting' || before.status === 'running';
  return (
    now.status === 'done' && !wasGoingOn && now.result !== undefined && now.result.id !== before.result?.id
  );
}

/** How many lines were left out, for all reasons. */
export function skippedLines(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function tenths({ step, options }: Heard): number {
  return Math.floor((10 * step) / Math.max(1, options.steps));
}

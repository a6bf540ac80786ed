// What can be done in which state, and why not: the buttons under the curve. Pure.
import type { TrainingHost, TrainingState } from '../../src/shared/trainingPage';
import { trainingStrings as strings } from '../strings/trainingStrings';

type Status = TrainingState['status'];

/** Steps are made, or are about to be. */
export function isActive(status: Status): boolean {
  return status === 'starting' || status === 'running' || status === 'paused';
}

/** A button: what it calls, and why it cannot be pressed. */
export interface Action {
  readonly call: 'start' | 'pause' | 'resume' | 'continueFrom' | 'stop' | 'undo';
  readonly label: string;
  readonly unavailable: string | undefined;
  /** What pressing it does, where the label does not say it all. */
  readonly hint?: string;
}

/** The button that begins and interrupts, the one that ends, and the one that takes back. */
export interface Actions {
  readonly first: Action;
  readonly stop: Action;
  readonly undo: Action;
}

export function actionsOf(state: TrainingState): Actions {
  const { status, undoable } = state;
  return {
    first: firstAction(state),
    stop: {
      call: 'stop',
      label: strings.stop,
      unavailable: isActive(status) ? undefined : strings.nothingRuns,
      ...(canKeep(state) && { hint: strings.stopHint }),
    },
    undo: {
      call: 'undo',
      label: strings.undo,
      unavailable: undoable ? undefined : whyNoUndo(state),
    },
  };
}

/** Whether stopping makes weights: before the first step, nothing is kept. */
function canKeep({ status, step }: TrainingState): boolean {
  return (status === 'running' || status === 'paused') && step > 0;
}

function whyNoUndo({ status, tuned }: TrainingState): string {
  if (isActive(status)) {
    return strings.undoLater;
  }
  return tuned.some(({ inUse }) => inUse) ? strings.beforeUnknown : strings.nothingToUndo;
}

function firstAction(state: TrainingState): Action {
  switch (state.status) {
    case 'running':
      return { call: 'pause', label: strings.pause, unavailable: undefined };
    case 'paused':
      return { call: 'resume', label: strings.resume, unavailable: undefined };
    case 'starting':
      return { call: 'pause', label: strings.pause, unavailable: strings.notBegun };
    case 'empty':
      return { call: 'start', label: strings.start, unavailable: strings.needsData };
    case 'reading':
      return { call: 'start', label: strings.start, unavailable: strings.reading };
    case 'failed':
      return interrupted(state)
        ? { call: 'continueFrom', label: strings.continue, unavailable: undefined }
        : start(state);
    case 'ready':
    case 'done':
      return start(state);
    default:
      return state.status satisfies never;
  }
}

function start({ preview }: TrainingState): Action {
  const unavailable =
    preview === undefined ? strings.needsData : preview.train === 0 ? strings.nothingToLearn : undefined;
  return { call: 'start', label: strings.start, unavailable };
}

/** Whether the training that is shown ended before its last step and can go on from its checkpoint. */
function interrupted({ result }: TrainingState): boolean {
  return result !== undefined && result.resumable && result.step < result.of;
}

/** Does what a button says. */
export async function perform({ call }: Action, host: TrainingHost, state: TrainingState): Promise<void> {
  if (call === 'continueFrom') {
    if (state.result) {
      await host.continueFrom({ id: state.result.id });
    }
    return;
  }
  await host[call]();
}

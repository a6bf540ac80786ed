// Trains without an editor, and goes back to the last checkpoint that is known to be good where training goes wrong.
import { UserError } from '../../shared/errors';
import type { Trainings } from '../../shared/protocol';
import type { BeginTrainingRequest, TrainingEffect, TrainingRun, TrainingStart } from '../../shared/training';
import { hasExploded, lastGoodStep } from '../../training/divergence';

/** Examples that before and after are measured on. */
const MEASURED = 32;

/** What this asks of an engine. */
export type TrainingCalls = Pick<
  Trainings,
  'beginTraining' | 'train' | 'saveTraining' | 'trainingEffect' | 'endTraining'
>;

export interface FineTuned {
  /** The whole curve, also of the steps that were taken back. */
  readonly run: TrainingRun;
  /** The step whose weights the engine has now. */
  readonly kept: number;
  /** Measured on the weights that are kept. */
  readonly effect: TrainingEffect;
}

interface Saved {
  readonly step: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Takes all steps, and leaves the training in the engine with weights that are good: those of the last step or, where training
 * went wrong, those of an earlier checkpoint (`run.stopped` says why). Two checkpoints at most are in memory.
 *
 * @throws UserError `badRequest` where training went wrong before anything good was saved; as `Trainings`.
 */
export async function trainToGood(
  engine: TrainingCalls,
  request: BeginTrainingRequest,
  onStart: (start: TrainingStart) => void,
  tell: (line: string) => void,
): Promise<FineTuned> {
  const { id: training, options } = request;
  const { steps, saveEvery } = options;
  onStart(await engine.beginTraining(request));
  let checkpoints: Saved[] = [];
  let run: TrainingRun = { step: 0, points: [], finished: false, stopped: undefined };
  while (run.step < steps) {
    const until = Math.min(steps, run.step + saveEvery);
    run = await engine.train({ training, until }, { onProgress: progressTo(tell, steps) });
    if (run.stopped !== undefined) {
      return goBack(engine, request, run, checkpoints, tell);
    }
    if (run.step < steps) {
      // A loss speaks for the weights before it: what is good now stays so, and of what is not known yet the newest is enough.
      const good = checkpoints.findLast(({ step }) => step <= lastGoodStep(run.points));
      const bytes = await engine.saveTraining({ training });
      checkpoints = [...(good ? [good] : []), { step: run.step, bytes }];
    }
  }
  const effect = await measure(engine, training, tell);
  // A curve says nothing of the last step. The loss of held-out examples may rise while training goes well, by learning by heart.
  const isVouched = effect.on === 'heldOut' && lastGoodStep(run.points) >= Math.max(1, run.step - 1);
  if (!isVouched && hasExploded(effect.loss.before, effect.loss.now)) {
    const stopped = `The loss has risen from ${effect.loss.before.toFixed(2)} to ${effect.loss.now.toFixed(2)}.`;
    return goBack(engine, request, { ...run, finished: false, stopped }, checkpoints, tell);
  }
  return { run, kept: run.step, effect };
}

/** What is said of a training that went wrong, with the step that was kept. */
export function stoppedMessage({ step, stopped = '' }: TrainingRun, kept: number): string {
  const end =
    kept > 0
      ? `The weights of step ${kept}, the last good ones that were saved, were written.`
      : 'Nothing good had been saved before, so nothing was written.';
  return `Training stopped at step ${step}: ${stopped} ${end} Start again with a lower --rate.`;
}

async function goBack(
  engine: TrainingCalls,
  request: BeginTrainingRequest,
  run: TrainingRun,
  checkpoints: readonly Saved[],
  tell: (line: string) => void,
): Promise<FineTuned> {
  const training = request.id;
  await engine.endTraining({ training });
  const good = checkpoints.findLast(({ step }) => step <= lastGoodStep(run.points));
  if (!good) {
    throw new UserError('badRequest', stoppedMessage(run, 0), { step: run.step });
  }
  tell(`Training went wrong at step ${run.step}; going back to step ${good.step}.`);
  await engine.beginTraining({ ...request, checkpoint: good.bytes });
  const effect = await measure(engine, training, tell);
  // A curve that rises from the first step on may hold losses for good that only are the lowest of bad ones.
  if (hasExploded(effect.loss.before, effect.loss.now, effect.on === 'train' ? 1 / 2 : 1)) {
    await engine.endTraining({ training });
    throw new UserError('badRequest', stoppedMessage(run, 0), { step: run.step });
  }
  return { run, kept: good.step, effect };
}

async function measure(
  engine: TrainingCalls,
  training: string,
  tell: (line: string) => void,
): Promise<TrainingEffect> {
  tell(`Measuring loss and outputs before and after, on up to ${MEASURED} examples …`);
  return engine.trainingEffect({ training, examples: MEASURED });
}

function progressTo(
  tell: (line: string) => void,
  steps: number,
): NonNullable<Parameters<Trainings['train']>[1]>['onProgress'] {
  return ({ training: update }) => {
    for (const { step, loss, heldOut } of update?.points ?? []) {
      const held = heldOut === undefined ? '' : `, held out ${heldOut.toFixed(3)}`;
      tell(`Step ${step} of ${steps}: loss ${loss.toFixed(3)}${held}`);
    }
  };
}

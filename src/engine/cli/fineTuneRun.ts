// Trains without an editor: saves on the way, goes on from what was saved, and goes back to the last checkpoint that is known to be good where training goes wrong.
import { isCancelled, messageOf, UserError } from '../../shared/errors';
import type { Trainings } from '../../shared/protocol';
import type { BeginTrainingRequest, TrainingEffect, TrainingRun, TrainingStart } from '../../shared/training';
import { hasExploded, lastGoodStep } from '../../training/divergence';
import type { CheckpointFolder } from './checkpointFolder';

/** Examples that before and after are measured on. */
const MEASURED = 32;

/** What this asks of an engine. */
export type TrainingCalls = Pick<
  Trainings,
  'beginTraining' | 'train' | 'saveTraining' | 'trainingEffect' | 'endTraining'
>;

export interface TrainOptions {
  readonly checkpoints: CheckpointFolder;
  /** Whether to go on from the newest checkpoint, where there is one. */
  readonly resume: boolean;
  /** Asks to stop after the step at hand, and to save it. */
  readonly signal: AbortSignal;
  readonly onStart: (start: TrainingStart) => void;
  /** Told one line at a time. */
  readonly tell: (line: string) => void;
}

export interface FineTuned {
  /** The whole curve, also of the steps that were taken back. */
  readonly run: TrainingRun;
  /** The step whose weights the engine has now. */
  readonly kept: number;
  /** Measured on the weights that are kept. */
  readonly effect: TrainingEffect;
}

/**
 * Takes all steps, and leaves the training in the engine with weights that are good: those of the last step or, where training
 * went wrong, those of an earlier checkpoint (`run.stopped` says why). Two checkpoints at most are kept on the way.
 *
 * @throws UserError `cancelled` where it was asked to stop, with what was reached saved; `badRequest` where training went wrong
 * before anything good was saved; as `Trainings`.
 */
export async function trainToGood(
  engine: TrainingCalls,
  request: BeginTrainingRequest,
  options: TrainOptions,
): Promise<FineTuned> {
  const { signal, tell } = options;
  const { id: training } = request;
  const { steps, saveEvery } = request.options;
  const begun = await uninterrupted(begin(engine, request, options), signal, () =>
    stopNote(options.checkpoints, undefined, steps),
  );
  options.onStart(begun);
  let run: TrainingRun = {
    step: begun.step,
    points: begun.points,
    finished: begun.step >= steps,
    stopped: undefined,
  };
  while (run.step < steps) {
    const until = Math.min(steps, (Math.floor(run.step / saveEvery) + 1) * saveEvery);
    const onProgress = progressTo(tell, steps);
    run = await uninterrupted(engine.train({ training, until }, { signal, onProgress }), signal, () =>
      interrupted(engine, request, options),
    );
    if (run.stopped !== undefined) {
      return goBack(engine, request, run, options);
    }
    if (run.step < steps) {
      await save(engine, training, run, options);
    }
  }
  const effect = await uninterrupted(measure(engine, training, options), signal, () =>
    interrupted(engine, request, options),
  );
  // A curve says nothing of the last step. The loss of held-out examples may rise while training goes well, by learning by heart.
  const isVouched = effect.on === 'heldOut' && lastGoodStep(run.points) >= Math.max(1, run.step - 1);
  if (!isVouched && hasExploded(effect.loss.before, effect.loss.now)) {
    const stopped = `The loss has risen from ${effect.loss.before.toFixed(2)} to ${effect.loss.now.toFixed(2)}.`;
    return goBack(engine, request, { ...run, finished: false, stopped }, options);
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

/** Goes on from the newest checkpoint that is whole. */
async function begin(
  engine: TrainingCalls,
  request: BeginTrainingRequest,
  { checkpoints, resume, signal, tell }: TrainOptions,
): Promise<TrainingStart> {
  for (const step of resume ? [...checkpoints.steps].reverse() : []) {
    try {
      const start = await engine.beginTraining(
        { ...request, checkpoint: checkpoints.read(step) },
        { signal },
      );
      tell(`Going on from step ${start.step} of ${request.options.steps}.`);
      return start;
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'modelCorrupt') {
        throw error;
      }
      tell(`The checkpoint of step ${step} is damaged and left out: ${error.message}`);
    }
  }
  return engine.beginTraining(request, { signal });
}

/** A disk that is full does not end the training: the checkpoint before stands, and the next may fit. */
async function save(
  engine: TrainingCalls,
  training: string,
  { step, points }: TrainingRun,
  { checkpoints, tell }: TrainOptions,
): Promise<void> {
  const bytes = await engine.saveTraining({ training });
  try {
    // A loss speaks for the weights before it: what is good now stays so, and of what is not known yet the newest is enough.
    checkpoints.save(step, bytes, lastGoodStep(points));
  } catch (error) {
    tell(`Step ${step} could not be saved: ${messageOf(error)}`);
  }
}

/** `work`, or where it was cancelled by the signal, an error with what `say` finds to say about that. */
async function uninterrupted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  say: () => string | Promise<string>,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!signal.aborted || !isCancelled(error)) {
      throw error;
    }
    throw new UserError('cancelled', await say());
  }
}

/** Saves what was reached, and says how to go on with it. */
async function interrupted(
  engine: TrainingCalls,
  { id: training, options: { steps } }: BeginTrainingRequest,
  options: TrainOptions,
): Promise<string> {
  // The engine has dropped the step at hand; this asks which one was the last.
  const run = await engine.train({ training, until: 0 });
  if (run.step > 0 && !options.checkpoints.steps.includes(run.step)) {
    await save(engine, training, run, options);
  }
  return stopNote(options.checkpoints, run.step, steps);
}

function stopNote({ steps }: CheckpointFolder, at: number | undefined, of: number): string {
  const saved = steps.at(-1);
  const where = at === undefined || at === 0 ? 'before its first step' : `after step ${at} of ${of}`;
  return saved === undefined
    ? `Training was interrupted ${where}. Nothing had been saved.`
    : `Training was interrupted ${where}. Step ${saved} is saved: the same command with --resume goes on from there.`;
}

async function goBack(
  engine: TrainingCalls,
  request: BeginTrainingRequest,
  run: TrainingRun,
  options: TrainOptions,
): Promise<FineTuned> {
  const { checkpoints, tell } = options;
  const training = request.id;
  await engine.endTraining({ training });
  const good = checkpoints.steps.findLast((step) => step <= lastGoodStep(run.points));
  if (good === undefined) {
    checkpoints.clear();
    throw new UserError('badRequest', stoppedMessage(run, 0), { step: run.step });
  }
  tell(`Training went wrong at step ${run.step}; going back to step ${good}.`);
  await engine.beginTraining({ ...request, checkpoint: checkpoints.read(good) });
  const effect = await measure(engine, training, { tell });
  // A curve that rises from the first step on may hold losses for good that only are the lowest of bad ones.
  if (hasExploded(effect.loss.before, effect.loss.now, effect.on === 'train' ? 1 / 2 : 1)) {
    await engine.endTraining({ training });
    checkpoints.clear();
    throw new UserError('badRequest', stoppedMessage(run, 0), { step: run.step });
  }
  return { run, kept: good, effect };
}

async function measure(
  engine: TrainingCalls,
  training: string,
  { signal, tell }: Pick<TrainOptions, 'tell'> & Partial<Pick<TrainOptions, 'signal'>>,
): Promise<TrainingEffect> {
  tell(`Measuring loss and outputs before and after, on up to ${MEASURED} examples …`);
  return engine.trainingEffect({ training, examples: MEASURED }, { signal });
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

// An engine that trains one number, so that what the host does around it can be tested: every step depends on all before it.
import { CancelledError, UserError } from '../../../../src/shared/errors';
import type { BackendInfo, CallOptions, Trainings } from '../../../../src/shared/protocol';
import type { TrainingPoint, TrainingPreview } from '../../../../src/shared/training';

interface State {
  readonly step: number;
  readonly weight: number;
  readonly random: number;
  readonly points: readonly TrainingPoint[];
}

const BACKEND: BackendInfo = { backend: 'wasm', label: 'WASM', reason: 'Fake.', fallback: undefined };

const BEGIN: State = { step: 0, weight: 4, random: 12345, points: [] };

export const PREVIEW: TrainingPreview = {
  task: 'translation',
  layout: 'tabs',
  language: 'de',
  train: 2,
  heldOut: 0,
  tokens: 8,
  examples: [],
  skipped: [],
  counts: {},
  labels: [],
};

export class FakeTrainer implements Trainings {
  /** Steps left until the worker dies. */
  untilCrash = Infinity;
  /** The loss is not finite at this step. */
  astray = Infinity;
  effectFails = false;
  readonly calls: string[] = [];
  private readonly trainings = new Map<string, { state: State; steps: number }>();
  private last: Promise<unknown> = Promise.resolve();

  get open(): number {
    return this.trainings.size;
  }

  previewTraining: Trainings['previewTraining'] = async () => PREVIEW;

  beginTraining: Trainings['beginTraining'] = async ({ id, options, checkpoint }) => {
    this.calls.push(`begin ${checkpoint ? 'checkpoint' : 'new'}`);
    const state = checkpoint ? (JSON.parse(new TextDecoder().decode(checkpoint)) as State) : BEGIN;
    this.trainings.set(id, { state, steps: options.steps });
    const { step, points } = state;
    return { preview: PREVIEW, trainable: 1, step, built: 1, points, bytes: 4, backend: BACKEND };
  };

  /** Calls wait for each other, and the caller of a cancelled one hears of it at once: as over a connection. */
  train: Trainings['train'] = ({ training, until }, call = {}) => {
    const run = this.last.then(() => this.steps(training, until, call));
    this.last = run.catch(() => undefined);
    const { signal } = call;
    if (!signal) {
      return run;
    }
    return new Promise((resolve, reject) => {
      const cancel = () => reject(new CancelledError());
      signal.addEventListener('abort', cancel);
      run.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel));
    });
  };

  saveTraining: Trainings['saveTraining'] = async ({ training }) =>
    new TextEncoder().encode(JSON.stringify(this.get(training).state));

  trainedWeights: Trainings['trainedWeights'] = async ({ training }) => ({
    'weights.safetensors': new TextEncoder().encode(String(this.get(training).state.weight)),
  });

  trainingEffect: Trainings['trainingEffect'] = async ({ training }) => {
    if (this.effectFails) {
      throw new UserError('internal', 'It cannot be measured.');
    }
    const { points } = this.get(training).state;
    return { on: 'train', measured: 0, examples: [], loss: { before: 4, now: points.at(-1)?.loss ?? 4 } };
  };

  endTraining: Trainings['endTraining'] = async ({ training }) => void this.trainings.delete(training);

  applyTuned: Trainings['applyTuned'] = async ({ files, tuned }) => ({ ...files, ...tuned.files });

  private async steps(training: string, until: number, { signal, onProgress }: CallOptions) {
    const of = this.get(training);
    while (of.state.step < Math.min(until, of.steps) && !signal?.aborted) {
      await new Promise((resolve) => setTimeout(resolve));
      if (this.untilCrash-- <= 0) {
        this.trainings.clear();
        throw new UserError('engineCrashed', 'The engine stopped unexpectedly.');
      }
      const step = of.state.step + 1;
      if (step === this.astray) {
        return { step, points: of.state.points, finished: false, stopped: 'The loss is not a number.' };
      }
      const random = (Math.imul(of.state.random, 1664525) + 1013904223) >>> 0;
      const weight = of.state.weight * 0.9 + random / 2 ** 34;
      const point = {
        step,
        loss: weight,
        rate: 1e-4,
        norm: 1,
        ...(step % 5 === 0 && { heldOut: weight + 1 }),
      };
      of.state = { step, weight, random, points: [...of.state.points, point] };
      const training = { points: [point], tokensPerSecond: 100, millisecondsPerStep: 10 };
      onProgress?.({ message: '', done: step, total: of.steps, training });
    }
    if (signal?.aborted) {
      throw new CancelledError();
    }
    const { step, points } = of.state;
    return { step, points, finished: step >= of.steps, stopped: undefined };
  }

  private get(id: string) {
    const found = this.trainings.get(id);
    if (!found) {
      throw new UserError('badRequest', `There is no training ${id}.`);
    }
    return found;
  }
}

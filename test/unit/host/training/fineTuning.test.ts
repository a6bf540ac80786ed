// Fine-tuning as a whole, with an engine that trains one number: read, train, use, undo, rename, delete, and go on in another window.
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type * as vscode from 'vscode';
import type { EngineProcess } from '../../../../src/host/engineProcess';
import type { Inspector } from '../../../../src/host/inspector';
import { ModelMemory } from '../../../../src/host/modelMemory';
import { Models } from '../../../../src/host/models';
import { FineTuning } from '../../../../src/host/training/fineTuning';
import { TunedModels } from '../../../../src/host/training/tunedModels';
import { TunedStore } from '../../../../src/host/training/tunedStore';
import { CancelledError } from '../../../../src/shared/errors';
import { TRAINING_DEFAULTS } from '../../../../src/shared/trainingDefaults';
import type { TrainingState } from '../../../../src/shared/trainingPage';
import { model } from '../model';
import { FakeTrainer, PREVIEW } from './fakeTrainer';
import { answers, commands, progress, settings, told } from './fakeVscode';
import { MemoryStorage } from './memoryStorage';
import { quickLock } from './quickLock';

vi.mock('vscode', async () => (await import('./fakeVscode')).fakeVscode);

const STEPS = TRAINING_DEFAULTS.steps;
const SHIPPED = 'shipped:translate-en-de-fr-zh';
const FOUND = {
  data: { text: 'head\tKopf\nmask\tMaske' },
  source: { documents: ['terms.de.tsv'], line: 1 },
  places: [{ uri: 'file:///terms.de.tsv', line: 0 }],
};

class Memento {
  constructor(readonly values = new Map<string, unknown>()) {}
  get = (key: string, otherwise?: unknown) => this.values.get(key) ?? otherwise;
  update = async (key: string, value: unknown) => void this.values.set(key, value);
}

let storage: MemoryStorage;
let engine: FakeTrainer;
let global: Memento;
let workspace: Memento;
/** Models whose files are gone. */
const missing = new Set<string>();

beforeEach(() => {
  storage = new MemoryStorage();
  engine = new FakeTrainer();
  global = new Memento();
  workspace = new Memento();
  settings.clear();
  missing.clear();
  answers.length = 0;
  commands.clear();
  told.length = 0;
});

/** What one window has. */
function windowOf() {
  const log = {
    error: vi.fn(),
    warn: vi.fn(),
    info: vi.fn(),
    trace: vi.fn(),
  } as unknown as vscode.LogOutputChannel;
  const store = new TunedStore(storage, Date.now, quickLock(storage));
  const models = new Models({} as vscode.Uri, new ModelMemory(global as unknown as vscode.Memento), (id) =>
    store.weights(id),
  );
  vi.spyOn(models, 'read').mockImplementation(async (_progress, _signal, choice) => ({
    ...(choice ?? models.current()),
    files: {},
  }));
  const languages = ['de', 'fr'].map((code) => ({ code, token: code }));
  const loaded = { summary: { ...model('encoder-decoder'), languages }, backend: undefined };
  const nothing = () => ({ dispose: () => undefined });
  const loading = Object.assign(engine, { loadModel: vi.fn(async (_request: { id: string }) => loaded) });
  const inspector = {
    ready: async () => ({ engine, model: inspector.loaded }),
    loaded,
    onDidChange: nothing,
    stop: vi.fn(),
  };
  const jobs = { ready: async () => ({ engine: loading }), stop: vi.fn(), onDidStop: nothing };
  vi.spyOn(models, 'locate').mockImplementation(async (id) => {
    if (missing.has(id)) {
      throw new Error('It is gone.');
    }
    return { folder: {} as vscode.Uri, paths: [] };
  });
  const tuned = new TunedModels(
    store,
    models,
    jobs as unknown as EngineProcess,
    global as unknown as vscode.Memento,
  );
  const training = new FineTuning({
    inspector: inspector as unknown as Inspector,
    models,
    jobs: jobs as unknown as EngineProcess,
    store,
    tuned,
    memory: workspace as unknown as vscode.Memento,
    log,
  });
  return { store, models, tuned, training, inspector, jobs, loading };
}

const statuses = (training: FineTuning): TrainingState['status'][] => {
  const seen: TrainingState['status'][] = [];
  training.onDidChange(() => {
    const { status } = training.state();
    if (seen.at(-1) !== status) {
      seen.push(status);
    }
  });
  return seen;
};

describe('reading', () => {
  test('shows what was understood, in the language that the name says', async () => {
    const { training } = windowOf();
    const preview = vi.spyOn(engine, 'previewTraining');
    const seen = statuses(training);
    await training.read(FOUND);
    expect(seen).toEqual(['reading', 'ready']);
    expect(preview.mock.calls[0][0]).toMatchObject({ data: { language: 'de' }, heldOut: 'auto' });
    const { preview: shown, source, options, planned, tasks, model: name } = training.state();
    expect([shown, source, options.steps]).toEqual([PREVIEW, FOUND.source, STEPS]);
    expect([planned.length, tasks, name, told]).toEqual([STEPS, ['translation'], 'en-de-fr-zh', []]);
  });

  test('asks for the language that nothing says, and gives up with the user', async () => {
    const { training } = windowOf();
    settings.set('targetLanguage', 'fr');
    const preview = vi.spyOn(engine, 'previewTraining');
    const found = { ...FOUND, source: { documents: ['terms.tsv'], line: 1 } };
    answers.push('German', undefined);
    await training.read(found);
    expect(told).toEqual(['Fine-Tune: French, German']);
    expect(preview.mock.calls[0][0]).toMatchObject({ data: { language: 'de' } });
    await training.read(found);
    expect([preview.mock.calls.length, training.state().status]).toEqual([1, 'ready']);
  });

  describe('of lines that look like labels', () => {
    const text = ['good\tIt was fun.', 'bad\tIt was dull.', 'good\tI laughed.', 'bad\tI slept.'].join('\n');
    const LABELLED = { ...FOUND, data: { text }, source: { documents: ['reviews.tsv'], line: 1 } };
    const QUESTION = 'Fine-Tune: Choose Another Model…, German, French';

    test('offers another model, and reads them for that one', async () => {
      const { training, inspector, models } = windowOf();
      const { choices } = models;
      const other = choices.call(models).find(({ id }) => id.includes('bert'))?.id ?? '';
      const preview = vi.spyOn(engine, 'previewTraining');
      commands.set('transformerExplorer.chooseModel', async () => {
        await models.choose(other);
        inspector.loaded = { ...inspector.loaded, summary: { ...model('encoder-only'), languages: [] } };
        await training.settingsChanged(true);
      });
      await training.read(FOUND);
      answers.push('Choose Another Model…');
      await training.read(LABELLED);
      expect([told, preview.mock.calls.length]).toEqual([[QUESTION], 2]);
      expect(preview.mock.calls[1][0].data).toEqual({ text });
      expect(training.state()).toMatchObject({ status: 'ready', source: LABELLED.source });
    });

    test('is given up where no other model is chosen', async () => {
      const { training } = windowOf();
      commands.set('transformerExplorer.chooseModel', async () => undefined);
      answers.push('Choose Another Model…');
      await training.read(LABELLED);
      expect(training.state()).toMatchObject({ status: 'empty', error: undefined });
    });

    test('as translations, with a doubt', async () => {
      const { training } = windowOf();
      answers.push('German');
      await training.read(LABELLED);
      expect(training.state().note).toMatch(/^These lines look like labels/u);
    });
  });

  test('what the engine cannot read is shown as an error', async () => {
    const { training } = windowOf();
    vi.spyOn(engine, 'previewTraining').mockRejectedValue(new Error('no'));
    await training.read(FOUND);
    expect(training.state()).toMatchObject({ status: 'empty', error: { code: 'internal' } });
  });

  test('nothing is trained on nothing', async () => {
    const { training } = windowOf();
    await expect(training.start()).rejects.toMatchObject({ code: 'emptyText' });
    vi.spyOn(engine, 'previewTraining').mockResolvedValue({ ...PREVIEW, train: 0 });
    await training.read(FOUND);
    await expect(training.start()).rejects.toMatchObject({ code: 'emptyText' });
    expect(storage.files.size).toBe(0);
  });
});

describe('training', () => {
  test('puts what was learned to use, and undo takes it back', async () => {
    const { training, tuned, models, jobs, loading } = windowOf();
    await training.read(FOUND);
    const seen = statuses(training);
    await training.start();
    expect(seen.filter((status) => status !== 'ready')).toEqual(['starting', 'running', 'done']);
    expect(loading.loadModel.mock.calls.map(([{ id }]) => id)).toEqual([`training:${SHIPPED}`]);
    expect(jobs.stop).toHaveBeenCalled();
    const { result, undoable, effect, step } = training.state();
    expect(result).toMatchObject({ name: 'en-de-fr-zh + terms.de', base: SHIPPED, step: STEPS, inUse: true });
    expect([undoable, effect?.on, step]).toEqual([true, 'train', STEPS]);
    const { id = '' } = result ?? {};
    expect([models.current().id, settings.get('model')]).toEqual([id, id]);
    expect(models.choices().map(({ name }) => name)).toContain('en-de-fr-zh + terms.de');
    await tuned.undo();
    expect([models.current().id, training.state().undoable]).toEqual([SHIPPED, false]);
    expect(tuned.list()).toHaveLength(1);
    await tuned.use(id);
    expect(training.state().undoable).toBe(true);
    await tuned.use('');
    expect(models.current().id).toBe(SHIPPED);
  });

  test('goes on from the weights in use; what is kept belongs to the base, and undo brings them back', async () => {
    const { training, models, tuned, loading, store } = windowOf();
    await training.read(FOUND);
    await training.start();
    const first = training.state().result?.id ?? '';
    await training.read(FOUND);
    expect(training.state()).toMatchObject({ status: 'ready', model: 'en-de-fr-zh + terms.de' });
    await training.start();
    expect(loading.loadModel.mock.calls.map(([{ id }]) => id)).toEqual([
      `training:${SHIPPED}`,
      `training:${first}`,
    ]);
    const { result } = training.state();
    expect(result).toMatchObject({ base: SHIPPED, name: 'en-de-fr-zh + terms.de + terms.de' });
    expect(models.memory.tuned()).toHaveLength(2);
    expect((await store.list()).map(({ from }) => from?.id)).toEqual([undefined, first].reverse());
    await tuned.undo();
    expect(models.current().id).toBe(first);
    // The first may go: the second needs the base only.
    answers.push('Delete');
    await tuned.delete(first);
    expect(models.current().id).toBe(SHIPPED);
    await tuned.use(result?.id ?? '');
    expect(models.baseOf(models.current()).id).toBe(SHIPPED);
  });

  test('cannot go on without the weights that it went on from, and says so', async () => {
    const { training, tuned, store } = windowOf();
    await training.read(FOUND);
    await training.start();
    const first = training.state().result?.id ?? '';
    await training.read(FOUND);
    engine.untilCrash = 12;
    await training.start();
    expect(training.state()).toMatchObject({ status: 'failed', step: 10 });
    answers.push('Delete');
    await tuned.delete(first);
    engine.untilCrash = Infinity;
    await training.resume();
    expect(training.state()).toMatchObject({ status: 'failed', error: { code: 'modelMissing' } });
    expect(training.state().error?.message).toContain('went on from en-de-fr-zh + terms.de');
    expect((await store.list()).map(({ checkpoints }) => checkpoints.at(-1)?.step)).toEqual([10]);
  });

  test('nothing else is read or set while it is going on', async () => {
    const { training } = windowOf();
    await training.read(FOUND);
    const done = training.start();
    await expect(training.read(FOUND)).rejects.toMatchObject({ code: 'badRequest' });
    await expect(training.setOptions({ steps: 3 })).rejects.toMatchObject({ code: 'badRequest' });
    await expect(training.start()).rejects.toMatchObject({ code: 'badRequest' });
    await done;
    expect(storage.files.size).toBe(3);
  });

  test('another method brings its rate', async () => {
    const { training } = windowOf();
    await training.read(FOUND);
    await training.setOptions({ rate: 5e-4 });
    await training.setOptions({ method: 'lora' });
    expect(training.state().options).toMatchObject({ method: 'lora', rate: 1e-3 });
    await training.setOptions(undefined);
    expect(training.state().options).toMatchObject({ method: 'full', rate: 1e-4 });
  });
});

describe('shown again', () => {
  test('a training that has ended has its curve and its effect in another window, and changes nothing', async () => {
    const first = windowOf();
    await first.training.read(FOUND);
    await first.training.setOptions({ rate: 3e-4 });
    await first.training.start();
    const before = first.training.state();
    const { id = '' } = before.result ?? {};
    await first.tuned.undo();
    const { training, models, loading } = windowOf();
    await training.restore();
    expect(training.state()).toMatchObject({ status: 'empty', tuned: [{ id, recorded: true }] });
    await training.showStored(id.replace('tuned:', ''));
    const { status, points, effect, options, preview, source, step, result } = training.state();
    expect(points).toHaveLength(STEPS);
    expect({ status, points, effect, options, preview, source, step }).toEqual({
      status: 'done',
      points: before.points,
      effect: before.effect,
      options: before.options,
      preview: before.preview,
      source: before.source,
      step: STEPS,
    });
    expect(result).toMatchObject({ id, inUse: false });
    expect([models.current().id, loading.loadModel.mock.calls]).toEqual([SHIPPED, []]);
    // What is read next is new, under the settings of the window.
    await training.read(FOUND);
    expect(training.state()).toMatchObject({ status: 'ready', points: [], options: { rate: 1e-4 } });
  });

  test('one that was stopped has ended, and still goes on from the list', async () => {
    const first = windowOf();
    await first.training.read(FOUND);
    const done = first.training.start();
    await atStep(first.training, 7);
    await first.training.stop();
    await done;
    const { step, result } = first.training.state();
    const id = result?.id.replace('tuned:', '') ?? '';
    const { training } = windowOf();
    await training.restore();
    await training.showStored(id);
    expect(training.state()).toMatchObject({ status: 'done', step, effect: { on: 'train' } });
    await training.continueFrom(id);
    expect(training.state()).toMatchObject({ status: 'done', step: STEPS });
  });

  test('one whose window was closed while it was measured has ended, once', async () => {
    const first = windowOf();
    await first.training.read(FOUND);
    vi.spyOn(engine, 'trainingEffect').mockReturnValue(new Promise(() => undefined));
    void first.training.start();
    await vi.waitFor(() => expect(first.training.state().measuring).toBe(true), { interval: 1 });
    const { training } = windowOf();
    await training.restore();
    const { status, note, effect, step } = training.state();
    expect([status, note, effect, step]).toEqual(['done', undefined, undefined, STEPS]);
    const last = windowOf();
    await last.training.restore();
    expect(last.training.state().status).toBe('empty');
  });

  test('not while another one is going on', async () => {
    const { training, tuned } = windowOf();
    await training.read(FOUND);
    await training.start();
    const [{ id }] = tuned.list();
    await training.read(FOUND);
    const done = training.start();
    await expect(training.showStored(id.replace('tuned:', ''))).rejects.toMatchObject({ code: 'badRequest' });
    await done;
  });
});

/** Once the training has made a step, or so many. */
const atStep = (training: FineTuning, step: number) =>
  vi.waitFor(() => expect(training.state().step).toBeGreaterThanOrEqual(step), { interval: 1 });

describe('cancelled', () => {
  test('it keeps the last checkpoint, and neither stores weights nor changes what is in use', async () => {
    const { training, tuned, models, store } = windowOf();
    await training.read(FOUND);
    const learned = vi.fn();
    training.onDidLearn(learned);
    const done = training.start();
    await atStep(training, 12);
    progress.cancel();
    await done;
    const { status, result, note } = training.state();
    expect([status, result, models.current().id, learned.mock.calls]).toEqual([
      'ready',
      undefined,
      SHIPPED,
      [],
    ]);
    const [{ checkpoints, weights, finished }] = await store.list();
    const saved = checkpoints.at(-1)?.step ?? 0;
    expect([weights, finished, saved >= 10, saved % 5]).toEqual([undefined, false, true, 0]);
    expect(note).toMatch(
      new RegExp(`Cancelled at step \\d+\\. What was saved at step ${saved} .* has not changed`, 'u'),
    );
    expect(tuned.list()).toMatchObject([{ resumable: true, usable: false, inUse: false, step: saved }]);
    await vi.waitFor(() => expect(engine.open).toBe(0));
    // It can be gone on with from there, or be deleted.
    const last = windowOf();
    await last.training.restore();
    expect(last.training.state().status).toBe('empty');
    answers.push('Delete');
    expect(await tuned.delete(tuned.list()[0].id)).toBe(true);
    expect([tuned.list(), storage.files.size]).toEqual([[], 0]);
  });

  test('it goes on from its checkpoint when that is asked for', async () => {
    const { training, tuned } = windowOf();
    await training.read(FOUND);
    const done = training.start();
    await atStep(training, 7);
    progress.cancel();
    await done;
    await training.continueFrom(tuned.list()[0].id.replace('tuned:', ''));
    expect(engine.calls).toEqual(['begin new', 'begin checkpoint']);
    expect(training.state()).toMatchObject({ status: 'done', step: STEPS, result: { inUse: true } });
  });

  test('before anything was saved, it leaves nothing, and the next reading takes the note away', async () => {
    const { training } = windowOf();
    await training.read(FOUND);
    const done = training.start();
    await atStep(training, 1);
    progress.cancel();
    await done;
    expect([training.state().status, storage.files.size]).toEqual(['ready', 0]);
    expect(training.state().note).toMatch(/Cancelled at step \d+\. Nothing had been saved/u);
    await training.read(FOUND);
    expect(training.state().note).toBeUndefined();
  });

  test('a pause that is being saved, or is over, keeps what it saved', async () => {
    const { training, tuned, models } = windowOf();
    await training.read(FOUND);
    const done = training.start();
    await atStep(training, 7);
    await training.pause();
    await done;
    const { step } = training.state();
    const before = [...storage.files.keys()].filter((name) => name.includes('checkpoint'));
    await training.cancel();
    expect([training.state().status, models.current().id]).toEqual(['ready', SHIPPED]);
    expect(tuned.list()).toMatchObject([{ step, resumable: true, usable: false }]);
    expect([...storage.files.keys()].filter((name) => name.includes('checkpoint'))).toEqual(before);
    await vi.waitFor(() => expect(engine.open).toBe(0));
    answers.push('Delete');
    expect(await tuned.delete(tuned.list()[0].id)).toBe(true);
  });

  test('while its weights are being stored, they are listed and not put to use', async () => {
    const { training, tuned, models, store } = windowOf();
    await training.read(FOUND);
    const save = store.saveWeights.bind(store);
    vi.spyOn(store, 'saveWeights').mockImplementation((...of) => {
      progress.cancel();
      return save(...of);
    });
    await training.start();
    expect([training.state().status, models.current().id]).toEqual(['ready', SHIPPED]);
    expect(training.state().note).toContain(`weights of step ${STEPS} had been stored`);
    expect(tuned.list()).toMatchObject([{ usable: true, inUse: false }]);
  });

  test('while it is measured, what is in use stays, and the note says so', async () => {
    const { training } = windowOf();
    await training.read(FOUND);
    engine.trainingEffect = async () => {
      progress.cancel();
      throw new CancelledError();
    };
    await training.start();
    expect(training.state()).toMatchObject({ status: 'done', undoable: true, result: { inUse: true } });
    expect(training.state().note).toContain('Measuring was cancelled');
  });
});

describe('what a later window knows', () => {
  async function usedBefore() {
    const { training, models } = windowOf();
    await training.read(FOUND);
    await training.start();
    const { id } = models.current();
    const next = windowOf();
    return { ...next, id };
  }

  test('undo still brings back the model that was in use before', async () => {
    const { training, tuned, models, id } = await usedBefore();
    await training.restore();
    expect([models.current().id, training.state().undoable]).toEqual([id, true]);
    await tuned.undo();
    expect([models.current().id, training.state().undoable]).toEqual([SHIPPED, false]);
    const last = windowOf();
    await last.training.restore();
    await last.models.choose(id);
    expect(last.training.state().undoable).toBe(false);
  });

  test('undo is not offered where the model of before is gone', async () => {
    const { training, id } = await usedBefore();
    missing.add(SHIPPED);
    await training.restore();
    expect([training.state().undoable, training.state().tuned[0].id]).toEqual([false, id]);
  });

  test('undo is not offered where the weights of before are deleted', async () => {
    const { training, tuned, models } = windowOf();
    await training.read(FOUND);
    await training.start();
    const first = models.current().id;
    await training.read(FOUND);
    await training.start();
    expect(training.state().undoable).toBe(true);
    answers.push('Delete');
    await tuned.delete(first);
    expect(training.state().undoable).toBe(false);
  });

  test('at which step the window was closed, and from which training goes on', async () => {
    const { training } = windowOf();
    await training.read(FOUND);
    void training.start();
    await vi.waitFor(() => expect([11, 12, 13]).toContain(training.state().step), { interval: 1 });
    // The window dies: nobody hears of anything any more.
    const { step } = training.state();
    storage = storage.reopened();
    workspace = new Memento(new Map(workspace.values));
    engine = new FakeTrainer();
    const next = windowOf();
    await next.training.restore();
    expect(next.training.state()).toMatchObject({
      status: 'paused',
      step: 10,
      note: `The window was closed after step ${step}. Training goes on from step 10, the last that was saved.`,
    });
    await next.training.resume();
    expect(next.training.state().note ?? '').not.toContain('closed');
  });

  test('that the window was closed at a step that was saved', async () => {
    const { training } = windowOf();
    await training.read(FOUND);
    const done = training.start();
    await atStep(training, 7);
    await training.pause();
    await done;
    const { step } = training.state();
    const next = windowOf();
    await next.training.restore();
    expect(next.training.state().note).toBe(
      `The window was closed after step ${step}. That step was saved: training goes on from there.`,
    );
  });
});

describe('what is stored', () => {
  async function trained() {
    const all = windowOf();
    await all.training.read(FOUND);
    await all.training.start();
    return { ...all, id: all.models.current().id };
  }

  test('is renamed, but not like another', async () => {
    const { tuned, training, models, id } = await trained();
    answers.push('my terms');
    await tuned.rename(id);
    expect([training.state().result?.name, models.current().name]).toEqual(['my terms', 'my terms']);
    answers.push('  ');
    await tuned.rename(id);
    expect(models.current().name).toBe('my terms');
  });

  test('is deleted when the user agrees, and its base takes its place', async () => {
    const { tuned, training, models, id } = await trained();
    answers.push(undefined, 'Delete');
    await tuned.delete(id);
    expect(models.current().id).toBe(id);
    await tuned.delete(id);
    expect([models.current().id, tuned.list(), storage.files.size]).toEqual([SHIPPED, [], 0]);
    expect(training.state().result).toBeUndefined();
    await models.choose(id);
    expect(() => models.baseOf(models.current())).toThrow(expect.objectContaining({ code: 'modelMissing' }));
  });

  test('another window finds what the last one left unfinished, and goes on with it', async () => {
    const { training } = windowOf();
    await training.read(FOUND);
    engine.untilCrash = 12;
    await training.start();
    expect(training.state()).toMatchObject({ status: 'failed', step: 10, error: { code: 'engineCrashed' } });
    expect(training.state().result).toMatchObject({ resumable: true, step: 10, of: STEPS });
    engine = new FakeTrainer();
    const next = windowOf();
    await next.training.restore();
    expect(next.training.state()).toMatchObject({ status: 'paused', step: 10, preview: PREVIEW });
    expect(next.models.memory.tuned()).toEqual([]);
    await next.training.resume();
    expect(next.training.state()).toMatchObject({ status: 'done', step: STEPS, result: { inUse: true } });
    const last = windowOf();
    await last.training.restore();
    expect(last.training.state()).toMatchObject({ status: 'empty', tuned: [{ resumable: false }] });
  });

  test('a finished training is not put to use again by a later window', async () => {
    const { models, tuned } = await trained();
    await tuned.undo();
    const next = windowOf();
    await next.training.restore();
    expect([models.current().id, next.models.memory.tuned().length]).toEqual([SHIPPED, 1]);
  });

  test('files that are deleted by hand stop their training with a clear word; the others stay usable', async () => {
    const { training, tuned, models } = await trained();
    const first = models.current().id;
    await training.read(FOUND);
    let deleted = false;
    training.onDidChange(() => {
      const { saved, result } = training.state();
      if (saved?.step === 10 && !deleted) {
        deleted = true;
        const folder = `${result?.id.replace('tuned:', '')}/`;
        [...storage.files.keys()]
          .filter((name) => name.startsWith(folder))
          .forEach((name) => storage.files.delete(name));
      }
    });
    await training.start();
    const { status, error } = training.state();
    expect([deleted, status, error?.code]).toEqual([true, 'failed', 'modelMissing']);
    expect(error?.message).toContain('their files were deleted');
    await training.resume();
    expect(training.state().error).toMatchObject({ code: 'modelMissing' });
    expect(training.state().error?.message).toContain('train again');
    expect(tuned.list().map(({ id, inUse }) => [id, inUse])).toEqual([[first, true]]);
    await tuned.use('');
    await tuned.use(first);
    expect(models.current().id).toBe(first);
    // Nothing of it came back.
    expect([...storage.files.keys()].every((name) => name.startsWith(first.replace('tuned:', '')))).toBe(
      true,
    );
  });

  test('of one that is being trained, the name may change, and nothing be deleted; at rest it gives the engine back', async () => {
    const { training, tuned, store } = windowOf();
    await training.read(FOUND);
    const done = training.start();
    while ((training.state().saved?.step ?? 0) < 10) {
      await new Promise((resolve) => setTimeout(resolve));
    }
    const id = training.state().result?.id ?? '';
    answers.push('Delete');
    await expect(tuned.delete(id)).rejects.toMatchObject({ code: 'badRequest' });
    answers.splice(0, Infinity, 'renamed');
    await tuned.rename(id);
    await training.pause();
    await done;
    const manifest = await store.manifest(id.replace('tuned:', ''));
    expect([manifest.name, manifest.checkpoints.length > 0, engine.open]).toEqual(['renamed', true, 1]);
    answers.push('Delete');
    await tuned.delete(id);
    await vi.waitFor(() => expect(engine.open).toBe(0));
    expect([training.state().status, storage.files.size]).toEqual(['ready', 0]);
  });

  test('weights that are damaged cannot be used or exported, and say which; others can', async () => {
    const { tuned, models, store } = await trained();
    const { id } = models.current();
    const name = [...storage.files.keys()].find((file) => file.endsWith('.safetensors')) ?? '';
    storage.files.set(name, storage.files.get(name)?.slice(0, 3) ?? new Uint8Array());
    const stored = id.replace('tuned:', '');
    await expect(store.weights(stored)).rejects.toMatchObject({ code: 'modelCorrupt' });
    await expect(store.weights(stored)).rejects.toThrow(
      /terms\.de cannot be read.*is damaged.*Choose another model/u,
    );
    await tuned.undo();
    expect(models.current().id).toBe(SHIPPED);
  });
});

// What the Fine-tuning view says and offers: numbers, settings, buttons by state, sentences for the live region.
import { describe, expect, it } from 'vitest';
import { TRAINING_DEFAULTS, TRAINING_RATES } from '../../../src/shared/trainingDefaults';
import type { TrainingHost, TrainingState } from '../../../src/shared/trainingPage';
import { readNumber } from '../../../webview/side/numberRange';
import { effectRows } from '../../../webview/training/effectRows';
import { milestone } from '../../../webview/training/milestones';
import {
  changeOf,
  heldOutChoices,
  methodChange,
  readSetting,
  settingsOf,
} from '../../../webview/training/settingFields';
import type { Action } from '../../../webview/training/trainingActions';
import { actionsOf, perform } from '../../../webview/training/trainingActions';
import {
  formatChange,
  formatLeft,
  formatLossTick,
  formatRate,
  formatTick,
  formatWeightCount,
} from '../../../webview/training/trainingFormat';
import { done, effect, empty, failed, ready, running, tunedModel } from './trainingFixture';
import { formatBytes } from '../../../src/shared/formatBytes';

describe('numbers', () => {
  it('writes learning rates', () => {
    expect([5e-4, 2.54e-4, 1e-8, 0.05, 1, 0].map(formatRate)).toEqual([
      '5e−4',
      '2.5e−4',
      '1e−8',
      '0.05',
      '1',
      '0',
    ]);
  });

  it('writes the ticks of an axis', () => {
    expect([3, 0.5, 0.001, 1e-4, 20_000].map(formatTick)).toEqual(['3', '0.5', '0.001', '1e−4', '20,000']);
  });

  it('writes long ticks of an axis of losses short enough to fit', () => {
    expect([3, 99_999, 200_000, 6e9].map(formatLossTick)).toEqual(['3', '99,999', '2e5', '6e9']);
  });

  it('writes the time that is left', () => {
    expect([0, 44_600, 59_600, 72_000, 120_000, 7_500_000, 7_200_000].map(formatLeft)).toEqual([
      ...['0 s', '45 s', '1 min', '1 min 12 s', '2 min', '2 h 5 min', '2 h'],
    ]);
  });

  it('writes sizes and numbers of weights', () => {
    expect([512, 1_677_721, 61_000_000].map(formatBytes)).toEqual(['512 B', '1.6 MB', '58 MB']);
    expect([812, 49_152, 393_216, 61_200_000].map(formatWeightCount)).toEqual([
      '812',
      '49,152',
      '0.4 M',
      '61.2 M',
    ]);
  });

  it('writes changes with their sign, but none before a zero', () => {
    expect([21.23, -2.251, 0.001, -0.001].map((change) => formatChange(change, 2))).toEqual([
      ...['+21.23', '−2.25', '0.00', '0.00'],
    ]);
  });
});

describe('before and after', () => {
  it('says what became worse: a higher loss, a lower score', () => {
    expect(effectRows(effect).map(({ measure, change, worse }) => [measure, change, worse])).toEqual([
      ['loss', '−2.25', false],
      ['chrf', '+21.2', false],
      ['otherText', '−2.5', true],
    ]);
    const [loss] = effectRows({ ...effect, loss: { before: 1, now: 1.5 } });
    expect(loss).toMatchObject({ before: '1.00', now: '1.50', change: '+0.50', worse: true });
  });

  it('calls nothing worse that is written as no change', () => {
    expect(effectRows({ ...effect, loss: { before: 1, now: 1.001 } })[0]).toMatchObject({
      change: '0.00',
      worse: false,
    });
  });

  it('calls a loss that is no number worse', () => {
    expect(effectRows({ ...effect, loss: { before: 1, now: NaN } })[0]).toMatchObject({
      now: 'NaN',
      worse: true,
    });
  });

  it('writes the share of gaps that are filled right in per cent', () => {
    const loss = { before: 1, now: 1 };
    const filled = { before: 0.25, now: 0.5 };
    const rows = effectRows({ on: 'train', measured: 2, examples: [], loss, filled });
    expect(rows.slice(1)).toEqual([
      { measure: 'filled', before: '25.0 %', now: '50.0 %', change: '+25.0', worse: false },
    ]);
  });

  it('writes the share of right labels in per cent', () => {
    const rows = effectRows({
      on: 'train',
      measured: 2,
      examples: [],
      loss: { before: 1, now: 1 },
      accuracy: { before: 0.5, now: 0.75 },
    });
    expect(rows[1]).toEqual({
      measure: 'accuracy',
      before: '50.0 %',
      now: '75.0 %',
      change: '+25.0',
      worse: false,
    });
  });
});

describe('settings', () => {
  it('shows rank and alpha for LoRA only', () => {
    const lora = settingsOf({ ...TRAINING_DEFAULTS, method: 'lora' });
    const full = settingsOf({ ...TRAINING_DEFAULTS, method: 'full' });
    expect(lora.filter((name) => !full.includes(name))).toEqual(['rank', 'alpha']);
  });

  it('reads numbers within their ranges, with a decimal comma, and says the range otherwise', () => {
    expect(readSetting('dropout', '0,1')).toEqual({ value: 0.1 });
    expect(readSetting('rate', '2e−4')).toEqual({ value: 2e-4 });
    expect(readSetting('rank', '0')).toEqual({ problem: 'A whole number from 1 to 1,024.' });
    expect(readSetting('rank', '2.5')).toHaveProperty('problem');
    expect(readSetting('dropout', '0.91')).toEqual({ problem: 'A number from 0 to 0.9.' });
    expect(readSetting('steps', '')).toHaveProperty('problem');
    expect(readSetting('rate', '0')).toHaveProperty('problem');
  });

  it('can ask for more than the least', () => {
    expect(readNumber('0', { least: 0, above: true })).toBeUndefined();
    expect(readNumber('0', { least: 0 })).toBe(0);
  });

  it('changes one field, inside of LoRA too', () => {
    const { lora } = TRAINING_DEFAULTS;
    expect(changeOf('rank', 4, TRAINING_DEFAULTS)).toEqual({ lora: { ...lora, rank: 4 } });
    expect(changeOf('steps', 9, TRAINING_DEFAULTS)).toEqual({ steps: 9 });
  });

  it('takes the rate of the other method along, unless the user has set one', () => {
    const full = { ...TRAINING_DEFAULTS, method: 'full', rate: TRAINING_RATES.full } as const;
    expect(methodChange('lora', full)).toEqual({ method: 'lora', rate: TRAINING_RATES.lora });
    expect(methodChange('lora', { ...full, rate: 3e-5 })).toEqual({ method: 'lora' });
  });

  it('offers the share that is set, whatever it is', () => {
    expect(heldOutChoices({ ...TRAINING_DEFAULTS, heldOut: 0.15 })).toContain(0.15);
    expect(heldOutChoices({ ...TRAINING_DEFAULTS, heldOut: 'auto' })).toHaveLength(6);
  });
});

describe('buttons', () => {
  const enabled = (state: TrainingState) => {
    const { first, stop, undo } = actionsOf(state);
    return [first, stop, undo].filter(({ unavailable }) => unavailable === undefined).map(({ call }) => call);
  };

  it.each([
    ['empty', empty, []],
    ['reading', { ...empty, status: 'reading' }, []],
    ['ready', ready, ['start']],
    ['ready without an example', { ...ready, preview: ready.preview && { ...ready.preview, train: 0 } }, []],
    ['starting', { ...running, status: 'starting' }, ['stop']],
    ['running', running, ['pause', 'stop']],
    ['paused', { ...running, status: 'paused' }, ['resume', 'stop']],
    ['done', done, ['start', 'undo']],
    ['done and undone', { ...done, undoable: false }, ['start']],
    ['failed with a checkpoint', failed, ['continueFrom']],
    ['failed without one', { ...failed, result: undefined }, ['start']],
  ] as const)('%s', (_name, state, calls) => {
    expect(enabled(state as TrainingState)).toEqual(calls);
  });

  it('say why they cannot be pressed', () => {
    expect(actionsOf(running).undo.unavailable).toMatch(/Stop the training first/);
    expect(actionsOf(ready).undo.unavailable).toMatch(/Nothing to undo/);
    expect(actionsOf(empty).first.unavailable).toMatch(/no data/);
  });

  it('say of Undo only what is true: a tuned model may be in use with nothing known of before', () => {
    const without = { ...done, undoable: false };
    expect(actionsOf(without).undo.unavailable).toMatch(/not known any more/);
    const base = without.tuned.map((each) => ({ ...each, inUse: false }));
    expect(actionsOf({ ...without, tuned: base }).undo.unavailable).toMatch(/no tuned model is in use/);
  });

  it('say what Stop does where there is something to keep', () => {
    expect(actionsOf(running).stop.hint).toMatch(/weights of this step to use/);
    expect(actionsOf({ ...running, step: 0 }).stop.hint).toBeUndefined();
    expect(actionsOf(done).stop.hint).toBeUndefined();
  });

  it('call the host, to continue with the id of the result', async () => {
    const calls: unknown[] = [];
    const host = new Proxy({} as TrainingHost, {
      get: (_target, name) => async (request: unknown) => void calls.push([name, request]),
    });
    const press = (action: Action, state: TrainingState) => perform(action, host, state);
    await press(actionsOf(running).stop, running);
    await press(actionsOf(failed).first, failed);
    expect(calls).toEqual([
      ['stop', undefined],
      ['continueFrom', { id: tunedModel().id }],
    ]);
  });
});

describe('the live region', () => {
  const at = (step: number): TrainingState => ({ ...running, step });

  it('speaks at the start, at every tenth, and at the end', () => {
    const starting: TrainingState = { ...running, status: 'starting', step: 0, points: [] };
    expect(milestone(starting, at(0))).toBe('Training has started: 400 steps.');
    expect(milestone(at(241), at(279))).toBeUndefined();
    expect(milestone(at(279), at(281))).toMatch(/^Step 281 of 400, loss 1\.\d\d, 1 min 12 s left\.$/);
    expect(milestone(at(390), done)).toBe('Training has ended after step 400, loss 1.10.');
  });

  it('speaks ten times at most while it runs', () => {
    const said = Array.from({ length: 400 }, (_, step) => milestone(at(step), at(step + 1)));
    expect(said.filter((sentence) => sentence !== undefined)).toHaveLength(9);
  });

  it('says why it stopped, or that it failed: what an error says is an alert of its own', () => {
    expect(milestone(running, failed)).toBe(failed.note);
    const error = { code: 'outOfMemory', message: 'Too large.', actions: [] } as const;
    expect(milestone(running, { ...failed, error })).toBe('Training has failed at step 206.');
    expect(milestone(running, { ...failed, step: 0, error })).toBe('Training has failed.');
  });

  it('tells a training that is shown again from one that has just ended', () => {
    const sentence = 'The training of terms.tsv is shown: 400 steps, loss 1.10.';
    expect(milestone(ready, done)).toBe(sentence);
    expect(milestone({ ...done, result: tunedModel({ id: 'tuned-2' }) }, done)).toBe(sentence);
    expect(milestone(done, { ...done, note: 'Saved.' })).toBeUndefined();
  });

  it('says nothing when the view opens', () => {
    expect(milestone(undefined, running)).toBeUndefined();
  });
});

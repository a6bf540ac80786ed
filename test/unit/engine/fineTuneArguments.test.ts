// The options of the verb `fine-tune`: what each sets, what stands where none is given, and what is refused.
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src/engine/cli/arguments';
import type { FineTuneArguments } from '../../../src/engine/cli/fineTuneArguments';
import { TRAINING_DEFAULTS, TRAINING_RATES } from '../../../src/shared/trainingDefaults';

function parsed(...args: string[]): FineTuneArguments {
  const command = parseCommand(['fine-tune', '--data', 'pairs.tsv', '--out', 'folder', ...args]);
  if (command.verb !== 'fine-tune') {
    throw new Error(command.verb);
  }
  return command.training;
}

describe('the options of fine-tune', () => {
  it('are the defaults where nothing is said, with more steps for more examples', () => {
    const { data, second, task, options } = parsed();
    expect([data, second, task]).toEqual(['pairs.tsv', undefined, undefined]);
    expect(options(20)).toEqual(TRAINING_DEFAULTS);
    expect(options(2000).steps).toBeGreaterThan(TRAINING_DEFAULTS.steps);
    expect(parsed('--steps', '7').options(2000).steps).toBe(7);
  });

  it('each set one number', () => {
    const numbers = {
      batch: 3,
      accumulate: 2,
      rate: 0.01,
      warmup: 4,
      clip: 2,
      dropout: 0.1,
      strength: 0.9,
      seed: 5,
    };
    const args = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]);
    expect(parsed(...args).options(20)).toEqual({ ...TRAINING_DEFAULTS, ...numbers });
    const others = [
      '--weight-decay',
      '0.2',
      '--label-smoothing',
      '0.1',
      '--held-out',
      '0.25',
      '--schedule',
      'paper',
    ];
    expect(parsed(...others).options(20)).toMatchObject({
      weightDecay: 0.2,
      labelSmoothing: 0.1,
      heldOut: 0.25,
      schedule: 'paper',
    });
  });

  it('give LoRA the rate that suits it', () => {
    const { method, rate, lora } = parsed('--method', 'lora', '--rank', '4', '--alpha', '8').options(20);
    expect([method, rate]).toEqual(['lora', TRAINING_RATES.lora]);
    expect(lora).toEqual({ ...TRAINING_DEFAULTS.lora, rank: 4, alpha: 8 });
  });

  it('choose the projections that LoRA adapts', () => {
    const { lora } = parsed('--method', 'lora', '--lora-targets', 'value, query').options(20);
    expect(lora).toEqual({ ...TRAINING_DEFAULTS.lora, targets: ['query', 'value'] });
    for (const list of ['query,head', '']) {
      expect(() => parsed('--lora-targets', list)).toThrow('--lora-targets is a list of query, key, value');
    }
  });

  it('name the one that is out of its range before anything is read', () => {
    expect(() => parsed('--held-out=-1')).toThrow('--held-out is a number from 0 to 0.9, not "-1"');
    expect(() => parsed('--rate', '-1')).toThrow('--rate is a number from 1e-8 to 100, not "-1"');
    expect(() => parsed('--rate', '--seed', '1')).toThrow('--rate');
    expect(() => parsed('--weight-decay', '2')).toThrow('--weight-decay is a number from 0 to 1, not "2"');
    expect(() => parsed('--steps', '2.5')).toThrow('--steps is a whole number from 1 to 100000, not "2.5"');
    expect(() => parsed('--rank', '0')).toThrow('--rank is a whole number from 1 to 1024');
  });

  it('name the one that cannot be read', () => {
    expect(() => parsed('--rate', 'fast')).toThrow('--rate is a number from 1e-8 to 100, not "fast"');
    expect(() => parsed('--steps', ' ')).toThrow('--steps is a whole number');
    expect(() => parsed('--schedule', 'wavy')).toThrow(
      '--schedule is constant, cosine, linear, paper, not "wavy"',
    );
    expect(() => parsed('--task', 'poetry')).toThrow('--task');
    expect(() => parseCommand(['fine-tune', '--out', 'folder'])).toThrow('fine-tune needs --data FILE');
  });
});

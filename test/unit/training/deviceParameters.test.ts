// Training with parameters that stay on a device, played by WASM sessions that keep their results: the curve of the other way.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceRuns } from '../../../src/engine/training/deviceRuns';
import { nodePlatform } from '../../../src/runtime/nodePlatform';
import { openRuntime } from '../../../src/runtime/openRuntime';
import type { Runtime } from '../../../src/runtime/runtime';
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/training/checkpoint';
import { evaluationModel, gradientModel } from '../../../src/training/lossGraphs';
import type { TrainerOptions, TrainerSetup } from '../../../src/training/trainer';
import { Trainer } from '../../../src/training/trainer';
import { largestDifference } from './shipped';
import type { Toy } from './toyModel';
import { toy, toyGraph, toyOptions } from './toyModel';

const options: Partial<TrainerOptions> = {
  steps: 12,
  dropout: 0.2,
  batches: { tokens: 12, examples: 3, accumulation: 2, seed: 3 },
};

let runtime: Runtime;
let device: DeviceRuns;
let host: Toy;
beforeAll(async () => {
  runtime = await openRuntime(nodePlatform(undefined, false), { backend: 'wasm', threads: 1 });
  host = await toy(true);
});
afterAll(async () => {
  await host.release();
  runtime.dispose();
});

/** A trainer whose parameters the sessions of a device of its own hold. */
async function onDevice(setup: TrainerSetup): Promise<Trainer> {
  const built = toyGraph(true);
  device = await DeviceRuns.open(runtime, 'wasm', {
    gradient: gradientModel(built),
    evaluation: () => evaluationModel(toyGraph(false)),
    parameters: built.parameters,
    optimiser: toyOptions.optimiser,
  });
  const { gradients, evaluate, ...parts } = setup;
  void [gradients, evaluate];
  return new Trainer({ ...parts, device: device.parameters });
}

describe('parameters on a device', () => {
  it('take the same steps as those of this thread, several batches a step', async () => {
    const [there, here] = [await onDevice(host.setup(options)), new Trainer(host.setup(options))];
    await there.train(12);
    await here.train(12);
    here.points.forEach((point, i) => {
      expect(there.points[i].rate).toBe(point.rate);
      expect(Math.abs(there.points[i].loss - point.loss)).toBeLessThan(1e-5);
      expect(Math.abs(there.points[i].norm - point.norm)).toBeLessThan(1e-4);
    });
    expect(there.points[11].heldOut).toBeCloseTo(here.points[11].heldOut ?? 0, 5);
    expect(there.weight('up')).toEqual(host.setup().weights.get('up'));
    await there.refresh();
    for (const [name, { weight, first, second }] of here.state.parameters) {
      const state = there.state.parameters.get(name);
      expect(largestDifference(state?.weight ?? [], weight)).toBeLessThan(1e-5);
      expect(largestDifference(state?.first ?? [], first)).toBeLessThan(1e-5);
      expect(largestDifference(state?.second ?? [], second)).toBeLessThan(1e-5);
    }
    expect(there.bytes).toBe(here.bytes);
    await device.release();
  });

  it('go on from a checkpoint as if nothing had happened', async () => {
    const setup = host.setup(options);
    const unbroken = await onDevice(setup);
    await unbroken.train(5);
    await unbroken.refresh();
    const file = encodeCheckpoint(unbroken.state);
    await unbroken.train(12);
    await device.release();
    const second = await onDevice(setup);
    await second.train(3);
    second.restore(
      decodeCheckpoint(file, setup.identity, new Map(setup.parameters.map(({ name, dims }) => [name, dims]))),
    );
    expect(second.weight('up')).toEqual(unbroken.state.parameters.get('up')?.weight);
    await second.train(12);
    expect(second.points).toEqual(unbroken.points);
    await device.release();
  });

  it('stay as they were when a step is cancelled or has no finite loss', async () => {
    const setup = host.setup(options);
    const trainer = await onDevice(setup);
    const cancelled = new AbortController();
    const onStep = () => cancelled.abort();
    await expect(trainer.train(12, { signal: cancelled.signal, onStep })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(trainer.step).toBe(1);
    await trainer.train(12);
    const unbroken = new Trainer(host.setup(options));
    await unbroken.train(12);
    expect(Math.abs(trainer.points[11].loss - unbroken.points[11].loss)).toBeLessThan(1e-5);
    await device.release();

    const broken = await onDevice({
      ...setup,
      weights: new Map([...setup.weights, ['bias', new Float32Array(8).fill(NaN)]]),
    });
    const outcome = await broken.train(12);
    expect(outcome).toMatchObject({ step: 0, finished: false });
    expect(outcome.stopped).toContain('1');
    await device.release();
  });
});

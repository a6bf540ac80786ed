// Fifty steps of a tiny encoder-decoder through the whole engine: the loss curve that PyTorch has for the same data, seed and numbers.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { TrainingOptions } from '../../../src/shared/training';
import { TRAINING_DEFAULTS } from '../../../src/shared/trainingDefaults';
import { MODEL, root, startEngine } from '../engine/testEngine';
import { loadTagged } from '../engine/translation/taggedLayout';

interface Curve {
  readonly model: string;
  readonly lines: readonly string[];
  readonly options: Partial<TrainingOptions>;
  readonly losses: readonly number[];
}

const file = path.join(root, 'test/golden/training/curves.json');
const curves = JSON.parse(readFileSync(file, 'utf8')) as readonly Curve[];

it("follows PyTorch's curve for fifty steps", async () => {
  const [{ model, lines, options: recorded, losses }] = curves;
  expect(losses).toHaveLength(50);
  expect(losses[49]).toBeLessThan(0.5 * losses[0]);
  const engine = await startEngine();
  await loadTagged(engine, model, {});
  const options = { ...TRAINING_DEFAULTS, ...recorded, heldOut: 0, saveEvery: 50 };
  const data = { text: lines.join('\n') };
  await engine.beginTraining({ id: 'curve', model: MODEL, data, options });
  const { points, finished } = await engine.train({ training: 'curve', until: 50 });
  expect(finished).toBe(true);
  const differences = points.map(({ loss }, i) => Math.abs(loss - losses[i]));
  expect(Math.max(...differences)).toBeLessThan(1e-3);
  engine.dispose();
}, 120_000);

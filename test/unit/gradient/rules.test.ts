// Every rule: the gradient equals PyTorch's, and what differences of the loss say; with sizes known and with sizes open.
import { describe, expect, it } from 'vitest';
import { buildGradient } from '../../../src/gradient/buildGradient';
import { FUSED_ATTENTIONS } from '../../../src/gradient/expandFused';
import { FUSED_LAYERS } from '../../../src/gradient/fusedLayers';
import { operatorOf } from '../../../src/gradient/operatorRule';
import { RULES } from '../../../src/gradient/ruleTable';
import { ElementType } from '../../../src/onnx/model';
import { modelOf, readGolden, type Form, type GoldenCase } from './goldenCase';
import { distance, openRunner, typeName, type Numbers, type Runner } from './runner';

const CASES = readGolden<readonly GoldenCase[]>('rules.json');

type Feeds = Readonly<Record<string, Numbers>>;

function feedsOf(golden: GoldenCase, floatType: number): Feeds {
  return Object.fromEntries(
    Object.keys(golden.gradients).map((name) => {
      const { dims, values } = golden.tensors[name];
      return [name, { dims, values, type: typeName(floatType) }];
    }),
  );
}

async function gradientsOf(golden: GoldenCase, form: Form) {
  const withRespectTo = Object.keys(golden.gradients);
  const { model, gradients } = buildGradient(modelOf(golden, form), { loss: 'loss', withRespectTo });
  const runner = await openRunner(model.bytes);
  try {
    const results = await runner.run(feedsOf(golden, form.floatType));
    return new Map(withRespectTo.map((name) => [name, results[gradients.get(name) ?? '']]));
  } finally {
    await runner.release();
  }
}

/** The loss as a function, in float64 where the runtime has it for the operator. */
async function lossOf(golden: GoldenCase): Promise<{ readonly runner: Runner; readonly floatType: number }> {
  const sizes = 'numbers';
  try {
    const floatType = ElementType.float64;
    return { runner: await openRunner(modelOf(golden, { floatType, sizes }).bytes), floatType };
  } catch {
    const floatType = ElementType.float32;
    return { runner: await openRunner(modelOf(golden, { floatType, sizes }).bytes), floatType };
  }
}

/** (L(x + h) − L(x − h)) ÷ 2h for every element. */
async function differences(
  golden: GoldenCase,
  name: string,
  runner: Runner,
  floatType: number,
): Promise<number[]> {
  const step = floatType === ElementType.float64 ? 1e-5 : 1e-2;
  const feeds = feedsOf(golden, floatType);
  const own = feeds[name];
  const slopes: number[] = [];
  for (let i = 0; i < own.values.length; i++) {
    const lossAt = async (offset: number): Promise<number> => {
      const values = Array.from(own.values);
      values[i] += offset;
      return (await runner.run({ ...feeds, [name]: { ...own, values } }))['loss'].values[0];
    };
    slopes.push(((await lossAt(step)) - (await lossAt(-step))) / (2 * step));
  }
  return slopes;
}

describe('rules', () => {
  it('has a recorded case for every operator', () => {
    const tested = new Set(CASES.map(operatorOf));
    const all = [...Object.keys(RULES), ...Object.keys(FUSED_LAYERS), ...FUSED_ATTENTIONS];
    expect(all.filter((operator) => !tested.has(operator))).toEqual([]);
  });

  for (const golden of CASES) {
    it(`${golden.name}: as PyTorch`, async () => {
      for (const sizes of ['numbers', 'open'] as const) {
        const got = await gradientsOf(golden, { floatType: ElementType.float32, sizes });
        for (const [name, expected] of Object.entries(golden.gradients)) {
          expect(got.get(name)?.dims, `${name}, sizes ${sizes}`).toEqual(expected.dims);
          expect(
            distance(got.get(name)?.values ?? [], expected.values),
            `${name}, sizes ${sizes}`,
          ).toBeLessThan(2e-5);
        }
      }
    });

    // Where operands are equal, or pieces meet, there is no derivative to compare with.
    it.skipIf(golden.name.endsWith('equal numbers'))(`${golden.name}: as differences`, async () => {
      const { runner, floatType } = await lossOf(golden);
      try {
        for (const [name, expected] of Object.entries(golden.gradients)) {
          const slopes = await differences(golden, name, runner, floatType);
          const bound = floatType === ElementType.float64 ? 1e-6 : 1e-2;
          expect(distance(slopes, expected.values), `${name}, type ${floatType}`).toBeLessThan(bound);
        }
      } finally {
        await runner.release();
      }
    });
  }
});

// The shipped models: gradients are what differences of the loss say; encoder and decoder joined into one graph.
import { readFileSync } from 'node:fs';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { buildGradient, differentiable } from '../../../src/gradient/buildGradient';
import { appendCrossEntropy, CROSS_ENTROPY } from '../../../src/gradient/crossEntropy';
import { joinModels } from '../../../src/gradient/joinModels';
import { editModel } from '../../../src/onnx/editModel';
import { expandHalf } from '../../../src/onnx/expandHalf';
import { dropUnused, keepOutputs, weightsToInputs } from '../../../src/onnx/graphEdits';
import { ElementType, type OnnxModel } from '../../../src/onnx/model';
import { readModel } from '../../../src/onnx/readModel';
import { floatsOf } from '../../../src/onnx/tensorValues';
import { noise } from '../probe/runModel';
import { openRunner, runOnce, type Numbers, type Runner } from './runner';

const shipped = (path: string): OnnxModel =>
  expandHalf(readModel(new Uint8Array(readFileSync(new URL(`../../../models/${path}`, import.meta.url)))));

const translator = (): OnnxModel =>
  joinModels(
    shipped('translate-en-de-fr-zh/onnx/encoder_model.onnx'),
    shipped('translate-en-de-fr-zh/onnx/decoder_model_merged.onnx'),
    {
      wires: new Map([['encoder_hidden_states', 'last_hidden_state']]),
      rename: new Map([
        ['input_ids', 'source_ids'],
        ['attention_mask', 'encoder_attention_mask'],
      ]),
    },
  );

const [BATCH, LENGTH] = [2, 5];

/** Ids that follow from a formula, no padding but in the second source, an empty cache. */
function feedsOf({ graph }: OnnxModel): Record<string, Numbers> {
  const whole = (at: (i: number) => number): Numbers => ({
    dims: [BATCH, LENGTH],
    values: Array.from({ length: BATCH * LENGTH }, (_, i) => at(i)),
    type: 'int64',
  });
  const feeds: Record<string, Numbers> = {};
  for (const { name, dims = [] } of graph.inputs) {
    if (name.startsWith('past_key_values')) {
      feeds[name] = { dims: [BATCH, Number(dims[1]), 0, Number(dims[3])], values: [] };
    } else if (name.endsWith('attention_mask')) {
      feeds[name] = whole((i) => (i === BATCH * LENGTH - 1 ? 0 : 1));
    } else if (name === 'position_ids') {
      feeds[name] = whole((i) => i % LENGTH);
    } else if (name === 'token_type_ids') {
      feeds[name] = whole(() => 0);
    } else {
      feeds[name] = whole((i) => 5 + ((i * (name === CROSS_ENTROPY.labels ? 31 : 17)) % 300));
    }
  }
  const weights = Array.from({ length: BATCH * LENGTH }, (_, i) => (i === 3 ? 0 : 1));
  return {
    ...feeds,
    [CROSS_ENTROPY.weights]: { dims: [BATCH, LENGTH], values: weights },
    [CROSS_ENTROPY.smoothing]: { dims: [], values: [0.1] },
    [CROSS_ENTROPY.divisor]: { dims: [], values: [BATCH * LENGTH - 1] },
  };
}

const MODELS: readonly (readonly [title: string, load: () => OnnxModel, every: number])[] = [
  ['english-bert-mini', () => shipped('english-bert-mini/onnx/model.onnx'), 4],
  ['english-gpt-mini', () => shipped('english-gpt-mini/onnx/model.onnx'), 4],
  ['translate-en-de-fr-zh', translator, 36],
];

for (const [title, load, every] of MODELS) {
  describe(`gradients of ${title}`, { timeout: 180_000 }, () => {
    let forward: Runner;
    let feeds: Record<string, Numbers>;
    let weights: ReadonlyMap<string, Float32Array>;
    let results: Awaited<ReturnType<typeof runOnce>>;
    let gradients: ReadonlyMap<string, string>;

    beforeAll(async () => {
      const { model, shortcut } = appendCrossEntropy(load(), 'logits');
      const initializers = model.graph.initializers.filter(
        ({ elementType, dims }) => elementType === ElementType.float32 && dims.length > 0,
      );
      const names = differentiable(
        model,
        'loss',
        initializers.map(({ name }) => name),
      );
      expect(names.length).toBeGreaterThan(50);
      const tested = names.filter((_, i) => i % every === 0);
      weights = new Map(
        initializers.filter(({ name }) => tested.includes(name)).map((each) => [each.name, floatsOf(each)]),
      );
      const dims = new Map(initializers.map((each) => [each.name, each.dims]));
      const built = buildGradient(model, { loss: 'loss', withRespectTo: names, shortcuts: [shortcut] });
      gradients = built.gradients;
      feeds = {
        ...feedsOf(model),
        ...Object.fromEntries(
          [...weights].map(([name, values]) => [name, { dims: dims.get(name) ?? [], values }]),
        ),
      };
      results = await runOnce(built.model.bytes, feedsOf(model));
      forward = await openRunner(
        editModel(model, [keepOutputs(['loss']), dropUnused(), weightsToInputs(tested)]).bytes,
      );
    }, 180_000);

    afterAll(() => forward?.release());

    const lossWith = async (name: string, values: Float32Array): Promise<number> =>
      (await forward.run({ ...feeds, [name]: { ...feeds[name], values } }))['loss'].values[0];

    it('has the loss of the forward graph', async () => {
      expect(Math.abs((await forward.run(feeds))['loss'].values[0] - results['loss'].values[0])).toBeLessThan(
        1e-5,
      );
    });

    it('changes the loss by what the gradient says', async () => {
      for (const [name, own] of weights) {
        const gradient = results[gradients.get(name) ?? ''].values;
        const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
        // Along the gradient, where the loss changes most, and a way that is not the gradient's.
        const other = noise(gradient.length, 5);
        const size = Math.sqrt(other.reduce((sum, d) => sum + d * d, 0));
        const direction = gradient.map((g, i) => g / Math.max(norm, 1e-12) + (0.5 * other[i]) / size);
        const product = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
        if (norm < 1e-3) {
          continue;
        }
        // So far that the loss changes by a hundredth: more than it is rounded by, and nearly straight.
        const step = Math.min(0.02, 5e-3 / norm);
        const at = (sign: number): Promise<number> =>
          lossWith(
            name,
            Float32Array.from(own, (w, i) => w + sign * step * direction[i]),
          );
        const slope = ((await at(1)) - (await at(-1))) / (2 * step);
        expect(Math.abs(slope - product) / norm, name).toBeLessThan(0.02);
      }
    });
  });
}

describe('joinModels', () => {
  const joined = translator();

  it('has one embedding, and no input that is wired', () => {
    const big = joined.graph.initializers.filter(({ dims }) => dims[0] === 16001);
    expect(big.length).toBe(1);
    const inputs = joined.graph.inputs.map(({ name }) => name);
    expect(inputs).toContain('source_ids');
    expect(inputs).toContain('input_ids');
    expect(inputs).not.toContain('encoder_hidden_states');
    expect(inputs.filter((name) => name === 'encoder_attention_mask').length).toBe(1);
    expect(new Set(inputs).size).toBe(inputs.length);
  });

  it('computes what both graphs compute one after the other', async () => {
    const feeds = feedsOf(joined);
    const { logits } = await runOnce(editModel(joined, []).bytes, feeds);
    const encoder = shipped('translate-en-de-fr-zh/onnx/encoder_model.onnx');
    const decoder = shipped('translate-en-de-fr-zh/onnx/decoder_model_merged.onnx');
    const states = await runOnce(encoder.bytes, {
      input_ids: feeds['source_ids'],
      attention_mask: feeds['encoder_attention_mask'],
    });
    const apart = await runOnce(decoder.bytes, {
      ...feeds,
      encoder_hidden_states: states['last_hidden_state'],
    });
    expect(logits.values).toEqual(apart['logits'].values);
  });

  it('says which name is missing', () => {
    const model = shipped('english-bert-mini/onnx/model.onnx');
    expect(() => joinModels(model, model, { wires: new Map([['states', 'logits']]) })).toThrow(/"states"/);
  });
});

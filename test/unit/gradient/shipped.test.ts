// The shipped models: their gradients are what differences of the loss say, through encoder and decoder as training joins them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildGradient, differentiable } from '../../../src/gradient/buildGradient';
import { appendCrossEntropy, CROSS_ENTROPY } from '../../../src/gradient/crossEntropy';
import { editModel } from '../../../src/onnx/editModel';
import { keepOutputs } from '../../../src/onnx/graphEdits';
import { ATTENTION_MASK, DECODER_IDS, INPUT_IDS } from '../../../src/training/joinGraphs';
import { initialParameters, trainingModel, type Method } from '../../../src/training/trainingModel';
import { noise } from '../probe/runModel';
import { BERT, GPT, stacksIn, TRANSLATOR } from '../training/shipped';
import { openRunner, runOnce, type Numbers, type Runner } from './runner';

const [BATCH, LENGTH] = [2, 4];
const LAST = BATCH * LENGTH - 1;

/** Ids that follow from a formula; the last is padding, and one position counts nothing. */
function examples(): Record<string, Numbers> {
  const whole = (at: (i: number) => number): Numbers => ({
    dims: [BATCH, LENGTH],
    values: Array.from({ length: BATCH * LENGTH }, (_, i) => at(i)),
    type: 'int64',
  });
  return {
    [INPUT_IDS]: whole((i) => 5 + ((i * 17) % 300)),
    [ATTENTION_MASK]: whole((i) => (i === LAST ? 0 : 1)),
    [DECODER_IDS]: whole((i) => 5 + ((i * 23) % 300)),
    [CROSS_ENTROPY.labels]: whole((i) => 5 + ((i * 31) % 300)),
    [CROSS_ENTROPY.weights]: { ...whole((i) => (i === 3 ? 0 : 1)), type: 'float32' },
    [CROSS_ENTROPY.smoothing]: { dims: [], values: [0.1] },
    [CROSS_ENTROPY.divisor]: { dims: [], values: [LAST] },
  };
}

const FULL: Method = { kind: 'full' };

/** How many weights there are, and which are tested: the embedding, a vector, and matrices of early and late layers. */
const MODELS: readonly (readonly [folder: string, count: number, tested: readonly RegExp[]])[] = [
  [
    BERT,
    70,
    [/word_embeddings/, /layer\.0\.attention\.self\.query\.weight/, /layer\.3\.output\.LayerNorm\.bias/],
  ],
  [GPT, 50, [/wte/, /h\.0\.attn\.c_attn\.weight/, /h\.3\.mlp\.c_fc\.bias/]],
  [
    TRANSLATOR,
    200,
    [
      /shared/,
      /encoder\.layers\.0\.self_attn\.q_proj\.weight/,
      /decoder\.layers\.5\.encoder_attn\.k_proj\.weight/,
    ],
  ],
];

for (const [folder, count, tested] of MODELS) {
  describe(`gradients of ${folder}`, { timeout: 120_000 }, () => {
    let forward: Runner;
    let feeds: Record<string, Numbers>;
    let results: Awaited<ReturnType<typeof runOnce>>;
    let gradients: ReadonlyMap<string, string>;

    beforeAll(async () => {
      const stacks = stacksIn(folder);
      const built = trainingModel(stacks, { method: FULL, dropout: { rate: 0, attention: false } });
      const values = initialParameters(stacks, built, FULL, 1);
      const { model, shortcut } = appendCrossEntropy(built.model, built.logits);
      const names = built.parameters.map(({ name }) => name);
      expect(names.length).toBeGreaterThan(count);
      expect(differentiable(model, 'loss', names)).toEqual(names);
      const withRespectTo = tested.map((pattern) => names.find((name) => pattern.test(name)) ?? '');
      const gradient = buildGradient(model, { loss: 'loss', withRespectTo, shortcuts: [shortcut] });
      gradients = gradient.gradients;
      feeds = {
        ...examples(),
        ...Object.fromEntries(
          built.parameters.map(({ name, dims }) => [name, { dims, values: values.get(name) ?? [] }]),
        ),
      };
      results = await runOnce(gradient.model.bytes, feeds);
      forward = await openRunner(editModel(model, [keepOutputs(['loss'])]).bytes);
    }, 120_000);

    afterAll(() => forward?.release());

    const loss = async (changed: Record<string, Numbers> = {}): Promise<number> =>
      (await forward.run({ ...feeds, ...changed }))['loss'].values[0];

    it('has the loss of the forward graph', async () => {
      expect(Math.abs((await loss()) - results['loss'].values[0])).toBeLessThan(1e-5);
    });

    it('changes the loss by what the gradient says', async () => {
      expect(gradients.size).toBe(tested.length);
      for (const [name, output] of gradients) {
        const gradient = results[output].values;
        const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
        expect(norm, name).toBeGreaterThan(1e-3);
        // Along the gradient, where the loss changes most, and a way that is not the gradient's.
        const other = noise(gradient.length, 5);
        const size = Math.sqrt(other.reduce((sum, d) => sum + d * d, 0));
        const direction = gradient.map((g, i) => g / norm + (0.5 * other[i]) / size);
        const product = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
        // So far that the loss changes by a hundredth: more than it is rounded by, and nearly straight.
        const step = Math.min(0.02, 5e-3 / norm);
        const { dims, values } = feeds[name];
        const at = (sign: number): Promise<number> =>
          loss({
            [name]: { dims, values: Float32Array.from(values, (w, i) => w + sign * step * direction[i]) },
          });
        const slope = ((await at(1)) - (await at(-1))) / (2 * step);
        expect(Math.abs(slope - product) / norm, name).toBeLessThan(0.02);
      }
    });
  });
}

// Whole graphs as torch.onnx.export leaves them: the gradient of every weight equals PyTorch's, and every operator in them is known.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildGradient, differentiable } from '../../../src/gradient/buildGradient';
import { appendCrossEntropy } from '../../../src/gradient/crossEntropy';
import { FUSED_ATTENTIONS } from '../../../src/gradient/expandFused';
import { FUSED_LAYERS } from '../../../src/gradient/fusedLayers';
import { operatorOf } from '../../../src/gradient/operatorRule';
import { NO_FLOW, RULES } from '../../../src/gradient/ruleTable';
import type { OnnxGraph, OnnxModel } from '../../../src/onnx/model';
import { readModel } from '../../../src/onnx/readModel';
import { branchesOf } from '../../../src/onnx/tensorNames';
import { readSafetensors } from '../../../src/shared/safetensors';
import type { NamedTensors } from '../../../src/shared/tensor';
import { readGolden } from './goldenCase';
import { lossFeeds, wave, withWaveLoss } from './recordedLoss';
import { distance, runOnce, type Numbers } from './runner';

interface GoldenLayout {
  readonly folder: string;
  readonly file: string;
  readonly loss: number;
  readonly gradients: Readonly<Record<string, { readonly norm: number; readonly waves: readonly number[] }>>;
}

/** Where a parameter of the PyTorch module stands in the graph. */
type Holders = Readonly<Record<string, readonly { readonly tensor: string; readonly transposed: boolean }[]>>;

const layouts = new URL('../../golden/layouts/', import.meta.url);
const models = new URL('../../../models/', import.meta.url);
const bytesOf = (file: URL): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(file));

/** The recorded run: inputs of the graph by name, with an empty cache. */
function feedsOf(model: OnnxModel, golden: NamedTensors, isDecoder: boolean): Record<string, Numbers> {
  const renamed: Readonly<Record<string, string>> = {
    input_ids: 'decoder_input_ids',
    encoder_attention_mask: 'attention_mask',
    encoder_hidden_states: 'last_hidden_state',
  };
  const batch = golden['input_ids'].dims[0];
  return Object.fromEntries(
    model.graph.inputs.map(({ name, dims = [] }): [string, Numbers] => {
      if (name.startsWith('past_key_values')) {
        return [name, { dims: [batch, Number(dims[1]), 0, Number(dims[3])], values: [] }];
      }
      const tensor = golden[isDecoder ? (renamed[name] ?? name) : name];
      const type = tensor.type === 'int64' ? 'int64' : 'float32';
      return [name, { dims: tensor.dims, values: Array.from(tensor.data, Number), type }];
    }),
  );
}

function transposed(values: readonly number[], [rows, columns]: readonly number[]): number[] {
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
}

// Opening a session for a gradient takes the runtime a second on an idle machine.
describe('gradients of exported graphs', { timeout: 120_000 }, () => {
  for (const recorded of readGolden<readonly GoldenLayout[]>('layouts.json')) {
    const { folder, file } = recorded;
    it(`${folder}/${file}: every weight as in PyTorch`, async () => {
      const read = readModel(bytesOf(new URL(`${folder}/onnx/${file}.onnx`, layouts)));
      const golden = readSafetensors(bytesOf(new URL(`${folder}/golden.safetensors`, layouts)));
      const holders = JSON.parse(
        readFileSync(new URL(`${folder}/onnx/${file}.weights.json`, layouts), 'utf8'),
      ) as Holders;
      const feeds = feedsOf(read, golden, file === 'decoder_model');
      const hasLogits = read.graph.outputs.some(({ name }) => name === 'logits');
      const loss = hasLogits
        ? appendCrossEntropy(read, 'logits')
        : { model: withWaveLoss(read, golden['last_hidden_state'].dims), shortcut: undefined };
      const names = [
        ...new Set(
          Object.values(holders)
            .flat()
            .map(({ tensor }) => tensor),
        ),
      ];
      const withRespectTo = differentiable(loss.model, 'loss', names);
      const gradient = buildGradient(loss.model, {
        loss: 'loss',
        withRespectTo,
        shortcuts: loss.shortcut && [loss.shortcut],
      });
      const classes = Number(read.graph.initializers.length && golden['logits']?.dims.at(-1));
      const labelled = hasLogits ? lossFeeds(feeds['input_ids'].dims, classes) : {};
      const results = await runOnce(gradient.model.bytes, { ...feeds, ...labelled });
      expect(distance(results['loss'].values, [recorded.loss])).toBeLessThan(1e-5);
      expect(Object.keys(recorded.gradients).length).toBeGreaterThan(10);
      // Biases of keys have a gradient of 0 but for rounding: what matters is the size of the others.
      const largest = Math.max(...Object.values(recorded.gradients).map(({ norm }) => norm));
      for (const [parameter, expected] of Object.entries(recorded.gradients)) {
        const parts = holders[parameter].flatMap(({ tensor, transposed: turned }) => {
          const found = results[gradient.gradients.get(tensor) ?? ''];
          return found ? [turned ? transposed(found.values, found.dims) : found.values] : [];
        });
        const sum = parts[0].map((_, i) => parts.reduce((total, part) => total + part[i], 0));
        const norm = Math.sqrt(sum.reduce((total, x) => total + x * x, 0));
        const products = [0.1, 0.9].map((phase) => {
          const direction = wave(sum.length, phase);
          return sum.reduce((total, x, i) => total + x * direction[i], 0);
        });
        const size = Math.max(expected.norm, 1e-3 * largest);
        expect(Math.abs(norm - expected.norm) / size, `norm of ${parameter}`).toBeLessThan(2e-4);
        expected.waves.forEach((product, i) => {
          expect(Math.abs(products[i] - product) / size, `${parameter} along wave ${i}`).toBeLessThan(5e-4);
        });
      }
    });
  }
});

/** Operators of a graph and its branches. */
function operatorsOf(graph: OnnxGraph): readonly string[] {
  return graph.nodes.flatMap((each) => [operatorOf(each), ...branchesOf(each).flatMap(operatorsOf)]);
}

describe('the table of rules', () => {
  const files = [models, layouts].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.onnx'))
      .map((path) => new URL(path.split('\\').join('/'), root)),
  );

  it('knows every operator of the shipped models and of the recorded layouts', () => {
    // The engine puts a branch in place of an If before anything else looks at the graph.
    const known = new Set([
      ...Object.keys(RULES),
      ...NO_FLOW,
      ...Object.keys(FUSED_LAYERS),
      ...FUSED_ATTENTIONS,
      'If',
    ]);
    expect(files.length).toBeGreaterThan(15);
    const all = new Set(files.flatMap((file) => operatorsOf(readModel(bytesOf(file)).graph)));
    expect([...all].filter((operator) => !known.has(operator))).toEqual([]);
  });

  it('does not list an operator twice', () => {
    expect([...NO_FLOW].filter((operator) => operator in RULES)).toEqual([]);
  });
});

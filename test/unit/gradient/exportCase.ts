// Exports of real libraries (test/golden/exports): a graph with its parameters put back, its recorded loss, and how far its gradients are from PyTorch's.
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { buildGradient, differentiable } from '../../../src/gradient/buildGradient';
import { appendCrossEntropy } from '../../../src/gradient/crossEntropy';
import { editModel } from '../../../src/onnx/editModel';
import { floatTensor } from '../../../src/onnx/graphBuilder';
import type { OnnxModel } from '../../../src/onnx/model';
import { readModel } from '../../../src/onnx/readModel';
import { readSafetensors } from '../../../src/shared/safetensors';
import type { NamedTensors, Tensor } from '../../../src/shared/tensor';
import { lossFeeds, withWaveLoss } from './recordedLoss';
import { runOnce, type Numbers } from './runner';

/** What the recording script says of one export. */
export interface ExportCase {
  readonly family: string;
  readonly part: string;
  /** Parameters by the initializers that hold them; in the graph itself they are zeros. */
  readonly holders: Readonly<Record<string, { readonly parameter: string; readonly transposed: boolean }>>;
}

interface Recorded {
  readonly loss: number;
  /** Name of the output. */
  readonly output: string;
}

const read = (file: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(file));
const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
const floats = ({ data }: Tensor): Float32Array => data as Float32Array;

function turned(values: ArrayLike<number>, [rows, columns]: readonly number[]): Float32Array {
  return Float32Array.from(
    { length: values.length },
    (_, i) => values[(i % rows) * columns + Math.floor(i / rows)],
  );
}

/** One export of a folder, and what was recorded of the model that it was made from. */
export function readExport(folder: string, name: string) {
  const about = readJson<ExportCase>(`${folder}/${name}.json`);
  const of = `${folder}/${about.family}.${about.part}`;
  const golden = readSafetensors(read(`${of}.safetensors`));
  const packed = `${folder}/${name}.onnx.gz`;
  const bytes = existsSync(packed)
    ? new Uint8Array(gunzipSync(read(packed)))
    : read(`${folder}/${name}.onnx`);
  const model = withParameters(readModel(bytes), about, golden);
  return { about, golden, model, recorded: readJson<Recorded>(`${of}.json`) };
}

function withParameters(model: OnnxModel, { holders }: ExportCase, golden: NamedTensors): OnnxModel {
  return editModel(model, [
    (graph) => ({
      ...graph,
      initializers: graph.initializers.map((each) => {
        if (!Object.hasOwn(holders, each.name)) {
          return each;
        }
        const { parameter, transposed } = holders[each.name];
        const tensor = golden[`parameter/${parameter}`];
        const values = transposed ? turned(floats(tensor), tensor.dims) : floats(tensor);
        return floatTensor(each.name, each.dims, values);
      }),
    }),
  ]);
}

export interface Comparison {
  /** |loss − PyTorch's|. */
  readonly loss: number;
  /** The largest ‖g − PyTorch's‖ ÷ ‖PyTorch's‖, gradients below a thousandth of the largest measured by that. */
  readonly gradient: number;
  /** Whose gradient that is. */
  readonly worst: string;
  readonly compared: number;
  /** Parameters with a gradient in PyTorch that no tensor of the graph holds. */
  readonly absent: readonly string[];
}

/** Builds the gradient of every parameter of an export, runs it on the recorded inputs, and compares. */
export async function compareExport(folder: string, name: string): Promise<Comparison> {
  const { about, golden, model, recorded } = readExport(folder, name);
  const states = golden['output'].dims;
  const isLogits = recorded.output === 'logits';
  const loss = isLogits
    ? appendCrossEntropy(model, 'logits')
    : { model: withWaveLoss(model, states), shortcut: undefined };
  const ofInputs = Object.keys(golden).flatMap((key) => /^input_gradient\/(.*)/.exec(key)?.[1] ?? []);
  const withRespectTo = differentiable(loss.model, 'loss', [...Object.keys(about.holders), ...ofInputs]);
  const gradient = buildGradient(loss.model, {
    loss: 'loss',
    withRespectTo,
    shortcuts: loss.shortcut && [loss.shortcut],
  });
  const feeds = Object.fromEntries(
    model.graph.inputs.map((input): [string, Numbers] => {
      const { dims, data, type } = golden[`input/${input.name}`];
      return [
        input.name,
        { dims, values: Array.from(data, Number), type: type === 'int64' ? type : 'float32' },
      ];
    }),
  );
  const labelled = isLogits ? lossFeeds(states.slice(0, -1), states[states.length - 1]) : {};
  const results = await runOnce(gradient.model.bytes, { ...feeds, ...labelled });
  const gradientsOf = (parameter: string, isInput: boolean): ArrayLike<number>[] =>
    (isInput
      ? [[parameter, { transposed: false }] as const]
      : Object.entries(about.holders).filter(([, held]) => held.parameter === parameter)
    ).flatMap(([tensor, { transposed }]) => {
      const output = gradient.gradients.get(tensor);
      const found = output === undefined ? undefined : results[output];
      return found ? [transposed ? turned(found.values, found.dims) : found.values] : [];
    });
  return {
    loss: Math.abs(results['loss'].values[0] - recorded.loss),
    ...compareAll(golden, gradientsOf),
  };
}

function compareAll(
  golden: NamedTensors,
  gradientsOf: (parameter: string, isInput: boolean) => readonly ArrayLike<number>[],
): Omit<Comparison, 'loss'> {
  const expected = Object.entries(golden).flatMap(([key, tensor]) => {
    const [, input, parameter] = /^(input_)?gradient\/(.*)/.exec(key) ?? [];
    return parameter ? [{ parameter, isInput: input !== undefined, values: floats(tensor) }] : [];
  });
  const largest = Math.max(...expected.map(({ values }) => norm(values)));
  const absent: string[] = [];
  let [gradient, worst, compared] = [0, '', 0];
  for (const { parameter, isInput, values } of expected) {
    const parts = gradientsOf(parameter, isInput);
    if (parts.length === 0) {
      absent.push(...(norm(values) > 1e-6 * largest ? [parameter] : []));
      continue;
    }
    compared++;
    const difference = Float64Array.from(values, (value, i) =>
      parts.reduce((sum, part) => sum + part[i], -value),
    );
    // Biases of keys have a gradient of 0 but for rounding.
    const off = norm(difference) / Math.max(norm(values), 1e-3 * largest);
    if (!(off <= gradient)) {
      [gradient, worst] = [off, parameter];
    }
  }
  return { gradient, worst, compared, absent };
}

function norm(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));
}

// One step of AdamW with clipping, for all parameters at once, as an ONNX graph: what a device runs that holds them itself.
import { buildModel, floatTensor, int, node, value } from '../onnx/graphBuilder';
import type { Initializer, OnnxModel, OnnxNode } from '../onnx/model';
import { ElementType } from '../onnx/model';
import type { NamedTensors, Tensor } from '../shared/tensor';
import type { AdamWOptions } from './adamW';
import type { StepNumbers } from './parameters';
import type { Parameter } from './trainingStack';

/** Names of inputs and outputs of {@link updateModel}. */
export const UPDATE = {
  /** Output: the norm of all gradients together, before clipping. */
  norm: 'norm',
  input: (part: StatePart | 'gradient', parameter: string): string => `${part}/${parameter}`,
  output: (part: StatePart, parameter: string): string => `next/${part}/${parameter}`,
} as const;

export const STATE_PARTS = ['weight', 'first', 'second'] as const;
export type StatePart = (typeof STATE_PARTS)[number];

/** Larger than any norm that can be clipped, and finite: arithmetic with ∞ is not defined on every device. */
const ANY_NORM = 1e30;

/** Inputs that are numbers of the step. */
const SCALARS = ['limit', 'keep', 'stride', 'inverse_root'] as const;

/**
 * Reads `weight/P`, `first/P`, `second/P` and `gradient/P` for every parameter P, of its shape, and the numbers of
 * {@link updateFeeds}; outputs `next/weight/P`, `next/first/P`, `next/second/P` and {@link UPDATE.norm}. Formulas as `adamW`.
 */
export function updateModel(
  parameters: readonly Parameter[],
  { beta1, beta2, epsilon }: AdamWOptions,
): OnnxModel {
  const constants: Initializer[] = Object.entries({
    beta1,
    beta2,
    new1: 1 - beta1,
    new2: 1 - beta2,
    epsilon,
    tiny: 1e-6,
    one: 1,
  }).map(([name, number]) => floatTensor(name, [], [number]));
  const nodes: OnnxNode[] = [
    ...parameters.flatMap(squaredNorm),
    ...sumOf(
      parameters.map(({ name }) => `squared/${name}`),
      'squared',
    ),
    node('Sqrt', ['squared'], [UPDATE.norm]),
    node('Add', [UPDATE.norm, 'tiny'], ['length']),
    node('Div', ['limit', 'length'], ['share']),
    node('Clip', ['share', '', 'one'], ['scale']),
    ...parameters.flatMap(update),
  ];
  const float = (name: string, dims: readonly number[]) => value(name, ElementType.float32, dims);
  return buildModel({
    nodes,
    initializers: constants,
    inputs: [
      ...SCALARS.map((name) => float(name, [])),
      ...parameters.flatMap(({ name, dims }) =>
        [...STATE_PARTS, 'gradient' as const].map((part) => float(UPDATE.input(part, name), dims)),
      ),
    ],
    outputs: [
      float(UPDATE.norm, []),
      ...parameters.flatMap(({ name, dims }) =>
        STATE_PARTS.map((part) => float(UPDATE.output(part, name), dims)),
      ),
    ],
  });
}

/** Outputs that stay where they are. */
export function updateOutputs(parameters: readonly Parameter[]): string[] {
  return parameters.flatMap(({ name }) => STATE_PARTS.map((part) => UPDATE.output(part, name)));
}

/** The numbers of a step. */
export function updateFeeds({ rate, step, clip, optimiser }: StepNumbers): NamedTensors {
  const { beta1, beta2, weightDecay } = optimiser;
  const numbers: Readonly<Record<(typeof SCALARS)[number], number>> = {
    limit: clip > 0 ? clip : ANY_NORM,
    keep: 1 - rate * weightDecay,
    stride: rate / (1 - beta1 ** step),
    inverse_root: 1 / Math.sqrt(1 - beta2 ** step),
  };
  return Object.fromEntries(
    SCALARS.map((name): [string, Tensor] => [
      name,
      { type: 'float32', dims: [], data: Float32Array.of(numbers[name]) },
    ]),
  );
}

/** Adds the gradients of two batches: reads `sum/P` and `gradient/P`, outputs `next/P`. */
export function additionModel(parameters: readonly Parameter[]): OnnxModel {
  const float = (part: string) =>
    parameters.map(({ name, dims }) => value(`${part}/${name}`, ElementType.float32, dims));
  return buildModel({
    nodes: parameters.map(({ name }) => node('Add', [`sum/${name}`, `gradient/${name}`], [`next/${name}`])),
    inputs: [...float('sum'), ...float('gradient')],
    outputs: float('next'),
  });
}

/** Outputs of {@link additionModel}. */
export function additionOutputs(parameters: readonly Parameter[]): string[] {
  return parameters.map(({ name }) => `next/${name}`);
}

function squaredNorm({ name }: Parameter): OnnxNode[] {
  const gradient = UPDATE.input('gradient', name);
  return [
    node('Mul', [gradient, gradient], [`squares/${name}`]),
    node('ReduceSum', [`squares/${name}`], [`squared/${name}`], { keepdims: int(0) }),
  ];
}

/** Adds two at a time: a sum of any number of inputs is not known to every device. */
function sumOf(names: readonly string[], output: string): OnnxNode[] {
  if (names.length === 1) {
    return [node('Identity', names, [output])];
  }
  return names.slice(1).map((name, i) => {
    const [before, after] = [`${output}/${i}`, `${output}/${i + 1}`];
    return node('Add', [i === 0 ? names[0] : before, name], [i === names.length - 2 ? output : after]);
  });
}

function update({ name, decays }: Parameter): OnnxNode[] {
  const at = (part: string): string => `${part}/${name}`;
  const [weight, first, second] = STATE_PARTS.map((part) => UPDATE.input(part, name));
  const [weight1, first1, second1] = STATE_PARTS.map((part) => UPDATE.output(part, name));
  return [
    node('Mul', [UPDATE.input('gradient', name), 'scale'], [at('slope')]),
    node('Mul', [first, 'beta1'], [at('old_first')]),
    node('Mul', [at('slope'), 'new1'], [at('new_first')]),
    node('Add', [at('old_first'), at('new_first')], [first1]),
    node('Mul', [second, 'beta2'], [at('old_second')]),
    node('Mul', [at('slope'), at('slope')], [at('slope_squared')]),
    node('Mul', [at('slope_squared'), 'new2'], [at('new_second')]),
    node('Add', [at('old_second'), at('new_second')], [second1]),
    node('Sqrt', [second1], [at('root')]),
    node('Mul', [at('root'), 'inverse_root'], [at('corrected_root')]),
    node('Add', [at('corrected_root'), 'epsilon'], [at('divisor')]),
    node('Mul', [first1, 'stride'], [at('strode')]),
    node('Div', [at('strode'), at('divisor')], [at('change')]),
    ...(decays ? [node('Mul', [weight, 'keep'], [at('decayed')])] : []),
    node('Sub', [decays ? at('decayed') : weight, at('change')], [weight1]),
  ];
}

// The recorded operators of test/golden/gradient as graphs: one node, and a loss from its results and fixed numbers.
import { readFileSync } from 'node:fs';
import {
  boolTensor,
  buildModel,
  constant,
  float,
  int,
  ints,
  intTensor,
  node,
  text,
  value,
} from '../../../src/onnx/graphBuilder';
import { ElementType, type AttributeValue, type Initializer, type OnnxModel } from '../../../src/onnx/model';

/** A tensor as PyTorch had it, in float64. */
export interface Recorded {
  readonly kind: 'float' | 'int' | 'bool';
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

export interface GoldenCase {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly opset: number;
  /** Optional outputs left out before the last one. */
  readonly blanks: number;
  /** Outputs after the last one that nothing reads. */
  readonly spare: number;
  readonly attributes: Readonly<Record<string, number | string | readonly number[]>>;
  readonly inputs: readonly string[];
  readonly tensors: Readonly<Record<string, Recorded>>;
  readonly results: readonly Recorded[];
  readonly seeds: readonly Recorded[];
  readonly gradients: Readonly<Record<string, Recorded>>;
}

export function readGolden<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../../golden/gradient/${file}`, import.meta.url), 'utf8')) as T;
}

/** How floating point numbers are stored, and whether the file states the sizes of inputs. */
export interface Form {
  readonly floatType: number;
  readonly sizes: 'numbers' | 'open';
}

export function stored(name: string, { kind, dims, values }: Recorded, floatType: number): Initializer {
  if (kind === 'int') {
    return intTensor(name, dims, values);
  }
  if (kind === 'bool') {
    return boolTensor(name, dims, values.map(Boolean));
  }
  return floatType === ElementType.float64
    ? constant(name, floatType, dims, Float64Array.from(values))
    : constant(name, floatType, dims, Float32Array.from(values));
}

/** Operators of the runtime that take int32. */
const NARROW = new Set(['EmbedLayerNormalization', 'MultiHeadAttention', 'GroupQueryAttention']);

const FLOAT_ATTRIBUTES = new Set(['alpha', 'beta', 'epsilon']);

function attribute(key: string, given: number | string | readonly number[]): AttributeValue {
  if (typeof given === 'string') {
    return text(given);
  }
  return typeof given !== 'number' ? ints(given) : FLOAT_ATTRIBUTES.has(key) ? float(given) : int(given);
}

/** Loss = Σ seed · result; tensors with a recorded gradient are inputs, all others constants. */
export function modelOf(golden: GoldenCase, { floatType, sizes }: Form): OnnxModel {
  const wanted = Object.keys(golden.gradients);
  const names = golden.results.map((_, i) => `y${i}`);
  const blanks = new Array<string>(golden.blanks).fill('');
  const spare = Array.from({ length: golden.spare }, (_, i) => `spare${i}`);
  const outputs = [...names.slice(0, -1), ...blanks, ...names.slice(-1), ...spare];
  const attributes = Object.fromEntries(
    Object.entries(golden.attributes).map(([key, given]) => [key, attribute(key, given)]),
  );
  const constants = Object.entries(golden.tensors).filter(([name]) => !wanted.includes(name));
  // Batch and length may stay open; how wide a head is must be known.
  const needsWidth = golden.opType.endsWith('Attention');
  const narrow = (name: string, recorded: Recorded): Initializer =>
    recorded.kind === 'int' && NARROW.has(golden.opType)
      ? constant(name, ElementType.int32, recorded.dims, Int32Array.from(recorded.values))
      : stored(name, recorded, floatType);
  return buildModel(
    {
      nodes: [
        node(golden.opType, golden.inputs, outputs, attributes, { name: 'tested', domain: golden.domain }),
        ...names.flatMap((name, i) => [
          node('Mul', [name, `seed${i}`], [`product${i}`]),
          node('ReduceSum', [`product${i}`], [`sum${i}`], { keepdims: int(0) }),
        ]),
        node(
          'Sum',
          names.map((_, i) => `sum${i}`),
          ['loss'],
        ),
      ],
      initializers: [
        ...constants.map(([name, recorded]) => narrow(name, recorded)),
        ...golden.seeds.map((seed, i) => stored(`seed${i}`, seed, floatType)),
      ],
      inputs: wanted.map((name) =>
        value(
          name,
          floatType,
          golden.tensors[name].dims.map((dim, axis, { length }) =>
            sizes === 'numbers' || (needsWidth && (length < 3 || axis === 2)) ? dim : `${name}.${axis}`,
          ),
        ),
      ),
      outputs: [value('loss', floatType, [])],
    },
    { opset: golden.opset, opsets: golden.domain === '' ? {} : { [golden.domain]: 1 } },
  );
}

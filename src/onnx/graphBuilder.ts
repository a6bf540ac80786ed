// Makes nodes, constants and whole models in code: for taps, interventions and the small graphs of tests.
import { sizeOf } from '../shared/tensor';
import { encodeModel } from './encode';
import { toHalf } from './half';
import {
  ElementType,
  type Attributes,
  type AttributeValue,
  type Dimension,
  type Initializer,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type ValueInfo,
} from './model';
import { readModel } from './readModel';

/** Attribute values, so that call sites read `{ axis: int(-1), perm: ints([0, 2, 1, 3]) }`. */
export const int = (value: number): AttributeValue => ({ type: 'int', value });
export const float = (value: number): AttributeValue => ({ type: 'float', value });
export const text = (value: string): AttributeValue => ({ type: 'string', value });
export const ints = (value: readonly number[]): AttributeValue => ({ type: 'ints', value });
export const floats = (value: readonly number[]): AttributeValue => ({ type: 'floats', value });
export const texts = (value: readonly string[]): AttributeValue => ({ type: 'strings', value });
export const tensor = (value: Initializer): AttributeValue => ({ type: 'tensor', value });
export const branch = (value: OnnxGraph): AttributeValue => ({ type: 'graph', value });

/** A node. An optional input that is left out is the empty string. */
export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Attributes = {},
  { name = '', domain = '' }: { readonly name?: string; readonly domain?: string } = {},
): OnnxNode {
  return { name, opType, domain, inputs, outputs, attributes };
}

/** A float32 constant; a Float32Array is not copied. */
export function floatTensor(name: string, dims: readonly number[], values: ArrayLike<number>): Initializer {
  const data = values instanceof Float32Array ? values : Float32Array.from(values);
  return constant(name, ElementType.float32, dims, data);
}

/** A float16 constant, each value rounded to the nearest half. */
export function halfTensor(name: string, dims: readonly number[], values: ArrayLike<number>): Initializer {
  return constant(name, ElementType.float16, dims, Uint16Array.from(values, toHalf));
}

/** An int64 constant. */
export function intTensor(name: string, dims: readonly number[], values: readonly number[]): Initializer {
  return constant(name, ElementType.int64, dims, BigInt64Array.from(values, BigInt));
}

/** A boolean constant. */
export function boolTensor(name: string, dims: readonly number[], values: readonly boolean[]): Initializer {
  return constant(name, ElementType.bool, dims, Uint8Array.from(values, Number));
}

/** A constant of any element type, from data that have that type's layout. */
export function constant(
  name: string,
  elementType: number,
  dims: readonly number[],
  data: ArrayBufferView,
): Initializer {
  const raw = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  const elements = (data as ArrayBufferView & { readonly length: number }).length;
  if (elements !== sizeOf(dims)) {
    throw new RangeError(`Constant "${name}" has ${elements} elements, its shape is [${dims.join(', ')}].`);
  }
  return { name, elementType, dims, raw, external: undefined };
}

/** The description of an input or output; without `dims` even the rank stays open. */
export function value(
  name: string,
  elementType: number = ElementType.float32,
  dims?: readonly Dimension[],
): ValueInfo {
  return { name, elementType, dims };
}

/** An output of which only the name is stated: the runtime infers the rest. */
export function untyped(name: string): ValueInfo {
  return { name, elementType: 0, dims: undefined };
}

/** A graph; what is left out is empty. */
export function graphOf(parts: Partial<OnnxGraph>): OnnxGraph {
  return { name: 'graph', nodes: [], initializers: [], inputs: [], outputs: [], valueInfo: [], ...parts };
}

/** Versions a built model declares; these defaults are read by every runtime of the last years. */
export interface BuildOptions {
  readonly irVersion?: number;
  readonly opset?: number;
  /** Further operator sets, such as `{ 'com.microsoft': 1 }`. */
  readonly opsets?: Readonly<Record<string, number>>;
  readonly producer?: string;
}

/** Builds a model in code: writes its file and reads it back, so that its weights are views on `bytes`. */
export function buildModel(graph: Partial<OnnxGraph>, options: BuildOptions = {}): OnnxModel {
  const { irVersion = 8, opset = 18, opsets = {}, producer = '' } = options;
  const all = { '': opset, ...opsets };
  return readModel(encodeModel({ irVersion, producer, opsets: all, graph: graphOf(graph) }));
}

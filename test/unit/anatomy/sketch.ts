// Writes small attention graphs down in a few lines, so that each test shows only what is special about its form.
import {
  buildModel,
  floatTensor,
  int,
  ints,
  intTensor,
  node,
  value,
  type BuildOptions,
} from '../../../src/onnx/graphBuilder';
import {
  ElementType,
  type Attributes,
  type Dimension,
  type Initializer,
  type OnnxModel,
  type OnnxNode,
  type ValueInfo,
} from '../../../src/onnx/model';
import { noise } from '../probe/runModel';

/** Sizes of all sketches: small, different from each other and from the batch. */
export const HEADS = 2;
export const SIZE = 4;
export const WIDTH = HEADS * SIZE;
export const VOCABULARY = 24;

/** A graph in the making. Every method that adds something returns the name of the tensor. */
export class Sketch {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: Initializer[] = [];
  readonly inputs: ValueInfo[] = [];
  #count = 0;

  input(name: string, elementType: number, dims: readonly Dimension[]): string {
    this.inputs.push(value(name, elementType, dims));
    return name;
  }

  /** Hidden states `[batch, tokens, width]`. */
  states(name = 'states', tokens: Dimension = 'tokens'): string {
    return this.input(name, ElementType.float32, ['batch', tokens, WIDTH]);
  }

  ids(name = 'input_ids', tokens: Dimension = 'tokens'): string {
    return this.input(name, ElementType.int64, ['batch', tokens]);
  }

  op(opType: string, inputs: readonly string[], attributes: Attributes = {}, domain = ''): string {
    return this.ops(opType, inputs, 1, attributes, domain)[0];
  }

  ops(
    opType: string,
    inputs: readonly string[],
    count: number,
    attributes: Attributes = {},
    domain = '',
  ): readonly string[] {
    const id = this.#count++;
    const outputs = Array.from({ length: count }, (_, i) =>
      i === 0 ? `${opType}_${id}` : `${opType}_${id}:${i}`,
    );
    this.nodes.push(node(opType, inputs, outputs, attributes, { name: `${opType}_${id}/node`, domain }));
    return outputs;
  }

  /** Random weights, the same every time. */
  weight(dims: readonly number[], name = `weight_${this.#count++}`, size = 0.5): string {
    const count = dims.reduce((a, b) => a * b, 1);
    return this.floats(dims, noise(count, this.initializers.length + 1, size), name);
  }

  floats(dims: readonly number[], values: ArrayLike<number>, name = `floats_${this.#count++}`): string {
    this.initializers.push(floatTensor(name, dims, values));
    return name;
  }

  number(x: number): string {
    return this.floats([], [x]);
  }

  ints(values: readonly number[]): string {
    const name = `ints_${this.#count++}`;
    this.initializers.push(intTensor(name, [values.length], values));
    return name;
  }

  whole(x: number): string {
    const name = `whole_${this.#count++}`;
    this.initializers.push(intTensor(name, [], [x]));
    return name;
  }

  linear(x: string, from = WIDTH, to = WIDTH): string {
    return this.op('Add', [this.op('MatMul', [x, this.weight([from, to])]), this.weight([to])]);
  }

  /** `[batch, tokens, width]` → `[batch, heads, tokens, d]`. */
  heads(x: string, heads = HEADS): string {
    return this.op('Transpose', [this.op('Reshape', [x, this.ints([0, 0, heads, SIZE])])], {
      perm: ints([0, 2, 1, 3]),
    });
  }

  transposed(x: string): string {
    return this.op('Transpose', [x], { perm: ints([0, 1, 3, 2]) });
  }

  /** The size of an axis, without axes. */
  size(x: string, axis: number): string {
    return this.op('Gather', [this.op('Shape', [x]), this.whole(axis)], { axis: int(0) });
  }

  /** 0 where the mask `[batch, tokens]` is 1, else very negative: `[batch, 1, 1, tokens]`. */
  padding(mask: string, penalty = -1e9): string {
    const absent = this.op('Sub', [
      this.number(1),
      this.op('Cast', [mask], { to: int(ElementType.float32) }),
    ]);
    return this.op('Unsqueeze', [this.op('Mul', [absent, this.number(penalty)]), this.ints([1, 2])]);
  }

  mask(name = 'attention_mask', tokens: Dimension = 'tokens'): string {
    return this.input(name, ElementType.int64, ['batch', tokens]);
  }

  /** True where a key is not later than the query: `[queries, keys]`, counted from the last key. */
  seesBack(queries: string, keys: string): string {
    const range = (size: string, axis: number): string =>
      this.op('Unsqueeze', [this.op('Range', [this.whole(0), size, this.whole(1)]), this.ints([axis])]);
    const last = this.op('Add', [range(queries, 1), this.op('Sub', [keys, queries])]);
    return this.op('LessOrEqual', [range(keys, 0), last]);
  }

  softmax(x: string): string {
    return this.op('Softmax', [x], { axis: int(-1) });
  }

  /** Joins heads and projects: `[batch, heads, tokens, d]` → `[batch, tokens, width]`. */
  joined(context: string): string {
    const rows = this.op('Transpose', [context], { perm: ints([0, 2, 1, 3]) });
    return this.op('MatMul', [
      this.op('Reshape', [rows, this.ints([0, 0, WIDTH])]),
      this.weight([WIDTH, WIDTH]),
    ]);
  }

  /** Plain attention of `from` over `to`: everything usual. */
  attention(from: string, to = from, change: (scaled: string) => string = (scaled) => scaled): string {
    const query = this.heads(this.linear(from));
    const key = this.heads(this.linear(to));
    const scores = this.op('MatMul', [query, this.transposed(key)]);
    const scaled = this.op('Mul', [scores, this.number(1 / Math.sqrt(SIZE))]);
    return this.joined(this.op('MatMul', [this.softmax(change(scaled)), this.heads(this.linear(to))]));
  }

  /** Rows of a table by token ids. */
  embedded(ids: string, table = this.weight([VOCABULARY, WIDTH], 'embedding')): string {
    return this.op('Gather', [table, ids]);
  }

  /** @param outputs Tensor names; the first is renamed to nothing: outputs keep the names they have. */
  build(outputs: readonly string[], options: BuildOptions = {}): OnnxModel {
    return buildModel(
      {
        nodes: this.nodes,
        initializers: this.initializers,
        inputs: this.inputs,
        outputs: outputs.map((name) => ({ name, elementType: ElementType.float32, dims: undefined })),
      },
      options,
    );
  }
}

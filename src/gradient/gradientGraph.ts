// Writes the nodes of the backward pass beside a forward graph: names, constants, shapes, and the reverse of broadcasting.
import type { GraphFacts } from '../anatomy/graphFacts';
import { product, sameDim, type Dim } from '../anatomy/symbolic/dim';
import { constant, int, intTensor, ints, node } from '../onnx/graphBuilder';
import { toHalf } from '../onnx/half';
import { ElementType, type Attributes, type Initializer, type OnnxNode } from '../onnx/model';
import { unsupportedNode } from './unsupported';

const FLOATS: readonly (number | undefined)[] = [
  ElementType.float32,
  ElementType.float64,
  ElementType.float16,
  ElementType.bfloat16,
];

/** Whether tensors of this element type can have gradients. */
export function isFloatType(elementType: number | undefined): boolean {
  return FLOATS.includes(elementType);
}

/** Collects nodes and constants. The same calculation is written once: nodes are remembered by what they compute. */
export class GradientGraph {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: Initializer[] = [];
  /** Forward nodes that got a further output, as they are now. */
  readonly extended = new Map<OnnxNode, OnnxNode>();
  readonly #known = new Map<string, readonly string[]>();
  readonly #constants = new Map<string, string>();
  #count = 0;

  /**
   * @param facts Of the forward graph.
   * @param floatType Element type of the loss and of everything that a gradient flows through.
   * @param prefix Begins every name; no tensor of the forward graph may begin with it.
   */
  constructor(
    readonly facts: GraphFacts,
    readonly floatType: number,
    private readonly prefix: string,
  ) {}

  /** A node with one result. */
  op(opType: string, inputs: readonly string[], attributes: Attributes = {}, domain = ''): string {
    return this.ops(opType, inputs, 1, attributes, domain)[0];
  }

  /** A node with several results. */
  ops(
    opType: string,
    inputs: readonly string[],
    count: number,
    attributes: Attributes = {},
    domain = '',
  ): readonly string[] {
    const key = JSON.stringify([domain, opType, inputs, count, attributes]);
    let names = this.#known.get(key);
    if (!names) {
      const id = this.#count++;
      names = Array.from({ length: count }, (_, i) => `${this.prefix}${opType}.${id}${i > 0 ? `:${i}` : ''}`);
      this.#known.set(key, names);
      this.nodes.push(node(opType, inputs, names, attributes, { name: `${names[0]}/node`, domain }));
    }
    return names;
  }

  add(a: string, b: string): string {
    return this.op('Add', [a, b]);
  }

  subtract(a: string, b: string): string {
    return this.op('Sub', [a, b]);
  }

  multiply(a: string, b: string): string {
    return this.op('Mul', [a, b]);
  }

  divide(a: string, b: string): string {
    return this.op('Div', [a, b]);
  }

  /** Times a number. */
  scale(tensor: string, factor: number): string {
    return factor === 1 ? tensor : this.op('Mul', [tensor, this.number(factor)]);
  }

  /** A number without axes, of the gradients' type. */
  number(value: number): string {
    return this.#constant(`number ${value}`, (name) => this.#numbers(name, [], [value]));
  }

  /** A vector of whole numbers (int64). */
  ints(values: readonly number[]): string {
    return this.#constant(`ints ${values.join()}`, (name) => intTensor(name, [values.length], values));
  }

  /** A whole number without axes (int64). */
  whole(value: number): string {
    return this.#constant(`whole ${value}`, (name) => intTensor(name, [], [value]));
  }

  cast(tensor: string, elementType: number): string {
    return this.op('Cast', [tensor], { to: int(elementType) });
  }

  /** As the gradients' type. */
  float(tensor: string): string {
    return this.cast(tensor, this.floatType);
  }

  /** Indices as int64, which scattering demands. */
  indices(tensor: string): string {
    return this.facts.elementType(tensor) === ElementType.int64
      ? tensor
      : this.cast(tensor, ElementType.int64);
  }

  reduceSum(tensor: string, axes: readonly number[], keep: boolean): string {
    return axes.length === 0
      ? tensor
      : this.op('ReduceSum', [tensor, this.ints(axes)], { keepdims: int(keep ? 1 : 0) });
  }

  reduceMean(tensor: string, axes: readonly number[]): string {
    return this.op('ReduceMean', [tensor, this.ints(axes)], { keepdims: int(1) });
  }

  transpose(tensor: string, perm: readonly number[]): string {
    return perm.every((axis, i) => axis === i)
      ? tensor
      : this.op('Transpose', [tensor], { perm: ints(perm) });
  }

  /** The last two axes exchanged; the runtime fuses it with a MatMul that follows. */
  transposeLast(tensor: string, rank: number): string {
    const axes = Array.from({ length: rank }, (_, i) => i);
    return this.transpose(tensor, [...axes.slice(0, -2), rank - 1, rank - 2]);
  }

  /** Dimensions of a forward tensor; undefined when not even the rank is known. */
  dims(tensor: string): readonly Dim[] | undefined {
    return this.facts.dims(tensor);
  }

  /** @throws UserError `modelUnsupported`, naming `user`, when the rank does not follow from the file. */
  rank(tensor: string, user: OnnxNode): number {
    const rank = this.facts.rank(tensor);
    if (rank === undefined) {
      throw unsupportedNode(user, `The number of axes of "${tensor}" does not follow from the file.`);
    }
    return rank;
  }

  /** The shape of a forward tensor as a vector: a constant where it is known. */
  shape(tensor: string): string {
    const dims = this.dims(tensor);
    return dims?.every((dim) => typeof dim === 'number') ? this.ints(dims) : this.op('Shape', [tensor]);
  }

  /** One size of a forward tensor, as a vector of one. */
  size(tensor: string, axis: number): string {
    const dim = this.dims(tensor)?.[axis];
    return typeof dim === 'number'
      ? this.ints([dim])
      : this.op('Shape', [tensor], { start: int(axis), end: int(axis + 1) });
  }

  /** `tensor` in the shape of the forward tensor `like`. */
  reshapeLike(tensor: string, like: string): string {
    const dims = this.dims(like);
    const open = dims?.filter((dim) => typeof dim !== 'number').length ?? Infinity;
    if (dims && open <= 1 && !dims.includes(0)) {
      return this.reshape(
        tensor,
        dims.map((dim) => (typeof dim === 'number' ? dim : -1)),
      );
    }
    // A size of 0 means 0 here, not "as before".
    return this.op('Reshape', [tensor, this.shape(like)], { allowzero: int(1) });
  }

  reshape(tensor: string, shape: readonly number[]): string {
    return this.op('Reshape', [tensor, this.ints(shape)]);
  }

  /** Zeros in the shape of a forward tensor. */
  zerosLike(tensor: string): string {
    return this.filled(this.shape(tensor), 0);
  }

  /** A tensor of one number, of the shape in `shape`. */
  filled(shape: string, value: number): string {
    return this.op('ConstantOfShape', [shape], {
      value: { type: 'tensor', value: this.#numbers('', [1], [value]) },
    });
  }

  /** `gradient` repeated to the shape of a forward tensor; its sizes are those or 1. */
  expandLike(gradient: string, like: string): string {
    return this.op('Expand', [gradient, this.shape(like)]);
  }

  /**
   * The reverse of broadcasting (ONNX "Multidirectional Broadcasting"): sums the gradient of a result over the axes along
   * which `operand` was repeated. Axes whose sizes are the same by number or by name are left alone. Where two sizes of
   * different names meet, the graph decides when it runs.
   *
   * @param others The other operands, or the result.
   */
  unbroadcast(gradient: string, operand: string, others: readonly string[], user: OnnxNode): string {
    const own = this.dims(operand);
    const all = others.map((name) => this.dims(name));
    if (!own || !all.every((dims): dims is readonly Dim[] => dims !== undefined)) {
      const missing = own ? others[all.indexOf(undefined)] : operand;
      throw unsupportedNode(user, `The number of axes of "${missing}" does not follow from the file.`);
    }
    return this.unbroadcastDims(gradient, operand, own, all);
  }

  /** As {@link unbroadcast}, of which the dimensions that met are given. */
  unbroadcastDims(
    gradient: string,
    operand: string,
    own: readonly Dim[],
    others: readonly (readonly Dim[])[],
  ): string {
    const rank = Math.max(own.length, ...others.map((dims) => dims.length));
    const lead = rank - own.length;
    const summed: number[] = [];
    let open = false;
    own.forEach((dim, i) => {
      const met = others
        .map((dims) => dims[i + lead - rank + dims.length] ?? 1)
        .filter((other) => other !== 1);
      if (dim === 1 && met.length > 0) {
        summed.push(i);
      } else if (typeof dim !== 'number' && !met.every((other) => sameDim(dim, other))) {
        open = true;
      }
    });
    const leading = Array.from({ length: lead }, (_, i) => i);
    const without = this.reduceSum(gradient, leading, false);
    return open ? this.#sumOpen(without, operand) : this.reduceSum(without, summed, true);
  }

  /** Sums over every axis on which the operand's size turns out to be 1. */
  #sumOpen(gradient: string, operand: string): string {
    const isOne = this.op('Equal', [this.op('Shape', [operand]), this.whole(1)]);
    const axes = this.op('Reshape', [this.op('NonZero', [isOne]), this.ints([-1])]);
    return this.op('ReduceSum', [gradient, axes], { keepdims: int(1), noop_with_empty_axes: int(1) });
  }

  /** A forward tensor's number of elements along `axes`, without axes and of the gradients' type; a constant where known. */
  count(tensor: string, axes: readonly number[]): string {
    const all = product(axes.map((axis) => this.dims(tensor)?.[axis] ?? 0));
    if (typeof all === 'number' && all > 0) {
      return this.number(all);
    }
    const sizes = this.op('Gather', [this.op('Shape', [tensor]), this.ints(axes)]);
    return this.float(this.op('ReduceProd', [sizes], { keepdims: int(0) }));
  }

  /**
   * The name of a further, optional output of a forward node, such as the mean of a LayerNormalization: the node is asked for it
   * if the file does not.
   */
  output(forward: OnnxNode, index: number): string {
    const now = this.extended.get(forward) ?? forward;
    const present = now.outputs[index];
    if (present) {
      return present;
    }
    const name = `${this.prefix}${forward.outputs[0]}:${index}`;
    const outputs = Array.from({ length: Math.max(now.outputs.length, index + 1) }, (_, i) =>
      i === index ? name : (now.outputs[i] ?? ''),
    );
    this.extended.set(forward, { ...now, outputs });
    return name;
  }

  /** Name of the output that holds the gradient of a tensor. */
  nameOf(tensor: string): string {
    return `${this.prefix}of/${tensor}`;
  }

  #numbers(name: string, dims: readonly number[], values: readonly number[]): Initializer {
    switch (this.floatType) {
      case ElementType.float64:
        return constant(name, ElementType.float64, dims, Float64Array.from(values));
      case ElementType.float16:
        return constant(name, ElementType.float16, dims, Uint16Array.from(values, toHalf));
      default:
        return constant(name, ElementType.float32, dims, Float32Array.from(values));
    }
  }

  #constant(key: string, make: (name: string) => Initializer): string {
    let name = this.#constants.get(key);
    if (name === undefined) {
      name = `${this.prefix}constant.${this.#constants.size}`;
      this.#constants.set(key, name);
      this.initializers.push(make(name));
    }
    return name;
  }
}

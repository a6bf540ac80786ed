// Writes small calculations as ONNX nodes with names of their own; only forms that every operator set since 11 has.
import { constant, floatTensor, halfTensor, int, intTensor, ints, node } from '../onnx/graphBuilder';
import { ElementType, type Attributes, type Initializer, type OnnxNode } from '../onnx/model';

/** Collects nodes and constants whose names begin with one prefix. */
export class NodeWriter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: Initializer[] = [];
  readonly #constants = new Map<string, string>();
  #count = 0;

  /** @param floatType Element type of the model's activations: constants take it. */
  constructor(
    private readonly prefix: string,
    private readonly floatType: number = ElementType.float32,
  ) {}

  /** A node with one result, under a name of its own unless `output` is given. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    output?: string,
    domain = '',
  ): string {
    const name = output ?? this.#name(opType);
    this.nodes.push(node(opType, inputs, [name], attributes, { name: `${name}/node`, domain }));
    return name;
  }

  /** A node with several results. */
  several(
    opType: string,
    inputs: readonly string[],
    count: number,
    attributes: Attributes,
  ): readonly string[] {
    const names = Array.from({ length: count }, () => this.#name(opType));
    this.nodes.push(node(opType, inputs, names, attributes, { name: `${names[0]}/node` }));
    return names;
  }

  ints(values: readonly number[]): string {
    return this.#constant(`ints ${values.join()}`, (name) => intTensor(name, [values.length], values));
  }

  /** A whole number without axes. */
  whole(value: number): string {
    return this.#constant(`whole ${value}`, (name) => intTensor(name, [], [value]));
  }

  /** A number without axes, of the activations' type. */
  number(value: number): string {
    return this.#constant(`number ${value}`, (name) => {
      if (this.floatType === ElementType.float16) {
        return halfTensor(name, [], [Math.max(value, -65504)]);
      }
      return this.floatType === ElementType.float64
        ? constant(name, ElementType.float64, [], Float64Array.of(value))
        : floatTensor(name, [], [value]);
    });
  }

  reshape(tensor: string, shape: readonly number[]): string {
    return this.node('Reshape', [tensor, this.ints(shape)]);
  }

  /** Into numbers and sizes known at run time (names of whole numbers without axes). */
  reshapeTo(tensor: string, sizes: readonly (number | string)[], output?: string): string {
    const parts = sizes.map((size) =>
      typeof size === 'number' ? this.ints([size]) : this.reshape(size, [1]),
    );
    return this.node('Reshape', [tensor, this.node('Concat', parts, { axis: int(0) })], {}, output);
  }

  transpose(tensor: string, perm: readonly number[]): string {
    return this.node('Transpose', [tensor], { perm: ints(perm) });
  }

  /** Elements `[from, to)` of one axis. */
  slice(tensor: string, axis: number, from: number, to: number): string {
    const end = Math.min(to, Number.MAX_SAFE_INTEGER);
    return this.node('Slice', [tensor, this.ints([from]), this.ints([end]), this.ints([axis])]);
  }

  /** The size of one axis, without axes. */
  size(tensor: string, axis: number): string {
    return this.node('Gather', [this.node('Shape', [tensor]), this.whole(axis)], { axis: int(0) });
  }

  cast(tensor: string, elementType: number): string {
    return this.node('Cast', [tensor], { to: int(elementType) });
  }

  /** As the activations' type. */
  float(tensor: string): string {
    return this.cast(tensor, this.floatType);
  }

  #name(opType: string): string {
    return `${this.prefix}/${opType}.${this.#count++}`;
  }

  #constant(key: string, make: (name: string) => Initializer): string {
    let name = this.#constants.get(key);
    if (name === undefined) {
      name = this.#name('constant');
      this.#constants.set(key, name);
      this.initializers.push(make(name));
    }
    return name;
  }
}

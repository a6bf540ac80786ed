// Everything the anatomy asks of a graph: who makes and reads a tensor, its symbolic shape, constant values, dependencies.
import { GraphIndex, type Use } from '../onnx/graphIndex';
import { ElementType, type Initializer, type OnnxModel, type OnnxNode, type ValueInfo } from '../onnx/model';
import { sortNodes } from '../onnx/sortNodes';
import { intAttribute } from './symbolic/attributes';
import { Dependencies } from './symbolic/dependencies';
import { namedDim, symbol, type Dim } from './symbolic/dim';
import { Folder, type Assumptions } from './symbolic/fold';
import { shapesOf, type Dims } from './symbolic/shapes';
import { numberOf, numbersOf, type Value } from './symbolic/value';

/** Operators through which a constant is still the same numbers, perhaps in another precision. */
const SAME_NUMBERS = new Set(['Identity', 'Cast', 'CastLike', 'Dropout']);

/** Facts about one graph, computed once. */
export class GraphFacts {
  readonly index: GraphIndex;
  /** Nodes in an order in which they can run. */
  readonly order: readonly OnnxNode[];
  readonly dependencies: Dependencies;
  readonly #dims = new Map<string, readonly Dim[]>();
  readonly #folder: Folder;
  readonly #ranks = new Map<OnnxNode, number>();
  #unknown = 0;

  constructor(readonly model: OnnxModel) {
    this.index = new GraphIndex(model.graph);
    this.order = sortNodes(model.graph).nodes;
    this.order.forEach((node, i) => this.#ranks.set(node, i));
    this.dependencies = new Dependencies(this.index, this.order);
    this.#folder = new Folder(this.index, (tensor) => this.dims(tensor));
    this.#inferShapes();
  }

  /** Version of the standard operator set. */
  get opset(): number {
    return this.model.opsets[''] ?? this.model.opsets['ai.onnx'] ?? 1;
  }

  /** Symbolic dimensions; undefined when not even the rank is known. */
  dims(tensor: string): Dims {
    return this.#dims.get(tensor);
  }

  rank(tensor: string): number | undefined {
    return this.#dims.get(tensor)?.length;
  }

  /** A dimension that is a number, counted from the end when `axis` is negative. */
  numericDim(tensor: string, axis: number): number | undefined {
    const dims = this.dims(tensor);
    const dim = dims?.[axis < 0 ? axis + dims.length : axis];
    return typeof dim === 'number' ? dim : undefined;
  }

  producer(tensor: string): OnnxNode | undefined {
    return this.index.producer(tensor);
  }

  consumers(tensor: string): readonly Use[] {
    return this.index.consumers(tensor);
  }

  /** Place of a node in {@link order}. */
  rankOf(node: OnnxNode): number {
    return this.#ranks.get(node) ?? -1;
  }

  /** Graph inputs that are fed, i.e. not mere initializers. */
  get inputs(): readonly ValueInfo[] {
    return this.model.graph.inputs.filter((input) => this.index.input(input.name));
  }

  /** The constant a tensor equals number by number, seen through Identity and Cast. */
  weight(tensor: string): Initializer | undefined {
    let name = tensor;
    for (let i = 0; i < 8; i++) {
      const constant = this.index.constant(name);
      const maker = this.producer(name);
      if (constant || !maker || !SAME_NUMBERS.has(maker.opType)) {
        return constant;
      }
      name = maker.inputs[0];
    }
    return undefined;
  }

  /** Whether no input's value reaches the tensor. */
  isConstant(tensor: string): boolean {
    return this.dependencies.isFree(tensor);
  }

  /** Elements that follow from constants and shapes, symbolic sizes included. */
  value(tensor: string): Value | undefined {
    return this.isConstant(tensor) ? this.#folder.value(tensor) : undefined;
  }

  /** The number of a tensor with exactly one element. */
  scalar(tensor: string): number | undefined {
    return numberOf(this.value(tensor));
  }

  /** All elements of a short constant. */
  numbers(tensor: string): readonly number[] | undefined {
    return numbersOf(this.value(tensor));
  }

  /** A value of `ElementType`, followed back to where it is stated; undefined when it is not. */
  elementType(tensor: string): number | undefined {
    let name = tensor;
    for (let i = 0; i < 64; i++) {
      const stated = this.index.constant(name)?.elementType ?? this.index.value(name)?.elementType;
      if (stated) {
        return stated;
      }
      const node = this.producer(name);
      const own = node && resultType(node);
      if (!node || own !== undefined) {
        return own;
      }
      // Where and the like: the type is that of the values chosen from.
      name = node.inputs[node.opType === 'Where' ? 1 : 0];
    }
    return undefined;
  }

  /** Folds under assumptions about sizes and inputs. */
  folder(assumptions: Assumptions): Folder {
    return new Folder(this.index, (tensor) => this.dims(tensor), assumptions);
  }

  #inferShapes(): void {
    const { graph } = this.model;
    for (const input of graph.inputs) {
      this.#set(input.name, this.#declared(input));
    }
    for (const initializer of graph.initializers) {
      this.#set(initializer.name, initializer.dims);
    }
    const fresh = (): Dim => symbol(`?${this.#unknown++}`);
    for (const node of this.order) {
      const shapes = this.#shapesOf(node, fresh);
      node.outputs.forEach((output, i) => {
        if (output !== '') {
          this.#set(output, shapes[i] ?? this.#stated(output));
        }
      });
    }
  }

  #shapesOf(node: OnnxNode, fresh: () => Dim): readonly Dims[] {
    try {
      return shapesOf(node, {
        inputs: node.inputs.map((name) => this.dims(name)),
        value: (i) => {
          const name = i < 0 ? node.outputs[0] : node.inputs[i];
          return name === undefined ? undefined : this.value(name);
        },
        fresh,
      });
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError) {
        // Arguments that contradict the shapes, as only damaged files have: the runtime will say so.
        return [];
      }
      throw error;
    }
  }

  #set(tensor: string, dims: Dims): void {
    if (dims?.every((dim) => dim !== undefined)) {
      this.#dims.set(tensor, dims);
    }
  }

  /** What the file says of the shape of an inner tensor. */
  #stated(tensor: string): Dims {
    const value = this.index.value(tensor);
    return value && this.#declared(value);
  }

  #declared({ dims }: ValueInfo): Dims {
    return dims?.map((dim) =>
      typeof dim === 'number' && dim > 0
        ? dim
        : typeof dim === 'string' && dim !== ''
          ? namedDim(dim)
          : symbol(`?${this.#unknown++}`),
    );
  }
}

const TESTS = new Set('Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor Not IsNaN IsInf'.split(' '));

/** The type that an operator's result has whatever its inputs are. */
function resultType(node: OnnxNode): number | undefined {
  if (node.opType === 'Cast') {
    return intAttribute(node, 'to');
  }
  if (TESTS.has(node.opType)) {
    return ElementType.bool;
  }
  return node.opType === 'Shape' || node.opType === 'Size' || node.opType === 'NonZero'
    ? ElementType.int64
    : undefined;
}

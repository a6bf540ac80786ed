// Look-ups in one graph: who makes a tensor, who reads it, what is a constant. Built once, pure, for this graph only.
import type { Initializer, OnnxGraph, OnnxNode, ValueInfo } from './model';
import { outerNames } from './tensorNames';

/** Where a tensor is read: input number `input` of the node. */
export interface Use {
  readonly node: OnnxNode;
  /** Index of the node in `graph.nodes`. */
  readonly index: number;
  readonly input: number;
}

/** Index of a graph by tensor name. Names inside branches of control flow are not entered, except as uses of the node. */
export class GraphIndex {
  readonly #producers = new Map<string, number>();
  readonly #uses = new Map<string, Use[]>();
  readonly #initializers = new Map<string, Initializer>();
  readonly #constants = new Map<string, Initializer>();
  readonly #values = new Map<string, ValueInfo>();
  readonly #inputs: ReadonlyMap<string, ValueInfo>;
  readonly #outputs: ReadonlySet<string>;

  constructor(readonly graph: OnnxGraph) {
    this.#inputs = new Map(graph.inputs.map((input) => [input.name, input]));
    this.#outputs = new Set(graph.outputs.map((output) => output.name));
    for (const values of [graph.valueInfo, graph.outputs, graph.inputs]) {
      values.forEach((value) => this.#values.set(value.name, value));
    }
    for (const initializer of graph.initializers) {
      // The runtime keeps the first of two initializers of one name.
      if (!this.#initializers.has(initializer.name)) {
        this.#initializers.set(initializer.name, initializer);
      }
    }
    graph.nodes.forEach((node, index) => {
      node.outputs.forEach((output) => {
        if (output !== '') {
          this.#producers.set(output, index);
        }
      });
      node.inputs.forEach((name, input) => this.#addUse(name, { node, index, input }));
      for (const name of outerNames(node)) {
        this.#addUse(name, { node, index, input: -1 });
      }
      const value = node.opType === 'Constant' ? node.attributes['value'] : undefined;
      const [output] = node.outputs;
      if (value?.type === 'tensor' && output !== undefined) {
        this.#constants.set(output, value.value);
      }
    });
  }

  /** The node that makes a tensor; undefined for inputs, initializers and unknown names. */
  producer(tensor: string): OnnxNode | undefined {
    const index = this.#producers.get(tensor);
    return index === undefined ? undefined : this.graph.nodes[index];
  }

  /** Index in `graph.nodes` of the node that makes a tensor; -1 when none does. */
  producerIndex(tensor: string): number {
    return this.#producers.get(tensor) ?? -1;
  }

  /** Every use of a tensor by a node, in the order of nodes. A use inside a branch has `input` -1. */
  consumers(tensor: string): readonly Use[] {
    return this.#uses.get(tensor) ?? [];
  }

  initializer(tensor: string): Initializer | undefined {
    return this.#initializers.get(tensor);
  }

  /** The constant behind a name: an initializer, or the `value` of a Constant node. */
  constant(tensor: string): Initializer | undefined {
    return this.#initializers.get(tensor) ?? this.#constants.get(tensor);
  }

  /** What the file says about type and shape of a tensor, be it input, output or in between. */
  value(tensor: string): ValueInfo | undefined {
    return this.#values.get(tensor);
  }

  /** The graph input of that name, unless an initializer of that name makes it a mere default. */
  input(tensor: string): ValueInfo | undefined {
    return this.#initializers.has(tensor) ? undefined : this.#inputs.get(tensor);
  }

  isOutput(tensor: string): boolean {
    return this.#outputs.has(tensor);
  }

  /** Whether a name is taken, by whatever. */
  has(tensor: string): boolean {
    return (
      this.#producers.has(tensor) ||
      this.#uses.has(tensor) ||
      this.#initializers.has(tensor) ||
      this.#values.has(tensor)
    );
  }

  #addUse(tensor: string, use: Use): void {
    if (tensor === '') {
      return;
    }
    const uses = this.#uses.get(tensor);
    if (uses) {
      uses.push(use);
    } else {
      this.#uses.set(tensor, [use]);
    }
  }
}

// Which graph inputs the values of a tensor depend on; inputs whose shape alone matters are not counted.
import type { GraphIndex } from '../../onnx/graphIndex';
import type { OnnxNode } from '../../onnx/model';
import { namesRead } from '../../onnx/tensorNames';

/** Sets of inputs as bits, because every tensor of a large graph has one. */
export class Dependencies {
  readonly #names: readonly string[];
  readonly #sets = new Map<string, Uint32Array>();
  readonly #none: Uint32Array;

  constructor(index: GraphIndex, order: readonly OnnxNode[]) {
    this.#names = index.graph.inputs.map((input) => input.name).filter((name) => index.input(name));
    const words = Math.ceil(this.#names.length / 32);
    this.#none = new Uint32Array(words);
    this.#names.forEach((name, i) => {
      const own = new Uint32Array(words);
      own[i >>> 5] |= 1 << (i & 31);
      this.#sets.set(name, own);
    });
    for (const node of order) {
      const set = this.#ofNode(node);
      if (set) {
        node.outputs.forEach((output) => this.#sets.set(output, set));
      }
    }
  }

  /** Names of the inputs, in the graph's order. */
  of(tensor: string): readonly string[] {
    const set = this.#sets.get(tensor);
    return set ? this.#names.filter((_, i) => ((set[i >>> 5] >>> (i & 31)) & 1) === 1) : [];
  }

  /** Whether the values follow from constants and shapes alone. */
  isFree(tensor: string): boolean {
    return (this.#sets.get(tensor) ?? this.#none).every((word) => word === 0);
  }

  has(tensor: string, input: string): boolean {
    const i = this.#names.indexOf(input);
    const set = this.#sets.get(tensor);
    return i >= 0 && set !== undefined && ((set[i >>> 5] >>> (i & 31)) & 1) === 1;
  }

  #ofNode(node: OnnxNode): Uint32Array | undefined {
    if (node.opType === 'Shape' || node.opType === 'Size') {
      return undefined;
    }
    let union: Uint32Array | undefined;
    let owned = false;
    for (const name of namesRead(node)) {
      const set = this.#sets.get(name);
      if (!set || set === union) {
        continue;
      }
      if (!union) {
        union = set;
        continue;
      }
      if (!owned) {
        union = union.slice();
        owned = true;
      }
      for (let i = 0; i < set.length; i++) {
        union[i] |= set[i];
      }
    }
    return union;
  }
}

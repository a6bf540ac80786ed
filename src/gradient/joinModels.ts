// Joins two graphs into one, as an encoder and its decoder, so that one gradient runs through both and weights that both have are one.
import type { Dimension, Initializer, OnnxGraph, OnnxModel, ValueInfo } from '../onnx/model';
import { allDefinedNames, definedNames, renameGraph } from '../onnx/tensorNames';
import { canonicalOpset, opsetOf } from './canonicalOpset';

export interface JoinOptions {
  /** Inputs of the second graph, and the tensor of the first that each becomes (by its name in the first). */
  readonly wires: ReadonlyMap<string, string>;
  /** New names for tensors of the first graph, such as its inputs; two inputs that get one name become one. */
  readonly rename?: ReadonlyMap<string, string>;
}

/**
 * One model of two, with the inputs of both (without the wired ones) and the outputs of the second. Initializers that are the same in
 * name, type, shape and every byte become one; other tensors of the first graph whose names the second has, too, get the prefix
 * `first/`. As for `canonicalOpset`, `bytes` are those of the second file: write the result with `editModel`.
 *
 * @throws RangeError when a wired name is not there; UserError `modelUnsupported` as `canonicalOpset`.
 */
export function joinModels(
  first: OnnxModel,
  second: OnnxModel,
  { wires, rename = new Map() }: JoinOptions,
): OnnxModel {
  const [a, b] = [canonicalOpset(first), canonicalOpset(second)];
  const free = withoutClashes(a.graph, b.graph, rename);
  const left = renameGraph(a.graph, free);
  const wired = new Map([...wires].map(([input, tensor]) => [input, free(tensor)]));
  const known = definedNames(left);
  for (const [input, tensor] of wired) {
    if (!known.has(tensor) || !b.graph.inputs.some(({ name }) => name === input)) {
      throw new RangeError(`"${tensor}" cannot become the input "${input}": one of them is missing.`);
    }
  }
  const right = renameGraph(
    { ...b.graph, inputs: b.graph.inputs.filter(({ name }) => !wired.has(name)) },
    (name) => wired.get(name) ?? name,
  );
  const sized = renameSizes(left, sizesBetween(left, b.graph, wired));
  const graph: OnnxGraph = {
    ...right,
    nodes: [...sized.nodes, ...right.nodes],
    initializers: distinct([...right.initializers, ...sized.initializers]),
    inputs: distinct([...right.inputs, ...sized.inputs]),
    valueInfo: [...sized.valueInfo, ...right.valueInfo],
    rest: [...(sized.rest ?? []), ...(right.rest ?? [])],
  };
  const opset = Math.max(opsetOf(a), opsetOf(b));
  return {
    ...b,
    graph,
    irVersion: Math.max(a.irVersion, b.irVersion),
    opsets: { ...a.opsets, ...b.opsets, '': opset },
    files: new Map([...(a.files ?? []), ...(b.files ?? [])]),
    rest: [...(a.rest ?? []), ...(b.rest ?? [])],
  };
}

/** The names that tensors of the first graph get. */
function withoutClashes(
  first: OnnxGraph,
  second: OnnxGraph,
  chosen: ReadonlyMap<string, string>,
): (name: string) => string {
  const taken = allDefinedNames(second);
  const weights = new Map(second.initializers.map((initializer) => [initializer.name, initializer]));
  const shared = new Set(
    first.initializers.filter((each) => sameWeight(each, weights.get(each.name))).map(({ name }) => name),
  );
  const names = new Map<string, string>();
  for (const name of allDefinedNames(first)) {
    const own = chosen.get(name);
    if (own !== undefined) {
      names.set(name, own);
    } else if (taken.has(name) && !shared.has(name)) {
      names.set(name, `first/${name}`);
    }
  }
  return (name) => names.get(name) ?? name;
}

function sameWeight(a: Initializer, b: Initializer | undefined): boolean {
  if (!b?.raw || !a.raw || a.elementType !== b.elementType || a.raw.length !== b.raw.length) {
    return false;
  }
  const other = b.raw;
  return a.dims.join() === b.dims.join() && a.raw.every((byte, i) => byte === other[i]);
}

function distinct<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return [...new Map([...items].reverse().map((item) => [item.name, item])).values()].reverse();
}

/** What the sizes of the first graph are called in the second: of wired tensors by their axes; others get a name of their own. */
function sizesBetween(
  left: OnnxGraph,
  second: OnnxGraph,
  wired: ReadonlyMap<string, string>,
): (size: string) => string {
  const names = new Map<string, string>();
  const stated = new Map(
    [...left.valueInfo, ...left.outputs, ...left.inputs].map((each) => [each.name, each]),
  );
  const pair = (own: ValueInfo | undefined, other: ValueInfo | undefined): void => {
    own?.dims?.forEach((dim, axis) => {
      const there = other?.dims?.[axis];
      if (typeof dim === 'string' && typeof there === 'string') {
        names.set(dim, there);
      }
    });
  };
  for (const input of second.inputs) {
    const tensor = wired.get(input.name) ?? input.name;
    pair(stated.get(tensor), input);
  }
  return (size) => names.get(size) ?? `first ${size}`;
}

function renameSizes(graph: OnnxGraph, sizeName: (size: string) => string): OnnxGraph {
  const renamed = (value: ValueInfo): ValueInfo => ({
    ...value,
    dims: value.dims?.map((dim): Dimension => (typeof dim === 'string' ? sizeName(dim) : dim)),
  });
  return { ...graph, inputs: graph.inputs.map(renamed), valueInfo: graph.valueInfo.map(renamed) };
}

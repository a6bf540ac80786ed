// Lists the data files that stand beside a model; reading them is the caller's business.
import type { Initializer, OnnxGraph, OnnxModel } from './model';

/** A file of external data that a model needs. */
export interface ExternalFile {
  /** Path relative to the model file, with forward slashes, never outside its folder. */
  readonly location: string;
  /** Bytes it must have at least. */
  readonly bytes: number;
}

/** The external files of a model, sorted by location; give their contents to `readModel`. Empty when it stands alone. */
export function externalFiles(model: OnnxModel): ExternalFile[] {
  const bytes = new Map<string, number>();
  for (const { external } of tensorsOf(model.graph)) {
    if (external) {
      const end = external.offset + external.length;
      bytes.set(external.location, Math.max(end, bytes.get(external.location) ?? 0));
    }
  }
  return [...bytes]
    .map(([location, size]) => ({ location, bytes: size }))
    .sort((a, b) => (a.location < b.location ? -1 : 1));
}

/** All tensors of a graph: initializers and attributes, those of branches included. */
function* tensorsOf(graph: OnnxGraph): Generator<Initializer> {
  yield* graph.initializers;
  for (const node of graph.nodes) {
    for (const attribute of Object.values(node.attributes)) {
      if (attribute.type === 'tensor') {
        yield attribute.value;
      } else if (attribute.type === 'graph') {
        yield* tensorsOf(attribute.value);
      }
    }
  }
}

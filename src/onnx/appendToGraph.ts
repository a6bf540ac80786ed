// Adds to a model without rewriting it: protobuf merges a second `graph` field, appended to the file, into the first.
import { encodeGraph, encodeOpset } from './encode';
import type { Initializer, OnnxModel, OnnxNode, ValueInfo } from './model';
import { joinParts, WireWriter, type Part } from './wireWriter';

/** What is added. New nodes may read any tensor of the main graph; names they make must be new. */
export interface Additions {
  readonly nodes?: readonly OnnxNode[];
  readonly initializers?: readonly Initializer[];
  readonly inputs?: readonly ValueInfo[];
  /** Any tensor of the main graph; see `untyped` when type and shape are not known. */
  readonly outputs?: readonly ValueInfo[];
  /** Operator sets the new nodes need and the model does not import yet, by domain. */
  readonly opsets?: Readonly<Record<string, number>>;
}

/**
 * The model's file with the additions at its end: one copy of the bytes, nothing else is touched. Outputs that the model
 * has already are left out.
 *
 * @throws UserError `modelTooLarge` beyond 2 GB; RangeError when a new initializer or input has a name that is taken
 * (the runtime would silently ignore it; `editModel` can replace one).
 */
export function appendToGraph(model: OnnxModel, additions: Additions): Uint8Array<ArrayBuffer> {
  return joinParts([model.bytes, ...additionParts(model, additions)]);
}

function additionParts(model: OnnxModel, additions: Additions): readonly Part[] {
  const { nodes, initializers = [], inputs = [], outputs = [], opsets = {} } = additions;
  const { graph } = model;
  const taken = new Set([...graph.initializers, ...graph.inputs].map(({ name }) => name));
  const clash = [...initializers, ...inputs].find(({ name }) => taken.has(name));
  if (clash) {
    throw new RangeError(`The graph has a tensor named "${clash.name}" already.`);
  }
  const present = new Set(graph.outputs.map(({ name }) => name));
  const added = outputs.filter(({ name }) => !present.has(name));
  const suffix = new WireWriter().message(7, encodeGraph({ nodes, initializers, inputs, outputs: added }));
  for (const [domain, version] of Object.entries(opsets)) {
    if (!(domain in model.opsets)) {
      suffix.message(8, encodeOpset(domain, version));
    }
  }
  return suffix.parts();
}

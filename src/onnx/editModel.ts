// Rewrites a model after edits of its graph; each edit is a pure function and lives in graphEdits.ts.
import { encodeModel, type DataOf } from './encode';
import type { OnnxGraph, OnnxModel } from './model';
import { readModel } from './readModel';

/** Makes a changed graph from a graph; what is not changed must stay the same objects, so that it is copied as it stood. */
export type GraphEdit = (graph: OnnxGraph) => OnnxGraph;

/**
 * Applies edits in order and writes the result into one new buffer, to which the new model belongs. The old model is not
 * changed. `opsets` adds or raises operator sets.
 */
export function editModel(
  model: OnnxModel,
  edits: readonly GraphEdit[],
  {
    opsets = {},
    dataOf,
  }: { readonly opsets?: Readonly<Record<string, number>>; readonly dataOf?: DataOf } = {},
): OnnxModel {
  const graph = edits.reduce((edited, edit) => edit(edited), model.graph);
  return readModel(
    encodeModel({ ...model, graph, opsets: { ...model.opsets, ...opsets } }, dataOf),
    model.files,
  );
}

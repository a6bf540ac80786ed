// Rewrites a model after edits of its graph; the edits themselves are in graphEdits.ts, liftBranch.ts and expandHalf.ts.
import { encodeModel, type DataOf } from './encode';
import type { GraphEdit } from './graphEdits';
import type { OnnxModel } from './model';
import { readModel } from './readModel';
import { sortNodes } from './sortNodes';

/** What an edit may change beside the graph. */
export interface EditOptions {
  /** Operator sets to import, or to import in another version, by domain. */
  readonly opsets?: Readonly<Record<string, number>>;
  /** Data to write in place of those of an initializer, produced at the moment of writing. */
  readonly dataOf?: DataOf;
}

/**
 * Applies edits in order and writes the result into one new buffer, to which the new model belongs; the old model is not
 * changed. Nodes are sorted if the edits broke their order; what was not changed is copied as it stood.
 *
 * @throws UserError `modelTooLarge` beyond 2 GB; RangeError when an edit names what is not there.
 */
export function editModel(
  model: OnnxModel,
  edits: readonly GraphEdit[],
  { opsets = {}, dataOf }: EditOptions = {},
): OnnxModel {
  const graph = sortNodes(edits.reduce((edited, edit) => edit(edited), model.graph));
  return readModel(
    encodeModel({ ...model, graph, opsets: { ...model.opsets, ...opsets } }, dataOf),
    model.files,
  );
}

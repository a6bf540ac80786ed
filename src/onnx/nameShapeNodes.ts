// Names for the nodes that a session must leave to the CPU, which it knows by name only.
import { editModel } from './editModel';
import type { OnnxModel } from './model';

/** The model with a name of its own for every `Shape` node of its main graph, and those names; see `SessionOptions.cpuNodes`. */
export function nameShapeNodes(model: OnnxModel): {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly shapeNodes: readonly string[];
} {
  const taken = new Set(model.graph.nodes.map(({ name }) => name));
  const shapeNodes: string[] = [];
  const nodes = model.graph.nodes.map((each, i) => {
    if (each.opType !== 'Shape') {
      return each;
    }
    const name = each.name !== '' ? each.name : freeName(`shape_${i}`, taken);
    shapeNodes.push(name);
    return { ...each, name };
  });
  const { bytes } = shapeNodes.length > 0 ? editModel(model, [(graph) => ({ ...graph, nodes })]) : model;
  return { bytes, shapeNodes };
}

function freeName(wanted: string, taken: Set<string>): string {
  const name = taken.has(wanted) ? freeName(`${wanted}_`, taken) : wanted;
  taken.add(name);
  return name;
}

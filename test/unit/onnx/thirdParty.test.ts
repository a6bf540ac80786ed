// Reads files that other exporters wrote, where the optional folder beside the repository has them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { editModel } from '../../../src/onnx/editModel';
import { GraphIndex } from '../../../src/onnx/graphIndex';
import type { OnnxNode } from '../../../src/onnx/model';
import { readModel } from '../../../src/onnx/readModel';
import { sortNodes } from '../../../src/onnx/sortNodes';
import { namesRead } from '../../../src/onnx/tensorNames';

const FOLDER = join(__dirname, '../../../../shared/third-party-models');
const files = existsSync(FOLDER)
  ? readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.onnx'))
  : [];

/** A node without the data of tensors and the insides of graphs, which would take long to compare. */
function summary(node: OnnxNode): object {
  const attributes = Object.entries(node.attributes).map(([name, { type, value }]) => {
    const isLarge = type === 'tensor' || type === 'graph' || type === 'opaque';
    return [name, type, isLarge ? undefined : value];
  });
  return { ...node, attributes };
}

describe('third-party files', () => {
  if (files.length === 0) {
    it.skip('skipped: the optional folder ../shared/third-party-models is missing', () => undefined);
    return;
  }
  it.each(files)('%s is read, sorted and written unchanged', (file) => {
    const model = readModel(new Uint8Array(readFileSync(join(FOLDER, file))));
    const index = new GraphIndex(model.graph);
    for (const node of model.graph.nodes) {
      for (const name of namesRead(node)) {
        const known = index.producer(name) ?? index.initializer(name) ?? index.input(name);
        expect(known, `${node.opType} reads ${name}`).toBeDefined();
      }
    }
    // Copies of the nodes are not known to be unchanged, so that each is really written.
    const edited = editModel(model, [
      (graph) => ({ ...graph, nodes: graph.nodes.map((node) => ({ ...node })) }),
    ]).graph;
    expect(edited.nodes.map(summary)).toEqual(sortNodes(model.graph).nodes.map(summary));
    expect(new Set(edited.nodes.flatMap((node) => node.outputs))).toEqual(
      new Set(model.graph.nodes.flatMap((node) => node.outputs)),
    );
    const ready = new Set([...edited.inputs, ...edited.initializers].map(({ name }) => name));
    for (const node of edited.nodes) {
      expect(namesRead(node).filter((name) => !ready.has(name))).toEqual([]);
      node.outputs.forEach((name) => ready.add(name));
    }
    edited.initializers.forEach((initializer, at) => {
      const { raw, ...header } = model.graph.initializers[at] ?? { raw: undefined };
      expect(initializer).toMatchObject(header);
      expect(Buffer.compare(initializer.raw ?? new Uint8Array(0), raw ?? new Uint8Array(0))).toBe(0);
    });
  });
});

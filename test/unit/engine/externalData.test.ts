// Weights in a file beside the graph: found under the name that the graph gives them, named when they are missing.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../../src/engine/explorerEngine';
import { encodeModel } from '../../../src/onnx/encode';
import type { Initializer } from '../../../src/onnx/model';
import { readModel } from '../../../src/onnx/readModel';
import { filesOf, MODEL, startEngine } from './testEngine';

const folder = 'test/golden/layouts/bert';
const request = { attention: 'encoder.2.self', head: 1, batch: 0, stage: 'weights', unit: 'pieces' } as const;

/** The graph with its larger weights moved to `model.onnx_data`. */
function withExternalData(bytes: Uint8Array<ArrayBuffer>) {
  const model = readModel(bytes);
  const moved: Uint8Array[] = [];
  let offset = 0;
  const initializers = model.graph.initializers.map((weight): Initializer => {
    const { name, elementType, dims, raw } = weight;
    if (!raw || raw.length < 1000) {
      return weight;
    }
    const external = { location: 'model.onnx_data', offset, length: raw.length };
    moved.push(raw);
    offset += raw.length;
    return { name, elementType, dims, raw: undefined, external };
  });
  const data = new Uint8Array(offset);
  moved.reduce((at, raw) => (data.set(raw, at), at + raw.length), 0);
  return { graph: encodeModel({ ...model, graph: { ...model.graph, initializers } }), data };
}

describe('external data', () => {
  let engine: ExplorerEngine;

  beforeAll(async () => {
    engine = await startEngine();
  });

  afterAll(() => engine.dispose());

  test('gives the same attention as weights in the graph', async () => {
    const files = filesOf(folder);
    const { graph, data } = withExternalData(files['onnx/model.onnx']);
    expect(graph.length).toBeLessThan(files['onnx/model.onnx'].length / 2);
    const weightsOf = async (all: typeof files) => {
      await engine.loadModel({ id: MODEL, name: 'external', files: all });
      const { id } = await engine.explore({ model: MODEL, texts: ['Every student reads a letter.'] });
      return (await engine.matrix({ ...request, trace: id })).data;
    };
    const beside = { ...files, 'onnx/model.onnx': graph, 'onnx/model.onnx_data': data };
    expect(await weightsOf(beside)).toEqual(await weightsOf({ ...files }));
    // Positions are read from the file beside as well.
    const { table } = await engine.positions({ model: MODEL, side: 'encoder', rows: 4 });
    expect(table?.rows).toBe(4);
  });

  test('a missing file is named', async () => {
    const files = filesOf(folder);
    const { graph } = withExternalData(files['onnx/model.onnx']);
    const load = engine.loadModel({
      id: MODEL,
      name: 'external',
      files: { ...files, 'onnx/model.onnx': graph },
    });
    await expect(load).rejects.toMatchObject({
      code: 'modelMissing',
      message: expect.stringContaining('model.onnx_data') as string,
    });
  });
});

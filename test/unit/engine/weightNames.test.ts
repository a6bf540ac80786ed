// Every parameter of a recorded module is found by name in its graph, and still there, unchanged, after all that the engine does to it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { prepareGraph, readGraph } from '../../../src/engine/prepareGraph';
import type { GraphFile } from '../../../src/models/modelFolder';
import { readModel } from '../../../src/onnx/readModel';
import { floatsOf } from '../../../src/onnx/tensorValues';
import { root } from './testEngine';

/** Tensors that hold a parameter: exporters transpose matrices and give them names of their own. */
type WeightNames = Readonly<
  Record<string, readonly { readonly tensor: string; readonly transposed: boolean }[]>
>;

const golden = path.join(root, 'test/golden');
const folders = readdirSync(path.join(golden, 'layouts')).map((name) => `layouts/${name}`);
const graphs = folders
  .filter((folder) => existsSync(path.join(golden, folder, 'onnx')))
  .flatMap((folder) =>
    readdirSync(path.join(golden, folder, 'onnx'))
      .filter((name) => name.endsWith('.onnx'))
      .map((name) => `${folder}/onnx/${name}`),
  );

/** The module that each folder records keeps these parts of the paper, whatever their names. */
const PARTS = [/embed|wte|embeddings/, /norm|ln_/i];

describe.each(graphs)('%s', (graph) => {
  const bytes = new Uint8Array(readFileSync(path.join(golden, graph)));
  const file: GraphFile = { path: graph, bytes, beside: {} };
  const names = JSON.parse(
    readFileSync(path.join(golden, graph.replace(/\.onnx$/, '.weights.json')), 'utf8'),
  ) as WeightNames;

  test('tells where its parameters are', () => {
    const known = Object.keys(names);
    expect(known.length).toBeGreaterThan(10);
    for (const part of PARTS) {
      expect(known.some((name) => part.test(name))).toBe(true);
    }
  });

  test('keeps them', () => {
    const read = readGraph(file);
    const prepared = readModel(prepareGraph(read, file).probed.bytes);
    const held = new Map(read.model.graph.initializers.map((tensor) => [tensor.name, tensor]));
    const after = new Map(prepared.graph.initializers.map((tensor) => [tensor.name, tensor]));
    for (const [parameter, holders] of Object.entries(names)) {
      const tensors = holders.filter(({ tensor }) => held.has(tensor));
      expect(tensors, parameter).not.toEqual([]);
      for (const { tensor } of tensors) {
        const [before, now] = [held.get(tensor), after.get(tensor)];
        expect(now?.dims, tensor).toEqual(before?.dims);
        expect(now && floatsOf(now), tensor).toEqual(before && floatsOf(before));
      }
    }
  });
});

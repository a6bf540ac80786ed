// The blocks of every recorded layout: what is pre- or post-norm, which activation, which norm, and which tensors they are.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findAnatomy } from '../../../src/anatomy/findAnatomy';
import { expandHalf } from '../../../src/onnx/expandHalf';
import { readModel } from '../../../src/onnx/readModel';

const structureOf = (path: string) =>
  findAnatomy(
    expandHalf(readModel(new Uint8Array(readFileSync(new URL(`../../../${path}`, import.meta.url))))),
  ).structure;

const layouts = 'test/golden/layouts';
const CASES = [
  ['models/translate-en-de-fr-zh/onnx/encoder_model.onnx', 'post', 'layer', 'ReLU', 2],
  ['models/translate-en-de-fr-zh/onnx/decoder_model_merged.onnx', 'post', 'layer', 'ReLU', 3],
  ['models/english-bert-mini/onnx/model.onnx', 'post', 'layer', 'GELU', 2],
  ['models/english-gpt-mini/onnx/model.onnx', 'pre', 'layer', 'GELU', 2],
  [`${layouts}/bart/onnx/encoder_model.onnx`, 'post', 'layer', 'GELU', 2],
  [`${layouts}/bart/onnx/decoder_model.onnx`, 'post', 'layer', 'GELU', 3],
  [`${layouts}/bloom/onnx/model.onnx`, 'pre', 'layer', 'GELU', 2],
  [`${layouts}/distilbert/onnx/model.onnx`, 'post', 'layer', 'GELU', 2],
  [`${layouts}/llama/onnx/model.onnx`, 'pre', 'rms', 'SwiGLU', 2],
  [`${layouts}/marian/onnx/decoder_model.onnx`, 'post', 'layer', 'SiLU', 3],
  [`${layouts}/sdpa/onnx/model.onnx`, 'pre', 'layer', 'SiLU', 2],
  [`${layouts}/t5/onnx/encoder_model.onnx`, 'pre', 'rms', 'ReLU', 2],
  [`${layouts}/t5/onnx/decoder_model.onnx`, 'pre', 'rms', 'ReLU', 3],
] as const;

describe.each(CASES)('%s', (path, placement, norm, activation, perLayer) => {
  const structure = structureOf(path);

  it(`is ${placement}-norm with ${norm} norms and ${activation}`, () => {
    expect(structure.notFound).toEqual([]);
    expect(structure.normPlacement).toBe(placement);
    expect(structure.finalNorm?.kind).toBe(placement === 'pre' && !path.includes('sdpa') ? norm : undefined);
    expect(structure.subLayers).toHaveLength(structure.layers * perLayer);
    for (const block of structure.subLayers) {
      expect(block.norm?.kind).toBe(norm);
      expect(block.residual).toBeDefined();
      if (block.what === 'feedForward') {
        expect(block.activation).toBe(activation);
        expect([block.up[0].inputs, block.down.outputs]).toEqual([structure.width, structure.width]);
        expect(block.down.inputs).toBe(structure.feedForward);
      } else {
        expect(block.projection?.outputs).toBe(structure.width);
        expect(block.inputs.length).toBeGreaterThan(0);
      }
    }
  });

  it('follows each sub-layer by the next one', () => {
    structure.subLayers.slice(1).forEach((block, i) => {
      // Through casts, the skip of each is the output of the one before.
      const before = structure.subLayers[i].output;
      const skip = block.residual?.skip ?? '';
      expect(skip === before || /Cast/.test(skip), `${before} -> ${skip}`).toBe(true);
    });
  });

  it('has no more parameters in its blocks than in the graph', () => {
    const { embedding, subLayers, finalNorm, head } = structure;
    const parts = [embedding, ...subLayers, finalNorm, head].reduce(
      (sum, part) => sum + (part?.parameters ?? 0),
      0,
    );
    expect(parts).toBeLessThanOrEqual(structure.parameters * 1.001);
    expect(parts).toBeGreaterThan(structure.parameters * 0.9);
  });
});

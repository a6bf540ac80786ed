// What the taps show equals what PyTorch computed, for every family and every recorded way of writing attention down.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Anatomy } from '../../../src/anatomy/anatomy';
import { findAnatomy } from '../../../src/anatomy/findAnatomy';
import { expandHalf } from '../../../src/onnx/expandHalf';
import { floatsOf } from '../../../src/onnx/tensorValues';
import { readModel } from '../../../src/onnx/readModel';
import { probe } from '../../../src/probe/probeModel';
import type { Probed, TapRole } from '../../../src/probe/probe';
import { readHead } from '../../../src/probe/readHead';
import { readMask, removesKey } from '../../../src/probe/readMask';
import { readSafetensors } from '../../../src/shared/safetensors';
import type { Matrix, NamedTensors, Tensor } from '../../../src/shared/tensor';
import { checkStages, close } from './checkStages';
import { numbers, runModel } from './runModel';

const root = new URL('../../golden/', import.meta.url);
const models = new URL('../../../models/', import.meta.url);
const shipped = new URL('translate-en-de-fr-zh/onnx/', models);

interface Case {
  readonly folder: string;
  /** Files with the side that they are. */
  readonly files: readonly (readonly [side: 'encoder' | 'decoder', file: URL])[];
}

const one = (folder: string, side: 'encoder' | 'decoder'): Case => ({
  folder,
  files: [[side, new URL(`${folder}/onnx/model.onnx`, root)]],
});
const two = (folder: string): Case => ({
  folder,
  files: [
    ['encoder', new URL(`${folder}/onnx/encoder_model.onnx`, root)],
    ['decoder', new URL(`${folder}/onnx/decoder_model.onnx`, root)],
  ],
});

const CASES: readonly Case[] = [
  {
    folder: 'encoder-only',
    files: [['encoder', new URL('english-bert-mini/onnx/model.onnx', models)]],
  },
  {
    folder: 'decoder-only',
    files: [['decoder', new URL('english-gpt-mini/onnx/model.onnx', models)]],
  },
  {
    folder: 'translation',
    files: [
      ['encoder', new URL('encoder_model.onnx', shipped)],
      ['decoder', new URL('decoder_model_merged.onnx', shipped)],
    ],
  },
  two('layouts/bart'),
  one('layouts/bert', 'encoder'),
  one('layouts/bloom', 'decoder'),
  one('layouts/distilbert', 'encoder'),
  one('layouts/gpt2', 'decoder'),
  one('layouts/llama', 'decoder'),
  two('layouts/marian'),
  one('layouts/sdpa', 'encoder'),
  two('layouts/t5'),
];

/** Golden names of the roles that are one matrix per head. */
const ROLES: readonly (readonly [role: TapRole, key: string])[] = [
  ['weights', 'weights'],
  ['scores', 'scores'],
  ['scaled', 'scaled'],
  ['masked', 'masked'],
  ['query', 'q'],
  ['key', 'k'],
  ['value', 'v'],
  ['bias', 'bias'],
];

describe.each(CASES)('$folder', ({ folder, files }) => {
  const golden = readSafetensors(new Uint8Array(readFileSync(new URL(`${folder}/golden.safetensors`, root))));

  it.each(files)('%s: every stage equals the recording', async (side, file) => {
    expect(existsSync(file)).toBe(true);
    const model = expandHalf(readModel(new Uint8Array(readFileSync(file))));
    const anatomy = findAnatomy(model);
    const probed = probe(model, anatomy);
    const results = await runModel(probed.bytes, feedsOf(anatomy, golden, side));
    const recorded = new Set(
      Object.keys(golden).flatMap((key) =>
        (/^(.*)\.weights$/.exec(key)?.[1] ?? '').startsWith(side) ? [key.replace(/\.weights$/, '')] : [],
      ),
    );
    expect(new Set(anatomy.attentions.map((site) => site.name))).toEqual(recorded);
    checkStages(probed, results, golden['input_ids'].dims[0]);
    compareStages(probed, results, golden);
    comparePositions(anatomy, golden, side, model.graph.initializers);
    compareOutputs(results, golden, side);
  });
});

function feedsOf(anatomy: Anatomy, golden: NamedTensors, side: 'encoder' | 'decoder'): NamedTensors {
  const [batch] = golden['input_ids'].dims;
  const [site] = anatomy.attentions;
  return Object.fromEntries(
    Object.entries(anatomy.inputs).map(([name, { role }]): [string, Tensor] => {
      switch (role) {
        case 'tokens':
          return [
            name,
            side === 'decoder' && golden['decoder_input_ids']
              ? golden['decoder_input_ids']
              : golden['input_ids'],
          ];
        case 'encoderPaddingMask':
        case 'paddingMask':
          return [name, golden['attention_mask']];
        case 'encoderStates':
          return [name, golden['last_hidden_state']];
        case 'past':
          return [name, numbers([batch, site.keyValueHeads, 0, site.headSize], [])];
        default:
          return [name, golden[name]];
      }
    }),
  );
}

function compareStages(probed: Probed, results: NamedTensors, golden: NamedTensors): void {
  for (const site of probed.sites) {
    for (const [role, key] of ROLES) {
      const expected = golden[`${site.name}.${key}`];
      const tap = probed.taps.find((item) => item.attention === site.name && item.role === role);
      expect(tap !== undefined, `${site.name} has ${role}`).toBe(expected !== undefined);
      for (let text = 0; tap && text < golden['input_ids'].dims[0]; text++) {
        for (let head = 0; head < site.heads; head++) {
          const own = readHead(results[tap.output], tap, site, text, head);
          const there = readHead(expected, { layout: 'heads' }, site, text, head);
          close(lifted(own), lifted(there), `${site.name} ${role} text ${text} head ${head}`);
        }
      }
    }
    const mask = golden[`${site.name}.mask`];
    for (let text = 0; mask && text < golden['input_ids'].dims[0]; text++) {
      const [rows, columns] = golden[`${site.name}.weights`].dims.slice(-2);
      const own = readMask(site, probed.taps, results, text, 0, rows, columns);
      const there = readHead(mask, { layout: 'heads' }, site, text, 0);
      for (let i = 0; i < rows * columns; i++) {
        const expected = there.data[there.rows === 1 ? i % columns : i];
        expect(removesKey(own?.data[i] ?? 0), `${site.name} mask text ${text} cell ${i}`).toBe(
          removesKey(expected),
        );
      }
    }
  }
}

/** The graph's own results; of the larger models only the first logits are recorded. */
function compareOutputs(results: NamedTensors, golden: NamedTensors, side: string): void {
  const names = ['logits', 'last_hidden_state'].filter((name) => golden[name] && results[name]);
  // The shipped masked model answers logits only.
  expect(names).toContain(
    side === 'decoder' || !golden['last_hidden_state'] ? 'logits' : 'last_hidden_state',
  );
  for (const name of names) {
    const [batch, rows, width] = golden[name].dims;
    const length = results[name].dims[1];
    for (let text = 0; text < batch; text++) {
      const own = results[name].data.slice(text * length * width, (text * length + rows) * width);
      const there = golden[name].data.slice(text * rows * width, (text + 1) * rows * width);
      const matrix = (data: Tensor['data']): Matrix => ({
        rows,
        columns: width,
        data: data as Float32Array<ArrayBuffer>,
      });
      close(matrix(own), matrix(there), `${name} of text ${text}`);
    }
  }
}

/** Removed scores are compared as removed: how negative they are depends on the order of additions. */
function lifted(matrix: Matrix): Matrix {
  return { ...matrix, data: matrix.data.map((x) => (x < -1e30 ? -1e30 : x)) };
}

function comparePositions(
  { positions }: Anatomy,
  golden: NamedTensors,
  side: string,
  weights: readonly Parameters<typeof floatsOf>[0][],
): void {
  const expected = golden[`positions.${side}`];
  if (!expected) {
    expect(['relative', 'alibi', 'none']).toContain(positions.kind);
    return;
  }
  const [rows, width] = expected.dims;
  if (positions.kind === 'rotary') {
    const angles = Array.from(
      { length: rows * width },
      (_, i) => Math.floor(i / width) * (positions.frequencies?.[i % width] ?? NaN),
    );
    close(
      { rows, columns: width, data: Float32Array.from(angles) },
      { rows, columns: width, data: expected.data as Float32Array<ArrayBuffer> },
      'angles',
    );
    return;
  }
  const table = weights.find((weight) => weight.name === positions.tensor);
  expect(table, positions.evidence).toBeDefined();
  const own = table
    ? floatsOf(table).slice(positions.offset * width, (positions.offset + rows) * width)
    : new Float32Array();
  expect(own).toEqual(expected.data);
}

// What the taps show of a pass that reads earlier tokens from a cache equals what PyTorch computed in one pass over all of them.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Anatomy } from '../../../src/anatomy/anatomy';
import { findAnatomy } from '../../../src/anatomy/findAnatomy';
import { editModel } from '../../../src/onnx/editModel';
import { dropUnused } from '../../../src/onnx/graphEdits';
import { ifNodes, liftBranch } from '../../../src/onnx/liftBranch';
import type { OnnxModel } from '../../../src/onnx/model';
import { readModel } from '../../../src/onnx/readModel';
import { probe } from '../../../src/probe/probeModel';
import type { Probed, TapRole } from '../../../src/probe/probe';
import { readHead } from '../../../src/probe/readHead';
import { readSafetensors } from '../../../src/shared/safetensors';
import type { Matrix, NamedTensors, Tensor } from '../../../src/shared/tensor';
import { checkStages, close } from './checkStages';
import { ids, numbers, runModel } from './runModel';

/** Tokens of the first pass; the others follow in the second. */
const FIRST = 4;

const root = new URL('../../golden/', import.meta.url);

/** Graphs that take a cache in every pass, and merged decoders, whose second branch does. */
const CASES: readonly (readonly [folder: string, file: string])[] = [
  ['decoder-only', '../../../models/english-gpt-mini/onnx/model'],
  ['layouts/gpt2', 'onnx/model'],
  ['layouts/llama', 'onnx/model'],
  ['layouts/merged', 'onnx/decoder_model_merged'],
  ['layouts/bart', 'onnx/decoder_model_merged'],
  ['layouts/t5', 'onnx/decoder_model_merged'],
];

/** Golden names of the roles; of keys and values all rows are there, of the others those of the second pass. */
const ROLES: readonly (readonly [role: TapRole, key: string, whole: boolean])[] = [
  ['weights', 'weights', false],
  ['scores', 'scores', false],
  ['scaled', 'scaled', false],
  ['masked', 'masked', false],
  ['query', 'q', false],
  ['bias', 'bias', false],
  ['key', 'k', true],
  ['value', 'v', true],
];

describe.each(CASES)('%s, %s', (folder, file) => {
  const golden = readSafetensors(new Uint8Array(readFileSync(new URL(`${folder}/golden.safetensors`, root))));
  const whole = readModel(new Uint8Array(readFileSync(new URL(`${folder}/${file}.onnx`, root))));
  const [batch] = golden['input_ids'].dims;

  it('both passes', async () => {
    const first = probed(branchOf(whole, 'else_branch'));
    const before = await runModel(first.bytes, feedsOf(first.anatomy, golden, 0, FIRST, {}));
    compareLogits(before[first.logits], golden['logits'], 0);
    const cache = cacheOf(before);
    for (const [name, tensor] of Object.entries(cache)) {
      const recorded = golden[name];
      if (recorded) {
        expect(tensor.dims, name).toEqual(recorded.dims);
        close(flat(tensor), flat(recorded), name);
      }
    }

    const second = probed(branchOf(whole, 'then_branch'));
    const feeds = feedsOf(second.anatomy, golden, FIRST, Infinity, cache);
    const results = await runModel(second.bytes, feeds);
    checkStages(second, results, batch);
    compareLogits(results[second.logits], golden['logits'], FIRST);
    for (const site of second.sites) {
      for (const [role, key, all] of ROLES) {
        const expected = golden[`${site.name}.${key}`];
        const tap = second.taps.find((item) => item.attention === site.name && item.role === role);
        expect(tap !== undefined, `${site.name} has ${role}`).toBe(expected !== undefined);
        for (let text = 0; tap && text < batch; text++) {
          for (let head = 0; head < site.heads; head++) {
            const own = readHead(results[tap.output], tap, site, text, head);
            const there = readHead(expected, { layout: 'heads' }, site, text, head);
            const rows = all ? there : rowsFrom(there, FIRST);
            close(lifted(own), lifted(rows), `${site.name} ${role} text ${text} head ${head}`);
          }
        }
      }
    }
  });
});

/** A merged decoder with one of its branches in place of the If; any other graph as it is. */
function branchOf(model: OnnxModel, branch: 'then_branch' | 'else_branch'): OnnxModel {
  const choices = ifNodes(model.graph);
  return choices.length === 0
    ? model
    : editModel(model, [...choices.map((node) => liftBranch(node, branch)), dropUnused({ inputs: true })]);
}

function probed(model: OnnxModel): Probed & { readonly anatomy: Anatomy; readonly logits: string } {
  const anatomy = findAnatomy(model);
  return { ...probe(model, anatomy), anatomy, logits: anatomy.output?.logits ?? '' };
}

/** Tokens `[from, to)` of the recorded run, after those that `cache` holds. */
function feedsOf(
  anatomy: Anatomy,
  golden: NamedTensors,
  from: number,
  to: number,
  cache: NamedTensors,
): NamedTensors {
  const [site] = anatomy.attentions;
  const [batch] = golden['input_ids'].dims;
  return Object.fromEntries(
    Object.entries(anatomy.inputs).map(([name, { role }]): [string, Tensor] => {
      switch (role) {
        case 'tokens':
          return [name, columns(golden['decoder_input_ids'] ?? golden['input_ids'], from, to)];
        case 'positions':
          return [name, columns(golden[name], from, to)];
        case 'paddingMask':
          return [name, columns(golden['attention_mask'], 0, to)];
        case 'encoderPaddingMask':
          return [name, golden['attention_mask']];
        case 'encoderStates':
          return [name, golden['last_hidden_state']];
        case 'past':
          return [name, cache[name] ?? numbers([batch, site.keyValueHeads, 0, site.headSize], [])];
        default:
          throw new Error(`${name} is ${role}`);
      }
    }),
  );
}

/** The cache that a run returned, by the names of the inputs that take it. */
function cacheOf(results: NamedTensors): NamedTensors {
  return Object.fromEntries(
    Object.entries(results).flatMap(([name, tensor]) =>
      name.startsWith('present.') ? [[name.replace('present', 'past_key_values'), tensor]] : [],
    ),
  );
}

/** Columns `[from, to)` of a matrix of ids. */
function columns({ dims: [rows, width], data }: Tensor, from: number, to: number): Tensor {
  const end = Math.min(to, width);
  const kept = Array.from({ length: rows }, (_, row) =>
    Array.from(data.slice(row * width + from, row * width + end), Number),
  ).flat();
  return ids([rows, end - from], kept);
}

/** All logits of the run against those recorded from position `from` on. */
function compareLogits(actual: Tensor, expected: Tensor, from: number): void {
  const [batch, rows, vocabulary] = actual.dims;
  const length = expected.dims[1];
  for (let text = 0; text < batch; text++) {
    const own = actual.data.slice(text * rows * vocabulary, (text + 1) * rows * vocabulary);
    const start = (text * length + from) * vocabulary;
    const there = expected.data.slice(start, start + rows * vocabulary);
    close(matrixOf(own, rows, vocabulary), matrixOf(there, rows, vocabulary), `logits of text ${text}`);
  }
}

function matrixOf(data: Tensor['data'], rows: number, width: number): Matrix {
  return { rows, columns: width, data: Float32Array.from(data as ArrayLike<number>, Number) };
}

const flat = ({ data }: Tensor): Matrix => matrixOf(data, 1, data.length);

function rowsFrom({ rows, columns: width, data }: Matrix, from: number): Matrix {
  // A bias may have one row for all queries.
  return rows === 1 ? { rows, columns: width, data } : matrixOf(data.slice(from * width), rows - from, width);
}

/** Removed scores are compared as removed: how negative they are depends on the order of additions. */
function lifted(matrix: Matrix): Matrix {
  return { ...matrix, data: matrix.data.map((x) => (x < -1e30 ? -1e30 : x)) };
}

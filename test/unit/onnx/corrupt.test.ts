// Damaged and foreign files: always a UserError with a place, never a hang, never memory for what is only announced.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/shared/errors';
import { encodeModel } from '../../../src/onnx/encode';
import {
  branch,
  buildModel,
  float,
  floats,
  floatTensor,
  graphOf,
  halfTensor,
  ints,
  intTensor,
  node,
  tensor,
  text,
  untyped,
  value,
} from '../../../src/onnx/graphBuilder';
import { MAX_GRAPH_DEPTH, MAX_NODES } from '../../../src/onnx/limits';
import type { OnnxGraph } from '../../../src/onnx/model';
import { readModel } from '../../../src/onnx/readModel';
import { WireWriter } from '../../../src/onnx/wireWriter';

const encode = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);

/** What reading throws; undefined when the bytes are read. Anything but a UserError fails the test. */
function failure(bytes: Uint8Array<ArrayBuffer>): UserError | undefined {
  try {
    readModel(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  }
}

/** A small model with some of everything. */
function sample(): Uint8Array<ArrayBuffer> {
  const inner = graphOf({
    nodes: [node('Neg', ['x'], ['n'], { f: float(1) })],
    initializers: [floatTensor('k', [1], [1])],
    outputs: [untyped('n')],
  });
  return buildModel(
    {
      name: 'sample',
      nodes: [
        node('Constant', [], ['c'], { value: tensor(intTensor('', [2], [-1, 5])) }),
        node(
          'If',
          ['cond'],
          ['r'],
          { then_branch: branch(inner), else_branch: branch(inner) },
          { name: 'choose' },
        ),
        node('Conv', ['x', 'w'], ['y'], { pads: ints([1, -1]), scales: floats([0.5]), mode: text('same') }),
      ],
      initializers: [floatTensor('w', [3], [1, 2, 3]), halfTensor('h', [2], [1, 2])],
      inputs: [value('x', 1, ['batch', 3])],
      outputs: [value('y', 1, ['batch', 3])],
      valueInfo: [value('c', 7, [2])],
    },
    { opsets: { 'com.microsoft': 1 } },
  ).bytes;
}

describe('damaged files', () => {
  const bytes = sample();

  it('refuses every truncation, saying where', () => {
    for (let length = 0; length < bytes.length; length++) {
      const error = failure(bytes.slice(0, length));
      expect(error, `cut to ${length} bytes`).toMatchObject({ code: 'modelCorrupt' });
      expect(error?.details['offset']).toBeLessThanOrEqual(length);
    }
  });

  it('survives any changed byte', () => {
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [0, 1, 2, 3, 5, 7]) {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        failure(changed);
      }
    }
  });

  it('survives several changed bytes and random bytes', () => {
    const edit = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 12 }), (edits) => {
        const changed = bytes.slice();
        edits.forEach(([at, byte]) => (changed[at] = byte));
        failure(changed);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (random) => {
        failure(new Uint8Array(random));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not believe an announced length', () => {
    const huge = new WireWriter()
      .int(1, 8)
      .raw(Uint8Array.of(7 * 8 + 2, 0xff, 0xff, 0xff, 0xff, 0x0f, 1))
      .finish();
    expect(failure(huge)?.message).toMatch(/at byte 8, 4294967295 bytes were announced but 1 remain/);
  });

  it('does not allocate for announced dimensions', () => {
    const shape = new WireWriter()
      .ints(1, [2 ** 31, 2 ** 20])
      .int(2, 1)
      .string(8, 'w')
      .floats(4, [1]);
    const file = new WireWriter().int(1, 8).message(7, new WireWriter().message(5, shape)).finish();
    expect(failure(file)?.message).toMatch(/"w" \[2147483648, 1048576\] has 4 bytes of data/);
  });

  it('refuses numbers without an end, unknown wire types and fields of the wrong kind', () => {
    expect(failure(new Uint8Array(40).fill(0xff))?.message).toMatch(/longer than 10 bytes/);
    expect(failure(Uint8Array.of(8, 8, 16 * 8 + 3 - 128, 1))?.code).toBe('modelCorrupt');
    expect(failure(new WireWriter().int(7, 5).finish())?.message).toMatch(/the graph is stored as a varint/);
    expect(failure(Uint8Array.of(0, 0, 0, 0))?.message).toMatch(/impossible number/);
  });

  it('refuses branches nested without end', () => {
    const nest = (depth: number): OnnxGraph =>
      graphOf({
        nodes: depth === 0 ? [] : [node('If', ['c'], ['r'], { then_branch: branch(nest(depth - 1)) })],
      });
    const model = (depth: number): Uint8Array<ArrayBuffer> =>
      encodeModel({ irVersion: 8, producer: '', opsets: { '': 18 }, graph: nest(depth) });
    expect(failure(model(MAX_GRAPH_DEPTH))).toBeUndefined();
    expect(failure(model(MAX_GRAPH_DEPTH + 1))?.message).toMatch(/graphs inside one another/);
  });

  it('refuses names that are too long or no text', () => {
    const graph = (name: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
      new WireWriter().int(1, 8).message(7, new WireWriter().bytes(2, name)).finish();
    expect(failure(graph(encode('x'.repeat(20_000))))?.message).toMatch(/20000 bytes long/);
    expect(failure(graph(Uint8Array.of(0xff, 0xfe)))?.message).toMatch(/not UTF-8/);
  });

  it('refuses more nodes than any model has, before memory runs out', () => {
    const nodes = new Uint8Array((MAX_NODES + 1) * 5);
    for (let at = 0; at < nodes.length; at += 5) {
      nodes.set([10, 3, 34, 1, 65], at);
    }
    const file = new WireWriter().int(1, 8).message(7, new WireWriter().raw(nodes)).finish();
    expect(failure(file)?.message).toMatch(/more than 250000 nodes/);
  });

  it('refuses a model without graph or operator sets', () => {
    expect(failure(new WireWriter().int(1, 8).finish())?.message).toMatch(/without a graph/);
    const graph = new WireWriter().int(1, 8).message(7, new WireWriter().string(2, 'g')).finish();
    expect(failure(graph)?.message).toMatch(/operator sets/);
  });
});

describe('files that are something else', () => {
  it.each([
    ['an empty file', '', /it is empty/],
    ['a web page', '<!DOCTYPE html>\n<html><body>Not found</body></html>', /web page/],
    ['a text', 'Attention is all you need, and this is not a model.', /it is text/],
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5',
      /git lfs pull/,
    ],
    ['JSON', '{"model_type": "bert"}', /it is text/],
    ['a ZIP archive', 'PK\x03\x04\x14\x00\x00\x00', /ZIP/],
    ['a GGUF file', 'GGUF\x03\x00\x00\x00\x00', /GGUF/],
    ['safetensors', '\x20\x00\x00\x00\x00\x00\x00\x00{"w":{"dtype":"F32"}}', /safetensors/],
    ['an ORT model', '\x24\x00\x00\x00ORTM\x00\x00', /ORT format/],
  ])('%s gets a message that says so', (_, content, message) => {
    const error = failure(encode(content));
    expect(error).toMatchObject({ code: 'modelCorrupt' });
    expect(error?.message).toMatch(message);
    expect(error?.message).toMatch(/Download or export the model again/);
  });
});

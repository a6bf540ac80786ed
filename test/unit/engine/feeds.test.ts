// Inputs of a graph filled by their role, and decoding with and without a cache, over a session that is played.
import { describe, expect, test } from 'vitest';
import type { Anatomy, InputRole } from '../../../src/anatomy/anatomy';
import { decoderStep } from '../../../src/engine/decoderStep';
import { cacheOutputs, feedsFor } from '../../../src/engine/feeds';
import { Stack } from '../../../src/engine/stack';
import type { Port, Session } from '../../../src/runtime/runtime';
import type { NamedTensors, Tensor } from '../../../src/shared/tensor';

const port = (name: string, type: Port['type'], ...dims: (number | string)[]): Port => ({ name, type, dims });
const past = (what: 'key' | 'value' | 'both'): InputRole => ({ role: 'past', layer: 0, of: 'self', what });
const shape = { heads: 2, headSize: 4 };
const inputs = {
  ids: [
    [5, 6, 7],
    [8, 0, 0],
  ],
  real: [
    [true, true, true],
    [true, false, false],
  ],
};

describe('feedsFor', () => {
  test('tokens, masks, positions and types, in the element type that the graph wants', () => {
    const feeds = feedsFor(
      [
        port('ids', 'int64', 'b', 't'),
        port('mask', 'float32', 'b', 't'),
        port('at', 'int32', 'b', 't'),
        port('types', 'int64', 'b', 't'),
      ],
      {
        ids: { role: 'tokens' },
        mask: { role: 'paddingMask' },
        at: { role: 'positions' },
        types: { role: 'tokenTypes' },
      },
      inputs,
      shape,
    );
    expect(feeds).toEqual({
      ids: { type: 'int64', dims: [2, 3], data: BigInt64Array.of(5n, 6n, 7n, 8n, 0n, 0n) },
      mask: { type: 'float32', dims: [2, 3], data: Float32Array.of(1, 1, 1, 1, 0, 0) },
      at: { type: 'int32', dims: [2, 3], data: Int32Array.of(0, 1, 2, 0, 1, 2) },
      types: { type: 'int64', dims: [2, 3], data: new BigInt64Array(6) },
    });
  });

  test('with a cache, masks cover it and positions go on', () => {
    const tensors = { key: { type: 'float32', dims: [2, 2, 4, 4], data: new Float32Array(64) } as const };
    const feeds = feedsFor(
      [
        port('mask', 'bool', 'b', 't'),
        port('at', 'int64', 'b', 't'),
        port('cached', 'bool', 1),
        port('key', 'float32', 'b', 2, 'p', 4),
      ],
      {
        mask: { role: 'paddingMask' },
        at: { role: 'positions' },
        cached: { role: 'useCache' },
        key: past('key'),
      },
      { ids: [[1], [2]], real: [[true], [true]], past: { tensors, length: 4 } },
      shape,
    );
    expect(feeds['mask'].dims).toEqual([2, 5]);
    expect([...feeds['at'].data]).toEqual([4n, 4n]);
    expect([...feeds['cached'].data]).toEqual([1]);
    expect(feeds['key']).toBe(tensors.key);
  });

  test('empty caches: open sizes from the batch and the heads, keys and values apart or together', () => {
    const feeds = feedsFor(
      [
        port('key', 'float32', 'batch', 2, 'past', 4),
        port('open', 'float32', 'b', 'h', 'p', 'd'),
        port('both', 'float32', 2, 'b', 2, 'p', 4),
      ],
      { key: past('key'), open: past('value'), both: past('both') },
      inputs,
      shape,
    );
    expect(feeds['key'].dims).toEqual([2, 2, 0, 4]);
    expect(feeds['open'].dims).toEqual([2, 2, 0, 4]);
    expect(feeds['both'].dims).toEqual([2, 2, 2, 0, 4]);
    expect(feeds['both'].data).toHaveLength(0);
  });

  test.each([
    ['modelUnsupported', { x: { role: 'other' } }],
    ['modelMissing', { x: { role: 'encoderStates' } }],
  ] as const)('%s for an input that cannot be filled', (code, roles) => {
    expect(() => feedsFor([port('x', 'float32', 'a')], roles, inputs, shape)).toThrow(
      expect.objectContaining({ code, details: { input: 'x' } }) as Error,
    );
  });
});

describe('cacheOutputs', () => {
  test.each([
    ['past_key_values.0.decoder.key', 'present.0.decoder.key'],
    ['past_0', 'present_0'],
    ['past_key_self_0', 'present_key_self_0'],
  ])('%s goes on as %s', (input, output) => {
    const pairs = cacheOutputs(
      [port(input, 'float32')],
      [port('logits', 'float32'), port(output, 'float32')],
      { [input]: past('key') },
    );
    expect([...(pairs ?? [])]).toEqual([[input, output]]);
  });

  test('a cache that is not returned cannot be used', () => {
    expect(
      cacheOutputs([port('past_0', 'float32')], [port('logits', 'float32')], { past_0: past('both') }),
    ).toBeUndefined();
  });
});

/**
 * A model whose next logits are a sum over everything it has read, so that a lost or doubled token shows. Its cache, if
 * it has one, holds what was read.
 */
function readerStack(withCache: boolean): { readonly stack: Stack; readonly lengths: number[] } {
  const vocabulary = 5;
  const lengths: number[] = [];
  const run: Session['run'] = (feeds, fetches) => {
    const [batch, length] = feeds['ids'].dims;
    lengths.push(length);
    const before = withCache ? feeds['past'].dims[2] : 0;
    const all = Array.from({ length: batch }, (_, row) =>
      [
        ...(withCache ? feeds['past'].data.slice(row * before, (row + 1) * before) : []),
        ...feeds['ids'].data.slice(row * length, (row + 1) * length),
      ].map(Number),
    );
    const logits = new Float32Array(batch * length * vocabulary);
    all.forEach((read, row) => {
      for (let i = 0; i < vocabulary; i++) {
        logits[((row + 1) * length - 1) * vocabulary + i] = read.reduce(
          (sum, id, at) => sum + id * (at + 1) * (i + 1),
          0,
        );
      }
    });
    const results: NamedTensors = {
      logits: { type: 'float32', dims: [batch, length, vocabulary], data: logits },
      present: { type: 'float32', dims: [batch, 1, before + length, 1], data: Float32Array.from(all.flat()) },
    };
    return Promise.resolve(Object.fromEntries((fetches ?? []).map((name) => [name, results[name]])));
  };
  const session: Session = {
    backend: 'wasm',
    inputs: [port('ids', 'int64', 'b', 't'), ...(withCache ? [port('past', 'float32', 'b', 1, 'p', 1)] : [])],
    outputs: [port('logits', 'float32'), port('present', 'float32')],
    run,
    runResident: () => Promise.reject(new Error('Nothing stays on the device here.')),
    release: () => Promise.resolve(),
  };
  const anatomy: Partial<Anatomy> = {
    attentions: [],
    inputs: { ids: { role: 'tokens' }, past: past('key') },
    output: { tensor: 'w', logits: 'logits', vocabulary, tied: false },
  };
  return { stack: new Stack(anatomy as Anatomy, [], session, undefined), lengths };
}

describe('decoderStep', () => {
  const steps: number[][][] = [
    [
      [3, 1],
      [2, 2],
    ],
    [[4], [1]],
    [[2], [0]],
  ];

  async function logitsOf(stack: Stack): Promise<Float32Array[]> {
    const step = decoderStep(stack, 2, undefined);
    const all: Float32Array[] = [];
    let state = step.start;
    for (const ids of steps) {
      const result = await step.advance(state, ids, undefined, 1);
      all.push(result.logits);
      state = result.state;
    }
    return all;
  }

  test('with a cache it reads each token once, without one everything again, to the same logits', async () => {
    const cached = readerStack(true);
    const plain = readerStack(false);
    expect(await logitsOf(cached.stack)).toEqual(await logitsOf(plain.stack));
    expect(cached.lengths).toEqual([2, 1, 1]);
    expect(plain.lengths).toEqual([2, 3, 4]);
  });

  test('a state can be continued in two ways', async () => {
    const { stack } = readerStack(true);
    const step = decoderStep(stack, 1, undefined);
    const { state } = await step.advance(step.start, [[1, 2]], undefined, 1);
    const [first, second] = [
      await step.advance(state, [[3]], undefined, 1),
      await step.advance(state, [[4]], undefined, 1),
    ];
    expect(first.logits[0]).toBe(1 + 4 + 9);
    expect(second.logits[0]).toBe(1 + 4 + 12);
  });

  test('a model without output over a vocabulary cannot write', () => {
    const { stack } = readerStack(false);
    const silent = new Stack({ ...stack.anatomy, output: undefined }, [], stack.session, undefined);
    expect(() => decoderStep(silent, 1, undefined)).toThrow(
      expect.objectContaining({ code: 'modelUnsupported' }) as Error,
    );
  });
});

test('a run without padding declares every token real and leaves the rest', () => {
  const { stack } = readerStack(false);
  const ones: Tensor = { type: 'int64', dims: [1, 2], data: BigInt64Array.of(1n, 0n) };
  const anatomy: Anatomy = {
    ...stack.anatomy,
    inputs: { ids: { role: 'tokens' }, mask: { role: 'paddingMask' } },
  };
  const feeds = new Stack(anatomy, [], stack.session, undefined).withoutPadding({ ids: ones, mask: ones });
  expect([...feeds['mask'].data]).toEqual([1n, 1n]);
  expect(feeds['ids']).toBe(ones);
});

// The WASM backend for real: tensors in and out, element types, empty tensors, errors, queueing, cancelling.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildModel, floatTensor, node, value } from '../../../src/onnx/graphBuilder';
import { ElementType } from '../../../src/onnx/model';
import { nodePlatform } from '../../../src/runtime/nodePlatform';
import { openRuntime } from '../../../src/runtime/openRuntime';
import type { Runtime, Session } from '../../../src/runtime/runtime';
import type { Tensor } from '../../../src/shared/tensor';

const floats = (dims: readonly number[], ...data: number[]): Tensor => ({
  type: 'float32',
  dims,
  data: Float32Array.from(data),
});

/** `y = x + 1`, `z = x · x`, and the int64 input `n` passed on. */
function smallModel(): Uint8Array<ArrayBuffer> {
  return buildModel({
    nodes: [
      node('Add', ['x', 'one'], ['y']),
      node('Mul', ['x', 'x'], ['z']),
      node('Identity', ['n'], ['m']),
      node('Cast', ['x'], ['h'], { to: { type: 'int', value: ElementType.float16 } }),
    ],
    initializers: [floatTensor('one', [], [1])],
    inputs: [value('x', ElementType.float32, ['batch', 'length']), value('n', ElementType.int64, ['count'])],
    outputs: [
      value('y'),
      value('z'),
      value('m', ElementType.int64, ['count']),
      value('h', ElementType.float16),
    ],
  }).bytes;
}

describe('the WASM backend', () => {
  let runtime: Runtime;
  let session: Session;
  const n: Tensor = { type: 'int64', dims: [2], data: BigInt64Array.of(7n, -1n) };

  beforeAll(async () => {
    runtime = await openRuntime(nodePlatform(undefined, false), { backend: 'wasm', threads: 1 });
    session = await runtime.createSession(smallModel());
  }, 60_000);

  afterAll(() => runtime.dispose());

  test('says which device runs and why', () => {
    expect(runtime.info).toEqual({
      backend: 'wasm',
      label: 'WASM, 1 thread',
      reason: 'The settings ask for WASM.',
      fallback: undefined,
    });
    expect(runtime.backends).toEqual(['wasm']);
  });

  test('knows inputs and outputs with their types and dimensions', () => {
    expect(session.inputs).toEqual([
      { name: 'x', type: 'float32', dims: ['batch', 'length'] },
      { name: 'n', type: 'int64', dims: ['count'] },
    ]);
    expect(session.outputs.map(({ name }) => name)).toEqual(['y', 'z', 'm', 'h']);
  });

  test('runs, and brings results in memory of their own', async () => {
    const { y, m, h } = await session.run({ x: floats([1, 2], 1, 2), n });
    expect(y).toEqual(floats([1, 2], 2, 3));
    expect(y?.data.buffer.byteLength).toBe(8);
    expect(m?.data).toEqual(BigInt64Array.of(7n, -1n));
    expect(h).toEqual({ type: 'float16', dims: [1, 2], data: Uint16Array.of(0x3c00, 0x4000) });
  });

  test('fetches only what is asked for', async () => {
    const result = await session.run({ x: floats([1, 1], 3), n }, ['z']);
    expect(Object.keys(result)).toEqual(['z']);
    expect(result['z']?.data).toEqual(Float32Array.of(9));
  });

  test('takes empty tensors, as empty caches are', async () => {
    const { y } = await session.run({ x: floats([1, 0]), n }, ['y']);
    expect(y).toEqual(floats([1, 0]));
  });

  test('serves runs that are started at once', async () => {
    const runs = [1, 2, 3, 4].map((x) => session.run({ x: floats([1, 1], x), n }, ['y']));
    expect((await Promise.all(runs)).map(({ y }) => y?.data[0])).toEqual([2, 3, 4, 5]);
  });

  test('does not begin a run that was cancelled, and goes on', async () => {
    const cancelled = session.run({ x: floats([1, 1], 1), n }, ['y'], AbortSignal.abort());
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect((await session.run({ x: floats([1, 1], 1), n }, ['y']))['y']?.data[0]).toBe(2);
  });

  test('refuses data that do not fill the dimensions', async () => {
    await expect(session.run({ x: floats([1, 3], 1), n })).rejects.toMatchObject({
      code: 'badRequest',
      message: "Input 'x': 1 elements do not fill [1, 3].",
    });
  });

  test('a failed run says why and leaves the session usable', async () => {
    await expect(session.run({ n })).rejects.toMatchObject({ code: 'internal' });
    expect((await session.run({ x: floats([1, 1], 1), n }, ['y']))['y']?.data[0]).toBe(2);
  });

  test('a damaged file is said to be corrupt', async () => {
    const bytes = smallModel();
    await expect(runtime.createSession(bytes.slice(0, bytes.length - 20))).rejects.toMatchObject({
      code: 'modelCorrupt',
    });
  });

  test('an operator that the library lacks is unsupported', async () => {
    const model = buildModel({
      nodes: [node('NoSuchOperator', ['x'], ['y'])],
      inputs: [value('x', ElementType.float32, [1])],
      outputs: [value('y')],
    });
    await expect(runtime.createSession(model.bytes)).rejects.toMatchObject({
      code: 'modelUnsupported',
      message: expect.stringContaining('NoSuchOperator') as string,
    });
  });

  test('a released session refuses to run', async () => {
    const other = await runtime.createSession(smallModel());
    await other.release();
    await expect(other.run({ x: floats([1, 1], 1), n })).rejects.toMatchObject({ code: 'internal' });
  });
});

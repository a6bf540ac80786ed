// Runs a model in the WASM runtime, as tests need it: plain tensors in and out.
import * as ort from 'onnxruntime-web';
import type { NamedTensors, Tensor, TensorType } from '../../../src/shared/tensor';

ort.env.logLevel = 'error';

/** Runs the model once and returns the outputs named in `fetches`, or all. */
export async function runModel(
  bytes: Uint8Array,
  feeds: NamedTensors,
  fetches?: readonly string[],
): Promise<NamedTensors> {
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['wasm'],
    logSeverityLevel: 3,
  });
  try {
    const inputs = Object.fromEntries(
      Object.entries(feeds)
        .filter(([name]) => session.inputNames.includes(name))
        .map(([name, { type, data, dims }]) => [
          name,
          new ort.Tensor(type as 'float32', data as Float32Array, dims),
        ]),
    );
    const results = await session.run(inputs, [...(fetches ?? session.outputNames)]);
    return Object.fromEntries(
      Object.entries(results).map(([name, result]): [string, Tensor] => [
        name,
        { type: result.type as TensorType, dims: [...result.dims], data: result.data as Tensor['data'] },
      ]),
    );
  } finally {
    await session.release();
  }
}

/** An int64 tensor. */
export function ids(dims: readonly number[], values: readonly number[]): Tensor {
  return { type: 'int64', dims, data: BigInt64Array.from(values, BigInt) };
}

/** A float32 tensor. */
export function numbers(dims: readonly number[], values: ArrayLike<number>): Tensor {
  return { type: 'float32', dims, data: Float32Array.from(values) };
}

/** Numbers that look random and are the same every time, about `size` large. */
export function noise(count: number, seed: number, size = 1): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, i) => {
    const x = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return (2 * (x - Math.floor(x)) - 1) * size;
  });
}

// Runs a model file in the runtime, as the oracle of the tests in this folder.
import * as ort from 'onnxruntime-web';

/** A feed: float32 unless the values are bigints (int64) or booleans. */
export interface Feed {
  readonly dims: readonly number[];
  readonly values: readonly number[] | readonly bigint[] | readonly boolean[];
}

function toTensor({ dims, values }: Feed): ort.Tensor {
  const shape = [...dims];
  if (typeof values[0] === 'bigint') {
    return new ort.Tensor('int64', BigInt64Array.from(values as bigint[]), shape);
  }
  if (typeof values[0] === 'boolean') {
    return new ort.Tensor('bool', Uint8Array.from(values as boolean[], Number), shape);
  }
  return new ort.Tensor('float32', Float32Array.from(values as number[]), shape);
}

/** All outputs as plain numbers. */
export async function runModel(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Feed>>,
  options: ort.InferenceSession.SessionOptions = {},
): Promise<Record<string, number[]>> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3, ...options });
  try {
    const results = await session.run(
      Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, toTensor(feed)])),
    );
    return Object.fromEntries(
      Object.entries(results).map(([name, result]) => [
        name,
        Array.from(result.data as Float32Array | BigInt64Array, Number),
      ]),
    );
  } finally {
    await session.release();
  }
}

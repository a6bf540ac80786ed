// Runs graphs in the WASM runtime for the tests of this folder: floats in and out, one session for many runs.
import * as ort from 'onnxruntime-web';
import { ElementType } from '../../../src/onnx/model';

ort.env.logLevel = 'error';
ort.env.wasm.numThreads = 2;

/** A tensor of numbers; `type` is float32 when left out. */
export interface Numbers {
  readonly dims: readonly number[];
  readonly values: ArrayLike<number>;
  readonly type?: 'float32' | 'float64' | 'int64';
}

export interface Runner {
  run(
    feeds: Readonly<Record<string, Numbers>>,
  ): Promise<Readonly<Record<string, { dims: readonly number[]; values: number[] }>>>;
  release(): Promise<void>;
}

export const typeName = (elementType: number): 'float32' | 'float64' =>
  elementType === ElementType.float64 ? 'float64' : 'float32';

function toTensor({ dims, values, type = 'float32' }: Numbers): ort.Tensor {
  const shape = [...dims];
  switch (type) {
    case 'int64':
      return new ort.Tensor(type, BigInt64Array.from(Array.from(values), BigInt), shape);
    case 'float64':
      return new ort.Tensor(type, Float64Array.from(values), shape);
    default:
      // A copy of millions of numbers takes longer than the run.
      return new ort.Tensor(type, values instanceof Float32Array ? values : Float32Array.from(values), shape);
  }
}

/** Feeds that the graph does not read are left out. */
export async function openRunner(bytes: Uint8Array): Promise<Runner> {
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['wasm'],
    logSeverityLevel: 4,
  });
  return {
    async run(feeds) {
      const given = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
      const results = await session.run(
        Object.fromEntries(given.map(([name, tensor]) => [name, toTensor(tensor)])),
      );
      return Object.fromEntries(
        Object.entries(results).map(([name, { dims, data }]) => [
          name,
          {
            dims: [...dims],
            values:
              data instanceof BigInt64Array ? Array.from(data, Number) : Array.from(data as Float32Array),
          },
        ]),
      );
    },
    release: () => session.release(),
  };
}

/** Runs once. */
export async function runOnce(bytes: Uint8Array, feeds: Readonly<Record<string, Numbers>>) {
  const runner = await openRunner(bytes);
  try {
    return await runner.run(feeds);
  } finally {
    await runner.release();
  }
}

/** The largest difference, relative to the largest number expected (at least 1e-3). */
export function distance(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) {
    return Infinity;
  }
  const size = Array.from(expected).reduce((largest, x) => Math.max(largest, Math.abs(x)), 1e-3);
  return Array.from(expected).reduce((worst, x, i) => {
    const off = Math.abs(x - got[i]) / size;
    return Number.isNaN(off) ? Infinity : Math.max(worst, off);
  }, 0);
}

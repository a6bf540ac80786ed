// Compares a device with WASM on a tiny graph: drivers exist that compute attention wrongly and report no error.
import { UserError } from '../shared/errors';
import type { NamedTensors } from '../shared/tensor';
import { createOrtSession } from './ortRuntime';
import type { Ort } from './platform';
import type { Backend } from './runtime';
import { selfTestFeeds, selfTestModel } from './selfTestGraph';
import { Serial } from './serial';

/** Float32 sums in another order differ by about 1e-6 here; a wrong kernel by 0.1. */
const TOLERANCE = 1e-3;

/** What the tiny graph gives on one device. @throws UserError when the device cannot run it. */
export async function selfTestRun(ort: Ort, backend: Backend): Promise<NamedTensors> {
  const session = await createOrtSession(ort, selfTestModel(), backend, {}, new Serial());
  try {
    return await session.run(selfTestFeeds());
  } finally {
    await session.release();
  }
}

/** Largest difference between two results of {@link selfTestRun}; NaN counts as infinite. */
export function largestDifference(actual: NamedTensors, expected: NamedTensors): number {
  let largest = 0;
  for (const [name, { data }] of Object.entries(expected)) {
    const other = actual[name]?.data;
    if (!(data instanceof Float32Array) || !(other instanceof Float32Array) || other.length !== data.length) {
      return Infinity;
    }
    for (let i = 0; i < data.length; i++) {
      const difference = Math.abs((other[i] ?? NaN) - (data[i] ?? NaN));
      largest = Math.max(largest, Number.isNaN(difference) ? Infinity : difference);
    }
  }
  return largest;
}

/** @throws UserError `backendFailed` when the results differ by more than rounding explains. */
export function checkAgreement(actual: NamedTensors, expected: NamedTensors): void {
  const difference = largestDifference(actual, expected);
  if (difference > TOLERANCE) {
    const message = `its attention differs from the WASM result by ${difference.toPrecision(2)}`;
    throw new UserError('backendFailed', message, { difference });
  }
}

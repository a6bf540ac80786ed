// Floats out of the results of a run.
import type { NamedTensors } from '../shared/tensor';

/** @throws RangeError when the run has no such output of float32. */
export function floatsIn(results: NamedTensors, name: string): Float32Array<ArrayBuffer> {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array)) {
    throw new RangeError(`The run has no float32 output "${name}".`);
  }
  return data;
}

/** The first number of an output. @throws RangeError as {@link floatsIn} */
export function numberIn(results: NamedTensors, name: string): number {
  return floatsIn(results, name)[0];
}

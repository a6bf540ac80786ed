// Measures which device runs a loaded model faster: small models are often faster on WASM than on a good GPU.
import type { Backend } from './runtime';

/** Which device was faster, and a sentence with the numbers. */
export interface Comparison {
  readonly backend: Backend;
  readonly reason: string;
}

const RUNS = 3;

/**
 * Runs the same short input on both devices: once to warm up, then {@link RUNS} times in turn; the medians decide.
 * `now` is a clock in milliseconds.
 */
export async function compareBackends(
  runs: Readonly<Record<Backend, () => Promise<unknown>>>,
  now: () => number = () => performance.now(),
): Promise<Comparison> {
  const times: Record<Backend, number[]> = { webgpu: [], wasm: [] };
  for (let i = 0; i <= RUNS; i++) {
    for (const backend of ['webgpu', 'wasm'] as const) {
      const start = now();
      await runs[backend]();
      if (i > 0) {
        times[backend].push(now() - start);
      }
    }
  }
  const webgpu = median(times.webgpu);
  const wasm = median(times.wasm);
  const backend = webgpu < wasm ? 'webgpu' : 'wasm';
  const [faster, slower] = backend === 'webgpu' ? ['WebGPU', 'WASM'] : ['WASM', 'WebGPU'];
  const [less, more] = [Math.min(webgpu, wasm), Math.max(webgpu, wasm)];
  return {
    backend,
    reason: `${faster} is faster for this model: ${less.toFixed(1)} ms a run, ${slower} ${more.toFixed(1)} ms.`,
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Infinity;
}

// The inference library in Node: the plain WASM build, or the one that can use WebGPU, from a folder beside the program.
import os from 'node:os';
import { pathToFileURL } from 'node:url';
import { findDawnGpu } from './dawn';
import type { LoadedOrt, Ort, Platform } from './platform';

/**
 * @param wasmFolder Where `ort-wasm-simd-threaded*.{mjs,wasm}` lie; left out, the library looks beside itself (tests).
 * @param patched Whether the WebGPU build was patched to know Node, as esbuild.mjs does; else it must stay at one thread.
 */
export function nodePlatform(wasmFolder: string | undefined, patched: boolean): Platform {
  return {
    findGpu: findDawnGpu,
    load: async (withGpu, wanted): Promise<LoadedOrt> => {
      const ort: Ort = withGpu ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web');
      const threads = withGpu && !patched ? 1 : wanted || defaultThreads();
      ort.env.wasm.numThreads = threads;
      if (wasmFolder !== undefined) {
        ort.env.wasm.wasmPaths = pathToFileURL(`${wasmFolder}/`).href;
      }
      ort.env.logLevel = 'error';
      return { ort, threads };
    },
  };
}

/** More than eight threads gain nothing in matrices of this size; beyond four, half of the processors are siblings. */
function defaultThreads(): number {
  const processors = os.availableParallelism();
  return Math.min(8, processors <= 4 ? processors : Math.ceil(processors / 2));
}

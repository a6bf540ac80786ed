// The inference library in a Web Worker: one build for WASM and WebGPU, whose bytes the host brings.
import * as ort from 'onnxruntime-web/webgpu';
import { searchAdapter } from './adapter';
import type { Platform } from './platform';

/** `wasm`: the bytes of `ort-wasm-simd-threaded.asyncify.wasm`. */
export function webPlatform(wasm: ArrayBuffer): Platform {
  return {
    findGpu: async () => {
      const { gpu } = (globalThis as { readonly navigator?: { readonly gpu?: GPU } }).navigator ?? {};
      return gpu ? searchAdapter(gpu) : { gpu: undefined, why: 'This browser has no WebGPU here.' };
    },
    load: () => {
      ort.env.wasm.wasmBinary = wasm;
      // Threads need cross-origin isolation and a URL to load from; a worker made from a blob has neither.
      ort.env.wasm.numThreads = 1;
      ort.env.logLevel = 'error';
      return Promise.resolve({ ort, threads: 1 });
    },
  };
}

// WebGPU in Node through the optional package `webgpu` (Dawn): makes `navigator.gpu` and mends what the inference library trips over.
import v8 from 'node:v8';
import { messageOf } from '../shared/errors';
import { searchAdapter } from './adapter';
import type { GpuSearch } from './platform';

/** The part of the package `webgpu` that is used; it may not be installed. */
interface Dawn {
  create(flags: readonly string[]): GPU;
  readonly globals: Readonly<Record<string, unknown>> & {
    readonly GPUQueue: { readonly prototype: GPUQueue };
  };
}

/** Finds a GPU for Node; never throws. */
export async function findDawnGpu(): Promise<GpuSearch> {
  let dawn: Dawn;
  try {
    // A variable, so that neither compiler nor bundler insists on the package.
    const name = 'webgpu';
    dawn = (await import(name)) as Dawn;
  } catch (error) {
    return {
      gpu: undefined,
      why: `WebGPU is not part of this installation (${firstLine(messageOf(error))}).`,
    };
  }
  try {
    const gpu = dawn.create([]);
    const found = await searchAdapter(gpu);
    if (found.gpu) {
      install(dawn, gpu);
    }
    return found;
  } catch (error) {
    return { gpu: undefined, why: `WebGPU fails to start: ${firstLine(messageOf(error))}` };
  }
}

function install(dawn: Dawn, gpu: GPU): void {
  Object.assign(globalThis, dawn.globals);
  copySharedBuffers(dawn.globals.GPUQueue.prototype);
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu, userAgent: 'node' },
    configurable: true,
    writable: true,
  });
  if (Number(process.versions.node.split('.')[0]) < 22) {
    // V8 of Node 20 optimises two giant functions of the library while the first run waits: half a minute.
    v8.setFlagsFromString('--wasm-tiering-budget=20000000');
  }
}

/** Dawn refuses views on shared memory, which the library's heap is when it has threads: hand it copies. */
function copySharedBuffers(queue: GPUQueue): void {
  const write = queue.writeBuffer;
  const copying: GPUQueue['writeBuffer'] = function (
    this: GPUQueue,
    target,
    targetOffset,
    data,
    offset,
    size,
  ) {
    const buffer = ArrayBuffer.isView(data) ? data.buffer : data;
    if (!(buffer instanceof SharedArrayBuffer)) {
      return write.call(this, target, targetOffset, data, offset, size);
    }
    const bytesPerElement = 'BYTES_PER_ELEMENT' in data ? Number(data.BYTES_PER_ELEMENT) : 1;
    const viewStart = ArrayBuffer.isView(data) ? data.byteOffset : 0;
    const skipped = (offset ?? 0) * bytesPerElement;
    const length = size === undefined ? data.byteLength - skipped : size * bytesPerElement;
    const copy = new Uint8Array(new Uint8Array(buffer, viewStart + skipped, length));
    return write.call(this, target, targetOffset, copy, 0, length);
  };
  queue.writeBuffer = copying;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

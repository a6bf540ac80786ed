// The one message that is no call: what the host hands a new Web Worker before the first call. Workers of Node need none.

/** Files that a Web Worker cannot read by itself, since it was started from a blob. */
export interface WorkerAssets {
  /** The bytes of `dist/ort/ort-wasm-simd-threaded.asyncify.wasm`; transferred. */
  readonly wasm: ArrayBuffer;
}

/** Post this to the Web Worker (`dist/engine.web.js`) first; calls may follow at once. */
export interface WorkerStart {
  readonly workerStart: WorkerAssets;
}

/** Whether a message is a {@link WorkerStart}. */
export function isWorkerStart(message: unknown): message is WorkerStart {
  return typeof message === 'object' && message !== null && 'workerStart' in message;
}

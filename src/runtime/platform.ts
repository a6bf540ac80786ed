// What differs between Node and browsers for the inference library: where it loads from and how it gets at a GPU. Types only.
import type * as onnxruntime from 'onnxruntime-web';

/** The part of the inference library that is used. */
export type Ort = Pick<typeof onnxruntime, 'InferenceSession' | 'Tensor' | 'env'>;

/** A GPU that answered, or the reason why there is none. */
export type GpuSearch =
  | {
      readonly gpu: GPU;
      readonly label: string;
      readonly software: boolean;
      readonly subgroupSize: number | undefined;
    }
  | { readonly gpu: undefined; readonly why: string };

/** The inference library, loaded. */
export interface LoadedOrt {
  readonly ort: Ort;
  /** Threads that WASM really gets. */
  readonly threads: number;
}

/** The place this engine runs in. */
export interface Platform {
  /** Makes `navigator.gpu` exist where it can. Never throws. */
  findGpu(): Promise<GpuSearch>;
  /**
   * Loads the library once; `withGpu` chooses the build that can use WebGPU.
   * `threads` 0 chooses by the number of cores.
   */
  load(withGpu: boolean, threads: number): Promise<LoadedOrt>;
  /**
   * The library crashed: its memory is in no known state, so this thread should end once the answer is sent.
   * What cannot end, such as a test, leaves this out.
   */
  readonly onCrash?: () => void;
}

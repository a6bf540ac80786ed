// Tensors and matrices as plain data that travels between threads; no arithmetic library.

/** Element types that the runtime passes in and out of a session. */
export type TensorData =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>;

/** The ONNX name of an element type; `float16` is stored as raw bits in a Uint16Array. */
export type TensorType = 'float32' | 'float64' | 'int32' | 'int64' | 'uint8' | 'bool' | 'float16' | 'int8';

/** The typed array that holds each element type. */
export const arrayOf = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} satisfies Record<TensorType, new (buffer: ArrayBuffer) => TensorData>;

/** A dense tensor in row-major order. `dims.reduce(×)` equals `data.length`. */
export interface Tensor {
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** Tensors by the name they have in the graph. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/**
 * Runs a session once. `fetches` are the output names wanted (all when left out).
 * Injected into pure code, so that only `runtime` knows the inference library.
 */
export type Run = (
  feeds: NamedTensors,
  fetches?: readonly string[],
  signal?: AbortSignal,
) => Promise<NamedTensors>;

/** A result that stays on the device that computed it, to be fed to a later run of any session there. */
export interface ResidentTensor {
  readonly type: TensorType;
  readonly dims: readonly number[];
  /** A copy of its numbers. */
  read(): Promise<Tensor>;
  /** Frees its memory; it must not be used any more. */
  dispose(): void;
}

/**
 * As {@link Run}, fed with resident tensors too; the outputs that the session was told to keep come back as such and belong to the
 * caller, who disposes of them.
 */
export type ResidentRun = (
  feeds: Readonly<Record<string, Tensor | ResidentTensor>>,
  fetches?: readonly string[],
  signal?: AbortSignal,
) => Promise<{ readonly values: NamedTensors; readonly resident: Readonly<Record<string, ResidentTensor>> }>;

/** A matrix `[rows, columns]` in row-major order. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array<ArrayBuffer>;
}

/** The product of the dimensions: 1 for a scalar. */
export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** Row `index` of a matrix as a view on its data. */
export function rowOf(matrix: Matrix, index: number): Float32Array<ArrayBuffer> {
  return matrix.data.subarray(index * matrix.columns, (index + 1) * matrix.columns);
}

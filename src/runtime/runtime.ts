// What the engine sees of the inference library: sessions that run a graph on the chosen device. Types only.
import type { Disposable } from '../shared/disposable';
import type { BackendInfo } from '../shared/protocol';
import type { ResidentRun, Run, TensorType } from '../shared/tensor';

export type Backend = BackendInfo['backend'];

/** An input or output of a session. Symbolic dimensions keep their name. */
export interface Port {
  readonly name: string;
  readonly type: TensorType | undefined;
  readonly dims: readonly (number | string)[];
}

/** A graph that is ready to run. Runs of all sessions queue up one behind the other. */
export interface Session {
  readonly backend: Backend;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** @throws UserError `cancelled` before it begins, `outOfMemory`, `engineCrashed` or `internal`. */
  readonly run: Run;
  /** As {@link run}; the outputs of {@link SessionOptions.resident} stay on the device. */
  readonly runResident: ResidentRun;
  release(): Promise<void>;
}

/** A file with weights that stand outside the ONNX file. */
export interface ExternalData {
  /** As the ONNX file names it. */
  readonly path: string;
  readonly data: Uint8Array<ArrayBuffer>;
}

export interface SessionOptions {
  /** Default: the runtime's own. */
  readonly backend?: Backend;
  readonly externalData?: readonly ExternalData[];
  /**
   * Names of nodes that WebGPU must leave to the CPU. Needed for every `Shape`: onnxruntime-web 1.30 reuses the memory
   * of their results too early there, and fails with "Tensor shape is too large".
   */
  readonly cpuNodes?: readonly string[];
  /** Outputs that `runResident` leaves where they are computed; `run` still reads them. Default: none. */
  readonly resident?: readonly string[];
}

/** The inference library on the devices of this machine. */
export interface Runtime extends Disposable {
  /** The device that sessions use by default, and why. */
  readonly info: BackendInfo;
  /** The devices that work; two only when the setting is `auto` and WebGPU passed its test. */
  readonly backends: readonly Backend[];
  /** {@link BackendInfo} of another choice among {@link backends}. */
  describe(backend: Backend, reason: string): BackendInfo;
  /** @throws UserError `modelCorrupt`, `modelUnsupported`, `modelTooLarge`, `outOfMemory` or `backendFailed`. */
  createSession(model: Uint8Array<ArrayBuffer>, options?: SessionOptions): Promise<Session>;
}

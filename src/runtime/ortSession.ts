// One session of the inference library behind our own interface: queued, with its tensors released whatever happens.
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web';
import { throwIfCancelled, UserError } from '../shared/errors';
import type { ResidentRun, ResidentTensor, Run, Tensor } from '../shared/tensor';
import { OrtResident } from './ortResident';
import { fromOrt, isTensorType, toOrt } from './ortTensor';
import type { Ort } from './platform';
import { runError } from './runtimeErrors';
import type { Backend, Port, Session } from './runtime';
import type { Serial } from './serial';

/** What a session is besides the library's. */
export interface OrtSessionOptions {
  readonly backend: Backend;
  /** Outputs that stay where they are computed. */
  readonly resident?: readonly string[];
  readonly onCrash?: () => void;
}

export class OrtSession implements Session {
  readonly backend: Backend;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  private readonly kept: ReadonlySet<string>;
  private released = false;

  constructor(
    private readonly ort: Ort,
    private readonly session: InferenceSession,
    private readonly serial: Serial,
    private readonly options: OrtSessionOptions,
  ) {
    this.backend = options.backend;
    this.inputs = session.inputMetadata.map(portOf);
    this.outputs = session.outputMetadata.map(portOf);
    this.kept = new Set(options.resident);
  }

  readonly run: Run = async (feeds, fetches, signal) =>
    (await this.queue(feeds, fetches, new Set(), signal)).values;

  readonly runResident: ResidentRun = (feeds, fetches, signal) =>
    this.queue(feeds, fetches, this.kept, signal);

  release(): Promise<void> {
    return this.serial.run(async () => {
      if (!this.released) {
        this.released = true;
        await this.session.release();
      }
    });
  }

  private queue(
    feeds: Readonly<Record<string, Tensor | ResidentTensor>>,
    fetches: readonly string[] | undefined,
    kept: ReadonlySet<string>,
    signal: AbortSignal | undefined,
  ): ReturnType<ResidentRun> {
    return this.serial.run(async () => {
      throwIfCancelled(signal);
      if (this.released) {
        throw new UserError('internal', 'The session was released before this run.');
      }
      return this.runNow(feeds, fetches, kept);
    });
  }

  private async runNow(
    feeds: Readonly<Record<string, Tensor | ResidentTensor>>,
    fetches: readonly string[] | undefined,
    kept: ReadonlySet<string>,
  ): ReturnType<ResidentRun> {
    const given: Record<string, OrtTensor> = {};
    const temporary: OrtTensor[] = [];
    const resident: Record<string, OrtResident> = {};
    try {
      for (const [name, tensor] of Object.entries(feeds)) {
        if (tensor instanceof OrtResident) {
          given[name] = tensor.tensor;
        } else if ('data' in tensor) {
          temporary.push((given[name] = toOrt(this.ort, name, tensor)));
        }
      }
      const answer = Object.entries(
        await (fetches ? this.session.run(given, fetches) : this.session.run(given)),
      );
      const passing = answer.filter(([name]) => !kept.has(name));
      temporary.push(...passing.map(([, tensor]) => tensor));
      for (const [name, tensor] of answer) {
        if (kept.has(name)) {
          resident[name] = new OrtResident(name, tensor, this.serial);
        }
      }
      const values: Record<string, Tensor> = {};
      for (const [name, tensor] of passing) {
        values[name] = await fromOrt(name, tensor);
      }
      return { values, resident };
    } catch (error) {
      Object.values(resident).forEach((tensor) => tensor.dispose());
      const explained = runError(error);
      if (explained.code === 'engineCrashed') {
        this.options.onCrash?.();
      }
      throw explained;
    } finally {
      temporary.forEach((tensor) => tensor.dispose());
    }
  }
}

function portOf(metadata: InferenceSession.ValueMetadata): Port {
  if (!metadata.isTensor) {
    return { name: metadata.name, type: undefined, dims: [] };
  }
  const { name, type, shape } = metadata;
  return { name, type: isTensorType(type) ? type : undefined, dims: shape };
}

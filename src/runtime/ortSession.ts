// One session of the inference library behind our own interface: queued, with its tensors released whatever happens.
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web';
import { throwIfCancelled, UserError } from '../shared/errors';
import type { NamedTensors, Run, Tensor } from '../shared/tensor';
import { fromOrt, isTensorType, toOrt } from './ortTensor';
import type { Ort } from './platform';
import { runError } from './runtimeErrors';
import type { Backend, Port, Session } from './runtime';
import type { Serial } from './serial';

export class OrtSession implements Session {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  private released = false;

  constructor(
    private readonly ort: Ort,
    private readonly session: InferenceSession,
    private readonly serial: Serial,
    readonly backend: Backend,
    private readonly onCrash?: () => void,
  ) {
    this.inputs = session.inputMetadata.map(portOf);
    this.outputs = session.outputMetadata.map(portOf);
  }

  readonly run: Run = (feeds, fetches, signal) =>
    this.serial.run(async () => {
      throwIfCancelled(signal);
      if (this.released) {
        throw new UserError('internal', 'The session was released before this run.');
      }
      return this.runNow(feeds, fetches);
    });

  release(): Promise<void> {
    return this.serial.run(async () => {
      if (!this.released) {
        this.released = true;
        await this.session.release();
      }
    });
  }

  private async runNow(feeds: NamedTensors, fetches: readonly string[] | undefined): Promise<NamedTensors> {
    const given: Record<string, OrtTensor> = {};
    const results: OrtTensor[] = [];
    try {
      for (const [name, tensor] of Object.entries(feeds)) {
        given[name] = toOrt(this.ort, name, tensor);
      }
      const answer = await (fetches ? this.session.run(given, fetches) : this.session.run(given));
      results.push(...Object.values(answer));
      const tensors: Record<string, Tensor> = {};
      for (const [name, tensor] of Object.entries(answer)) {
        tensors[name] = await fromOrt(name, tensor);
      }
      return tensors;
    } catch (error) {
      const explained = runError(error);
      if (explained.code === 'engineCrashed') {
        this.onCrash?.();
      }
      throw explained;
    } finally {
      for (const tensor of [...Object.values(given), ...results]) {
        tensor.dispose();
      }
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

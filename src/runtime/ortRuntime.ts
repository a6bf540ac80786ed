// The loaded inference library: creates sessions, one at a time. Which device to use is decided in openRuntime.ts.
import type { InferenceSession } from 'onnxruntime-web';
import { CancelledError } from '../shared/errors';
import type { BackendInfo } from '../shared/protocol';
import { OrtSession } from './ortSession';
import type { Ort } from './platform';
import type { Backend, Runtime, Session, SessionOptions } from './runtime';
import { loadError } from './runtimeErrors';
import { Serial } from './serial';

export class OrtRuntime implements Runtime {
  private readonly serial = new Serial();
  private readonly sessions = new Set<Session>();
  private disposed = false;

  /** `labels` names the devices that work; the first of `backends` is the default. */
  constructor(
    private readonly ort: Ort,
    readonly info: BackendInfo,
    readonly backends: readonly Backend[],
    private readonly labels: Readonly<Record<Backend, string>>,
    private readonly onCrash?: () => void,
  ) {}

  describe(backend: Backend, reason: string): BackendInfo {
    return { backend, label: this.labels[backend], reason, fallback: this.info.fallback };
  }

  createSession(model: Uint8Array<ArrayBuffer>, options: SessionOptions = {}): Promise<Session> {
    return this.serial.run(async () => {
      if (this.disposed) {
        throw new CancelledError('The runtime was closed.');
      }
      const backend = options.backend ?? this.info.backend;
      const session = await createOrtSession(this.ort, model, backend, options, this.serial, this.onCrash);
      this.sessions.add(session);
      return {
        backend,
        inputs: session.inputs,
        outputs: session.outputs,
        run: session.run,
        runResident: session.runResident,
        release: () => {
          this.sessions.delete(session);
          return session.release();
        },
      };
    });
  }

  dispose(): void {
    this.disposed = true;
    for (const session of this.sessions) {
      // Runs behind whatever is running; a failure to release cannot be acted upon any more.
      session.release().catch(() => undefined);
    }
    this.sessions.clear();
  }
}

/** One session of the library. @throws UserError as {@link Runtime.createSession} does. */
export async function createOrtSession(
  ort: Ort,
  model: Uint8Array<ArrayBuffer>,
  backend: Backend,
  options: SessionOptions,
  serial: Serial,
  onCrash?: () => void,
): Promise<OrtSession> {
  try {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [provider(backend, options)],
      // Shape arithmetic always stays on the CPU; the library warns about it for every WebGPU session.
      logSeverityLevel: 3,
      ...(options.externalData && { externalData: options.externalData }),
      ...(backend === 'webgpu' &&
        options.resident && { preferredOutputLocation: onDevice(options.resident) }),
    });
    return new OrtSession(ort, session, serial, { backend, resident: options.resident, onCrash });
  } catch (error) {
    const explained = loadError(error);
    if (explained.code === 'engineCrashed') {
      onCrash?.();
    }
    throw explained;
  }
}

function onDevice(names: readonly string[]): Readonly<Record<string, 'gpu-buffer'>> {
  return Object.fromEntries(names.map((name) => [name, 'gpu-buffer']));
}

function provider(
  backend: Backend,
  { cpuNodes = [] }: SessionOptions,
): InferenceSession.ExecutionProviderConfig {
  // An empty list would crash the library.
  return backend === 'webgpu' && cpuNodes.length > 0
    ? { name: 'webgpu', forceCpuNodeNames: cpuNodes }
    : backend;
}

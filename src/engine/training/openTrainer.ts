// Opens the sessions of a training on the device that its model runs on, where that computes what WASM computes; else on WASM.
import type { Runtime } from '../../runtime/runtime';
import { isCancelled, messageOf } from '../../shared/errors';
import type { BackendInfo, CallOptions } from '../../shared/protocol';
import type { Run } from '../../shared/tensor';
import type { TrainerParts } from '../../training/trainer';
import { Trainer } from '../../training/trainer';
import type { DeviceGraphs } from './deviceRuns';
import { DeviceRuns } from './deviceRuns';
import { lazySession } from './lazySession';

/** A trainer with everything that must be released after it. */
export interface OpenedTrainer {
  readonly trainer: Trainer;
  readonly backend: BackendInfo;
  readonly release: () => Promise<void>;
}

/** How far loss and gradient norm may differ between devices, relative to WASM's: float32 sums in another order differ by less. */
const TOLERANCE = 1e-3;

/**
 * @param chosen The device of the model. Another than WASM computes the gradient of the first step as WASM does, or is not used.
 * @throws UserError as `Runtime.createSession`, or `cancelled`.
 */
export async function openTrainer(
  runtime: Runtime,
  chosen: BackendInfo,
  graphs: Omit<DeviceGraphs, 'optimiser'>,
  parts: TrainerParts,
  { signal, onProgress }: CallOptions,
): Promise<OpenedTrainer> {
  const plain = await openOnWasm(runtime, graphs, parts);
  if (chosen.backend === 'wasm') {
    return plain;
  }
  let device: OpenedTrainer | undefined;
  try {
    onProgress?.({ message: 'Comparing WebGPU with WASM', done: 0, total: 0 });
    device = await openOnDevice(runtime, chosen, graphs, parts);
    const wanted = await plain.trainer.trial(signal);
    const found = await device.trainer.trial(signal);
    const difference = Math.max(apart(found.loss, wanted.loss), apart(found.norm, wanted.norm));
    // Not "difference > TOLERANCE": a NaN is no agreement.
    if (!(difference <= TOLERANCE)) {
      throw new Error(`its first gradient differs from WASM's by ${(100 * difference).toPrecision(2)} %.`);
    }
    await plain.release();
    return device;
  } catch (error) {
    await device?.release();
    if (isCancelled(error)) {
      await plain.release();
      throw error;
    }
    const fallback = `WebGPU cannot train this model: ${messageOf(error)} WASM trains it instead.`;
    return { ...plain, backend: { ...plain.backend, fallback } };
  }
}

async function openOnWasm(
  runtime: Runtime,
  { gradient, evaluation }: Omit<DeviceGraphs, 'optimiser'>,
  parts: TrainerParts,
): Promise<OpenedTrainer> {
  const step = await runtime.createSession(gradient.model.bytes, { backend: 'wasm' });
  const measure = lazySession(() => runtime.createSession(evaluation().bytes, { backend: 'wasm' }));
  const evaluate: Run = async (...run) => (await measure.open()).run(...run);
  const trainer = new Trainer({ ...parts, gradients: step.run, evaluate });
  const reason = 'Weights and moments change in place, in this memory.';
  const release = async (): Promise<void> => {
    await Promise.all([step.release(), measure.release()]);
  };
  return { trainer, backend: runtime.describe('wasm', reason), release };
}

async function openOnDevice(
  runtime: Runtime,
  chosen: BackendInfo,
  graphs: Omit<DeviceGraphs, 'optimiser'>,
  parts: TrainerParts,
): Promise<OpenedTrainer> {
  const runs = await DeviceRuns.open(runtime, chosen.backend, {
    ...graphs,
    optimiser: parts.options.optimiser,
  });
  const trainer = new Trainer({ ...parts, device: runs.parameters });
  const reason = 'The model runs there; weights and moments stay on the device between steps.';
  return {
    trainer,
    backend: runtime.describe(chosen.backend, reason),
    release: () => runs.release(),
  };
}

const apart = (found: number, wanted: number): number =>
  Math.abs(found - wanted) / Math.max(1e-6, Math.abs(wanted));

// Creates the session of a prepared graph; for the first graph of a model it also settles which device runs the model.
import { compareBackends } from '../runtime/compareBackends';
import type { Backend, Runtime } from '../runtime/runtime';
import { isCancelled, messageOf } from '../shared/errors';
import type { BackendInfo } from '../shared/protocol';
import type { PreparedGraph } from './prepareGraph';
import { Stack } from './stack';
import { StackRun } from './stackRun';

/** Tokens of the text that devices are compared on: a long sentence. */
const SAMPLE_TOKENS = 32;

/** A stack, and the device that was chosen for it. */
export interface OpenedStack {
  readonly stack: Stack;
  readonly backend: BackendInfo;
}

/**
 * @param chosen The device that runs the other stacks of the model; left out, it is chosen here.
 * @param hint What an earlier comparison of this model on this machine said.
 * @throws UserError as `Runtime.createSession`
 */
export async function openStack(
  runtime: Runtime,
  graph: PreparedGraph,
  chosen: BackendInfo | undefined,
  hint: Backend | undefined,
): Promise<OpenedStack> {
  if (chosen) {
    return openOn(runtime, graph, chosen);
  }
  if (runtime.backends.length < 2) {
    return openOn(runtime, graph, runtime.info);
  }
  if (hint) {
    return openOn(runtime, graph, runtime.describe(hint, 'It was faster for this model when last compared.'));
  }
  return openOnFaster(runtime, graph);
}

async function openOn(runtime: Runtime, graph: PreparedGraph, backend: BackendInfo): Promise<OpenedStack> {
  try {
    return { stack: await create(runtime, graph, backend.backend), backend };
  } catch (error) {
    if (backend.backend === 'wasm' || isCancelled(error)) {
      throw error;
    }
    const fallback = `WebGPU cannot load this model: ${messageOf(error)} WASM runs it instead.`;
    const wasm = { ...runtime.describe('wasm', 'WebGPU failed to load this model.'), fallback };
    return { stack: await create(runtime, graph, 'wasm'), backend: wasm };
  }
}

/** Loads the graph on both devices, runs a sample on each, and releases the slower one. */
async function openOnFaster(runtime: Runtime, graph: PreparedGraph): Promise<OpenedStack> {
  const gpu = await openOn(runtime, graph, runtime.describe('webgpu', 'Only WebGPU could be tried.'));
  if (gpu.backend.backend === 'wasm') {
    return gpu;
  }
  const wasm = await create(runtime, graph, 'wasm');
  const sample = (stack: Stack) => () =>
    StackRun.begin(stack, stack.feeds(stack.sampleInputs(SAMPLE_TOKENS)), weightsOf(stack));
  try {
    const { backend, reason } = await compareBackends({ webgpu: sample(gpu.stack), wasm: sample(wasm) });
    const [winner, loser] = backend === 'webgpu' ? [gpu.stack, wasm] : [wasm, gpu.stack];
    await loser.session.release();
    return { stack: winner, backend: runtime.describe(backend, reason) };
  } catch (error) {
    // A graph with inputs of unknown purpose can be inspected only; a device that fails here must not run it.
    await gpu.stack.session.release();
    const reason = `The devices could not be compared on this model: ${messageOf(error)}`;
    return { stack: wasm, backend: runtime.describe('wasm', reason) };
  }
}

function weightsOf(stack: Stack): readonly string[] {
  return stack.tapsOf('weights').map(({ output }) => output);
}

async function create(
  runtime: Runtime,
  { anatomy, probed, positionTable, externalData }: PreparedGraph,
  backend: Backend,
): Promise<Stack> {
  const session = await runtime.createSession(probed.bytes, { backend, externalData });
  return new Stack(anatomy, probed.taps, session, positionTable);
}

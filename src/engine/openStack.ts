// Creates the session of a prepared graph; for the first graph of a model it also settles which device runs the model.
import { compareBackends } from '../runtime/compareBackends';
import type { Backend, Runtime } from '../runtime/runtime';
import { isCancelled, messageOf, UserError } from '../shared/errors';
import type { BackendInfo } from '../shared/protocol';
import type { NamedTensors } from '../shared/tensor';
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
  if (backend.backend === 'wasm') {
    return { stack: await create(runtime, graph, 'wasm'), backend };
  }
  try {
    return { stack: await createAndTry(runtime, graph), backend };
  } catch (error) {
    if (isCancelled(error)) {
      throw error;
    }
    const fallback = `WebGPU cannot run this model: ${messageOf(error)} WASM runs it instead.`;
    const wasm = { ...runtime.describe('wasm', 'WebGPU failed to run this model.'), fallback };
    return { stack: await create(runtime, graph, 'wasm'), backend: wasm };
  }
}

/** What a device refuses to compute shows only when it runs; its first run is slow anyway. */
async function createAndTry(runtime: Runtime, graph: PreparedGraph): Promise<Stack> {
  const stack = await create(runtime, graph, 'webgpu');
  try {
    await sampleRun(stack);
    return stack;
  } catch (error) {
    await stack.session.release();
    throw error;
  }
}

/** Loads the graph on both devices, runs a sample on each, and releases the slower one. */
async function openOnFaster(runtime: Runtime, graph: PreparedGraph): Promise<OpenedStack> {
  const gpu = await openOn(runtime, graph, runtime.describe('webgpu', 'Only WebGPU could be tried.'));
  if (gpu.backend.backend === 'wasm') {
    return gpu;
  }
  const wasm = await create(runtime, graph, 'wasm');
  try {
    const { backend, reason } = await compareBackends({
      webgpu: () => sampleRun(gpu.stack),
      wasm: () => sampleRun(wasm),
    });
    const [winner, loser] = backend === 'webgpu' ? [gpu.stack, wasm] : [wasm, gpu.stack];
    await loser.session.release();
    return { stack: winner, backend: runtime.describe(backend, reason) };
  } catch (error) {
    await gpu.stack.session.release();
    const reason = `The devices could not be compared on this model: ${messageOf(error)}`;
    return { stack: wasm, backend: runtime.describe('wasm', reason) };
  }
}

/** A run on some text; nothing for a graph with inputs of unknown purpose, which can be inspected only. */
async function sampleRun(stack: Stack): Promise<void> {
  const weights = stack.tapsOf('weights').map(({ output }) => output);
  const tokens = Math.min(SAMPLE_TOKENS, stack.anatomy.positions.positions || SAMPLE_TOKENS);
  let feeds: NamedTensors;
  try {
    feeds = stack.feeds(stack.sampleInputs(tokens));
  } catch (error) {
    if (error instanceof UserError && error.code === 'modelUnsupported') {
      return;
    }
    throw error;
  }
  await StackRun.begin(stack, feeds, weights);
}

async function create(
  runtime: Runtime,
  { anatomy, probed, positionTable, externalData, cpuNodes, shownWeights }: PreparedGraph,
  backend: Backend,
): Promise<Stack> {
  const session = await runtime.createSession(probed.bytes, { backend, externalData, cpuNodes });
  return new Stack(anatomy, probed.taps, session, positionTable, probed.states, shownWeights);
}

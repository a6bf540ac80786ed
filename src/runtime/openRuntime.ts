// Decides at the start which devices can be used: tries WebGPU where it is wanted, tests it, and falls back to WASM with a reason.
import { messageOf, UserError } from '../shared/errors';
import type { BackendInfo, BackendSetting } from '../shared/protocol';
import type { NamedTensors } from '../shared/tensor';
import { hideSubgroups } from './adapter';
import { OrtRuntime } from './ortRuntime';
import type { GpuSearch, LoadedOrt, Ort, Platform } from './platform';
import type { Runtime } from './runtime';
import { loadError } from './runtimeErrors';
import { checkAgreement, selfTestRun } from './selfTest';

export interface RuntimeOptions {
  readonly backend: BackendSetting;
  /** 0 chooses by the number of cores. */
  readonly threads: number;
}

type Found = Extract<GpuSearch, { readonly gpu: GPU }>;

/** The fused attention of the library shares work among at least this many neighbours. */
const SMALLEST_SUBGROUP = 8;

/**
 * Loads the inference library and settles the backend. `auto` keeps WASM beside a working WebGPU, so that each model
 * can be measured on both; see compareBackends.ts.
 *
 * @throws UserError `backendFailed` when not even WASM runs.
 */
export async function openRuntime(platform: Platform, options: RuntimeOptions): Promise<Runtime> {
  if (options.backend === 'wasm') {
    return openWasm(platform, options, 'The settings ask for WASM.', undefined);
  }
  const search = await platform.findGpu();
  if (!search.gpu) {
    const fallback = options.backend === 'webgpu' ? `${search.why} WASM is used instead.` : undefined;
    return openWasm(platform, options, search.why, fallback);
  }
  if (search.software && options.backend === 'auto') {
    const reason = `The only graphics adapter (${search.label}) is a software renderer, slower than WASM.`;
    return openWasm(platform, options, reason, undefined);
  }
  return openWebGpu(platform, options, search);
}

async function openWasm(
  platform: Platform,
  { threads }: RuntimeOptions,
  reason: string,
  fallback: string | undefined,
): Promise<Runtime> {
  const loaded = await loadTested(platform, false, threads);
  return wasmRuntime(platform, loaded, reason, fallback);
}

/** The library with what WASM makes of the test graph: proof that it runs at all. @throws UserError `backendFailed` */
async function loadTested(
  platform: Platform,
  withGpu: boolean,
  threads: number,
): Promise<LoadedOrt & { readonly expected: NamedTensors }> {
  try {
    const loaded = await platform.load(withGpu, threads);
    return { ...loaded, expected: await selfTestRun(loaded.ort, 'wasm') };
  } catch (error) {
    const message = `The inference library cannot start: ${messageOf(error)} Reload the window; if that does not help, install the extension again.`;
    throw new UserError('backendFailed', message, {}, { cause: error });
  }
}

function wasmRuntime(
  platform: Platform,
  loaded: LoadedOrt,
  reason: string,
  fallback: string | undefined,
): Runtime {
  const label = wasmLabel(loaded);
  const info: BackendInfo = { backend: 'wasm', label, reason, fallback };
  return new OrtRuntime(loaded.ort, info, ['wasm'], { wasm: label, webgpu: 'WebGPU' }, platform.onCrash);
}

async function openWebGpu(platform: Platform, options: RuntimeOptions, found: Found): Promise<Runtime> {
  const loaded = await loadTested(platform, true, options.threads);
  const { expected } = loaded;
  const problem = await testWebGpu(loaded.ort, found, expected);
  if (problem !== undefined) {
    const fallback = `WebGPU (${found.label}) is not used: ${problem}. WASM runs the model instead.`;
    return wasmRuntime(platform, loaded, 'WebGPU failed its test.', fallback);
  }
  const label = `WebGPU (${found.label})`;
  const asked = options.backend === 'webgpu';
  const reason = asked ? 'The settings ask for WebGPU.' : 'WebGPU passed its test against WASM.';
  const info: BackendInfo = { backend: 'webgpu', label, reason, fallback: undefined };
  const labels = { webgpu: label, wasm: wasmLabel(loaded) };
  return new OrtRuntime(loaded.ort, info, asked ? ['webgpu'] : ['webgpu', 'wasm'], labels, platform.onCrash);
}

/** Undefined when WebGPU computes what WASM does, if need be without subgroups; else what is wrong with it. */
async function testWebGpu(ort: Ort, found: Found, expected: NamedTensors): Promise<string | undefined> {
  const tooSmall = found.subgroupSize !== undefined && found.subgroupSize < SMALLEST_SUBGROUP;
  if (tooSmall) {
    hideSubgroups(found.gpu);
  }
  const problem = await webGpuProblem(ort, expected);
  if (problem === undefined || tooSmall) {
    return problem;
  }
  // The library asks for the adapter again, since its only session on it was released.
  hideSubgroups(found.gpu);
  return webGpuProblem(ort, expected);
}

async function webGpuProblem(ort: Ort, expected: NamedTensors): Promise<string | undefined> {
  try {
    checkAgreement(await selfTestRun(ort, 'webgpu'), expected);
    return undefined;
  } catch (error) {
    return messageOf(loadError(error));
  }
}

function wasmLabel({ threads }: LoadedOrt): string {
  return `WASM, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

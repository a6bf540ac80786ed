// The choice of the backend, with a real WASM library and graphics devices played by it: found, missing, wrong, broken.
import { describe, expect, test } from 'vitest';
import { compareBackends } from '../../../src/runtime/compareBackends';
import { hideSubgroups } from '../../../src/runtime/adapter';
import { nodePlatform } from '../../../src/runtime/nodePlatform';
import { openRuntime } from '../../../src/runtime/openRuntime';
import type { GpuSearch, Ort, Platform } from '../../../src/runtime/platform';
import { largestDifference } from '../../../src/runtime/selfTest';

/** A GPU object that only counts how often its adapter was asked for. */
function gpuWith(features: readonly string[]): GPU {
  const adapter = { features: new Set(features) };
  return { requestAdapter: () => Promise.resolve(adapter) } as unknown as GPU;
}

const found = (subgroupSize: number, software = false): GpuSearch => ({
  gpu: gpuWith(['subgroups', 'shader-f16']),
  label: 'test adapter',
  software,
  subgroupSize,
});

type WebGpu = 'right' | 'broken' | 'wrong';

/** Real WASM, and WebGPU sessions that are WASM sessions in disguise, possibly wrong. */
function platform(search: GpuSearch, webgpu: readonly WebGpu[] = []): Platform & { loads: boolean[] } {
  const real = nodePlatform(undefined, false);
  const behaviour = [...webgpu];
  const loads: boolean[] = [];
  return {
    loads,
    findGpu: () => Promise.resolve(search),
    load: async (withGpu) => {
      loads.push(withGpu);
      const { ort, threads } = await real.load(false, 1);
      const create = async (model: Uint8Array, options: { executionProviders: readonly string[] }) => {
        const how = options.executionProviders[0] === 'webgpu' ? behaviour.shift() : 'right';
        if (how === 'broken') {
          throw new Error('the device was lost');
        }
        const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
        if (how !== 'wrong') {
          return session;
        }
        const run = session.run.bind(session);
        const wrong = async (feeds: Parameters<typeof run>[0]) => {
          const results = await run(feeds);
          const data = results['fused']?.data;
          if (data instanceof Float32Array) {
            data[5] = (data[5] ?? 0) + 0.14;
          }
          return results;
        };
        return Object.assign(session, { run: wrong });
      };
      return { ort: { ...ort, InferenceSession: { create } } as unknown as Ort, threads };
    },
  };
}

describe('openRuntime', () => {
  test('without WebGPU, auto runs WASM and says why, without alarm', async () => {
    const { info } = await openRuntime(platform({ gpu: undefined, why: 'There is none.' }), {
      backend: 'auto',
      threads: 1,
    });
    expect(info).toMatchObject({ backend: 'wasm', reason: 'There is none.', fallback: undefined });
  });

  test('without WebGPU, the setting webgpu falls back with a message', async () => {
    const { info } = await openRuntime(platform({ gpu: undefined, why: 'There is none.' }), {
      backend: 'webgpu',
      threads: 1,
    });
    expect(info).toMatchObject({ backend: 'wasm', fallback: 'There is none. WASM is used instead.' });
  });

  test('auto passes over a software renderer and loads the small build', async () => {
    const place = platform(found(4, true));
    const { info } = await openRuntime(place, { backend: 'auto', threads: 1 });
    expect(info.backend).toBe('wasm');
    expect(info.reason).toContain('software renderer');
    expect(place.loads).toEqual([false]);
  });

  test('a WebGPU that agrees with WASM is used; auto keeps WASM to compare', async () => {
    const { info, backends } = await openRuntime(platform(found(32), ['right']), {
      backend: 'auto',
      threads: 1,
    });
    expect(info).toMatchObject({ backend: 'webgpu', label: 'WebGPU (test adapter)', fallback: undefined });
    expect(backends).toEqual(['webgpu', 'wasm']);
  });

  test('the setting webgpu keeps no alternative', async () => {
    const { backends } = await openRuntime(platform(found(32), ['right']), { backend: 'webgpu', threads: 1 });
    expect(backends).toEqual(['webgpu']);
  });

  test('a wrong WebGPU gets a second chance without subgroups', async () => {
    const search = found(32);
    const { info } = await openRuntime(platform(search, ['wrong', 'right']), {
      backend: 'webgpu',
      threads: 1,
    });
    expect(info.backend).toBe('webgpu');
    const adapter = await search.gpu?.requestAdapter();
    expect([...(adapter?.features ?? [])]).toEqual(['shader-f16']);
  });

  test('a WebGPU that stays wrong is left for WASM with the difference', async () => {
    const { info } = await openRuntime(platform(found(32), ['wrong', 'wrong']), {
      backend: 'auto',
      threads: 1,
    });
    expect(info.backend).toBe('wasm');
    expect(info.fallback).toContain('differs from the WASM result by 0.14');
  });

  test('a WebGPU that fails is left for WASM with its message', async () => {
    const { info, backends } = await openRuntime(platform(found(4), ['broken']), {
      backend: 'webgpu',
      threads: 1,
    });
    expect(backends).toEqual(['wasm']);
    expect(info.fallback).toContain('the device was lost');
  });
});

test('hiding subgroups leaves the other features', async () => {
  const gpu = gpuWith(['subgroups', 'subgroup-size-control', 'timestamp-query']);
  hideSubgroups(gpu);
  expect([...((await gpu.requestAdapter())?.features ?? [])]).toEqual(['timestamp-query']);
});

test('results that are not numbers never count as equal', () => {
  const tensor = (x: number) => ({ a: { type: 'float32', dims: [1], data: Float32Array.of(x) } as const });
  expect(largestDifference(tensor(NaN), tensor(1))).toBe(Infinity);
  expect(largestDifference({}, tensor(1))).toBe(Infinity);
  expect(largestDifference(tensor(1.5), tensor(1))).toBe(0.5);
});

test('the faster device wins by the median of its runs', async () => {
  let clock = 0;
  const takes = (times: number[]) => async () => void (clock += times.shift() ?? 0);
  const comparison = await compareBackends(
    { webgpu: takes([900, 10, 90, 11]), wasm: takes([1, 20, 21, 22]) },
    () => clock,
  );
  expect(comparison).toEqual({
    backend: 'webgpu',
    reason: 'WebGPU is faster for this model: 11.0 ms a run, WASM 21.0 ms.',
  });
});

test('a library that cannot even start says what to do', async () => {
  const broken: Platform = {
    findGpu: () => Promise.resolve({ gpu: undefined, why: 'There is none.' }),
    load: () => Promise.reject(new Error('no such file')),
  };
  await expect(openRuntime(broken, { backend: 'auto', threads: 1 })).rejects.toMatchObject({
    code: 'backendFailed',
    message: expect.stringContaining('no such file') as string,
  });
});

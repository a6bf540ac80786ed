// Which device runs a model: compared where two work, remembered by a hint, replaced where WebGPU fails. Devices are played.
import { describe, expect, test } from 'vitest';
import type { Anatomy } from '../../../src/anatomy/anatomy';
import { openStack } from '../../../src/engine/openStack';
import type { PreparedGraph } from '../../../src/engine/prepareGraph';
import type { Backend, Runtime } from '../../../src/runtime/runtime';
import { UserError } from '../../../src/shared/errors';

const anatomy: Partial<Anatomy> = {
  attentions: [],
  inputs: { ids: { role: 'tokens' } },
  positions: {
    kind: 'none',
    evidence: '',
    tensor: undefined,
    constant: false,
    offset: 0,
    positions: 0,
    dimensions: 0,
    layout: undefined,
    formulaError: undefined,
    frequencies: undefined,
  },
};

const graph: PreparedGraph = {
  anatomy: anatomy as Anatomy,
  probed: {
    bytes: new Uint8Array(1),
    taps: [{ attention: 'encoder.0.self', role: 'weights', output: 'w', layout: 'heads' }],
    sites: [],
    states: new Map(),
  },
  positionTable: undefined,
  externalData: [],
  weights: new Map(),
  shownWeights: new Map(),
  cpuNodes: ['shape'],
};

type Behaviour = number | 'refuses' | 'fails';

/** A runtime whose devices take that many milliseconds a run, or fail; `log` tells what was done. */
function runtime(backends: readonly Backend[], webgpu: Behaviour, wasm: Behaviour = 1) {
  const log: string[] = [];
  const played: Runtime = {
    info: { backend: backends[0], label: backends[0], reason: 'chosen at the start', fallback: undefined },
    backends,
    describe: (backend, reason) => ({ backend, label: backend, reason, fallback: undefined }),
    createSession: (_model, { backend = 'wasm', cpuNodes = [] } = {}) => {
      log.push(`create ${backend} ${cpuNodes.join()}`);
      const behaviour = backend === 'webgpu' ? webgpu : wasm;
      if (behaviour === 'refuses') {
        return Promise.reject(new UserError('modelUnsupported', 'It refuses.'));
      }
      return Promise.resolve({
        backend,
        inputs: [{ name: 'ids', type: 'int64', dims: ['b', 't'] }],
        outputs: [],
        run: async () => {
          if (behaviour === 'fails') {
            throw new UserError('internal', 'It fails.');
          }
          await new Promise((resolve) => setTimeout(resolve, behaviour));
          return {};
        },
        runResident: () => Promise.reject(new Error('Nothing stays on the device here.')),
        release: () => {
          log.push(`release ${backend}`);
          return Promise.resolve();
        },
      });
    },
    dispose: () => undefined,
  };
  return { played, log };
}

describe('openStack', () => {
  test('with one device there is nothing to compare', async () => {
    const { played, log } = runtime(['wasm'], 'refuses');
    const { backend } = await openStack(played, graph, undefined, undefined);
    expect(backend.reason).toBe('chosen at the start');
    expect(log).toEqual(['create wasm shape']);
  });

  test.each([
    ['webgpu', 1, 40],
    ['wasm', 40, 1],
  ] as const)('%s wins where it is faster, and the other is released', async (winner, webgpu, wasm) => {
    const { played, log } = runtime(['webgpu', 'wasm'], webgpu, wasm);
    const { stack, backend } = await openStack(played, graph, undefined, undefined);
    expect(stack.session.backend).toBe(winner);
    expect(backend.reason).toContain('faster for this model');
    expect(log.at(-1)).toBe(`release ${winner === 'wasm' ? 'webgpu' : 'wasm'}`);
  });

  test('a hint spares the comparison', async () => {
    const { played, log } = runtime(['webgpu', 'wasm'], 1);
    const { backend } = await openStack(played, graph, undefined, 'wasm');
    expect(backend.backend).toBe('wasm');
    expect(log).toEqual(['create wasm shape']);
  });

  test('the second graph of a model runs where the first does', async () => {
    const { played, log } = runtime(['webgpu', 'wasm'], 1);
    const chosen = played.describe('wasm', 'as the encoder');
    expect((await openStack(played, graph, chosen, undefined)).backend).toBe(chosen);
    expect(log).toEqual(['create wasm shape']);
  });

  test.each([
    ['refuses', ['create webgpu shape', 'create wasm shape']],
    ['fails', ['create webgpu shape', 'release webgpu', 'create wasm shape']],
  ] as const)('a WebGPU that %s a model is replaced, with a message', async (behaviour, expected) => {
    for (const backends of [['webgpu'], ['webgpu', 'wasm']] as const) {
      const { played, log } = runtime(backends, behaviour);
      const { stack, backend } = await openStack(played, graph, undefined, undefined);
      expect(stack.session.backend).toBe('wasm');
      expect(backend.fallback).toMatch(
        /WebGPU cannot run this model: It (refuses|fails)\. WASM runs it instead\./,
      );
      expect(log).toEqual(expected);
    }
  });

  test('what WASM refuses is the error', async () => {
    const { played } = runtime(['wasm'], 1, 'refuses');
    await expect(openStack(played, graph, undefined, undefined)).rejects.toMatchObject({
      code: 'modelUnsupported',
    });
  });
});

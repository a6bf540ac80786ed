// Asks WebGPU for an adapter, says what it is, and hides features of it that give wrong results. The same in Node and browsers.
import { messageOf } from '../shared/errors';
import type { GpuSearch } from './platform';

/** Describes the adapter that `gpu` gives, or says why there is none. */
export async function searchAdapter(gpu: GPU): Promise<GpuSearch> {
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) {
      return { gpu: undefined, why: 'WebGPU finds no graphics adapter.' };
    }
    const { vendor, architecture, description, subgroupMinSize, isFallbackAdapter } = adapter.info;
    const name = [vendor, architecture].filter((part) => part !== '').join(' ') || description || 'unnamed';
    return { gpu, label: name, software: isFallbackAdapter, subgroupSize: subgroupMinSize };
  } catch (error) {
    return { gpu: undefined, why: `WebGPU fails to start: ${messageOf(error)}` };
  }
}

/**
 * Makes adapters of `gpu` look as if they had no subgroups, from now on.
 * The library's fused attention relies on subgroups larger than some devices have, and is then wrong without notice.
 */
export function hideSubgroups(gpu: GPU): void {
  const requestAdapter = gpu.requestAdapter.bind(gpu);
  const request: GPU['requestAdapter'] = async (options) => {
    const adapter = await requestAdapter(options);
    if (adapter) {
      const features = new Set([...adapter.features].filter((feature) => !feature.includes('subgroup')));
      Object.defineProperty(adapter, 'features', { value: features, configurable: true });
    }
    return adapter;
  };
  Object.defineProperty(gpu, 'requestAdapter', { value: request, configurable: true, writable: true });
}

// Feeds of a graph for experiments that change nothing.
import type { Experiment } from '../../../src/probe/experiment';
import type { NamedTensors, Tensor } from '../../../src/shared/tensor';

export function restingFeeds({ controls }: Experiment): NamedTensors {
  return Object.fromEntries(
    [...controls.neutral].map(([name, { type, rank, value }]): [string, Tensor] => {
      const dims = Array.from({ length: rank }, () => 1);
      const data = type === 'bool' ? Uint8Array.of(value) : Float32Array.of(value);
      return [name, { type, dims, data }];
    }),
  );
}

// What both sides of the measurement are asked, one JSON object a line: ours in trainee.ts, PyTorch's in trainee.py. Types only.
import type { TrainingOptions } from '../../src/shared/training';
import type { TokenExample } from '../../src/training/data/readExamples';
import type { Product } from './products';

/** A batch as ids without padding. */
export type BatchExample = Pick<TokenExample, 'input' | 'decoder' | 'labels'>;

export interface Opening {
  /** Source, tab, target in each line: all are one batch. */
  readonly text: string;
  readonly threads: number;
  readonly options: TrainingOptions;
  /** Whether the runtime tells how long each node takes. */
  readonly profiled: boolean;
}

/** What ours tells when it is ready. */
export interface Opened {
  readonly examples: readonly BatchExample[];
  /** Padded tokens of the batch on either side. */
  readonly source: number;
  readonly target: number;
  /** Tokens that are no padding, of both sides. */
  readonly tokens: number;
  /** Float32 bytes of all weights, and the number of those that are learned. */
  readonly weightBytes: number;
  readonly trainable: number;
  /** Milliseconds until the backward graph and its sessions were there. */
  readonly built: number;
}

/**
 * Milliseconds of a step, a forward pass or the products; `run` is the part inside the runtime's `run`, `cpu` what all threads have
 * computed: on one thread it does not count what others take of the machine.
 */
export interface Timing {
  readonly ms: number;
  readonly run: number;
  readonly cpu: number;
  readonly loss: number;
}

/** Peaks in bytes since the start. */
export interface Memory {
  readonly heap: number;
  readonly buffers: number;
}

/** Of ours; PyTorch's answers `open` with `examples`, `rate` …, and `products`, `step`, `forward`, `gemm` as ours. */
export type Ask =
  | ({ readonly do: 'open' } & Opening)
  | { readonly do: 'products'; readonly products: readonly Product[] }
  | { readonly do: 'step' | 'forward' | 'gemm' | 'memory' | 'profile' };

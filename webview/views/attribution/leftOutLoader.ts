// Leaves the source tokens of a text out, a few per request, so that there is something to see early and it can be stopped.
import { isCancelled, messageOf } from '../../../src/shared/errors';
import type { Slices as SliceMethods } from '../../../src/shared/protocol';
import type { Matrix } from '../../../src/shared/tensor';

/** Source tokens of one request. */
const chunk = 8;

export interface LeftOutPlace {
  readonly trace: string;
  readonly batch: number;
}

/** `drops` are `[source, target]`, the sources that were left out so far. */
export type LeftOutState =
  | { readonly status: 'idle' }
  | { readonly status: 'running'; readonly done: number; readonly total: number }
  | { readonly status: 'ready'; readonly drops: Matrix }
  | { readonly status: 'failed'; readonly message: string };

const idle: LeftOutState = { status: 'idle' };

export class LeftOutLoader {
  private place = '';
  private state: LeftOutState = idle;
  private running: AbortController | undefined;

  constructor(
    private readonly leaveOneOut: SliceMethods['leaveOneOut'],
    private readonly changed: () => void,
  ) {}

  /** What is known of this run; what another run was doing is stopped. */
  want(place: LeftOutPlace): LeftOutState {
    const key = JSON.stringify(place);
    if (key !== this.place) {
      this.running?.abort();
      this.running = undefined;
      this.place = key;
      this.state = idle;
    }
    return this.state;
  }

  /** Leaves all `total` source tokens out, one after the other. */
  async start(place: LeftOutPlace, total: number): Promise<void> {
    this.want(place);
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    this.put({ status: 'running', done: 0, total });
    try {
      const parts: Matrix[] = [];
      for (let first = 0; first < total; first += chunk) {
        const { drops } = await this.leaveOneOut(
          { ...place, first, count: Math.min(chunk, total - first) },
          { signal: running.signal },
        );
        if (running !== this.running) {
          return; // stopped, or another run: this answer is nobody's
        }
        parts.push(drops);
        this.put({ status: 'running', done: Math.min(total, first + chunk), total });
      }
      this.running = undefined;
      this.put({ status: 'ready', drops: stacked(parts) });
    } catch (error) {
      if (running === this.running) {
        this.running = undefined;
        this.put(isCancelled(error) ? idle : { status: 'failed', message: messageOf(error) });
      }
    }
  }

  stop(): void {
    this.running?.abort();
    this.running = undefined;
    this.put(idle);
  }

  private put(state: LeftOutState): void {
    this.state = state;
    this.changed();
  }
}

function stacked(parts: readonly Matrix[]): Matrix {
  const columns = parts.at(0)?.columns ?? 0;
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { rows: columns === 0 ? 0 : data.length / columns, columns, data };
}

// Computes something for the tokens of a text, a few per request, so that there is something to see early and it can be stopped.
import { isCancelled, messageOf } from '../../../src/shared/errors';
import type { CallOptions } from '../../../src/shared/protocol';
import type { Matrix } from '../../../src/shared/tensor';

/** What is known of one run: `parts` in the order in which they were asked for; what was stopped keeps those that it had. */
export type PartsState<Part> =
  | { readonly status: 'idle'; readonly parts: readonly Part[] }
  | {
      readonly status: 'running';
      readonly done: number;
      readonly total: number;
      readonly parts: readonly Part[];
    }
  | { readonly status: 'ready'; readonly parts: readonly Part[] }
  | { readonly status: 'failed'; readonly message: string };

/** Answers about items `[first, first + count)` of a place. */
export type LoadPart<Place, Part> = (
  place: Place,
  first: number,
  count: number,
  call: CallOptions,
) => Promise<Part>;

export class PartLoader<Place extends object, Part> {
  private place = '';
  private state: PartsState<Part> = { status: 'idle', parts: [] };
  private running: AbortController | undefined;

  /** @param chunk Items of one request. */
  constructor(
    private readonly load: LoadPart<Place, Part>,
    private readonly chunk: number,
    private readonly changed: () => void,
  ) {}

  /** What is known of this run; what another run was doing is stopped. */
  want(place: Place): PartsState<Part> {
    const key = JSON.stringify(place);
    if (key !== this.place) {
      this.running?.abort();
      this.running = undefined;
      this.place = key;
      this.state = { status: 'idle', parts: [] };
    }
    return this.state;
  }

  /** Asks for all `total` items, one request after the other. */
  async start(place: Place, total: number): Promise<void> {
    this.want(place);
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    const parts: Part[] = [];
    this.put({ status: 'running', done: 0, total, parts });
    try {
      for (let first = 0; first < total; first += this.chunk) {
        const count = Math.min(this.chunk, total - first);
        const part = await this.load(place, first, count, { signal: running.signal });
        if (running !== this.running) {
          return; // stopped, or another run: this answer is nobody's
        }
        parts.push(part);
        this.put({ status: 'running', done: first + count, total, parts: [...parts] });
      }
      this.running = undefined;
      this.put({ status: 'ready', parts });
    } catch (error) {
      if (running === this.running) {
        this.running = undefined;
        this.put(
          isCancelled(error) ? { status: 'idle', parts } : { status: 'failed', message: messageOf(error) },
        );
      }
    }
  }

  /** What is there already stays. */
  stop(): void {
    if (this.state.status === 'running') {
      this.running?.abort();
      this.running = undefined;
      this.put({ status: 'idle', parts: this.state.parts });
    }
  }

  private put(state: PartsState<Part>): void {
    this.state = state;
    this.changed();
  }
}

/** Matrices of equally many columns below each other. */
export function stacked(parts: readonly Matrix[]): Matrix {
  const columns = parts.at(0)?.columns ?? 0;
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { rows: columns === 0 ? 0 : data.length / columns, columns, data };
}

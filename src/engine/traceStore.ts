// Keeps captured runs until they take too many bytes; the one that was not used for longest goes first.
import { UserError } from '../shared/errors';

/** Something with a size that may grow while it is kept. */
export interface Sized {
  readonly bytes: number;
  /** Gives up what can be captured again, until `excess` bytes are free or nothing is left to give up. */
  trim(excess: number): void;
}

/** Runs by id, in order of their last use. */
export class TraceStore<T extends Sized> {
  private readonly traces = new Map<string, T>();

  constructor(private readonly limit: number) {}

  /** Keeps `trace`; others may have to go, never itself. */
  add(id: string, trace: T): void {
    this.traces.set(id, trace);
    this.shrink();
  }

  /** @throws UserError `traceGone` */
  get(id: string): T {
    const trace = this.traces.get(id);
    if (!trace) {
      const message = 'This run is no longer kept in memory. Explore the text again.';
      throw new UserError('traceGone', message, { trace: id });
    }
    this.traces.delete(id);
    this.traces.set(id, trace);
    return trace;
  }

  release(id: string): void {
    this.traces.delete(id);
  }

  releaseWhere(condition: (trace: T) => boolean): void {
    for (const [id, trace] of this.traces) {
      if (condition(trace)) {
        this.traces.delete(id);
      }
    }
  }

  /** Drops the oldest until the rest fits; call after a trace has grown. */
  shrink(): void {
    let total = [...this.traces.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [id, { bytes }] of this.traces) {
      if (total <= this.limit || this.traces.size <= 1) {
        break;
      }
      this.traces.delete(id);
      total -= bytes;
    }
    if (total > this.limit) {
      [...this.traces.values()].at(-1)?.trim(total - this.limit);
    }
  }
}

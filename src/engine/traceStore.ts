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

  has(id: string): boolean {
    return this.traces.has(id);
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

  /**
   * Drops the oldest until the rest fits; call after a trace has grown. Those in `together` are not dropped: they, or the last
   * one, give up what can be captured again.
   */
  shrink(together: readonly string[] = []): void {
    let total = [...this.traces.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [id, { bytes }] of this.traces) {
      if (total <= this.limit || this.traces.size <= 1) {
        break;
      }
      if (!together.includes(id)) {
        this.traces.delete(id);
        total -= bytes;
      }
    }
    for (const trace of this.traces.values()) {
      if (total > this.limit) {
        const { bytes } = trace;
        trace.trim(total - this.limit);
        total -= bytes - trace.bytes;
      }
    }
  }
}

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
  /** The latest run and the one that it is compared with: neither is to push out the other. */
  private latest: readonly string[] = [];

  constructor(private readonly limit: number) {}

  /**
   * Keeps `trace`; others may have to go, never itself.
   *
   * @param base The run that it is going to be compared with, which stays as well.
   * @throws UserError `outOfMemory` when both are too large together; then only `trace` is not kept.
   */
  add(id: string, trace: T, base?: string): void {
    this.traces.set(id, trace);
    this.latest = base === undefined ? [id] : [base, id];
    const excess = this.shrink();
    if (base !== undefined && excess > 0) {
      this.release(id);
      const message =
        'Both runs together need more memory than runs may occupy. Compare shorter texts, or raise the setting transformerExplorer.traceMemory.';
      throw new UserError('outOfMemory', message);
    }
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

  /**
   * Drops the oldest until the rest fits; call after a trace has grown. Those in `together` are not dropped, nor the latest
   * run with the one it is compared with, nor the last one: they give up what can be captured again. Returns the bytes that
   * are still too many.
   */
  shrink(together: readonly string[] = []): number {
    let total = [...this.traces.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [id, { bytes }] of this.traces) {
      if (total <= this.limit || this.traces.size <= 1) {
        break;
      }
      if (!together.includes(id) && !this.latest.includes(id)) {
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
    return Math.max(0, total - this.limit);
  }
}

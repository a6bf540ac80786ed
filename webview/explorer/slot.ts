// One thing that the panel shows and the engine computes: asks for it, keeps the latest answers, and never gives out a stale one.
import type { Method } from '../../src/shared/protocol';
import { isCancelled, messageOf } from '../../src/shared/errors';

/** What is known about the thing that is wanted now. */
export type SlotState<Result> =
  | { readonly status: 'ready'; readonly value: Result }
  | { readonly status: 'loading' }
  | { readonly status: 'failed'; readonly message: string };

const loading = { status: 'loading' } as const;

/**
 * Call `want` as often as you like with what should be shown now. A new request cancels the one under way; an answer
 * that comes although it was cancelled is dropped. `changed` is called when the state of the wanted request changes.
 */
export class Slot<Request, Result> {
  private readonly answers = new Map<string, Result>();
  private wanted = '';
  private state: SlotState<Result> = loading;
  private running: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `capacity` answers are kept; `delay` milliseconds pass before a request is sent, so that a moving pointer asks once. */
  constructor(
    private readonly method: Method<Request, Result>,
    private readonly changed: () => void,
    private readonly capacity: number,
    private readonly delay = 0,
  ) {}

  /** Whether the thing wanted last is still under way. */
  get busy(): boolean {
    return this.wanted !== '' && this.state.status === 'loading';
  }

  want(request: Request): SlotState<Result> {
    const key = JSON.stringify(request);
    if (key === this.wanted) {
      return this.state;
    }
    this.stop();
    this.wanted = key;
    const known = this.answers.get(key);
    if (known !== undefined) {
      this.remember(key, known);
      this.state = { status: 'ready', value: known };
      return this.state;
    }
    this.state = loading;
    if (this.delay > 0) {
      this.timer = setTimeout(() => void this.load(key, request), this.delay);
    } else {
      void this.load(key, request);
    }
    return this.state;
  }

  /** Forgets a failure, so that the next `want` asks again. */
  retry(): void {
    if (this.state.status === 'failed') {
      this.wanted = '';
    }
  }

  /** The user does not want to wait: what is under way is given up and counts as failed. */
  cancel(reason: string): void {
    if (this.busy) {
      this.stop();
      this.state = { status: 'failed', message: reason };
    }
  }

  /** Nothing is wanted any more; answers are kept. */
  rest(): void {
    this.stop();
    this.wanted = '';
    this.state = loading;
  }

  /** Forgets everything, e.g. because there is another run. */
  clear(): void {
    this.rest();
    this.answers.clear();
  }

  private async load(key: string, request: Request): Promise<void> {
    const controller = new AbortController();
    this.running = controller;
    let outcome: SlotState<Result>;
    try {
      const value = await this.method(request, { signal: controller.signal });
      outcome = { status: 'ready', value };
    } catch (error) {
      // Cancelled here, or by the host because another run is on its way: there is nothing to say but to wait.
      if (controller.signal.aborted || isCancelled(error)) {
        return;
      }
      outcome = { status: 'failed', message: messageOf(error) };
    }
    if (controller.signal.aborted || this.wanted !== key) {
      return;
    }
    this.running = undefined;
    if (outcome.status === 'ready') {
      this.remember(key, outcome.value);
    }
    this.state = outcome;
    this.changed();
  }

  private remember(key: string, value: Result): void {
    this.answers.delete(key);
    this.answers.set(key, value);
    for (const oldest of this.answers.keys()) {
      if (this.answers.size <= this.capacity) {
        break;
      }
      this.answers.delete(oldest);
    }
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = undefined;
  }
}

// Runs experiments one at a time, keeps what they found for each run and setting, and can stop one half-way.
import { isCancelled, messageOf } from '../../../src/shared/errors';
import type { Progress } from '../../../src/shared/protocol';
import type { Bench, Experiment, Outcome } from './experiment';

export type Status =
  | { readonly status: 'running'; readonly progress: Progress | undefined }
  | { readonly status: 'done'; readonly outcome: Outcome }
  | { readonly status: 'failed'; readonly message: string };

interface Running {
  readonly key: string;
  readonly abort: AbortController;
}

export class ExperimentRunner {
  private readonly results = new Map<string, Status>();
  private running: Running | undefined;

  constructor(private readonly changed: () => void) {}

  /** What is known of an experiment with these settings; undefined when it has not been run. */
  status(experiment: Experiment, bench: Bench): Status | undefined {
    return this.results.get(keyOf(experiment, bench));
  }

  /** Runs it, stopping another one. What was found before is forgotten. */
  async run(experiment: Experiment, bench: Bench): Promise<void> {
    this.stop();
    const running: Running = { key: keyOf(experiment, bench), abort: new AbortController() };
    this.running = running;
    this.put(running.key, { status: 'running', progress: undefined });
    try {
      const outcome = await experiment.run(bench, {
        signal: running.abort.signal,
        onProgress: (progress) => {
          if (this.running === running) {
            this.put(running.key, { status: 'running', progress });
          }
        },
      });
      this.settle(running, { status: 'done', outcome });
    } catch (error) {
      this.settle(running, isCancelled(error) ? undefined : { status: 'failed', message: messageOf(error) });
    }
  }

  stop(): void {
    const { running } = this;
    if (running) {
      this.running = undefined;
      running.abort.abort();
      this.results.delete(running.key);
      this.changed();
    }
  }

  /** Forgets everything: there is another model, whose runs may have the same names. */
  clear(): void {
    this.stop();
    this.results.clear();
  }

  private settle(running: Running, result: Status | undefined): void {
    if (this.running !== running) {
      return; // stopped, or another one was begun: this answer is nobody's
    }
    this.running = undefined;
    if (result) {
      this.put(running.key, result);
    } else {
      this.results.delete(running.key);
      this.changed();
    }
  }

  private put(key: string, result: Status): void {
    this.results.set(key, result);
    this.changed();
  }
}

function keyOf({ id }: Experiment, { trace, batch, token, values }: Bench): string {
  // Only one experiment is about a word, but all are asked the same way.
  return JSON.stringify([trace.id, batch, id, id === 'word-heads' ? token : undefined, values]);
}

// Calls about single sentences, which may go on beside the translation of the rest and are given up with it.
import type { SentenceWork } from './sentenceWork';

interface Call {
  /** The sentence that is decoded; undefined for calls that change nothing. */
  readonly work: SentenceWork | undefined;
  readonly abort: AbortController;
  readonly done: Promise<unknown>;
}

export class SingleCalls {
  private readonly calls = new Set<Call>();

  /** Whether a sentence is decoded. */
  get isDecoding(): boolean {
    return [...this.calls].some(({ work }) => work !== undefined);
  }

  isDecodingOf(work: SentenceWork): boolean {
    return [...this.calls].some((call) => call.work === work);
  }

  /** Runs one until it settles or is given up, whichever is first to be known. */
  async run<T>(work: SentenceWork | undefined, start: (abort: AbortController) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    const done = start(abort);
    const call = { work, abort, done };
    this.calls.add(call);
    try {
      return await done;
    } finally {
      this.calls.delete(call);
    }
  }

  /** Gives up those of a sentence, or all. */
  cancel(work?: SentenceWork): void {
    for (const call of this.calls) {
      if (work === undefined || call.work === work) {
        this.calls.delete(call);
        call.abort.abort();
      }
    }
  }

  /** Settles when those that decode have settled. */
  async idle(): Promise<void> {
    while (this.isDecoding) {
      await Promise.allSettled([...this.calls].map(({ done }) => done));
    }
  }
}

// A queue of one: the inference library must not be entered again before it has answered.

/** Runs pieces of work one after the other, in the order in which they were given. */
export class Serial {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when everything before it has ended, well or badly. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work, work);
    this.last = result.catch(() => undefined);
    return result;
  }
}

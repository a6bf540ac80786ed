// Ctrl-C while something is at work that can be gone on with: the first one asks for an orderly end, a later one ends the process at once.
import process from 'node:process';

/** Exit codes that shells know: 128 and the number of the signal. */
const CODES = { SIGINT: 130, SIGTERM: 143 } as const;
/** Milliseconds in which a further signal is the same key press: npm passes on what the terminal has sent to all already. */
const SAME = 500;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** For a process that was asked to end; undefined where it was not. */
  readonly code: number | undefined;
}

/** From now on, SIGINT and SIGTERM do not end the process by themselves. */
export function catchInterrupt(): Interrupt {
  const abort = new AbortController();
  let first: { readonly at: number; readonly code: number } | undefined;
  for (const [name, code] of Object.entries(CODES)) {
    process.on(name, () => {
      if (first === undefined) {
        first = { at: performance.now(), code };
        abort.abort();
      } else if (performance.now() - first.at > SAME) {
        process.exit(first.code);
      }
    });
  }
  return {
    signal: abort.signal,
    get code() {
      return first?.code;
    },
  };
}

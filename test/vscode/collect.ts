// Runs mocha and reports its result as one line, the only way out of a web-worker extension host.

/** A file of the workspace that says which tests are wanted, as a pattern; see test/support/runSuite.mjs. */
export const WANTED_FILE = '.wanted-tests';

/** What one run of the suites came to. */
export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly ms: number;
  readonly failures: readonly { readonly title: string; readonly message: string }[];
}

/** Marks the line that carries a {@link SuiteResult} as JSON. */
export const RESULT_MARK = '[suite-result]';

/**
 * Runs mocha, prints each test and then the result.
 * @param save Receives the result before the run settles.
 * @throws Error when a test failed or there was none.
 */
export async function collect(
  start: (done: (failures: number) => void) => Mocha.Runner,
  save?: (result: SuiteResult) => void,
): Promise<void> {
  const started = Date.now();
  const failures: { title: string; message: string }[] = [];
  let passed = 0;
  let skipped = 0;
  await new Promise<void>((resolve) => {
    const runner = start(() => resolve());
    runner.on('pass', (test) => {
      passed++;
      console.log(`ok ${test.fullTitle()} (${test.duration ?? 0} ms)`);
    });
    runner.on('pending', (test) => {
      skipped++;
      console.log(`skipped ${test.fullTitle()}`);
    });
    runner.on('retry', (test, error: unknown) => {
      // a race of VS Code on a busy machine passes then, and is still to be seen here
      console.log(
        `${test.fullTitle()}, once more after: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
    runner.on('fail', (test, error: unknown) => {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      failures.push({ title: test.fullTitle(), message });
      console.log(`FAILED ${test.fullTitle()} (why: see below)`);
    });
  });
  const result = { passed, failed: failures.length, skipped, ms: Date.now() - started, failures };
  save?.(result);
  console.log(`${RESULT_MARK} ${JSON.stringify(result)}`);
  if (failures.length > 0 || passed === 0) {
    throw new Error(passed === 0 ? 'no test ran' : `${failures.length} tests failed`);
  }
}

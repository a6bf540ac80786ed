// Runs every suite of this folder in a Node extension host (desktop or VS Code server); the page or process that started it reads the result.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { collect, type SuiteResult } from './collect';

/** Called by VS Code. Rejects when a test failed, which makes VS Code exit with an error. */
export async function run(): Promise<void> {
  const mocha = new Mocha({
    ui: 'tdd',
    color: false,
    timeout: 45_000,
    retries: 1,
    reporter: Mocha.reporters.Base,
  });
  const { SUITE_RESULT: file, SUITE_WANTED: wanted } = process.env;
  if (wanted) {
    mocha.grep(new RegExp(wanted, 'u'));
  }
  mocha.suite.emit('pre-require', globalThis, 'all-suites', mocha);
  await import('all-suites');
  await collect(
    (done) => mocha.run(done),
    (result: SuiteResult) => {
      if (file) {
        writeFileSync(file, JSON.stringify(result));
      }
    },
  );
}

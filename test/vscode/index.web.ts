// Runs every suite of this folder in a web-worker extension host with mocha's browser build; the page reads the result from the console.
import 'mocha/mocha.js';
import { collect } from './collect';

/** Called by VS Code. Rejects when a test failed, which makes VS Code exit with an error. */
export async function run(): Promise<void> {
  mocha.setup({ ui: 'tdd', timeout: 20_000, reporter: Mocha.reporters.Base });
  await import('all-suites');
  await collect((done) => mocha.run(done));
}

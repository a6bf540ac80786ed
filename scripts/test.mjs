// `npm test [-- STAGE ...]`: installs what the tests need, runs every stage even when one fails, and prints the sum last. Needs Node's own modules only.
import process from 'node:process';
import { ensureBrowser } from './setup/browser.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { ensureVscodeServer, serverRunsHere } from './setup/vscodeServer.mjs';
import { stages } from './testStages.mjs';

/** What the stages inside VS Code need. */
async function prepareVscode() {
  console.log(`Browser: ${await ensureBrowser()}`);
  for (const version of /** @type {const} */ (['current', 'minimum'])) {
    console.log((await ensureVscodeServer(version)).name);
  }
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(
    `No stage ${unknown.join(', ')}. There are: ${stages.map((stage) => stage.name).join(', ')}.`,
  );
  process.exit(2);
}

const started = Date.now();
/** @type {string[]} */
const summary = [];
const total = { passed: 0, failed: 0, skipped: 0 };

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * @param {string} name
 * @param {string} what
 * @param {() => Promise<import('./testStages.mjs').Counts>} run
 */
async function stage(name, what, run) {
  console.log(`\n=== ${name}: ${what}`);
  const began = Date.now();
  /** @type {import('./testStages.mjs').Counts} */
  const counts = await run().catch((/** @type {unknown} */ error) => {
    console.log(messageOf(error));
    return { passed: 0, failed: 1, skipped: 0 };
  });
  if (counts.output !== undefined) {
    console.log(`\n=== output of ${name}\n${counts.output}`);
  }
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  const numbers = `${counts.passed} passed, ${counts.failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}`;
  const seconds = `${Math.round((Date.now() - began) / 1000)} s`;
  summary.push(
    `${counts.failed ? 'FAILED' : 'ok    '} ${name.padEnd(9)} ${numbers.padEnd(28)} ${seconds.padStart(6)}  ${what}`,
  );
}

await ensureDependencies().catch((/** @type {unknown} */ error) => {
  console.log(`${messageOf(error)}\n\n0 passed, 1 failed`);
  process.exit(1);
});
const chosen = stages.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
/** Why the stages inside VS Code cannot run. @type {unknown} */
let obstacle;
if (serverRunsHere && chosen.some((one) => one.inVscode)) {
  await prepareVscode().catch((/** @type {unknown} */ error) => {
    obstacle = error;
    console.log(messageOf(error));
  });
}
/** Stages that are going on. @type {Promise<void>[]} */
let going = [];
for (const { name, what, run, inVscode, beside } of chosen) {
  if (!beside) {
    await Promise.all(going);
    going = [];
  }
  const running = stage(name, what, () => (inVscode && obstacle ? Promise.reject(obstacle) : run()));
  going.push(running);
  if (!beside) {
    await running;
  }
}
await Promise.all(going);
console.log(`\n${summary.join('\n')}\nin ${((Date.now() - started) / 60_000).toFixed(1)} minutes\n`);
console.log(
  `${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`,
);
process.exitCode = total.failed === 0 ? 0 : 1;

// `npm test [-- STAGE ...]`: installs what the tests need, runs every stage even when one fails, and prints the sum last. Needs Node's own modules only.
import os from 'node:os';
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

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
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
/** @typedef {{ stage: import('./testStages.mjs').Stage, counts: Required<import('./testStages.mjs').Counts>, seconds: number }} Result */
/** @type {Result[]} */
const results = chosen.map((stage) => ({
  stage,
  counts: { passed: 0, failed: 0, skipped: 0, failures: [] },
  seconds: 0,
}));

/**
 * Runs a job and adds what came of it to its stage.
 * @param {Result} result
 * @param {import('./testStages.mjs').Job} job
 */
async function runJob(result, job) {
  const { name, alone, inVscode } = result.stage;
  const began = Date.now();
  const counts = await (
    inVscode && obstacle ? Promise.reject(obstacle) : job(alone ? undefined : name)
  ).catch((/** @type {unknown} */ error) => {
    console.log(messageOf(error));
    return { passed: 0, failed: 1, skipped: 0, failures: [messageOf(error)] };
  });
  const sum = result.counts;
  result.counts = {
    passed: sum.passed + counts.passed,
    failed: sum.failed + counts.failed,
    skipped: sum.skipped + counts.skipped,
    failures: [...sum.failures, ...(counts.failures ?? [])],
  };
  result.seconds += (Date.now() - began) / 1000;
}

/**
 * Runs jobs in their order, as many at a time as there are lanes.
 * @param {readonly (() => Promise<void>)[]} jobs
 */
async function inLanes(jobs) {
  const waiting = [...jobs];
  // A click waits for VS Code most of the time, and a suite for the engine; more than one a processor disturb each other.
  const lanes = Math.max(2, Math.min(4, os.availableParallelism()));
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let job = waiting.shift(); job; job = waiting.shift()) {
        await job();
      }
    }),
  );
}

/** Jobs that may run beside each other, until one comes that may not. @type {(() => Promise<void>)[]} */
let together = [];
for (const result of results) {
  const { name, what, jobs, alone } = result.stage;
  const own = jobs.map((job) => () => runJob(result, job));
  if (alone) {
    await inLanes(together);
    together = [];
    console.log(`\n=== ${name}: ${what}`);
    await inLanes(own);
  } else {
    together.push(
      ...own.map((job, i) => () => {
        console.log(`\n=== ${name}: ${what}${own.length > 1 ? `, ${i + 1} of ${own.length}` : ''}`);
        return job();
      }),
    );
  }
}
await inLanes(together);

const total = { passed: 0, failed: 0, skipped: 0 };
/** @param {{ passed: number, failed: number, skipped: number }} counts */
const inWords = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
console.log('');
for (const { stage, counts, seconds } of results) {
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  const time = `${Math.round(seconds)} s`.padStart(6);
  console.log(
    `${counts.failed ? 'FAILED' : 'ok    '} ${stage.name.padEnd(9)} ${inWords(counts).padEnd(28)} ${time}  ${stage.what}`,
  );
  // again at the end, where they are found
  for (const failure of counts.failed ? counts.failures : []) {
    console.log(`         ${failure}`);
  }
}
console.log(`in ${((Date.now() - started) / 60_000).toFixed(1)} minutes\n`);
console.log(inWords(total));
process.exitCode = total.failed === 0 ? 0 : 1;

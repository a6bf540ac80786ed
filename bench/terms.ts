// Teaches the shipped translator five invented terms with the twenty pairs of test/terms, and shows what it makes of twenty sentences
// that it has not seen, how long that took, and what it forgot of other text. Last line: all figures as JSON.
// `-- terms --lora` teaches LoRA matrices instead of all weights; `--threads=1` uses one thread where others work on the same cores.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { ExplorerEngine } from '../src/engine/explorerEngine';
import { nodePlatform } from '../src/runtime/nodePlatform';
import type { TrainingOptions } from '../src/shared/training';
import { TRAINING_DEFAULTS, TRAINING_RATES } from '../src/shared/trainingDefaults';
import type { Decoding } from '../src/shared/translation';
import { DEFAULT_DECODING } from '../src/shared/translation';
import { shippedFiles } from './engineWorker';
import { report } from './measure';
import { pythonWith } from './python';

const greedy: Decoding = { ...DEFAULT_DECODING, method: 'greedy', hypotheses: 1 };
const language = 'de';
const corpora = '../shared/corpora';
const SENTENCES = 500;
const method: TrainingOptions['method'] = process.argv.includes('--lora') ? 'lora' : 'full';
const threads = Number(process.argv.find((each) => each.startsWith('--threads='))?.slice(10) ?? 0);
/** Texts in one run. */
const TOGETHER = 20;

const cellsOf = (file: string): (readonly string[])[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));

const figures: Record<string, number> = {};
function figure(name: string, what: string, value: number, unit: string, budget?: number): void {
  figures[name] = Number(value.toPrecision(4));
  report(what, value, unit, budget);
}

const engine = new ExplorerEngine(nodePlatform(undefined, false));

async function translate(model: string, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (let start = 0; start < texts.length; start += TOGETHER) {
    const part = texts.slice(start, start + TOGETHER);
    const results = await engine.translate({ model, texts: part, language, decoding: greedy });
    found.push(...results.map(({ hypotheses: [best] }) => best.target.text));
  }
  return found;
}

/** BLEU as the recipe counts it. */
function bleu(python: string, lines: readonly string[]): number {
  const input = lines.map((line) => `${line.replaceAll('\n', ' ')}\n`).join('');
  const script = ['models/recipe/evaluate_lines.py', corpora, language];
  const { status, stdout, stderr } = spawnSync(python, script, { input, encoding: 'utf8' });
  const found = /'bleu': ([\d.]+)/.exec(stdout);
  if (status !== 0 || !found) {
    throw new Error(`evaluate_lines.py has ended with ${status}: ${stdout}${stderr}`);
  }
  return Number(found[1]);
}

async function teach(model: string): Promise<void> {
  const data = { text: readFileSync('test/terms/pairs.tsv', 'utf8'), language };
  const options = { ...TRAINING_DEFAULTS, method, rate: TRAINING_RATES[method] };
  const before = process.cpuUsage();
  const began = performance.now();
  const { built } = await engine.beginTraining({ id: method, model: 'model', data, options });
  const { points, step } = await engine.train({ training: method, until: options.steps });
  const files = await engine.trainedWeights({ training: method, form: 'change' });
  await engine.loadModel({ id: model, name: model, files: shippedFiles(), tuned: { files } });
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(before);
  await engine.endTraining({ training: method });
  console.log(
    `\n${method}: ${step} steps of ${options.batch} pairs, loss ${points[0].loss.toFixed(3)} → ${points[step - 1].loss.toFixed(3)}, ` +
      `${options.strength} of the change is kept`,
  );
  figure('seconds', 'building, training and loading what was learned', seconds, 's', 60);
  figure('processorSeconds', 'time of the processor, all threads', (user + system) / 1e6, 's');
  figure('built', 'of the seconds: the backward graph and its sessions', built / 1000, 's');
}

async function showTerms(model: string): Promise<void> {
  const cases = cellsOf('test/terms/unseen.tsv');
  const sources = cases.map(([source]) => source);
  const [before, now] = [await translate('model', sources), await translate(model, sources)];
  const right = cases.map(([, term], i) => now[i].includes(term));
  cases.forEach(([source, term], i) => {
    console.log(`${right[i] ? '✓ as taught    ' : '✗ not as taught'}  ${term.padEnd(12)}  ${source}`);
    console.log(`    before: ${before[i]}\n    now:    ${now[i]}`);
  });
  figure(
    'taught',
    `sentences with the term as taught, of ${cases.length}; wanted: 18`,
    right.filter(Boolean).length,
    '',
  );
}

async function showForgotten(model: string): Promise<void> {
  const python = pythonWith('torch', 'sentencepiece');
  if (!existsSync(corpora) || python === undefined) {
    console.log(`\nBLEU is left out: it needs ${corpora}, and Python with torch and sentencepiece.`);
    return;
  }
  const sources = cellsOf(`${corpora}/tatoeba-test-unseen/en-${language}.tsv`)
    .slice(0, SENTENCES)
    .map(([source]) => source);
  const [before, now] = [
    bleu(python, await translate('model', sources)),
    bleu(python, await translate(model, sources)),
  ];
  console.log(`\nThe first ${sources.length} sentences of tatoeba-test-unseen, greedy:`);
  figure('bleuBefore', 'BLEU before', before, '');
  figure('bleuNow', 'BLEU now', now, '');
  figure('fall', 'fall', before - now, '', 1);
}

await engine.start({ backend: 'wasm', threads, traceBytes: 2 ** 28 });
const { backend } = await engine.loadModel({ id: 'model', name: 'model', files: shippedFiles() });
console.log(backend.label);
await teach('taught');
await showTerms('taught');
await showForgotten('taught');
engine.dispose();
console.log(JSON.stringify(figures));
process.exit(0);

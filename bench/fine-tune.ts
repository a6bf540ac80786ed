// A step of fine-tuning the shipped translator against PyTorch's on the same batch, beside both runtimes' bare matrix products; where its
// time goes; its memory; LoRA; and the curve of 50 steps against the recorded one. Last line: all figures as JSON.
// Parts: `-- fine-tune --speed --profile --memory --lora --curve`; default: all. `--terms` measures speed on the small batch alone.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { TrainingOptions } from '../src/shared/training';
import { TRAINING_DEFAULTS } from '../src/shared/trainingDefaults';
import type { Memory, Opened, Timing } from './fineTune/asks';
import { Player } from './fineTune/player';
import type { MarianSizes } from './fineTune/products';
import { flopsOf, productsOf } from './fineTune/products';
import { readProfile } from './fineTune/profile';
import { trainee } from './fineTune/trainee';
import { median, report } from './measure';
import { pythonWith } from './python';

const MB = 2 ** 20;
const model = 'models/translate-en-de-fr-zh';
const figures: Record<string, number> = {};
function figure(name: string, what: string, value: number, unit: string, budget?: number): void {
  figures[name] = Number(value.toPrecision(4));
  report(what, value, unit, budget);
}

/** What is learned in one step: the pairs that teach terms, and a larger batch of sentences that are to be said again. */
const batches = {
  terms: { text: readFileSync('test/terms/pairs.tsv', 'utf8'), rounds: 5 },
  sentences: {
    text: readFileSync('test/client/sentences.txt', 'utf8')
      .split('\n')
      .slice(0, 64)
      .map((line) => `${line}\t${line}\n`)
      .join(''),
    rounds: 3,
  },
};
type BatchName = keyof typeof batches;

const options: TrainingOptions = {
  ...TRAINING_DEFAULTS,
  steps: 10_000,
  batch: 1000,
  warmup: 0,
  heldOut: 0,
  saveEvery: 10_000,
};

interface Started {
  readonly player: Player;
  readonly opened: Opened;
}

async function startOurs(
  batch: BatchName,
  threads: number,
  changes: Partial<TrainingOptions> = {},
  profiled = false,
): Promise<Started> {
  const player = new Player(process.execPath, [fileURLToPath(import.meta.url), 'trainee']);
  const { text } = batches[batch];
  const opened = await player.ask<Opened>({
    do: 'open',
    text,
    threads,
    options: { ...options, ...changes },
    profiled,
  });
  return { player, opened };
}

type Timings = Record<'step' | 'forward' | 'gemm', Timing[]>;

/** Every player does each thing in every round, one after the other; the first round warms up. */
async function inRounds(
  players: readonly Player[],
  rounds: number,
  what: readonly (keyof Timings)[],
): Promise<Timings[]> {
  const all = players.map((): Timings => ({ step: [], forward: [], gemm: [] }));
  for (let round = 0; round <= rounds; round++) {
    for (const each of what) {
      for (const [i, player] of players.entries()) {
        const timing = await player.ask<Timing>({ do: each });
        if (round > 0) {
          all[i][each].push(timing);
        }
      }
    }
  }
  return all;
}

const middle = (timings: readonly Timing[]): number => median(timings.map(({ ms }) => ms));

/** Medians of the quotients of each round: what slows the machine for a while slows both. */
const quotient = (a: readonly Timing[], b: readonly Timing[]): number =>
  median(a.map(({ ms }, i) => ms / b[i].ms));

async function speed(python: string): Promise<void> {
  const measured: readonly BatchName[] = process.argv.includes('--terms')
    ? ['terms']
    : ['terms', 'sentences'];
  const sizes = JSON.parse(readFileSync(`${model}/config.json`, 'utf8')) as MarianSizes;
  for (const threads of [1, 2]) {
    for (const batch of measured) {
      const { player, opened } = await startOurs(batch, threads);
      const environment = { OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) };
      const torch = new Player(python, ['bench/fineTune/trainee.py', String(threads)], environment);
      const { rate, weightDecay, clip } = options;
      const { trainable } = await torch.ask<{ readonly trainable: number }>({
        do: 'open',
        examples: opened.examples,
        rate,
        weightDecay,
        clip,
      });
      if (trainable !== opened.trainable) {
        throw new Error(`Ours learns ${opened.trainable} weights, PyTorch ${trainable}.`);
      }
      const products = productsOf(sizes, opened.source, opened.target);
      await Promise.all([player, torch].map((each) => each.ask({ do: 'products', products })));
      const [ours, theirs] = await inRounds([player, torch], batches[batch].rounds, [
        'step',
        'gemm',
        'forward',
      ]);
      player.stop();
      torch.stop();
      const { examples, tokens, source, target } = opened;
      console.log(
        `\n${examples.length} pairs (${batch}), ${source} + ${target} padded tokens, threads on either side: ${threads}; ` +
          `losses of the first steps: ${ours.step[0].loss.toFixed(4)} and ${theirs.step[0].loss.toFixed(4)}`,
      );
      const name = (what: string): string => `${batch}${threads}.${what}`;
      const steps = quotient(ours.step, theirs.step);
      const gemms = quotient(ours.gemm, theirs.gemm);
      const each = ours.step.map(
        ({ ms }, i) => ms / theirs.step[i].ms / (ours.gemm[i].ms / theirs.gemm[i].ms),
      );
      const gflop = flopsOf(products) / 1e6;
      figure(name('step'), 'step, ours', middle(ours.step), 'ms');
      figure(name('stepTorch'), 'step, PyTorch', middle(theirs.step), 'ms');
      figure(name('steps'), 'step: ours ÷ PyTorch', steps, '×');
      figure(name('gemm'), 'bare products of the step, ours', gflop / middle(ours.gemm), 'GFLOP/s');
      figure(name('gemmTorch'), 'bare products of the step, PyTorch', gflop / middle(theirs.gemm), 'GFLOP/s');
      figure(name('gemms'), 'bare products: ours ÷ PyTorch, in time', gemms, '×');
      figure(name('lost'), 'step ratio ÷ products ratio', median(each), '×', 1.3);
      figure(name('ofGemm'), 'step ÷ its bare products, ours', quotient(ours.step, ours.gemm), '×');
      figure(name('ofGemmTorch'), 'the same, PyTorch', quotient(theirs.step, theirs.gemm), '×');
      figure(name('tokens'), 'tokens/s, ours', (1000 * tokens) / middle(ours.step), 'tokens/s');
      figure(name('perForward'), 'step ÷ forward pass, ours', quotient(ours.step, ours.forward), '×');
      figure(
        name('perForwardTorch'),
        'step ÷ forward pass, PyTorch',
        quotient(theirs.step, theirs.forward),
        '×',
      );
    }
  }
}

/** Shares of the time of a step; returns the bytes that the forward pass leaves for the backward pass. */
async function profile(batch: BatchName): Promise<number> {
  const { player } = await startOurs(batch, 1, {}, true);
  const timings: Timing[] = [];
  for (let round = 0; round <= 3; round++) {
    const timing = await player.ask<Timing>({ do: 'step' });
    if (round > 0) {
      timings.push(timing);
    }
  }
  await player.ask({ do: 'profile' });
  const { nodes, forwardBytes } = readProfile(player.printed);
  player.stop();
  const total = timings.reduce((sum, { ms }) => sum + ms, 0);
  const runs = timings.reduce((sum, { run }) => sum + run, 0);
  const share = (name: string, what: string, ms: number): void =>
    figure(`share.${batch}.${name}`, what, (100 * ms) / total, '%');
  const sum = (some: typeof nodes): number => some.reduce((all, { ms }) => all + ms, 0);
  const forward = nodes.filter(({ pass }) => pass === 'forward');
  const backward = nodes.filter(({ pass }) => pass === 'backward');
  console.log(`\nWhere a step goes, batch of ${batch}, one thread:`);
  share('forward', 'nodes of the forward pass', sum(forward));
  share('backward', 'nodes of the backward pass', sum(backward));
  share('between', 'weights in, gradients out, and what the runtime does between nodes', runs - sum(nodes));
  share('outside', 'clipping, AdamW and all else in JavaScript', total - runs);
  const least = total / 200;
  for (const { pass, operator, ms } of nodes.filter((each) => each.ms >= least)) {
    share(`${pass}.${operator}`, `  ${pass} ${operator}`, ms);
  }
  const rest = sum(nodes.filter((each) => each.ms < least));
  share('rest', '  all operators with less than half a percent', rest);
  return forwardBytes;
}

interface Peaks extends Memory {
  readonly weightBytes: number;
  readonly step: number;
  readonly trainable: number;
}

async function peaks(batch: BatchName, changes: Partial<TrainingOptions>): Promise<Peaks> {
  const { player, opened } = await startOurs(batch, 2, changes);
  const steps: Timing[] = [];
  for (let step = 0; step < 5; step++) {
    steps.push(await player.ask<Timing>({ do: 'step' }));
  }
  const memory = await player.ask<Memory>({ do: 'memory' });
  player.stop();
  const { weightBytes, trainable } = opened;
  return { ...memory, weightBytes, trainable, step: middle(steps.slice(1)) };
}

async function memory(activations: number): Promise<void> {
  const { heap, buffers, weightBytes } = await peaks('terms', {});
  console.log(
    `\nMemory of full AdamW: all of the engine, the loaded model included. N = ${(weightBytes / MB).toFixed(1)} MB`,
  );
  const budget = 9 * weightBytes + activations + 200 * MB;
  figure('memory.heap', 'heap of the runtime', heap / MB, 'MB');
  figure('memory.buffers', "peak of JavaScript's buffers", buffers / MB, 'MB');
  figure('memory.activations', 'results of the forward pass', activations / MB, 'MB');
  figure(
    'memory.all',
    'heap and buffers; budget 9 N + activations + 200 MB',
    (heap + buffers) / MB,
    'MB',
    budget / MB,
  );
  figure('memory.weights', 'heap and buffers ÷ N', (heap + buffers) / weightBytes, '×');
}

async function lora(): Promise<void> {
  const full = await peaks('terms', {});
  const low = await peaks('terms', { method: 'lora' });
  const { heap, buffers } = low;
  console.log('\nLoRA of rank 16 on all projections:');
  figure('lora.trainable', 'weights that are learned', (100 * low.trainable) / full.trainable, '%');
  figure('lora.step', 'step ÷ step of full AdamW', low.step / full.step, '×');
  figure('lora.heap', 'heap of the runtime', heap / MB, 'MB');
  figure('lora.buffers', "peak of JavaScript's buffers", buffers / MB, 'MB');
  figure(
    'lora.memory',
    'heap and buffers ÷ those of full AdamW',
    (heap + buffers) / (full.heap + full.buffers),
    '×',
  );
}

interface Curve {
  readonly model: string;
  readonly options: Partial<TrainingOptions>;
  readonly losses: readonly number[];
}

/** Fifty steps on the pairs that teach terms, against what test/golden/recording/training.py recorded. */
async function curve(): Promise<void> {
  const curves = JSON.parse(readFileSync('test/golden/training/curves.json', 'utf8')) as readonly Curve[];
  const { losses = [], options: recorded } = curves.find(({ model: name }) => model.endsWith(name)) ?? {};
  const { player } = await startOurs('terms', 1, recorded);
  const differences: number[] = [];
  for (const loss of losses) {
    const { loss: found } = await player.ask<Timing>({ do: 'step' });
    differences.push(Math.abs(found - loss));
  }
  player.stop();
  console.log(
    `\nThe curve of ${losses.length} steps, from ${losses[0].toFixed(3)} to ${losses[losses.length - 1].toFixed(3)} in PyTorch:`,
  );
  report('largest difference, in thousandths', 1000 * Math.max(...differences), '', 1);
  figures['curve.difference'] = Math.max(...differences);
}

async function main(): Promise<void> {
  const asked = ['speed', 'profile', 'memory', 'lora', 'curve'].filter((part) =>
    process.argv.includes(`--${part}`),
  );
  const wants = (part: string): boolean => asked.length === 0 || asked.includes(part);
  const python = pythonWith('torch', 'onnx');
  if (wants('speed')) {
    if (python === undefined) {
      console.log(
        'The comparison with PyTorch is left out: no Python here has torch and onnx (python3-torch, python3-onnx).',
      );
    } else {
      await speed(python);
    }
  }
  const activations = wants('profile') || wants('memory') ? await profile('terms') : 0;
  if (wants('memory')) {
    await memory(activations);
  }
  if (wants('lora')) {
    await lora();
  }
  if (wants('curve')) {
    await curve();
  }
  console.log(JSON.stringify(figures));
}

await (process.argv[2] === 'trainee' ? trainee() : main());

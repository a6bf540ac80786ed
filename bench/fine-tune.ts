// A step of fine-tuning the shipped translator against PyTorch's on the same batch, beside both runtimes' bare matrix products; where its
// time goes; memory, LoRA's too; and the curve of 50 steps against the recorded one. Last line: all figures as JSON.
// Parts: `-- fine-tune --speed --profile --memory --curve`; default: all. `--terms` measures speed on the small batch alone, `--threads=1` on one thread alone, `--rounds=N` how often.
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
/** The largest memory that WebAssembly has with 32-bit addresses, and the largest message of Protocol Buffers. */
const [HEAP_LIMIT, FILE_LIMIT] = [2 ** 32, 2 ** 31];
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
const quotient = (a: readonly Timing[], b: readonly Timing[], clock: 'ms' | 'cpu' = 'ms'): number =>
  median(a.map((timing, i) => timing[clock] / b[i][clock]));

async function speed(python: string): Promise<void> {
  const measured: readonly BatchName[] = process.argv.includes('--terms')
    ? ['terms']
    : ['terms', 'sentences'];
  const sizes = JSON.parse(readFileSync(`${model}/config.json`, 'utf8')) as MarianSizes;
  const asked = Number(process.argv.find((each) => each.startsWith('--rounds='))?.slice(9) ?? 0);
  for (const threads of process.argv.includes('--threads=1') ? [1] : [1, 2]) {
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
      const rounds = asked > 0 ? asked : batches[batch].rounds;
      const [ours, theirs] = await inRounds([player, torch], rounds, ['step', 'gemm', 'forward']);
      player.stop();
      torch.stop();
      tell(`${batch}${threads}`, opened, threads, ours, theirs, flopsOf(products) / 1e6);
    }
  }
}

function tell(
  name: string,
  { examples, tokens, source, target }: Opened,
  threads: number,
  ours: Timings,
  theirs: Timings,
  mflop: number,
): void {
  console.log(
    `\n${examples.length} pairs, ${source} + ${target} padded tokens, threads on either side: ${threads}; ` +
      `losses of the first steps: ${ours.step[0].loss.toFixed(4)} and ${theirs.step[0].loss.toFixed(4)}`,
  );
  const line = (key: string, ...rest: [string, number, string, number?]): void =>
    figure(`${name}.${key}`, ...rest);
  line('step', 'step, ours', middle(ours.step), 'ms');
  line('stepTorch', 'step, PyTorch', middle(theirs.step), 'ms');
  line('gemm', 'bare products of the step, ours', mflop / middle(ours.gemm), 'GFLOP/s');
  line('gemmTorch', 'bare products of the step, PyTorch', mflop / middle(theirs.gemm), 'GFLOP/s');
  line('tokens', 'tokens/s, ours', (1000 * tokens) / middle(ours.step), 'tokens/s');
  // What waits for other threads computes as well: with several, only the time that has passed tells.
  for (const clock of threads === 1 ? (['ms', 'cpu'] as const) : (['ms'] as const)) {
    const divided = (a: readonly Timing[], b: readonly Timing[]): number => quotient(a, b, clock);
    const of = clock === 'cpu' ? ', time of the processor' : '';
    const key = (what: string): string => (clock === 'cpu' ? `${what}.cpu` : what);
    const [steps, products] = [divided(ours.step, theirs.step), divided(ours.gemm, theirs.gemm)];
    line(key('steps'), `step: ours ÷ PyTorch${of}`, steps, '×');
    line(key('products'), `bare products: ours ÷ PyTorch${of}`, products, '×');
    line(key('lost'), `step ratio ÷ products ratio${of}`, steps / products, '×', 1.3);
    line(key('ofGemm'), `step ÷ its bare products, ours${of}`, divided(ours.step, ours.gemm), '×');
    line(key('ofGemmTorch'), `the same, PyTorch${of}`, divided(theirs.step, theirs.gemm), '×');
    line(key('perForward'), `step ÷ forward pass, ours${of}`, divided(ours.step, ours.forward), '×');
    line(
      key('perForwardTorch'),
      `step ÷ forward pass, PyTorch${of}`,
      divided(theirs.step, theirs.forward),
      '×',
    );
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

/** Of a training that has taken some steps. */
const peaksOf = ({ player }: Started): Promise<Memory> => player.ask<Memory>({ do: 'memory' });

/** Full AdamW and LoRA in turn; `activations` are the results of a forward pass in bytes. */
async function memory(activations: number): Promise<void> {
  const full = await startOurs('terms', 1);
  const lora = await startOurs('terms', 1, { method: 'lora' });
  const [fullSteps, loraSteps] = await inRounds([full.player, lora.player], 4, ['step']);
  const { weightBytes, trainable } = full.opened;
  const [ofFull, ofLora] = [await peaksOf(full), await peaksOf(lora)];
  full.player.stop();
  lora.player.stop();
  const sum = ({ heap, buffers }: Memory): number => heap + buffers;
  const n = (weightBytes / MB).toFixed(1);
  console.log(`\nMemory of the whole engine with the loaded model and a training, N = ${n} MB; full AdamW:`);
  figure('memory.heap', 'heap of the runtime', ofFull.heap / MB, 'MB');
  figure('memory.buffers', "peak of JavaScript's buffers", ofFull.buffers / MB, 'MB');
  figure('memory.activations', 'results of the forward pass', activations / MB, 'MB');
  const budget = (9 * weightBytes + activations + 200 * MB) / MB;
  figure('memory.all', 'all; budget 9 N + activations + 200 MB', sum(ofFull) / MB, 'MB', budget);
  figure('memory.weights', 'all ÷ N', sum(ofFull) / weightBytes, '×');
  console.log(`\nLoRA of rank ${options.lora.rank} on all projections:`);
  figure('lora.trainable', 'weights that are learned', (100 * lora.opened.trainable) / trainable, '%');
  figure(
    'lora.step',
    'step ÷ step of full AdamW, time of the processor',
    quotient(loraSteps.step, fullSteps.step, 'cpu'),
    '×',
  );
  figure('lora.heap', 'heap of the runtime', ofLora.heap / MB, 'MB');
  figure('lora.buffers', "peak of JavaScript's buffers", ofLora.buffers / MB, 'MB');
  figure('lora.memory', 'all ÷ all of full AdamW', sum(ofLora) / sum(ofFull), '×');
  // The heap grows with the weights, which lie in one file of the runtime's format: neither may outgrow its largest size.
  const perParameter = (4 * ofLora.heap) / weightBytes;
  figure('lora.perParameter', 'heap per parameter, activations included', perParameter, 'bytes');
  const most = Math.min(HEAP_LIMIT / perParameter, FILE_LIMIT / 4) / 1e6;
  figure('lora.most', 'largest model for a heap of 4 GB and a file of 2 GB', most, 'million parameters');
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
  const asked = ['speed', 'profile', 'memory', 'curve'].filter((part) => process.argv.includes(`--${part}`));
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
  if (wants('curve')) {
    await curve();
  }
  console.log(JSON.stringify(figures));
}

await (process.argv[2] === 'trainee' ? trainee() : main());

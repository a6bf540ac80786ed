// Translation against transformers.js with the same model files, both on one WASM thread in Chromium; beam ÷ greedy; what is spent
// outside the runtime. Last line: all figures as JSON.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { ExplorerEngine } from '../src/engine/explorerEngine';
import { nodePlatform } from '../src/runtime/nodePlatform';
import type { Ort, Platform } from '../src/runtime/platform';
import type { Decoding } from '../src/shared/translation';
import { DEFAULT_DECODING } from '../src/shared/translation';
import { shippedFiles, startEngine } from './engineWorker';
import { median, report } from './measure';
import type { Timed, TranslatePage } from './translatePage';
import { clientModules, serveBench } from './translateServer';

declare const translatePage: TranslatePage;

interface BrowserSupport {
  readonly openBrowser: () => Promise<{
    readonly context: BrowserContext;
    readonly close: () => Promise<void>;
  }>;
}

const greedy: Decoding = { ...DEFAULT_DECODING, method: 'greedy', hypotheses: 1 };
const beam: Decoding = { ...DEFAULT_DECODING, method: 'beam', beams: 4, hypotheses: 4 };
const TAG = '>>deu<<';
const ROUNDS = 5;
/** Of many lengths; both programs translate them to the same tokens. */
const sentences = readFileSync('test/client/sentences.txt', 'utf8')
  .split('\n')
  .filter((line, i) => line !== '' && i % 20 === 0);

const figures: Record<string, number> = {};
function figure(name: string, what: string, value: number, unit: string, budget?: number): void {
  figures[name] = Number(value.toPrecision(4));
  report(what, value, unit, budget);
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Ids and the end of each. */
const tokensOf = (ids: readonly (readonly number[])[]): number => sum(ids.map(({ length }) => length + 1));

/** Medians over some rounds in which every way translates every sentence, one after the other. */
async function takeTurns(
  ways: Readonly<Record<string, (text: string) => Promise<Timed>>>,
): Promise<Record<string, { readonly ms: number; readonly firstWord: number; readonly tokens: number }>> {
  const all = Object.fromEntries(
    Object.keys(ways).map((name) => [name, sentences.map(() => [] as Timed[])] as const),
  );
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, text] of sentences.entries()) {
      for (const [name, way] of Object.entries(ways)) {
        const timed = await way(text);
        // The first round warms up.
        if (round > 0) {
          all[name][i].push(timed);
        }
      }
    }
  }
  return Object.fromEntries(
    Object.entries(all).map(([name, each]) => [
      name,
      {
        ms: sum(each.map((runs) => median(runs.map(({ ms }) => ms)))),
        firstWord: median(each.map((runs) => median(runs.map(({ firstWord }) => firstWord)))),
        tokens: sum(each.map(([{ ids }]) => tokensOf(ids))),
      },
    ]),
  );
}

async function inChromium(): Promise<void> {
  console.log(`\n${sentences.length} sentences to German in Chromium, WASM, one thread each:`);
  const { server, address } = await serveBench();
  // Not bundled: it finds the browser from where it stands.
  const support = pathToFileURL(path.resolve('test/support/openBrowser.mjs')).href;
  const { openBrowser } = (await import(support)) as BrowserSupport;
  const browser = await openBrowser();
  try {
    const page: Page = await browser.context.newPage();
    page.on('pageerror', (error) => console.error(error));
    await page.goto(address);
    await page.evaluate((files) => translatePage.loadOurs(files), Object.keys(shippedFiles()));
    await page.evaluate(() => translatePage.loadTheirs());
    const ours = (texts: readonly string[], decoding: Decoding) =>
      page.evaluate(([each, how]) => translatePage.ours(each, how), [texts, decoding] as const);
    const different = new Set<string>();
    const lastOurs = new Map<string, string>();
    const found = await takeTurns({
      ours: async (text) => {
        const timed = await ours([text], greedy);
        lastOurs.set(text, String(timed.ids[0]));
        return timed;
      },
      theirs: async (text) => {
        const timed = await page.evaluate(([each, tag]) => translatePage.theirs(each, tag), [
          text,
          TAG,
        ] as const);
        if (String(timed.ids[0]) !== lastOurs.get(text)) {
          different.add(text);
        }
        return timed;
      },
      beam: (text) => ours([text], beam),
    });
    const speed = ({ tokens, ms }: { readonly tokens: number; readonly ms: number }) => (1000 * tokens) / ms;
    figure('ours', 'tokens/s, greedy', speed(found['ours']), 'tokens/s');
    figure('theirs', 'tokens/s of transformers.js, greedy', speed(found['theirs']), 'tokens/s');
    figure('ratio', 'ours ÷ theirs', speed(found['ours']) / speed(found['theirs']), '×');
    figure('different', 'sentences that both translate differently', different.size, '');
    figure(
      'beamPerGreedy',
      'beam 4 ÷ greedy, in time, single sentences',
      found['beam'].ms / found['ours'].ms,
      '×',
      2.5,
    );
    figure('firstWord', 'time to the first word, greedy', found['ours'].firstWord, 'ms');
    figure('firstWordBeam', 'time to the first word, beam 4', found['beam'].firstWord, 'ms');
    const batches: Record<'greedy' | 'beam', number[]> = { greedy: [], beam: [] };
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [name, decoding] of [
        ['greedy', greedy],
        ['beam', beam],
      ] as const) {
        const { ms } = await ours(sentences.slice(0, 8), decoding);
        if (round > 0) {
          batches[name].push(ms);
        }
      }
    }
    const ratio = median(batches.beam) / median(batches.greedy);
    figure('beamPerGreedyOfEight', 'beam 4 ÷ greedy, in time, eight sentences at once', ratio, '×', 2.5);
  } finally {
    await browser.close();
    server.close();
  }
}

interface NativeClient {
  readonly env: { localModelPath: string; allowRemoteModels: boolean; logLevel: number };
  readonly LogLevel: { readonly ERROR: number };
  readonly AutoTokenizer: { from_pretrained(folder: string): Promise<(text: string) => object> };
  readonly AutoModelForSeq2SeqLM: {
    from_pretrained(
      folder: string,
      options: Readonly<Record<string, string>>,
    ): Promise<{ generate(request: object): Promise<{ readonly data: ArrayLike<number | bigint> }> }>;
  };
}

/** What its native binding does in Node, against our WASM there, each with its own number of threads. */
async function inNode(): Promise<void> {
  console.log('\nThe same in Node: WASM against the native binding of transformers.js, all threads:');
  const file = path.resolve(clientModules, '@huggingface/transformers/dist/transformers.node.mjs');
  const library = (await import(pathToFileURL(file).href)) as NativeClient;
  library.env.localModelPath = path.resolve('models');
  library.env.allowRemoteModels = false;
  library.env.logLevel = library.LogLevel.ERROR;
  const folder = 'translate-en-de-fr-zh';
  const tokenizer = await library.AutoTokenizer.from_pretrained(folder);
  const model = await library.AutoModelForSeq2SeqLM.from_pretrained(folder, { device: 'cpu', dtype: 'fp32' });
  const { engine, stop } = await startEngine(shippedFiles());
  const found = await takeTurns({
    ours: async (text) => {
      const start = performance.now();
      const [{ hypotheses }] = await engine.translate({
        model: 'model',
        texts: [text],
        language: 'de',
        decoding: greedy,
      });
      return { ms: performance.now() - start, firstWord: NaN, ids: [hypotheses[0].ids] };
    },
    native: async (text) => {
      const start = performance.now();
      const { data } = await model.generate({
        ...tokenizer(`${TAG} ${text}`),
        num_beams: 1,
        do_sample: false,
      });
      // Start and end.
      const ids = Array.from(data, Number).slice(1, -1);
      return { ms: performance.now() - start, firstWord: NaN, ids: [ids] };
    },
  });
  const speed = (name: string) => (1000 * found[name].tokens) / found[name].ms;
  figure('oursInNode', 'tokens/s, greedy', speed('ours'), 'tokens/s');
  figure('nativeInNode', 'tokens/s of the native binding', speed('native'), 'tokens/s');
  figure('ratioToNative', 'ours ÷ native', speed('ours') / speed('native'), '×');
  await stop();
}

/** The platform of the command line, with a clock around the runs of the library. */
function clockedPlatform(clock: { ms: number }): Platform {
  const platform = nodePlatform(undefined, false);
  return {
    ...platform,
    load: async (withGpu, threads) => {
      const { ort, ...rest } = await platform.load(withGpu, threads);
      const create = async (...args: Parameters<Ort['InferenceSession']['create']>) => {
        const session = await ort.InferenceSession.create(...args);
        const run = session.run.bind(session) as (...given: unknown[]) => Promise<never>;
        session.run = async (...given: unknown[]) => {
          const start = performance.now();
          try {
            return await run(...given);
          } finally {
            clock.ms += performance.now() - start;
          }
        };
        return session;
      };
      return { ort: { Tensor: ort.Tensor, env: ort.env, InferenceSession: { create } } as Ort, ...rest };
    },
  };
}

async function outsideTheRuntime(): Promise<void> {
  console.log('\nShare of the time outside the runtime, in Node, one thread, whole translations:');
  const clock = { ms: 0 };
  const engine = new ExplorerEngine(clockedPlatform(clock));
  await engine.start({ backend: 'wasm', threads: 1, traceBytes: 2 ** 28 });
  await engine.loadModel({ id: 'model', name: 'model', files: shippedFiles() });
  const cases = [
    ['Greedy', 'greedy, one sentence', greedy, sentences.map((text) => [text])],
    ['Beam', 'beam 4, one sentence', beam, sentences.map((text) => [text])],
    ['GreedyOfEight', 'greedy, eight sentences', greedy, [sentences.slice(0, 8)]],
    ['BeamOfEight', 'beam 4, eight sentences', beam, [sentences.slice(0, 8)]],
  ] as const;
  for (const [name, what, decoding, batches] of cases) {
    const shares: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      clock.ms = 0;
      const start = performance.now();
      for (const texts of batches) {
        await engine.translate({ model: 'model', texts, language: 'de', decoding });
      }
      const all = performance.now() - start;
      if (round > 0) {
        shares.push((100 * (all - clock.ms)) / all);
      }
    }
    figure(`outside${name}`, what, median(shares), '%', 15);
  }
  engine.dispose();
}

const setup = pathToFileURL(path.resolve('scripts/setup/transformersJs.mjs')).href;
await ((await import(setup)) as { readonly setup: () => Promise<void> }).setup();
await outsideTheRuntime();
await inChromium();
await inNode();
console.log(JSON.stringify(figures));
process.exit(0);

// What drawing costs: 512 tokens × 144 heads in the explorer's own page, in Chromium. Last line: all figures as JSON.
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { FIRST_VIEW } from '../src/host/viewState';
import { toPortable } from '../src/shared/portable';
import type { PanelHost, PanelState } from '../src/shared/protocol';
import { serve } from '../src/shared/rpc';
import type { BertShape } from './bertLike';
import { bertLikeFolder, bertLikeText } from './bertLike';
import type { DrawingPage, Movement } from './drawingPage';
import { startEngine } from './engineWorker';
import { median, report } from './measure';

declare const drawingPage: DrawingPage;

/** test/support/openBrowser.mjs */
interface BrowserSupport {
  readonly openBrowser: (options: {
    readonly viewport: { readonly width: number; readonly height: number };
  }) => Promise<{ readonly context: BrowserContext; readonly close: () => Promise<void> }>;
}

const shape: BertShape = { layers: 12, heads: 12, width: 192, positions: 512, vocabulary: 1000 };
const repeats = 5;
/** Rounds of moving over every area, and milliseconds over one. */
const rounds = 3;
const moving = 2000;

const overviewOf = { kind: 'encoderSelf', batch: 0, unit: 'pieces' } as const;

const areas = { empty: 'body', matrix: '[data-area="matrix"]', heads: '[data-area="heads"]' } as const;

const figures: Record<string, number> = {};
function figure(name: string, what: string, value: number, unit: string, budget?: number): void {
  figures[name] = Number(value.toPrecision(4));
  report(what, value, unit, budget);
}

type Answers = Pick<
  PanelHost,
  'ready' | 'overview' | 'matrix' | 'heads' | 'cell' | 'pair' | 'structure' | 'masks'
>;

/** Puts the explorer's script into a page whose questions `answers` answers. */
async function openPanel(page: Page, answers: Answers): Promise<void> {
  const nothing = async (): Promise<void> => undefined;
  const listeners = new Set<(message: unknown) => void>();
  await page.exposeFunction('toHost', (text: string) => {
    const message: unknown = JSON.parse(text);
    listeners.forEach((listener) => listener(message));
  });
  const asked = new Map<unknown, string>();
  serve<PanelHost>(
    {
      post: (message) => {
        const { id } = message as { readonly id?: unknown };
        const sent = [JSON.stringify(toPortable(message)), asked.get(id) ?? ''] as const;
        page
          .evaluate(([text, label]) => drawingPage.deliver(text, label), sent)
          .catch((error: unknown) => console.error(error));
      },
      onMessage: (listener) => {
        const noted = (message: unknown): void => {
          const { id, method } = message as { readonly id?: unknown; readonly method?: unknown };
          if (typeof method === 'string') {
            asked.set(id, method);
          }
          listener(message);
        };
        listeners.add(noted);
        return { dispose: () => listeners.delete(noted) };
      },
    },
    new Proxy(answers, { get: (target, name) => Reflect.get(target, name) ?? nothing }) as PanelHost,
  );
  const built = await esbuild.build({
    entryPoints: ['bench/drawingPage.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
  });
  await page.goto('about:blank');
  await page.addStyleTag({ path: path.join('dist', 'webview', 'explorer.css') });
  await page.evaluate(() => {
    document.body.dataset['kind'] = 'explorer';
  });
  await page.addScriptTag({ content: built.outputFiles[0].text });
  await page.addScriptTag({ path: path.join('dist', 'webview', 'explorer.js') });
}

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** For how long this thread did not get to its timers, in milliseconds. */
async function longestPause(work: () => Promise<unknown>): Promise<number> {
  const pauses = monitorEventLoopDelay({ resolution: 5 });
  pauses.enable();
  await work();
  pauses.disable();
  return pauses.max / 1e6;
}

/** Both answers leave together: how long the engine takes is measured elsewhere. */
function together<First, Second>(
  first: () => Promise<First>,
  second: () => Promise<Second>,
): readonly [() => Promise<First>, () => Promise<Second>] {
  const both = Promise.all([first(), second()]);
  return [async () => (await both)[0], async () => (await both)[1]];
}

async function drawing(): Promise<void> {
  const { layers, heads, positions } = shape;
  console.log(`\n${positions} tokens × ${layers * heads} heads, in Chromium without a graphics card:`);
  const { engine, loaded, stop } = await startEngine(bertLikeFolder(shape));
  const explore = () => engine.explore({ model: 'model', texts: [bertLikeText(positions)] });
  const trace = await explore();
  const read = () => engine.overview({ ...overviewOf, trace: trace.id, maxCells: 40 });
  // This thread is what the extension host is to an editor: while the engine works, it must stay free.
  figure('idlePause', 'longest pause of the host, nothing to do', await longestPause(() => wait(1500)), 'ms');
  figure(
    'hostPause',
    'longest pause of the host while the model runs and is read',
    await longestPause(async () => {
      const { id } = await explore();
      await read();
      await engine.releaseTrace({ trace: id });
    }),
    'ms',
    100,
  );
  const attention = 'encoder.0.self';
  const state: PanelState = {
    models: [{ id: 'model', name: 'model' }],
    chosen: 'model',
    model: loaded.summary,
    backend: loaded.backend,
    trace,
    decoder: { from: 'translation', language: undefined, text: '' },
    view: { ...FIRST_VIEW, attention },
    source: 'text.md',
    error: undefined,
  };
  const matrixOf = () =>
    engine.matrix({ trace: trace.id, attention, head: 0, batch: 0, stage: 'weights', unit: 'pieces' });
  // Not bundled: it finds the browser from where it stands.
  const support = pathToFileURL(path.resolve('test/support/openBrowser.mjs')).href;
  const { openBrowser } = (await import(support)) as BrowserSupport;
  const browser = await openBrowser({ viewport: { width: 1280, height: 900 } });
  const paints: number[] = [];
  const moves: Record<string, Movement[]> = { empty: [], matrix: [], heads: [] };
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const page = await browser.context.newPage();
    page.on('pageerror', (error) => console.error(error));
    const [overview, matrix] = together(read, matrixOf);
    await openPanel(page, {
      ready: async () => state,
      overview: (request, call) =>
        request.kind === overviewOf.kind ? overview() : engine.overview(request, call),
      matrix: (request, call) =>
        request.attention === attention && request.head === 0 ? matrix() : engine.matrix(request, call),
      heads: (request, call) => engine.heads(request, call),
      cell: (request, call) => engine.cell(request, call),
      pair: (request, call) => engine.pair(request, call),
      structure: (request, call) => engine.structure(request, call),
      masks: (request, call) => engine.masks(request, call),
    });
    const paint = await page.evaluate(() => drawingPage.firstPaint(['overview', 'matrix']));
    // The first page compiles the script.
    if (repeat > 0) {
      paints.push(paint);
    } else {
      figure('firstPage', 'first page ever: overview and a head, after the data', paint, 'ms', 300);
      await page.waitForTimeout(1000);
      for (let round = 0; round < rounds; round++) {
        for (const [name, selector] of Object.entries(areas)) {
          moves[name].push(
            await page.evaluate(([area, time]) => drawingPage.move(area, time), [selector, moving] as const),
          );
        }
      }
      await page.screenshot({ path: path.join('out', 'bench-drawing.png') });
    }
    await page.close();
  }
  figure('firstPaint', 'overview and a head painted, after the data', median(paints), 'ms', 300);
  const middle = (name: string, of: keyof Movement): number => median(moves[name].map((move) => move[of]));
  const idle = middle('empty', 'framesPerSecond');
  figure('emptyFrames', 'frames/s with the same pointer over nothing', idle, 'frames/s');
  for (const [name, what] of [
    ['matrix', 'the cells of a head'],
    ['heads', 'the heads'],
  ] as const) {
    const frames = middle(name, 'framesPerSecond');
    figure(`${name}Frames`, `over ${what}${frames >= 50 ? '' : ', below 50'}`, frames, 'frames/s');
    figure(`${name}PerEmpty`, `over ${what} ÷ over nothing`, frames / idle, '×');
    figure(`${name}Longest`, `over ${what}: between two frames, at worst`, middle(name, 'longest'), 'ms');
  }
  await browser.close();
  await stop();
}

await drawing();
console.log(JSON.stringify(figures));
process.exit(0);

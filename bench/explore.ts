// What exploring costs: cold and warm, the price of looking at every head, memory, and the speed of slices. Last line: all figures as JSON.
import process from 'node:process';
import { prepareGraph, readGraph } from '../src/engine/prepareGraph';
import { Stack } from '../src/engine/stack';
import { nodePlatform } from '../src/runtime/nodePlatform';
import { openRuntime } from '../src/runtime/openRuntime';
import type { BertShape } from './bertLike';
import { bertLike, bertLikeFolder, bertLikeText } from './bertLike';
import { shippedFiles, startEngine } from './engineWorker';
import { inTurn, median, peakGrowth, report, time } from './measure';

const model = 'model';
/** 30 tokens with the language tag and the end, by the shipped tokenizer. */
const sentence =
  'The old man walked slowly along the river because the weather was nice and he had a lot of time to think about his life.';
const small: BertShape = { layers: 6, heads: 6, width: 384, positions: 512, vocabulary: 2000 };
/** As many heads as BERT-base, but narrow: only the number of weights counts here. */
const manyHeads: BertShape = { layers: 12, heads: 12, width: 192, positions: 512, vocabulary: 1000 };

const figures: Record<string, number> = {};
function figure(name: string, what: string, value: number, unit: string, budget?: number): void {
  figures[name] = Number(value.toPrecision(4));
  report(what, value, unit, budget);
}

async function coldAndWarm(): Promise<void> {
  console.log('\nShipped model, WASM, from starting the worker:');
  const cold: number[] = [];
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    const { engine, stop } = await startEngine(shippedFiles());
    const trace = await engine.explore({ model, texts: [sentence] });
    await engine.overview({ trace: trace.id, kind: 'encoderSelf', batch: 0, unit: 'words', maxCells: 16 });
    cold.push(performance.now() - start);
    if (i < 2) {
      await stop();
      continue;
    }
    figure('tokens', 'tokens of the sentence', trace.encoder[0].tokens.length, '');
    const warm: number[] = [];
    for (let j = 0; j < 7; j++) {
      warm.push(
        await time(async () => {
          const { id } = await engine.explore({ model, texts: [sentence] });
          await engine.overview({ trace: id, kind: 'encoderSelf', batch: 0, unit: 'words', maxCells: 16 });
        }),
      );
    }
    figure('coldExplore', 'first explore (worker, model, translation, overview)', median(cold), 'ms', 2000);
    figure('warmExplore', 'next explore', median(warm), 'ms', 150);
    const decoder = { from: 'text', texts: [trace.decoder[0].text] } as const;
    const hover: number[] = [];
    for (let j = 0; j < 7; j++) {
      hover.push(await time(() => engine.explore({ model, texts: [sentence], decoder })));
    }
    figure('warmWithoutTranslating', 'next explore with the target given', median(hover), 'ms');
    const request = { trace: trace.id, attention: 'encoder.1.self', head: 2, batch: 0 } as const;
    await engine.cell({ ...request, query: 1, key: 1 });
    figure('cell', 'one cell', await time(() => engine.cell({ ...request, query: 2, key: 3 })), 'ms');
    await stop();
  }
}

async function priceOfTaps(): Promise<void> {
  console.log(
    `\nBERT-like, ${small.layers} layers, d ${small.width}, ${small.heads} heads: all heads ÷ plain run:`,
  );
  const runtime = await openRuntime(nodePlatform(undefined, false), { backend: 'wasm', threads: 2 });
  const bytes = bertLike(small);
  const plain = await runtime.createSession(bytes.slice());
  const file = { path: 'model.onnx', bytes, beside: {} };
  const graph = prepareGraph(readGraph(file), file);
  const stack = new Stack(
    graph.anatomy,
    graph.probed.taps,
    await runtime.createSession(graph.probed.bytes),
    undefined,
  );
  const weights = stack.tapsOf('weights', 'mask').map(({ output }) => output);
  const states = [...new Set(graph.probed.states.values())];
  figure('states', 'states that the graph offers beside the heads', states.length, '');
  for (const [length, budget] of [
    [30, 1.1],
    [128, 1.1],
    [512, 1.35],
  ] as const) {
    const feeds = stack.feeds(stack.sampleInputs(length));
    const runs = await inTurn(length > 200 ? 5 : 15, {
      plain: () => plain.run(feeds),
      all: () => stack.session.run(feeds, weights),
      // What views ask for later, all at once: a further run that only they pay for.
      everything: () => stack.session.run(feeds, [...weights, ...states]),
    });
    figure(`plain${length}`, `${length} tokens, plain`, runs['plain'], 'ms');
    figure(
      `ratio${length}`,
      `${length} tokens, instrumented ÷ plain`,
      runs['all'] / runs['plain'],
      '×',
      budget,
    );
    figure(
      `everything${length}`,
      `${length} tokens, with all states ÷ plain`,
      runs['everything'] / runs['plain'],
      '×',
    );
  }
  runtime.dispose();
}

async function memory(): Promise<void> {
  console.log('\nMemory of the engine (growth of the process):');
  let size = 0;
  let stop: (() => Promise<void>) | undefined;
  const growth = await peakGrowth(async () => {
    const started = await startEngine(shippedFiles());
    ({ stop } = started);
    size = started.weightBytes;
    await started.engine.explore({ model, texts: [sentence] });
  });
  const megabytes = 2 ** 20;
  figure('weights', 'weights in float32', size / megabytes, 'MB');
  figure('peak', 'peak', growth / megabytes, 'MB', Math.round((4 * size) / megabytes + 150));
  figure('peakPerWeight', 'peak ÷ weights', growth / size, '×');
  await stop?.();
}

async function slices(): Promise<void> {
  const { layers, heads, positions } = manyHeads;
  console.log(`\nSlices of ${positions} tokens × ${layers * heads} heads, through the worker:`);
  const { engine, stop } = await startEngine(bertLikeFolder(manyHeads));
  const trace = (await engine.explore({ model, texts: [bertLikeText(positions)] })).id;
  const attention = `encoder.${layers - 1}.self`;
  const runs = await inTurn(5, {
    overview: () => engine.overview({ trace, kind: 'encoderSelf', batch: 0, unit: 'pieces', maxCells: 40 }),
    overviewOfWords: () =>
      engine.overview({ trace, kind: 'encoderSelf', batch: 0, unit: 'words', maxCells: 40 }),
    matrix: () => engine.matrix({ trace, attention, head: 3, batch: 0, stage: 'weights', unit: 'pieces' }),
    mean: () => engine.matrix({ trace, attention, head: 'mean', batch: 0, stage: 'weights', unit: 'pieces' }),
    words: () => engine.matrix({ trace, attention, head: 3, batch: 0, stage: 'weights', unit: 'words' }),
    pair: () => engine.pair({ trace, kind: 'encoderSelf', batch: 0, unit: 'pieces', query: 5, key: 9 }),
  });
  for (const [name, value] of Object.entries(runs)) {
    figure(name, name, value, 'ms');
  }
  await stop();
}

await coldAndWarm();
await priceOfTaps();
await memory();
await slices();
console.log(JSON.stringify(figures));
process.exit(0);

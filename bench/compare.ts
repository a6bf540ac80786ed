// What a second run beside the first costs: on the shipped model, and at 512 tokens × 144 heads. Last line: all figures as JSON.
import type { TwoRuns } from '../src/shared/contrast';
import type { Engine } from '../src/shared/protocol';
import type { BertShape } from './bertLike';
import { bertLikeFolder, bertLikeText } from './bertLike';
import { shippedFiles, startEngine } from './engineWorker';
import { inTurn, report, time } from './measure';

const model = 'model';
const sentence = 'The animal did not cross the street because it was too tired.';
const other = 'The animal did not cross the old street because it was too wide.';
const manyHeads: BertShape = { layers: 12, heads: 12, width: 192, positions: 512, vocabulary: 1000 };

const figures: Record<string, number> = {};
function figure(name: string, what: string, value: number, unit: string): void {
  figures[name] = Number(value.toPrecision(4));
  report(what, value, unit);
}

async function besideOf(engine: Engine, text: string, second: string): Promise<TwoRuns> {
  const { id } = await engine.explore({ model, texts: [text] });
  const { trace, batch } = await engine.beside({ trace: id, batch: 0, text: second });
  return { trace: id, batch: 0, other: trace.id, otherBatch: batch, unit: 'pieces', layersFrom: 'bottom' };
}

async function shipped(): Promise<void> {
  console.log('\nShipped model, through the worker:');
  const { engine, stop } = await startEngine(shippedFiles());
  const place = await besideOf(engine, sentence, other);
  const pair = { attention: 'encoder.1.self', head: 2, otherAttention: 'encoder.1.self', otherHead: 2 };
  const runs = await inTurn(7, {
    explore: () => engine.explore({ model, texts: [sentence] }),
    beside: () => engine.beside({ trace: place.trace, batch: 0, text: other }),
    contrast: () => engine.contrast(place),
    contrastHeads: () => engine.contrastHeads({ ...place, ...pair }),
  });
  figure('explore', 'the first run', runs['explore'], 'ms');
  figure('beside', 'the second run', runs['beside'], 'ms');
  figure('contrast', 'tokens, heads, outputs and states of both', runs['contrast'], 'ms');
  figure('contrastHeads', 'one head of both', runs['contrastHeads'], 'ms');
  await stop();
}

async function large(): Promise<void> {
  const { layers, heads, positions } = manyHeads;
  console.log(`\n${positions} tokens × ${layers * heads} heads, through the worker:`);
  const { engine, stop } = await startEngine(bertLikeFolder(manyHeads));
  const text = bertLikeText(positions);
  // Some words replaced, some left out.
  const second = text
    .split(' ')
    .filter((_, i) => i % 41 !== 7)
    .map((word, i) => (i % 53 === 5 ? 'w999' : word))
    .join(' ');
  const place = await besideOf(engine, text, second);
  const attention = `encoder.${layers - 1}.self`;
  const pair = { attention, head: 3, otherAttention: attention, otherHead: 3 };
  figure('firstContrast', 'first answer, states captured', await time(() => engine.contrast(place)), 'ms');
  const runs = await inTurn(3, {
    contrast: () => engine.contrast(place),
    contrastHeads: () => engine.contrastHeads({ ...place, ...pair }),
  });
  figure('largeContrast', 'tokens, heads and states of both', runs['contrast'], 'ms');
  figure('largeContrastHeads', 'one head of both', runs['contrastHeads'], 'ms');
  await stop();
}

await shipped();
await large();
console.log(JSON.stringify(figures));

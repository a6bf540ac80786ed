// Controls at rest change nothing: every tensor of a run is the same to the last bit, in every way of writing attention down.
import { describe, expect, test } from 'vitest';
import { captureAll } from '../../../../src/engine/captureAll';
import type { ExplorerEngine } from '../../../../src/engine/explorerEngine';
import type { Intervention, ModelControls } from '../../../../src/shared/intervention';
import { loadLayout } from '../layoutEngine';
import { engineWith, MODEL, sharedEngine, shippedModel, startEngine } from '../testEngine';

/** Everything that can be said without changing anything. */
function nothing({ attentions, subLayers, positions }: ModelControls): readonly Intervention[] {
  const on = { enabled: true, attentions: 'all', heads: 'all' } as const;
  const scaled = attentions.filter(({ can }) => can.includes('scoreScale'));
  return [
    { kind: 'headGate', ...on, factor: 1 },
    { kind: 'temperature', ...on, temperature: 1 },
    ...scaled.map(
      ({ attention, scale = 0 }) =>
        ({ kind: 'scoreScale', ...on, attentions: [attention], scale }) satisfies Intervention,
    ),
    { kind: 'normaliser', ...on, by: 'softmax' },
    { kind: 'mask', ...on, texts: 'all', mask: { preset: 'rows', rows: [] } },
    { kind: 'subLayer', enabled: true, subLayers: subLayers.map(({ name }) => name), factor: 1 },
    ...positions
      .filter(({ can }) => can.includes('shift'))
      .map(
        ({ side }) => ({ kind: 'positions', enabled: true, side, change: { to: 'shift', by: 0 } }) as const,
      ),
    ...positions
      .filter(({ can }) => can.includes('scale') && !can.includes('shift'))
      .map(
        ({ side }) =>
          ({ kind: 'positions', enabled: true, side, change: { to: 'scale', factor: 1 } }) as const,
      ),
  ];
}

async function expectSame(engine: ExplorerEngine, texts: readonly string[], tolerance = 0): Promise<void> {
  const before = await engine.explore({ model: MODEL, texts });
  const interventions = nothing(await engine.controls({ model: MODEL }));
  const after = await engine.intervene({ trace: before.id, interventions });
  expect(after.decoder.map(({ text }) => text)).toEqual(before.decoder.map(({ text }) => text));
  const [first, second] = [
    await captureAll(engine.trace(before.id)),
    await captureAll(engine.trace(after.id)),
  ];
  expect(Object.keys(second).sort()).toEqual(Object.keys(first).sort());
  for (const [name, { data }] of Object.entries(first)) {
    // A mask that is put in place is told by what it does to scores; which cells it removes is compared.
    const read = (value: number | bigint) =>
      name.endsWith('.mask') ? Number(Number(value) < -50) : Number(value);
    const other = second[name].data;
    // Positions that are put in place are those of each text, where the graph may keep one table for all.
    const isRepeated = name.endsWith('.positions') && other.length % data.length === 0;
    let largest = other.length === data.length || isRepeated ? 0 : Infinity;
    for (let i = 0; i < other.length; i++) {
      const [a, b] = [read(data[i % data.length]), read(other[i])];
      largest = Object.is(a, b) ? largest : Math.max(largest, Math.abs(a - b) || Infinity);
    }
    expect(largest, name).toBeLessThanOrEqual(tolerance);
  }
}

describe.each([shippedModel, 'models/english-bert-mini', 'models/english-gpt-mini'])('%s', (folder) => {
  test('is the same to the last bit', async () => {
    const engine = await sharedEngine(folder);
    await expectSame(engine, ['The house is old.', 'Yes.']);
  }, 60_000);
});

describe.each(['bert', 'gpt2'])('%s as exported', (layout) => {
  test('is the same to the last bit', async () => {
    const engine = await engineWith(`test/golden/layouts/${layout}`);
    await expectSame(engine, ['The animal reads.', 'Every student reads a letter.']);
    engine.dispose();
  });
});

/** Angles are computed anew for a shift by 0; those of the graph have passed through float32. */
const ROUNDED = 1e-5;

describe.each([
  { layout: 'bloom' },
  { layout: 'distilbert' },
  { layout: 'llama', tolerance: ROUNDED },
  { layout: 'sdpa' },
  { layout: 'bart' },
  { layout: 'bart', without: 'onnx/decoder_model.onnx' },
  { layout: 'marian' },
  { layout: 'merged' },
  { layout: 't5' },
  { layout: 't5', without: 'onnx/decoder_model.onnx' },
])('$layout without "$without"', ({ layout, without, tolerance }) => {
  test('is the same to the last bit', async () => {
    const engine = await startEngine();
    await loadLayout(engine, layout, { without });
    const isPair = ['bart', 'marian', 'merged', 't5'].includes(layout);
    await expectSame(engine, isPair ? ['w5 w6 w7 w9'] : ['w5 w6 w7 w9', 'w8 w4'], tolerance);
    engine.dispose();
  });
});

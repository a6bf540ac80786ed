// Every kind of intervention, in all three families, equals the same edit in PyTorch: weights, contexts, states, logits, translations.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { captureAll } from '../../../../src/engine/captureAll';
import { allHeads } from '../../../../src/engine/slices/heads';
import type { Trace } from '../../../../src/engine/trace';
import type { TapRole } from '../../../../src/probe/probe';
import type { ExplorerEngine } from '../../../../src/engine/explorerEngine';
import { tokenizerOf } from '../../../../src/engine/model';
import { parseIntervention } from '../../../../src/shared/interventionRecipe';
import { readSafetensors } from '../../../../src/shared/safetensors';
import type { NamedTensors, Tensor } from '../../../../src/shared/tensor';
import type { DecoderInput } from '../../../../src/shared/trace';
import { MODEL, root, sharedEngine, shippedModel } from '../testEngine';

const TOLERANCE = 1e-4;
const TEXTS = ['The house is very old.', 'I love you.'];
const LANGUAGE = 'de';
const targets: DecoderInput = {
  from: 'text',
  texts: ['Das Haus ist sehr alt.', 'Ich liebe dich.'],
  language: LANGUAGE,
};

interface Case {
  readonly name: string;
  readonly interventions: readonly unknown[];
  readonly translations?: readonly { readonly text: string; readonly ids: readonly number[] }[];
}

const folder = (family: string): string => path.join(root, 'test/golden', family);
const casesOf = (family: string): readonly Case[] =>
  JSON.parse(readFileSync(path.join(folder(family), 'interventions.json'), 'utf8')) as Case[];

/** Of wide rows, every n-th number is recorded, so that about as many stay. */
const LOGITS = 48;
const STATES = 16;

function stepOf(name: string, width: number): number {
  const kept = name.endsWith('logits') ? LOGITS : name.endsWith('.weights') ? width : STATES;
  return Math.max(1, Math.floor(width / kept));
}

/** Largest difference, relative to 1 for what is larger. */
function difference(name: string, actual: Tensor, expected: Tensor): number {
  const width = actual.dims.at(-1) ?? 1;
  const kept = expected.dims.at(-1) ?? 1;
  const step = stepOf(name, width);
  expect(kept, name).toBe(Math.ceil(width / step));
  // Positions may be recorded for each text where the graph adds the same ones to all.
  const rows = actual.data.length / width;
  let largest = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const row = Math.floor(i / kept) % rows;
    const a = Number(actual.data[row * width + (i % kept) * step]);
    const b = Number(expected.data[i]);
    const own = Math.abs(a - b) / Math.max(1, Math.abs(b));
    largest = Number.isNaN(own) ? Infinity : Math.max(largest, own);
  }
  return largest;
}

/** One tensor of a run by the name it was recorded under. */
async function tensorOf(trace: Trace, name: string): Promise<Tensor> {
  const [, attention, role] = /^(\w+\.\d+\.\w+)\.(weights|context)$/.exec(name) ?? [];
  if (attention !== undefined) {
    const { site, run } = trace.attention(attention);
    const captured = await run.capture(attention, role as TapRole);
    if (!captured) {
      throw new Error(`${attention} does not show its ${role}.`);
    }
    return allHeads(captured, site, TEXTS.length);
  }
  const run = trace.runs.at(-1);
  const logits = run?.stack.anatomy.output?.logits ?? '';
  await run?.fetch([logits]);
  return run?.get(logits) ?? { type: 'float32', dims: [], data: new Float32Array(0) };
}

/** What each head adds to the residual stream, as the Inside view shows it: `[text, head, token, width]`. */
async function headOutputs(engine: ExplorerEngine, trace: Trace, attention: string): Promise<Tensor> {
  const { heads } = trace.attention(attention).site;
  const parts: number[] = [];
  let dims: readonly number[] = [];
  for (const batch of TEXTS.keys()) {
    for (let head = 0; head < heads; head++) {
      const { output } = await engine.headStages({ trace: trace.summary.id, attention, head, batch });
      dims = [TEXTS.length, heads, output?.rows ?? 0, output?.columns ?? 0];
      parts.push(...(output?.data ?? []));
    }
  }
  return { type: 'float32', dims, data: Float32Array.from(parts) };
}

describe.each([
  { family: 'translation', model: shippedModel },
  { family: 'encoder-only', model: 'models/english-bert-mini' },
  { family: 'decoder-only', model: 'models/english-gpt-mini' },
])('$family', ({ family, model }) => {
  const reference = readSafetensors(
    new Uint8Array(readFileSync(path.join(folder(family), 'interventions.safetensors'))),
  );
  let engine: ExplorerEngine;
  let plain: NamedTensors;
  const decoder = family === 'translation' ? targets : undefined;

  const run = async (interventions: readonly unknown[]): Promise<Trace> => {
    const trace = await engine.explore({
      model: MODEL,
      texts: TEXTS,
      decoder,
      interventions: interventions.map((each) => parseIntervention(each)),
    });
    const ids = (sequences: typeof trace.encoder) =>
      sequences.flatMap(({ tokens }) => tokens.map(({ id }) => BigInt(id)));
    expect(ids(trace.encoder.length > 0 ? trace.encoder : trace.decoder)).toEqual([
      ...reference['input_ids'].data,
    ]);
    if ('decoder_input_ids' in reference) {
      expect(ids(trace.decoder)).toEqual([...reference['decoder_input_ids'].data]);
    }
    const made = engine.trace(trace.id);
    for (const stackRun of made.runs) {
      // in one run of the model, not in one for each tensor
      const compared = stackRun.stack.tapsOf('weights', 'context');
      await stackRun.fetch(compared.map(({ output }) => output));
    }
    return made;
  };

  beforeAll(async () => {
    engine = await sharedEngine(model);
    plain = await captureAll(await run([]));
  }, 60_000);

  test.each(casesOf(family))('$name', async ({ name, interventions }) => {
    const trace = await run(interventions);
    const keys = Object.keys(reference).filter((key) => key.startsWith(`${name}/`));
    expect(keys.length).toBeGreaterThan(1);
    let effect = 0;
    for (const key of keys) {
      const own = key.slice(name.length + 1);
      const [, attention] = /^(.*)\.headOutput$/.exec(own) ?? [];
      const heads = attention === undefined ? undefined : await headOutputs(engine, trace, attention);
      const actual = heads ?? (name === 'plain' ? plain[own] : await tensorOf(trace, own));
      expect(actual, own).toBeDefined();
      expect(difference(own, actual, reference[key]), own).toBeLessThan(TOLERANCE);
      effect = Math.max(effect, name === 'plain' ? 0 : difference(own, plain[own], reference[key]));
    }
    // The comparison means something only if the intervention does. What is causal, or hides padding, already stays so.
    if (!['plain', 'decoderSelf-causal', 'encoderSelf-padding', 'cross-padding'].includes(name)) {
      expect(effect).toBeGreaterThan(100 * TOLERANCE);
    }
    await engine.releaseTrace({ trace: trace.summary.id });
  });

  test('every kind of tensor that a view shows is compared', () => {
    const kinds = new Set(
      Object.keys(reference)
        .filter((key) => key.startsWith('plain/'))
        .map((key) => key.replace(/^plain\/(encoder|decoder)\.(?:\d+\.)?/, '').replace(/\.\d+$/, '')),
    );
    const attentions = family === 'translation' ? ['self', 'cross'] : ['self'];
    const residual = ['input', 'branch', 'residual', 'normInput', 'normOutput', 'output'];
    for (const kind of [
      ...['embedding.tokens', 'embedding.positions', 'embedding.output', 'layer'],
      ...attentions.flatMap((own) =>
        ['weights', 'context', 'joined', 'headOutput', 'projected', ...residual].map((of) => `${own}.${of}`),
      ),
      ...['before', 'hidden', ...residual].map((of) => `feedForward.${of}`),
      ...(family === 'decoder-only' ? ['final'] : []),
      ...(family === 'encoder-only' ? ['embedding.tokenTypes'] : []),
    ]) {
      expect([...kinds], kind).toContain(kind);
    }
  });

  test('the lens reads every state as PyTorch does', async () => {
    const trace = await run([]);
    const sequences = trace.summary.decoder.length > 0 ? trace.summary.decoder : trace.summary.encoder;
    const length = sequences[0].tokens.length;
    for (const batch of TEXTS.keys()) {
      const { states, cells } = await engine.logitLens({
        trace: trace.summary.id,
        batch,
        first: 0,
        last: length - 1,
        count: 1,
      });
      expect([...states].sort()).toEqual(
        Object.keys(reference)
          .flatMap((key) => /^lens\/(.*)\.ids$/.exec(key)?.[1] ?? [])
          .sort(),
      );
      cells.forEach((row, state) => {
        row.forEach(({ candidates: [best] }, position) => {
          const at = batch * length + position;
          const what = `${states[state]}, position ${position}`;
          expect(best.id, what).toBe(Number(reference[`lens/${states[state]}.ids`].data[at]));
          const expected = Number(reference[`lens/${states[state]}.probabilities`].data[at]);
          expect(Math.abs(best.probability - expected), what).toBeLessThan(TOLERANCE);
        });
      });
    }
    await engine.releaseTrace({ trace: trace.summary.id });
  });

  test('another head, another layer or a transposed matrix would be noticed', () => {
    const names = Object.keys(plain).filter((key) => /^plain\/\w+\.\d+\.self\.weights$/.test(`plain/${key}`));
    expect(names.length).toBeGreaterThan(2);
    const [first, second] = names.map((name) => plain[name]);
    const expected = reference[`plain/${names[0]}`];
    const [, heads, rows, columns] = expected.dims;
    const moved = (place: (head: number, row: number, column: number) => number): Tensor => ({
      ...first,
      data: Float32Array.from({ length: expected.data.length }, (_, i) => {
        const head = Math.floor(i / (rows * columns)) % heads;
        const text = Math.floor(i / (rows * columns * heads));
        const from = place(head, Math.floor(i / columns) % rows, i % columns);
        return Number(first.data[text * heads * rows * columns + from]);
      }),
    });
    const at = (head: number, row: number, column: number) => (head * rows + row) * columns + column;
    const right = moved(at);
    const otherHead = moved((head, row, column) => at((head + 1) % heads, row, column));
    const transposed = moved((head, row, column) => at(head, column, row));
    expect(difference(names[0], right, expected)).toBeLessThan(TOLERANCE);
    for (const wrong of [second, otherHead, transposed]) {
      expect(difference(names[0], wrong, expected)).toBeGreaterThan(100 * TOLERANCE);
    }
  });

  const translated = casesOf(family).flatMap(({ name, interventions, translations = [] }) =>
    translations.map((each) => ({ name, interventions, ...each })),
  );

  test.skipIf(translated.length === 0).each(translated)(
    '$name: the translation of "$text"',
    async ({ interventions, text, ids }) => {
      const trace = await engine.explore({
        model: MODEL,
        texts: [text],
        decoder: { from: 'translation', language: LANGUAGE },
        interventions: interventions.map((each) => parseIntervention(each)),
      });
      expect(trace.decoder[0].tokens.slice(1).map(({ id }) => id)).toEqual(ids);
      expect(trace.decoder[0].text).toBe(tokenizerOf(engine.model(MODEL)).decode([...ids]));
    },
  );
});

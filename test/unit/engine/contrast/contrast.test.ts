// Two runs side by side: every number against one that is computed here from the two runs apart.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../../../src/engine/explorerEngine';
import type { AlignedItem, BesideRequest, OtherRun, TwoRuns } from '../../../../src/shared/contrast';
import { isCancelled } from '../../../../src/shared/errors';
import type { Intervention } from '../../../../src/shared/intervention';
import type { TraceSummary } from '../../../../src/shared/trace';
import { DEFAULT_DECODING } from '../../../../src/shared/translation';
import { engineWith, filesOf, MODEL, sharedEngine, shippedModel } from '../testEngine';

const TIRED = 'The animal did not cross the street because it was too tired.';
const WIDE = 'The animal did not cross the old street because it was too wide.';
const BERT = 'models/english-bert-mini';
const GPT = 'models/english-gpt-mini';

const compared = (items: readonly AlignedItem[]) =>
  items.flatMap(({ a, b, same }, index) => (same && a && b ? [{ index, a, b }] : []));

describe.each([shippedModel, BERT, GPT])('%s', (folder) => {
  let engine: ExplorerEngine;
  let first: TraceSummary;
  beforeAll(async () => {
    engine = await sharedEngine(folder);
    first = await engine.explore({ model: MODEL, texts: ['A dog.', TIRED] });
  }, 60_000);

  const beside = (more: Partial<BesideRequest>) => engine.beside({ trace: first.id, batch: 1, ...more });
  const place = ({ trace, batch }: OtherRun, more: Partial<TwoRuns> = {}): TwoRuns => ({
    ...{ trace: first.id, batch: 1, other: trace.id, otherBatch: batch },
    ...{ unit: 'pieces' as const, layersFrom: 'bottom' as const },
    ...more,
  });

  test('a run beside itself differs nowhere', async () => {
    const same = await beside({});
    expect(same.batch).toBe(1);
    const { sides, kinds, output, states, notes } = await engine.contrast(place(same));
    expect(sides.flatMap(({ items }) => items).every((item) => item.same)).toBe(true);
    const heads = kinds.flatMap((kind) => kind.heads);
    const all = engine.model(MODEL).summary.attentions;
    expect(heads).toHaveLength(all.reduce((sum, each) => sum + each.heads, 0));
    expect(heads.every(({ mean, largest }) => mean === 0 && largest === 0)).toBe(true);
    expect(output.places.length).toBeGreaterThan(5);
    expect(output.places.every(({ kl }) => kl?.ab === 0 && kl.ba === 0)).toBe(true);
    expect(states.flatMap(({ cosines }) => [...cosines.data]).every((x) => x > 0.99999)).toBe(true);
    expect(notes).toEqual([]);
  });

  test('another text: each cell is A minus B of the same words, and nothing else is compared', async () => {
    const other = await beside({ text: WIDE });
    expect(other.batch).toBe(0);
    const attention = engine.model(MODEL).summary.attentions[1];
    const [head, otherHead] = [1, 2];
    const answer = await engine.contrastHeads({
      ...place(other),
      ...{ attention: attention.name, head, otherAttention: attention.name, otherHead },
    });
    const matrix = (trace: string, batch: number, which: number) =>
      engine.matrix({
        ...{ trace, attention: attention.name, head: which, batch },
        ...{ stage: 'weights', unit: 'pieces' },
      });
    const [a, b] = [await matrix(first.id, 1, head), await matrix(other.trace.id, 0, otherHead)];
    const [rows, columns] = [compared(answer.queries), compared(answer.keys)];
    expect(rows.length).toBeGreaterThan(8);
    expect(rows.length).toBeLessThan(answer.queries.length);
    let [sum, largest] = [0, 0];
    for (const row of rows) {
      for (const column of columns) {
        // Pieces of one tokenizer stand alone.
        expect([row.a.first, row.b.first]).toEqual([row.a.last, row.b.last]);
        const here = a.data[row.a.first * a.columns + column.a.first];
        const there = b.data[row.b.first * b.columns + column.b.first];
        const i = row.index * answer.keys.length + column.index;
        expect(answer.a.data[i]).toBeCloseTo(here, 6);
        expect(answer.b.data[i]).toBeCloseTo(there, 6);
        expect(answer.difference.data[i]).toBeCloseTo(here - there, 6);
        expect(answer.absent.difference[i]).toBe(0);
        sum += Math.abs(here - there);
        largest = Math.max(largest, Math.abs(here - there));
      }
    }
    expect(answer.cells).toBe(rows.length * columns.length);
    expect(answer.absent.difference.filter((mark) => mark === 0)).toHaveLength(answer.cells);
    expect(answer.mean).toBeCloseTo(sum / answer.cells, 6);
    expect(answer.largest).toBeCloseTo(largest, 6);
    expect(answer.largest).toBeGreaterThan(0.01);
  });

  test('the grid has for every head what its pictures have', async () => {
    const other = await beside({ text: WIDE });
    const { kinds } = await engine.contrast(place(other, { unit: 'words' }));
    for (const { heads } of kinds) {
      const { attention, head, mean, largest, other: otherAttention } = heads[heads.length - 2];
      const own = await engine.contrastHeads({
        ...place(other, { unit: 'words' }),
        ...{ attention, head, otherAttention, otherHead: head },
      });
      expect(mean).toBeCloseTo(own.mean, 6);
      expect(largest).toBeCloseTo(own.largest, 6);
      expect(mean).toBeGreaterThan(0);
    }
  });

  test('cosines and KL are those of the states and logits of the same tokens', async () => {
    const other = await beside({ text: WIDE });
    const { states, output } = await engine.contrast(place(other));
    const [side] = states;
    expect(side.states[0].a).toContain('embedding');
    const last = side.states.length - 1;
    const { sides } = await engine.contrast(place(other));
    // A causal model knows only of what stands before.
    const [item] = compared(sides[0].items).slice(-1);
    const [x, y] = [
      await engine.states({ trace: first.id, batch: 1, state: side.states[last].a }),
      await engine.states({ trace: other.trace.id, batch: 0, state: side.states[last].b }),
    ];
    const [u, v] = [x, y].map(({ data, columns }, i) => {
      const row = (i === 0 ? item.a : item.b).first;
      return data.slice(row * columns, (row + 1) * columns);
    });
    const dot = (p: Float32Array, q: Float32Array) => p.reduce((sum, value, i) => sum + value * q[i], 0);
    const cosine = dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v));
    expect(side.cosines.data[last * side.cosines.columns + item.index]).toBeCloseTo(cosine, 5);
    expect(cosine).toBeLessThan(0.99999);

    const read = first.decoder.length > 0 ? 'decoder' : 'encoder';
    const [spot] = output.places.slice(-1);
    const logits = async (trace: string, batch: number, row: number) => {
      const { data } = await engine.states({ trace, batch, state: `${read}.logits`, first: row, last: row });
      const most = Math.max(...data);
      const total = data.reduce((sum, value) => sum + Math.exp(value - most), 0);
      return [...data].map((value) => value - most - Math.log(total));
    };
    const p = await logits(first.id, 1, spot.a.last);
    const q = await logits(other.trace.id, 0, spot.b.last);
    const kl = (from: number[], to: number[]) =>
      from.reduce((sum, value, i) => sum + Math.exp(value) * (value - to[i]), 0);
    expect(spot.kl?.ab).toBeCloseTo(kl(p, q), 4);
    expect(spot.kl?.ab).toBeGreaterThan(1e-5);
    expect(spot.kl?.ba).toBeCloseTo(kl(q, p), 4);
    expect(spot.likeliestA[0].id).toBe(p.indexOf(Math.max(...p)));
    expect(spot.likeliestB[0].id).toBe(q.indexOf(Math.max(...q)));
  });

  test('with a head removed and as loaded: what comes before it is the same, what comes after is not', async () => {
    const [zero, one, two] = engine.model(MODEL).summary.attentions;
    const gate: Intervention = {
      ...{ kind: 'headGate', enabled: true, attentions: [one.name], heads: [0], factor: 0 },
    };
    const other = await beside({ interventions: [gate] });
    expect(other.trace.interventions).toEqual([gate]);
    const { kinds } = await engine.contrast(place(other));
    const largest = (name: string) =>
      Math.max(
        ...kinds
          .flatMap(({ heads }) => heads)
          .filter(({ attention }) => attention === name)
          .map((head) => head.largest),
      );
    expect([largest(zero.name), largest(one.name)]).toEqual([0, 0]);
    expect(largest(two.name)).toBeGreaterThan(1e-4);
    // And the other way round: as loaded, beside the changed run.
    const plain = await engine.beside({ trace: other.trace.id, batch: 1, interventions: [] });
    expect(plain.trace.interventions).toBeUndefined();
  });

  test('what there is not is refused, and a long answer can be stopped', async () => {
    const other = await beside({ text: WIDE });
    await expect(beside({ batch: 7 })).rejects.toThrow(/no text/);
    await expect(engine.contrast(place(other, { otherBatch: 3 }))).rejects.toThrow(/no text 3/);
    const { name } = engine.model(MODEL).summary.attentions[0];
    const heads = { attention: name, head: 0, otherAttention: name, otherHead: 99 };
    await expect(engine.contrastHeads({ ...place(other), ...heads })).rejects.toThrow(/no head 99/);
    const stop = new AbortController();
    const stopped = engine.contrast(place(other), { signal: stop.signal });
    stop.abort();
    await expect(stopped).rejects.toSatisfy(isCancelled);
  });
});

describe('translations', () => {
  let engine: ExplorerEngine;
  let first: TraceSummary;
  beforeAll(async () => {
    engine = await sharedEngine(shippedModel);
    first = await engine.explore({
      ...{ model: MODEL, texts: [TIRED], decoder: { from: 'translation', language: 'de' } },
    });
  }, 60_000);

  test('another language, and the same source', async () => {
    const other = await engine.beside({ trace: first.id, batch: 0, language: 'fr' });
    expect([first.language, other.trace.language]).toEqual(['de', 'fr']);
    const { sides } = await engine.contrast({
      ...{ trace: first.id, batch: 0, other: other.trace.id, otherBatch: other.batch },
      ...{ unit: 'words', layersFrom: 'bottom' },
    });
    expect(sides.map(({ a, b }) => `${a} ${b}`)).toEqual(['encoder encoder', 'decoder decoder']);
    // The language tag is all that the sources do not share.
    const apart = sides[0].items.filter(({ same }) => !same);
    expect(apart).toHaveLength(1);
    expect(apart[0].a?.label).not.toBe(apart[0].b?.label);
    expect(sides[1].items.filter(({ same }) => !same).length).toBeGreaterThan(5);
  });

  test('beam search reads what the beam search of the engine finds', async () => {
    const other = await engine.beside({ trace: first.id, batch: 0, beams: 4 });
    const decoding = { ...DEFAULT_DECODING, beams: 4 };
    const [{ hypotheses }] = await engine.translate({
      model: MODEL,
      texts: [TIRED],
      language: 'de',
      decoding,
    });
    expect(other.trace.decoder[0].text).toBe(hypotheses[0].target.text);
    expect(other.trace.language).toBe('de');
  });

  test('another text is translated into the same language', async () => {
    const other = await engine.beside({ trace: first.id, batch: 0, text: 'A cat.' });
    expect(other.trace.language).toBe('de');
    expect(other.trace.encoder[0].text).toBe('A cat.');
  });
});

describe('two models', () => {
  const more = [
    ['bert', BERT],
    ['gpt', GPT],
    ['again', BERT],
  ] as const;
  let engine: ExplorerEngine;
  let bert: TraceSummary;
  beforeAll(async () => {
    engine = await sharedEngine(shippedModel);
    for (const [id, folder] of more) {
      await engine.loadModel({ id, name: id, files: filesOf(folder) });
    }
    bert = await engine.explore({ model: 'bert', texts: [TIRED] });
  }, 90_000);
  afterAll(() => Promise.all(more.map(([model]) => engine.unloadModel({ model }))));

  const besideModel = async (model: string, more: Partial<TwoRuns> = {}) => {
    const run = await engine.beside({ trace: bert.id, batch: 0, model });
    const place: TwoRuns = {
      ...{ trace: bert.id, batch: 0, other: run.trace.id, otherBatch: run.batch },
      ...{ unit: 'pieces', layersFrom: 'bottom' },
      ...more,
    };
    return { run, place, contrast: await engine.contrast(place) };
  };

  test('the same checkpoint loaded twice is the same everywhere, and its vocabulary is one', async () => {
    const { contrast } = await besideModel('again');
    expect(contrast.kinds.every(({ heads }) => heads.length > 0)).toBe(true);
    expect(contrast.kinds.flatMap(({ heads }) => heads).every(({ largest }) => largest < 1e-6)).toBe(true);
    expect(contrast.output.why).toBeUndefined();
    expect(contrast.output.places.every(({ kl }) => (kl?.ab ?? 1) < 1e-9)).toBe(true);
    expect(contrast.notes.join()).toContain('trained');
  });

  test('two tokenizers: the words stand together, and the reasons are said', async () => {
    const { run, contrast } = await besideModel('gpt', { unit: 'words' });
    expect(run.summary.family).toBe('decoder-only');
    const [side] = contrast.sides;
    expect([side.a, side.b]).toEqual(['encoder', 'decoder']);
    const words = compared(side.items).map(({ a }) => a.label);
    expect(words.join(' ')).toBe(TIRED.replace('.', ' .'));
    expect(contrast.kinds[0]).toMatchObject({ a: 'encoderSelf', b: 'decoderSelf' });
    expect(contrast.output.places).toEqual([]);
    expect(contrast.output.why).toContain('different questions');
    expect(contrast.notes.join(' ')).toContain('read by the encoder');
  });

  test('a translator beside BERT: what has no counterpart is said, not guessed', async () => {
    const { run, place, contrast } = await besideModel(MODEL);
    expect(contrast.notes.join(' ')).toMatch(/The decoder of translate-en-de-fr-zh has no counterpart/);
    const [kind] = contrast.kinds;
    expect(kind.b).toBe('encoderSelf');
    const [own, others] = [engine.model('bert'), engine.model(MODEL)].map(
      ({ summary }) => summary.attentions.filter((each) => each.kind === 'encoderSelf')[0].heads,
    );
    expect(kind.heads.length > 0).toBe(own === others);
    expect(kind.why === undefined).toBe(own === others);
    // The means over heads can be compared in any case.
    const { layers } = kind;
    const mean = await engine.contrastHeads({
      ...place,
      ...{ attention: layers[0].a, head: 'mean', otherAttention: layers[0].b ?? '', otherHead: 'mean' },
    });
    expect(mean.cells).toBeGreaterThan(50);
    const cross = run.summary.attentions.find((each) => each.kind === 'cross')?.name ?? '';
    const wrong = { attention: layers[0].a, head: 0, otherAttention: cross, otherHead: 0 };
    await expect(engine.contrastHeads({ ...place, ...wrong })).rejects.toThrow(/same texts/);
  });

  test('layers are counted from the first or from the last', async () => {
    const bottom = (await besideModel('gpt')).contrast.kinds[0].layers.map(({ b }) => b);
    const top = (await besideModel('gpt', { layersFrom: 'top' })).contrast.kinds[0].layers.map(({ b }) => b);
    const count = engine.model('gpt').summary.layers.decoder;
    expect(bottom[0]).toBe('decoder.0.self');
    expect(top.at(-1)).toBe(`decoder.${count - 1}.self`);
  });
});

test('two runs that do not fit into the memory for runs are refused, and the first one is not lost for nothing', async () => {
  const engine = await engineWith(BERT, 1000);
  const first = await engine.explore({ model: MODEL, texts: [TIRED] });
  await expect(engine.beside({ trace: first.id, batch: 0, text: WIDE })).rejects.toThrow(/traceMemory/);
  engine.dispose();
}, 60_000);

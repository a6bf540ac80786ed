// The engine as the host sees it: loading, exploring, limits, slices, memory, and errors that leave it working.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../../src/engine/explorerEngine';
import { rowOf } from '../../../src/shared/tensor';
import type { TraceSummary } from '../../../src/shared/trace';
import { engineWith, filesOf, MODEL, sharedEngine, shippedModel, startEngine } from './testEngine';

const TEXT = 'The old man has a Mesopotamian umbrella.';
const SUM = 1e-5;

describe('an encoder-decoder', () => {
  let engine: ExplorerEngine;
  let trace: TraceSummary;

  beforeAll(async () => {
    engine = await sharedEngine(shippedModel);
    trace = await engine.explore({
      model: MODEL,
      texts: [TEXT, 'Yes.'],
      decoder: { from: 'translation', language: 'fr' },
    });
  }, 60_000);

  test('is summarised: family, layers, languages, limits, weights counted once', () => {
    expect(engine.model(MODEL).summary).toMatchObject({
      id: MODEL,
      family: 'encoder-decoder',
      layers: { encoder: 6, decoder: 6 },
      heads: 8,
      width: 256,
      vocabulary: 16001,
      parameters: 15_155_456 + 512 * 256,
      tied: true,
      languages: [
        { code: 'de', token: '>>deu<<' },
        { code: 'fr', token: '>>fra<<' },
        { code: 'zh', token: '>>cmn<<' },
      ],
      sourceLanguages: [],
      maxTokens: { encoder: 512, decoder: 512 },
    });
  });

  test('every text is a sequence, padded to equal length, with ranges in its own text', () => {
    const [first, second] = trace.encoder;
    expect(second.tokens).toHaveLength(first.tokens.length);
    expect(second.tokens.some(({ padding }) => padding)).toBe(true);
    for (const { text, tokens } of [first, second]) {
      expect(tokens[0].piece).toBe('>>fra<<');
      for (const { start, end, label, special } of tokens) {
        // White space alone is labelled by its sign.
        expect(special ? '' : text.slice(start, end).trim()).toBe(special || label === '▁' ? '' : label);
      }
    }
    expect(trace.language).toBe('fr');
    expect(trace.decoder).toHaveLength(2);
    expect(trace.decoder[0].tokens[0]).toMatchObject({ id: 16000, special: true });
  });

  test.each(['encoder.0.self', 'decoder.2.self', 'decoder.1.cross'])(
    '%s: rows sum to one, per piece and per word',
    async (attention) => {
      for (const unit of ['pieces', 'words'] as const) {
        for (const head of [0, 7, 'mean'] as const) {
          const matrix = await engine.matrix({
            trace: trace.id,
            attention,
            head,
            batch: 0,
            stage: 'weights',
            unit,
          });
          for (let row = 0; row < matrix.rows; row++) {
            expect(Math.abs(rowOf(matrix, row).reduce((a, b) => a + b, 0) - 1)).toBeLessThan(SUM);
          }
        }
      }
    },
  );

  test('a word has the weights of its pieces: sum over keys, mean over queries', async () => {
    const request = {
      trace: trace.id,
      attention: 'encoder.1.self',
      head: 3,
      batch: 0,
      stage: 'weights',
    } as const;
    const pieces = await engine.matrix({ ...request, unit: 'pieces' });
    const words = await engine.matrix({ ...request, unit: 'words' });
    const spans = trace.encoder[0].words;
    expect([words.rows, words.columns]).toEqual([spans.length, spans.length]);
    const query = spans.findIndex(({ first, last }) => last > first);
    const key = spans.length - 2;
    expect(query).toBeGreaterThan(0);
    let sum = 0;
    for (let q = spans[query].first; q <= spans[query].last; q++) {
      for (let k = spans[key].first; k <= spans[key].last; k++) {
        sum += pieces.data[q * pieces.columns + k];
      }
    }
    const mean = sum / (spans[query].last - spans[query].first + 1);
    expect(words.data[query * words.columns + key]).toBeCloseTo(mean, 6);
  });

  test('masked cells are marked: padding in the encoder, what lies ahead in the decoder', async () => {
    const encoder = await engine.matrix({
      trace: trace.id,
      attention: 'encoder.0.self',
      head: 0,
      batch: 1,
      stage: 'weights',
      unit: 'pieces',
    });
    const padded = trace.encoder[1].tokens.map(({ padding }) => Number(padding === true));
    expect([...encoder.masked.slice(0, encoder.columns)]).toEqual(padded);
    const decoder = await engine.matrix({
      trace: trace.id,
      attention: 'decoder.0.self',
      head: 0,
      batch: 0,
      stage: 'weights',
      unit: 'pieces',
    });
    expect([...decoder.masked.slice(0, decoder.columns)]).toEqual(
      trace.decoder[0].tokens.map((_, i) => Number(i > 0)),
    );
  });

  test('the overview shows the largest weight of each block, of the right head', async () => {
    const overview = await engine.overview({
      trace: trace.id,
      kind: 'cross',
      batch: 0,
      unit: 'pieces',
      maxCells: 6,
    });
    expect([overview.layers, overview.heads]).toEqual([6, 8]);
    expect(Math.max(overview.rows, overview.columns)).toBeLessThanOrEqual(6);
    const [layer, head] = [2, 5];
    const matrix = await engine.matrix({
      trace: trace.id,
      attention: `decoder.${layer}.cross`,
      head,
      batch: 0,
      stage: 'weights',
      unit: 'pieces',
    });
    const [row, column] = [1, 2];
    let largest = 0;
    for (let q = row * overview.block; q < Math.min(matrix.rows, (row + 1) * overview.block); q++) {
      for (
        let k = column * overview.block;
        k < Math.min(matrix.columns, (column + 1) * overview.block);
        k++
      ) {
        largest = Math.max(largest, matrix.data[q * matrix.columns + k]);
      }
    }
    const at = ((layer * overview.heads + head) * overview.rows + row) * overview.columns + column;
    expect(overview.data[at]).toBe(largest);
  });

  test('a pair in every head equals the matrices', async () => {
    const pair = await engine.pair({
      trace: trace.id,
      kind: 'encoderSelf',
      batch: 0,
      unit: 'pieces',
      query: 2,
      key: 4,
    });
    expect([pair.rows, pair.columns]).toEqual([6, 8]);
    const matrix = await engine.matrix({
      trace: trace.id,
      attention: 'encoder.2.self',
      head: 6,
      batch: 0,
      stage: 'weights',
      unit: 'pieces',
    });
    expect(pair.data[2 * 8 + 6]).toBe(matrix.data[2 * matrix.columns + 4]);
  });

  test('a cell brings the arithmetic behind it', async () => {
    const cell = await engine.cell({
      trace: trace.id,
      attention: 'encoder.0.self',
      head: 1,
      batch: 1,
      query: 1,
      key: 2,
    });
    const { score = NaN, scaled = NaN, mask, weight, rank, of, valueNorm } = cell;
    expect(scaled).toBeCloseTo(score / Math.sqrt(32), 4);
    expect(mask).toBe(0);
    expect(valueNorm).toBeGreaterThan(0);
    expect(of).toBe(trace.encoder[1].tokens.length);
    const matrix = await engine.matrix({
      trace: trace.id,
      attention: 'encoder.0.self',
      head: 1,
      batch: 1,
      stage: 'weights',
      unit: 'pieces',
    });
    const row = [...rowOf(matrix, 1)];
    expect(weight).toBe(row[2]);
    expect(row.sort((a, b) => b - a)[rank - 1]).toBe(weight);
    const last = await engine.cell({
      trace: trace.id,
      attention: 'encoder.0.self',
      head: 1,
      batch: 1,
      query: 1,
      key: of - 1,
    });
    expect(last.mask).toBeLessThan(-1e8);
    expect(last.weight).toBe(0);
  });

  test('positions: a sinusoidal table, like itself, with the wavelengths of the paper', async () => {
    const positions = await engine.positions({ model: MODEL, side: 'encoder', rows: 20 });
    expect(positions).toMatchObject({ kind: 'sinusoidal', available: 512, embeddingScale: 16 });
    expect(positions.formulaError).toBeLessThan(1e-4);
    const { similarity, table, wavelengths } = positions;
    expect([table?.rows, table?.columns, similarity?.rows]).toEqual([20, 256, 20]);
    expect(similarity?.data[0]).toBeCloseTo(128, 2);
    expect(wavelengths[0]).toBeCloseTo(2 * Math.PI, 5);
    expect(Math.max(...wavelengths)).toBeGreaterThan(50_000);
  });

  test('the decoder can read a given text instead', async () => {
    const typed = await engine.explore({
      model: MODEL,
      texts: [TEXT],
      decoder: { from: 'text', texts: ['Der alte Mann'], language: 'de' },
    });
    const [sequence] = typed.decoder;
    expect(sequence.text).toBe('Der alte Mann');
    expect(sequence.tokens[0]).toMatchObject({ id: 16000, special: true });
    expect(sequence.tokens.at(-1)?.label).toBe('Mann');
    expect(typed.encoder[0].tokens[0].piece).toBe('>>deu<<');
  });

  test('a text alone gives the same weights as in a padded batch', async () => {
    const alone = await engine.explore({
      model: MODEL,
      texts: ['Yes.'],
      decoder: { from: 'translation', language: 'fr' },
    });
    const request = { attention: 'encoder.2.self', head: 4, stage: 'weights', unit: 'pieces' } as const;
    const single = await engine.matrix({ ...request, trace: alone.id, batch: 0 });
    const padded = await engine.matrix({ ...request, trace: trace.id, batch: 1 });
    for (let q = 0; q < single.rows; q++) {
      for (let k = 0; k < single.columns; k++) {
        expect(padded.data[q * padded.columns + k]).toBeCloseTo(single.data[q * single.columns + k], 5);
      }
    }
  });

  test.each([
    ['emptyText', { texts: ['   '] }],
    ['emptyText', { texts: [] }],
    ['languageUnknown', { texts: [TEXT], decoder: { from: 'translation', language: 'xx' } }],
    ['badRequest', { texts: [TEXT], decoder: { from: 'text', texts: ['a', 'b'] } }],
    ['badRequest', { texts: [TEXT], model: 'other' }],
  ] as const)('%s for %j', async (code, request) => {
    await expect(engine.explore({ model: MODEL, ...request })).rejects.toMatchObject({ code });
  });

  test('too long a text says how much of it fits, and that part does fit', async () => {
    const long = 'The house is very old. '.repeat(200);
    const error: unknown = await engine
      .explore({ model: MODEL, texts: [long] })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'textTooLong', details: { limit: 512 } });
    const { cutAt } = (error as { details: { cutAt: number } }).details;
    expect(long.slice(0, cutAt)).toMatch(/(The|house|is|very|old|\.)$/);
    const tokens = await engine.tokenize({ model: MODEL, text: long.slice(0, cutAt) });
    expect(tokens.tokens.length).toBeLessThanOrEqual(512);
    expect(tokens.tokens.length).toBeGreaterThan(505);
  });

  test('cancelling while it translates ends the run, and the next one works', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const run = engine.explore({ model: MODEL, texts: [TEXT] }, { signal: controller.signal, onProgress });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect((await engine.explore({ model: MODEL, texts: ['No.'] })).encoder).toHaveLength(1);
  });

  test('a released run is gone, with words that say what to do', async () => {
    const { id } = await engine.explore({ model: MODEL, texts: ['No.'] });
    await engine.releaseTrace({ trace: id });
    const request = {
      trace: id,
      attention: 'encoder.0.self',
      head: 0,
      batch: 0,
      stage: 'weights',
      unit: 'pieces',
    } as const;
    await expect(engine.matrix(request)).rejects.toMatchObject({ code: 'traceGone' });
  });

  test('a text or a head that the run does not have is refused, never answered with another', async () => {
    const request = {
      trace: trace.id,
      attention: 'encoder.0.self',
      stage: 'weights',
      unit: 'pieces',
    } as const;
    await expect(engine.matrix({ ...request, batch: 2, head: 0 })).rejects.toThrow(/no text 2/);
    await expect(engine.matrix({ ...request, batch: 0, head: 8 })).rejects.toThrow(/no head 8/);
    await expect(engine.masks({ ...request, batch: -1 })).rejects.toMatchObject({ code: 'badRequest' });
  });
});

describe('memory', () => {
  test('the oldest runs go when the budget is spent; the newest stays whatever it takes', async () => {
    const engine = await engineWith('test/golden/layouts/bert', 1);
    const first = await engine.explore({ model: MODEL, texts: ['A student reads.'] });
    const second = await engine.explore({ model: MODEL, texts: ['A letter.'] });
    const request = {
      attention: 'encoder.0.self',
      head: 0,
      batch: 0,
      stage: 'masked',
      unit: 'pieces',
    } as const;
    await expect(engine.matrix({ ...request, trace: first.id })).rejects.toMatchObject({ code: 'traceGone' });
    // Captured on demand and given up at once, since it is over the budget; asked for again, captured again.
    for (let i = 0; i < 2; i++) {
      expect((await engine.matrix({ ...request, trace: second.id })).rows).toBe(
        second.encoder[0].tokens.length,
      );
      expect(engine.trace(second.id).runs[0].all()).not.toHaveProperty('masked');
    }
    engine.dispose();
  });

  test('the files of a request are let go', async () => {
    const engine = await startEngine();
    const files = filesOf('test/golden/layouts/bert');
    await engine.loadModel({ id: MODEL, name: 'm', files });
    expect(Object.keys(files)).toEqual([]);
    engine.dispose();
  });
});

describe('loading', () => {
  let engine: ExplorerEngine;
  const load = (files: ReturnType<typeof filesOf>) => engine.loadModel({ id: MODEL, name: 'broken', files });

  beforeAll(async () => {
    engine = await startEngine();
  });

  afterAll(() => engine.dispose());

  test('nothing can be loaded before the start', async () => {
    const { ExplorerEngine } = await import('../../../src/engine/explorerEngine');
    const { nodePlatform } = await import('../../../src/runtime/nodePlatform');
    const idle = new ExplorerEngine(nodePlatform(undefined, false));
    await expect(
      idle.loadModel({ id: 'm', name: 'm', files: filesOf('test/golden/layouts/bert') }),
    ).rejects.toMatchObject({ code: 'badRequest' });
  });

  test('a damaged graph is named', async () => {
    const files = { ...filesOf('test/golden/layouts/bert') };
    const file = 'onnx/model.onnx';
    await expect(load({ ...files, [file]: files[file].slice(0, 5000) })).rejects.toMatchObject({
      code: 'modelCorrupt',
      message: expect.stringContaining(file) as string,
      details: { file },
    });
  });

  test('a graph without attention says that there is none', async () => {
    const { buildModel, node, value } = await import('../../../src/onnx/graphBuilder');
    const { bytes } = buildModel({
      nodes: [node('Relu', ['x'], ['y'])],
      inputs: [value('x', 1, [1])],
      outputs: [value('y', 1, [1])],
    });
    await expect(load({ 'model.onnx': bytes })).rejects.toMatchObject({ code: 'noAttention' });
  });

  test('a folder without ONNX file says what is missing', async () => {
    await expect(load({ 'config.json': new TextEncoder().encode('{}') })).rejects.toMatchObject({
      code: 'modelMissing',
    });
  });

  test('a graph alone can be loaded, and says that it needs a tokenizer to read text', async () => {
    const files = filesOf('test/golden/layouts/bert');
    const { summary } = await load({ 'model.onnx': files['onnx/model.onnx'] });
    expect(summary.attentions).toHaveLength(3);
    await expect(engine.explore({ model: MODEL, texts: ['a'] })).rejects.toMatchObject({
      code: 'tokenizerMissing',
    });
  });

  test('a tokenizer of another model is named before the graph is run', async () => {
    const tokenizer = filesOf(shippedModel)['tokenizer.json'];
    await load({ ...filesOf('test/golden/layouts/bert'), 'tokenizer.json': tokenizer });
    await expect(engine.explore({ model: MODEL, texts: ['The animal was tired.'] })).rejects.toMatchObject({
      code: 'tokenizerUnsupported',
      details: { known: 500 },
    });
  });

  test('a graph made for one text says so when it is given two', async () => {
    const { buildModel, node, value, floatTensor, intTensor, ints, int } =
      await import('../../../src/onnx/graphBuilder');
    const { wordTokenizer } = await import('./wordTokenizer');
    const size = 8;
    const table = Float32Array.from({ length: 20 * size }, (_, i) => Math.sin(i));
    const { bytes } = buildModel({
      nodes: [
        node('Gather', ['table', 'input_ids'], ['x'], { axis: int(0) }),
        // The exporter's example had one text of any length.
        node('Reshape', ['x', 'shape'], ['rows']),
        node('Transpose', ['rows'], ['columns'], { perm: ints([0, 1, 3, 2]) }),
        node('MatMul', ['rows', 'columns'], ['scores']),
        node('Softmax', ['scores'], ['weights'], { axis: int(-1) }),
        node('MatMul', ['weights', 'rows'], ['heads']),
        node('Reshape', ['heads', 'flat'], ['last_hidden_state']),
      ],
      initializers: [
        floatTensor('table', [20, size], table),
        intTensor('shape', [4], [1, 1, -1, size]),
        intTensor('flat', [3], [1, -1, size]),
      ],
      inputs: [value('input_ids', 7, ['batch', 'length'])],
      outputs: [value('last_hidden_state', 1, ['batch', 'length', size])],
    });
    await load({ 'model.onnx': bytes, ...wordTokenizer(20) });
    const one = await engine.explore({ model: MODEL, texts: ['w1 w2 w3'] });
    expect(one.encoder[0].tokens).toHaveLength(3);
    await expect(engine.explore({ model: MODEL, texts: ['w1 w2', 'w3'] })).rejects.toMatchObject({
      code: 'modelUnsupported',
      message: expect.stringContaining('single place') as string,
    });
  });

  test('half of an encoder-decoder says which half is missing', async () => {
    const files = filesOf(shippedModel);
    const rest = Object.fromEntries(Object.entries(files).filter(([path]) => !path.includes('encoder')));
    const { summary } = await load(rest);
    expect(summary.family).toBe('encoder-decoder');
    await expect(engine.explore({ model: MODEL, texts: ['a'] })).rejects.toMatchObject({
      code: 'modelMissing',
    });
  });
});

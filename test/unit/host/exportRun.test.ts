// Files of a run against the engine that ran it: tensors read back, and a saved page that answers as the engine does.
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../../src/engine/explorerEngine';
import { collectRun, collectTensors, runMetadata, tensorBytes } from '../../../src/host/exportRun';
import type { ShownRun } from '../../../src/host/exportRun';
import { FIRST_VIEW } from '../../../src/host/viewState';
import { CancelledError } from '../../../src/shared/errors';
import { writeNpz } from '../../../src/shared/npz';
import { fromPortable, toPortable } from '../../../src/shared/portable';
import type { PanelState } from '../../../src/shared/protocol';
import { readSafetensors, writeSafetensors } from '../../../src/shared/safetensors';
import type { SavedRun } from '../../../src/shared/savedRun';
import { savedAnswers } from '../../../webview/exportedPage/savedAnswers';
import { readNpz } from '../../support/readNpz';
import { MODEL, sharedEngine, shippedModel } from '../engine/testEngine';

const TEXTS = ["The animal didn't cross the street.", 'Good morning.'];

let engine: ExplorerEngine;
let run: ShownRun;

beforeAll(async () => {
  engine = await sharedEngine(shippedModel);
  const { summary } = engine.model(MODEL);
  const trace = await engine.explore({
    model: MODEL,
    texts: TEXTS,
    decoder: { from: 'text', texts: ['Das Tier ging nicht.', 'Guten Morgen.'] },
  });
  run = { model: summary, trace, structure: await engine.structure({ model: MODEL }) };
  for (const each of engine.trace(trace.id).runs) {
    // in one run of the model, not in one for each tensor
    await each.fetch([...each.stack.stateOutputs.values(), ...each.stack.taps.map(({ output }) => output)]);
  }
}, 60_000);

describe('the run as tensors', () => {
  const parts = ['weights', 'scores', 'query', 'value', 'context', 'layers', 'inside', 'logits'] as const;

  test('a safetensors file holds ids and the named parts of every head', async () => {
    const tensors = await collectTensors(engine, run, parts, {});
    const read = readSafetensors(writeSafetensors(tensors, runMetadata(run)));
    const { trace } = run;
    const ids = read['encoder.ids'];
    expect(ids.dims).toEqual([2, trace.encoder[0].tokens.length]);
    expect([...(ids.data as BigInt64Array)].map(Number)).toEqual(
      trace.encoder.flatMap(({ tokens }) => tokens.map(({ id }) => id)),
    );
    for (const { name, heads } of run.model.attentions) {
      const head = heads - 1;
      const ref = { trace: trace.id, attention: name, head, batch: 1 };
      const matrix = await engine.matrix({ ...ref, stage: 'weights', unit: 'pieces' });
      const { dims, data } = read[`${name}.weights`];
      expect(dims).toEqual([2, heads, matrix.rows, matrix.columns]);
      // The last head of the last text is the end of the data.
      expect(data.slice(-matrix.data.length)).toEqual(matrix.data);
      const values = await engine.vectors({ ...ref, of: 'value' });
      expect(read[`${name}.value`].data.slice(-values.data.length)).toEqual(values.data);
    }
  });

  test('states and logits are those of the engine, for every text', async () => {
    const tensors = await collectTensors(engine, run, ['context', 'layers', 'inside', 'logits'], {});
    const { trace, model } = run;
    const tokens = trace.decoder[0].tokens.length;
    expect(tensors['decoder.logits'].dims.slice(0, 2)).toEqual([2, tokens]);
    for (const state of [
      'encoder.embedding.output',
      'encoder.layer.1',
      'encoder.1.feedForward.hidden',
      'decoder.0.cross.projected',
      'decoder.logits',
    ]) {
      const { data } = await engine.states({ trace: trace.id, state, batch: 1 });
      expect(tensors[state].data.slice(-data.length), state).toEqual(data);
    }
    const [{ name, heads }] = model.attentions;
    const context = await engine.vectors({
      trace: trace.id,
      attention: name,
      head: heads - 1,
      batch: 1,
      of: 'context',
    });
    expect(tensors[`${name}.context`].data.slice(-context.data.length)).toEqual(context.data);
  });

  test('its size is known before', async () => {
    const tensors = await collectTensors(engine, run, parts, {});
    const bytes = Object.entries(tensors)
      .filter(([name]) => !name.endsWith('.ids'))
      .reduce((sum, [, { data }]) => sum + data.byteLength, 0);
    expect(tensorBytes(run, parts)).toBe(bytes);
  });

  test('an .npz file holds the same', async () => {
    const tensors = await collectTensors(engine, run, ['weights'], {});
    const read = readNpz(writeNpz(tensors, runMetadata(run)));
    for (const [name, { dims, data }] of Object.entries(tensors)) {
      expect(read[name].dims).toEqual(dims);
      expect(read[name].bytes).toEqual(new Uint8Array(data.buffer));
    }
    expect(Object.keys(read)).toContain('encoder.tokens');
  });

  test('Cancel ends it', async () => {
    const abort = new AbortController();
    const wanted = collectTensors(engine, run, ['weights'], {
      signal: abort.signal,
      onProgress: ({ done }) => done === 2 && abort.abort(),
    });
    await expect(wanted).rejects.toThrow(CancelledError);
  });
});

describe('the saved page', () => {
  const state = (): PanelState => ({
    models: [{ id: '/home/someone/model', name: 'm' }],
    chosen: '/home/someone/model',
    model: run.model,
    backend: undefined,
    trace: run.trace,
    decoder: { from: 'translation', language: undefined, text: '' },
    view: { ...FIRST_VIEW, view: 'inside', heat: true },
    source: 'notes.md',
    error: undefined,
  });
  /** Through text and back, as a file does. */
  const saved = async (stages: boolean): Promise<SavedRun> =>
    fromPortable(
      JSON.parse(JSON.stringify(toPortable(await collectRun(engine, state(), run, stages, {})))),
    ) as SavedRun;

  test('answers as the engine does, for every kind of attention', async () => {
    const answers = savedAnswers(await saved(true));
    const { id } = run.trace;
    for (const { name, kind, heads } of run.model.attentions) {
      for (const head of [0, heads - 1, 'mean'] as const) {
        const ref = { trace: id, attention: name, head, batch: 1 };
        for (const unit of ['pieces', 'words'] as const) {
          const request = { ...ref, stage: 'weights', unit } as const;
          expect(await answers.matrix(request)).toEqual(await engine.matrix(request));
        }
        const cell = { ...ref, query: 1, key: 2 };
        const [mine, right] = [await answers.cell(cell), await engine.cell(cell)];
        expect(mine.valueNorm ?? 0).toBeCloseTo(right.valueNorm ?? 0, 5);
        expect({ ...mine, valueNorm: 0 }).toEqual({ ...right, valueNorm: 0 });
      }
      const masks = { trace: id, attention: name, batch: 1 };
      expect(withoutUndefined(await answers.masks(masks))).toEqual(
        withoutUndefined(await engine.masks(masks)),
      );
      const kindOf = { trace: id, kind, batch: 0 };
      for (const [unit, maxCells] of [
        ['pieces', 30],
        ['words', 3],
      ] as const) {
        const request = { ...kindOf, unit, maxCells };
        expect(await answers.overview(request)).toEqual(await engine.overview(request));
      }
      const pair = { ...kindOf, unit: 'words', query: 1, key: 2 } as const;
      expect(await answers.pair(pair)).toEqual(await engine.pair(pair));
      const question = { ...kindOf, question: 'previous' } as const;
      expect(await answers.heads(question)).toEqual(await engine.heads(question));
    }
    const positions = { model: MODEL, side: 'encoder', rows: 64 } as const;
    expect(withoutUndefined(await answers.positions(positions))).toEqual(
      withoutUndefined(await engine.positions(positions)),
    );
  });

  test('may leave out what comes before the softmax, and then says so by a missing number', async () => {
    const answers = savedAnswers(await saved(false));
    const { name } = run.model.attentions[0];
    const cell = await answers.cell({
      trace: run.trace.id,
      attention: name,
      head: 0,
      batch: 0,
      query: 0,
      key: 0,
    });
    expect(cell.weight).toBeGreaterThan(0);
    expect([cell.score, cell.scaled, cell.valueNorm]).toEqual([undefined, undefined, undefined]);
  });

  test('holds no path of this machine, and follows no editor', async () => {
    const { state: kept } = await saved(false);
    expect(JSON.stringify(kept)).not.toContain('/home/someone');
    expect(kept.view).toMatchObject({ view: 'inside', heat: false, follow: false });
  });
});

/** JSON knows no undefined: a property that is undefined is not there any more. */
function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
}

// Attribution of outputs to source tokens: rollout is a distribution, and leaving a token out is what it says.
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExplorerEngine } from '../../../src/engine/explorerEngine';
import { rollout, rolloutThroughDecoder } from '../../../src/explain/rollout';
import type { Matrix } from '../../../src/shared/tensor';
import { rowOf } from '../../../src/shared/tensor';
import type { TraceSummary } from '../../../src/shared/trace';
import { MODEL, sharedEngine, shippedModel } from './testEngine';

const TEXTS = ['A black cat sleeps on the red sofa.', 'The house is very old.'];
const BERT = 'models/english-bert-mini';
const matrix = (rows: number[][]): Matrix => ({
  rows: rows.length,
  columns: rows[0].length,
  data: Float32Array.from(rows.flat()),
});

describe('rollout through a decoder', () => {
  it('gives the source what the target tokens do not keep', () => {
    const encoder = [
      matrix([
        [1, 0],
        [1, 0],
      ]),
    ];
    expect(Array.from(rollout(encoder).data)).toEqual([1, 0, 0.5, 0.5]);
    // One layer: half of what the cross-attention reads, which is the encoder's own rollout.
    const cross = matrix([
      [0, 1],
      [1, 0],
    ]);
    const self = matrix([
      [1, 0],
      [0.5, 0.5],
    ]);
    expect(Array.from(rolloutThroughDecoder(encoder, [self], [cross]).data)).toEqual([0.25, 0.25, 0.5, 0]);
    // A second layer mixes what target tokens hold already, then reads again.
    const twice = rolloutThroughDecoder(encoder, [self, self], [cross, cross]);
    expect(Array.from(twice.data)).toEqual([0.375, 0.375, 0.71875, 0.03125]);
  });
});

describe.each([shippedModel, BERT, 'models/english-gpt-mini'])('%s', (folder) => {
  let engine: ExplorerEngine;
  let trace: TraceSummary;
  beforeAll(async () => {
    engine = await sharedEngine(folder);
    trace = await engine.explore({ model: MODEL, texts: TEXTS });
  });

  it('by attention is the mean of a layer’s heads, by rollout a share of one', async () => {
    const kind = folder === shippedModel ? 'cross' : folder === BERT ? 'encoderSelf' : 'decoderSelf';
    const place = { trace: trace.id, batch: 1 };
    const mean = await engine.attribution({ ...place, method: { by: 'attention', layer: 1 } });
    const name =
      engine.model(MODEL).summary.attentions.find((each) => each.kind === kind && each.layer === 1)?.name ??
      '';
    const shown = { ...place, attention: name, head: 'mean', stage: 'weights', unit: 'pieces' } as const;
    const weights = await engine.matrix(shown);
    mean.data.forEach((value, i) => expect(value).toBeCloseTo(weights.data[i], 5));
    const rolled = await engine.attribution({ ...place, method: { by: 'rollout' } });
    expect([rolled.rows, rolled.columns]).toEqual([mean.rows, mean.columns]);
    for (let row = 0; row < rolled.rows; row++) {
      const sum = rowOf(rolled, row).reduce((a, b) => a + b, 0);
      if (folder === shippedModel) {
        // The rest is the target's own.
        expect(sum).toBeGreaterThan(0.5);
        expect(sum).toBeLessThan(1);
      } else {
        expect(sum).toBeCloseTo(1, 4);
      }
    }
    await expect(engine.attribution({ ...place, method: { by: 'attention', layer: 99 } })).rejects.toThrow(
      '100',
    );
  });

  it('leaving a token out costs what a run with that mask says', async () => {
    const place = { trace: trace.id, batch: 1 };
    const source = (folder === 'models/english-gpt-mini' ? trace.decoder : trace.encoder)[1].tokens;
    const token = 2;
    const { total, drops } = await engine.leaveOneOut({ ...place, first: token, count: 1 });
    expect(total).toBe(source.length);
    const queries = Array.from({ length: 40 }, (_, query) => ({ query, key: token, keep: false }));
    const masked = await engine.intervene({
      trace: trace.id,
      interventions: (['encoderSelf', 'cross', 'decoderSelf'] as const).flatMap((attentions) => {
        const has = engine.model(MODEL).summary.attentions.some(({ kind }) => kind === attentions);
        const reads = attentions !== 'decoderSelf' || folder === 'models/english-gpt-mini';
        return has && reads
          ? [
              {
                kind: 'mask',
                enabled: true,
                attentions,
                heads: 'all',
                texts: [1],
                mask: { preset: 'cells', cells: queries },
              } as const,
            ]
          : [];
      }),
    });
    const comparison = await engine.compare({ ...place, after: masked.id });
    const steps = await engine.steps(place);
    const position = 3;
    const actual = steps[position].actual;
    const after = comparison.output?.positions
      .find((each) => each.position === position)
      ?.after.find(({ id }) => id === actual?.id);
    if (after && actual) {
      expect(drops.data[position]).toBeCloseTo(Math.log(actual.probability) - Math.log(after.plain), 3);
    }
    expect(Number.isFinite(drops.data[position])).toBe(true);
    // Another token costs something else.
    const other = await engine.leaveOneOut({ ...place, first: token + 1, count: 1 });
    expect(Math.abs(other.drops.data[position] - drops.data[position])).toBeGreaterThan(1e-6);
  });
});

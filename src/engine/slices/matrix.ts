// One head of one attention as a matrix over tokens or words, and the weight of one pair in every head.
import { aggregate, aggregateMarks } from '../../shared/aggregate';
import { UserError } from '../../shared/errors';
import type { Matrix } from '../../shared/tensor';
import type { AttentionMatrix, MatrixRequest, PairRequest } from '../../shared/trace';
import type { Trace } from '../trace';
import { maskedCells } from './maskedCells';
import { headMatrix, headView } from './heads';

/** @throws UserError `badRequest` when the graph does not expose the stage. */
export async function matrixSlice(
  trace: Trace,
  request: MatrixRequest,
  signal?: AbortSignal,
): Promise<AttentionMatrix> {
  const { attention, stage, unit, batch, head } = request;
  const { site, run } = trace.attention(attention);
  if (unit === 'words' && stage !== 'weights') {
    throw new UserError('badRequest', 'Only weights can be shown per word: other stages do not add up.');
  }
  const captured = await run.capture(attention, stage, signal);
  if (!captured) {
    const message = `The graph of ${attention} has no tensor for the stage "${stage}".`;
    throw new UserError('badRequest', message, { attention, stage });
  }
  const matrix = headMatrix(captured, site, batch, head);
  const masked = await maskedCells(run, site, batch, matrix, signal, head);
  if (unit === 'pieces') {
    return { ...matrix, masked: masked.slice() };
  }
  const { queries, keys } = trace.axes(site.kind, batch, unit);
  return {
    ...aggregate(matrix, queries, keys),
    masked: aggregateMarks(masked, matrix.columns, queries, keys),
  };
}

/** The weight of one pair in every head of one kind `[layers, heads]`. @throws UserError `badRequest` */
export async function pairSlice(trace: Trace, request: PairRequest, signal?: AbortSignal): Promise<Matrix> {
  const { kind, batch, unit, query, key } = request;
  const sites = trace.attentions(kind);
  const run = trace.run(kind);
  const axes = trace.axes(kind, batch, unit);
  const [querySpan, keySpan] = [axes.queries[query], axes.keys[key]];
  if (!querySpan || !keySpan) {
    throw new UserError('badRequest', `There is no pair of query ${query} and key ${key}.`);
  }
  const columns = Math.max(0, ...sites.map(({ heads }) => heads));
  const data = new Float32Array(sites.length * columns);
  for (const [row, site] of sites.entries()) {
    const captured = await run.capture(site.name, 'weights', signal);
    for (let head = 0; captured && head < site.heads; head++) {
      const matrix = headView(captured, site, batch, head);
      data[row * columns + head] = aggregate(matrix, [querySpan], [keySpan]).data[0] ?? 0;
    }
  }
  return { rows: sites.length, columns, data };
}

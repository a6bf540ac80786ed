// Everything about one cell of one head: its weight and rank, the numbers before the softmax, the value vector's length.
import { UserError } from '../../shared/errors';
import type { Matrix } from '../../shared/tensor';
import { rowOf } from '../../shared/tensor';
import type { Cell, CellRequest } from '../../shared/trace';
import type { TapRole } from '../../probe/probe';
import type { Trace } from '../trace';
import { headMatrix } from './heads';
import { totalMask } from './maskedCells';

/** @throws UserError `badRequest` for a cell outside the matrix, or for weights that are not exposed. */
export async function cellSlice(trace: Trace, request: CellRequest, signal?: AbortSignal): Promise<Cell> {
  const { attention, batch, head, query, key } = request;
  const { site, run } = trace.attention(attention);
  const roles: readonly TapRole[] = ['weights', 'scores', 'scaled', 'masked', 'value', 'mask'];
  // One run for all of them, when one is needed at all.
  const taps = roles.map((role) => run.stack.tap(attention, role)).filter((tap) => tap !== undefined);
  await run.fetch(
    taps.map(({ output }) => output),
    signal,
  );
  const stage = async (role: TapRole): Promise<Matrix | undefined> => {
    const captured = await run.capture(attention, role, signal);
    return captured && headMatrix(captured, site, batch, head);
  };
  const weights = await stage('weights');
  const inside = weights && query >= 0 && query < weights.rows && key >= 0 && key < weights.columns;
  if (!inside) {
    throw new UserError('badRequest', `${attention} has no cell at query ${query}, key ${key}.`);
  }
  const at = (matrix: Matrix | undefined) => matrix?.data[query * matrix.columns + key];
  const row = rowOf(weights, query);
  const weight = row[key] ?? 0;
  const value = await run.capture(attention, 'value', signal);
  return {
    weight,
    rank: row.filter((other) => other > weight).length + 1,
    of: row.length,
    score: at(await stage('scores')),
    scaled: at(await stage('scaled')),
    mask: at(await totalMask(run, site, batch, weights, signal, head === 'mean' ? 0 : head)),
    valueNorm: value && head !== 'mean' ? norm(rowOf(headMatrix(value, site, batch, head), key)) : undefined,
  };
}

/** Euclidean length. */
function norm(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
}

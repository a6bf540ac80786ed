// The states of tokens after every layer as points in one plane, so that one sees them move.
import { pca } from '../../explain/pca';
import { cosine } from '../../explain/terms';
import { UserError } from '../../shared/errors';
import type { StateProjection, ProjectionRequest } from '../../shared/insight';
import { PROJECTED_STATES } from '../../shared/insight';
import { layerStateNames } from '../../shared/stateNames';
import type { Matrix } from '../../shared/tensor';
import { rowOf } from '../../shared/tensor';
import type { Trace } from '../trace';
import { statesOf } from './states';

/** One pair of axes for all layers and texts. @throws UserError `badRequest` for too many states. */
export async function projectionSlice(
  trace: Trace,
  { side, tokens, centred }: ProjectionRequest,
  signal?: AbortSignal,
): Promise<StateProjection> {
  const run = trace.runs.find(({ stack }) => stack.anatomy.side === side);
  if (!run) {
    throw new UserError('badRequest', `This model has no ${side}.`);
  }
  const states = layerStateNames(run.stack.anatomy.structure);
  if (states.length * tokens.length > PROJECTED_STATES || tokens.length === 0) {
    throw new UserError(
      'badRequest',
      `${tokens.length} tokens after ${states.length} layers are more than the ${PROJECTED_STATES} states that are shown at once.`,
    );
  }
  const sequences = trace.summary[side];
  const { length } = sequences[0].tokens;
  const missing = tokens.find(({ batch, position }) => !sequences.at(batch)?.tokens.at(position));
  if (missing) {
    throw new UserError(
      'badRequest',
      `There is no token ${missing.position} in text ${missing.batch}.`,
      missing,
    );
  }
  const rows: Float32Array[] = [];
  const cosines: Matrix[] = [];
  for (const state of states) {
    const ofState: Float32Array[] = [];
    for (const { batch, position } of tokens) {
      const rowRequest = { state, batch, first: position, last: position };
      const captured = await statesOf(run, length, rowRequest, signal);
      if (!captured) {
        throw new UserError('modelUnsupported', `The state ${state} of this model cannot be captured.`);
      }
      ofState.push(captured.data);
    }
    cosines.push(cosinesOf(ofState));
    rows.push(...(centred ? withoutMean(ofState) : ofState));
  }
  const { points, explained } = pca(stacked(rows));
  return {
    states,
    explained,
    cosines,
    points: states.map((_, state) =>
      tokens.map((_token, i) => {
        const [x, y] = rowOf(points, state * tokens.length + i);
        return { x, y };
      }),
    ),
  };
}

function cosinesOf(rows: readonly Float32Array[]): Matrix {
  const data = Float32Array.from(rows.flatMap((a) => rows.map((b) => cosine(a, b))));
  return { rows: rows.length, columns: rows.length, data };
}

/** What layers have in common moves all tokens alike; without it the differences between tokens are seen. */
function withoutMean(rows: readonly Float32Array[]): Float32Array[] {
  const mean = new Float64Array(rows[0].length);
  rows.forEach((row) => row.forEach((value, i) => (mean[i] += value / rows.length)));
  return rows.map((row) => row.map((value, i) => value - mean[i]));
}

function stacked(rows: readonly Float32Array[]): Matrix {
  const columns = rows[0].length;
  const data = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => data.set(row, i * columns));
  return { rows: rows.length, columns, data };
}

// States of a run as matrices `[token, width]` of one text, by their names.
import { hiddenUnits } from '../../explain/units';
import { rowNorms } from '../../explain/normalise';
import { UserError } from '../../shared/errors';
import type { StatesRequest, TextSideRequest, TokenUnits, UnitsRequest } from '../../shared/insight';
import { layerStateNames, stateNames } from '../../shared/stateNames';
import type { Matrix } from '../../shared/tensor';
import type { Trace } from '../trace';

/** @throws UserError `badRequest` for names that the model does not have and rows that the text does not have. */
export async function statesSlice(
  trace: Trace,
  request: StatesRequest,
  signal?: AbortSignal,
): Promise<Matrix> {
  const { state, batch, first = 0 } = request;
  for (const run of trace.runs) {
    const tensor = stateNames(run.stack.anatomy.structure).get(state);
    const output = tensor === undefined ? undefined : run.stack.stateOutputs.get(tensor);
    if (output === undefined) {
      continue;
    }
    await run.fetch([output], signal);
    const { dims, data } = run.get(output);
    const columns = dims[dims.length - 1];
    const sequences = run.stack.anatomy.side === 'encoder' ? trace.summary.encoder : trace.summary.decoder;
    const tokens = sequences[batch].tokens.length;
    // Tables of positions may be the same for all texts.
    const from = data.length === tokens * columns ? 0 : batch * tokens;
    const last = request.last ?? tokens - 1;
    if (first < 0 || last >= tokens || first > last || !(data instanceof Float32Array)) {
      throw new UserError('badRequest', `${state} has rows 0 to ${tokens - 1}, not ${first} to ${last}.`);
    }
    return {
      rows: last - first + 1,
      columns,
      data: data.slice((from + first) * columns, (from + last + 1) * columns),
    };
  }
  throw new UserError('badRequest', `This model has no state "${state}".`, { state });
}

/** ‖x‖ of each token at the borders of layers, `[layers + 1, token]`. */
export async function residualNorms(
  trace: Trace,
  request: TextSideRequest,
  signal?: AbortSignal,
): Promise<Matrix> {
  const { side, batch } = request;
  const run = trace.runs.find(({ stack }) => stack.anatomy.side === side);
  const names = run ? layerStateNames(run.stack.anatomy.structure) : [];
  const rows: Float32Array[] = [];
  for (const state of names) {
    rows.push(rowNorms(await statesSlice(trace, { trace: request.trace, state, batch }, signal)));
  }
  const columns = rows[0]?.length ?? 0;
  const data = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => data.set(row, i * columns));
  return { rows: rows.length, columns, data };
}

/** Silent and strongest units of one feed-forward, per token. */
export async function unitsSlice(
  trace: Trace,
  { trace: id, feedForward, batch, count }: UnitsRequest,
  signal?: AbortSignal,
): Promise<readonly TokenUnits[]> {
  const state = `${feedForward}.hidden`;
  return hiddenUnits(await statesSlice(trace, { trace: id, state, batch }, signal), count);
}

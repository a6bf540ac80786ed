// States of a run as matrices `[token, width]` of one text, by their names.
import { hiddenUnits } from '../../explain/units';
import { rowNorms } from '../../explain/normalise';
import { UserError } from '../../shared/errors';
import type { StatesRequest, TextSideRequest, TokenUnits, UnitsRequest } from '../../shared/insight';
import { layerStateNames, stateNames } from '../../shared/stateNames';
import type { Matrix } from '../../shared/tensor';
import type { StackRun } from '../stackRun';
import type { Trace } from '../trace';

/** @throws UserError `badRequest` for names that the model does not have and rows that the text does not have. */
export async function statesSlice(
  trace: Trace,
  request: StatesRequest,
  signal?: AbortSignal,
): Promise<Matrix> {
  for (const run of trace.runs) {
    const { side } = run.stack.anatomy;
    const tokens = trace.summary[side][request.batch].tokens.length;
    const matrix = await statesOf(run, tokens, request, signal);
    if (matrix) {
      return matrix;
    }
  }
  throw new UserError('badRequest', `This model has no state "${request.state}".`, { state: request.state });
}

/** The rows of a state in one run of texts of `tokens` tokens; undefined when its graph has no such state. */
export async function statesOf(
  run: StackRun,
  tokens: number,
  { state, batch, first = 0, last = tokens - 1 }: Omit<StatesRequest, 'trace'>,
  signal?: AbortSignal,
): Promise<Matrix | undefined> {
  const tensor = stateNames(run.stack.anatomy.structure).get(state);
  const output = tensor === undefined ? undefined : run.stack.stateOutputs.get(tensor);
  if (output === undefined) {
    return undefined;
  }
  await run.fetch([output], signal);
  const { dims, data } = run.get(output);
  const columns = dims[dims.length - 1];
  // Tables of positions may be the same for all texts.
  const from = data.length === tokens * columns ? 0 : batch * tokens;
  if (first < 0 || last >= tokens || first > last || !(data instanceof Float32Array)) {
    throw new UserError('badRequest', `${state} has rows 0 to ${tokens - 1}, not ${first} to ${last}.`);
  }
  return {
    rows: last - first + 1,
    columns,
    data: data.slice((from + first) * columns, (from + last + 1) * columns),
  };
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

// What each sub-layer of a layer adds to the residual stream, and what the norm behind it does, token by token.
import { describeRow, normAgainstBatch } from '../../explain/addAndNorm';
import type { Affine } from '../../explain/normalise';
import { batchNorm } from '../../explain/normalise';
import { cosine } from '../../explain/terms';
import { UserError } from '../../shared/errors';
import type { SubLayerFlow, SubLayersRequest, SubLayerToken } from '../../shared/insight';
import type { NormBlock, SubLayer } from '../../shared/modelStructure';
import type { Matrix } from '../../shared/tensor';
import { rowOf } from '../../shared/tensor';
import type { Stack } from '../stack';
import type { StackRun } from '../stackRun';
import type { Trace } from '../trace';
import { statesOf } from './states';

/** In the order in which they run. @throws UserError `badRequest` */
export async function subLayersSlice(
  trace: Trace,
  { side, layer, batch }: SubLayersRequest,
  signal?: AbortSignal,
): Promise<readonly SubLayerFlow[]> {
  const run = trace.runs.find(({ stack }) => stack.anatomy.side === side);
  const blocks = run?.stack.anatomy.structure.subLayers.filter((block) => block.layer === layer) ?? [];
  if (!run || blocks.length === 0) {
    throw new UserError('badRequest', `This model has no ${side} layer ${layer + 1}.`);
  }
  const flows: SubLayerFlow[] = [];
  for (const block of blocks) {
    flows.push(await flowOf(trace, run, block, batch, signal));
  }
  return flows;
}

async function flowOf(
  trace: Trace,
  run: StackRun,
  block: SubLayer,
  batch: number,
  signal: AbortSignal | undefined,
): Promise<SubLayerFlow> {
  const { name, what, norm } = block;
  const sequences = trace.summary[run.stack.anatomy.side];
  const tokens = sequences[batch].tokens.length;
  const read = (part: string, text = batch) =>
    statesOf(run, tokens, { state: `${name}.${part}`, batch: text }, signal);
  const [input, branch, sum] = [await read('input'), await read('branch'), await read('residual')];
  const [before, after] = [await read('normInput'), await read('normOutput')];
  const inBatch = norm && before ? await batchNormed(run.stack, norm) : undefined;
  return {
    name,
    what,
    norm: norm?.kind,
    tokens: Array.from({ length: tokens }, (_, row): SubLayerToken => {
      const at = (matrix: Matrix | undefined) => matrix && rowOf(matrix, row);
      const [x, added, normed] = [at(input), at(branch), at(after)];
      const entering = at(before);
      const otherwise = at(inBatch);
      return {
        input: x && describeRow(x),
        branch: added && describeRow(added),
        sum: describeOptional(at(sum)),
        cosine: x && added && cosine(x, added),
        before: describeOptional(entering),
        after: describeOptional(normed),
        batchNorm: normed && otherwise && normAgainstBatch(normed, otherwise),
      };
    }),
  };

  /** The same states through BatchNorm over all tokens of all texts, this text's rows of it. */
  async function batchNormed(stack: Stack, block: NormBlock): Promise<Matrix | undefined> {
    const rows: Matrix[] = [];
    for (const text of sequences.keys()) {
      const matrix = await read('normInput', text);
      if (!matrix) {
        return undefined;
      }
      rows.push(matrix);
    }
    const real = sequences.flatMap((sequence) => sequence.tokens.map(({ padding }) => padding !== true));
    const { columns } = rows[0];
    const all = new Float32Array(rows.length * tokens * columns);
    rows.forEach(({ data }, text) => all.set(data, text * tokens * columns));
    const normed = batchNorm(
      { rows: rows.length * tokens, columns, data: all },
      affineOf(stack, block),
      real,
    );
    return {
      rows: tokens,
      columns,
      data: normed.data.slice(batch * tokens * columns, (batch + 1) * tokens * columns),
    };
  }
}

const describeOptional = (row: Float32Array | undefined) => row && describeRow(row);

function affineOf({ weights }: Stack, { gain, bias, epsilon }: NormBlock): Affine {
  const gains = weights.get(gain ?? '')?.data;
  const biases = weights.get(bias ?? '')?.data;
  return { epsilon, ...(gains && { gain: gains }), ...(biases && { bias: biases }) };
}

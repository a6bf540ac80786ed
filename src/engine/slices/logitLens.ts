// The logit lens: the state after every layer, taken through the end of the model as if it were the last one.
import type { Linear, Norm, OutputHead } from '../../explain/outputHead';
import { logitsOf } from '../../explain/outputHead';
import { likeliest } from '../../generation/logits';
import { CancelledError, UserError } from '../../shared/errors';
import type { LensCell, LogitLens, LogitLensRequest } from '../../shared/insight';
import { LENS_POSITIONS } from '../../shared/insight';
import { nextMacrotask } from '../../shared/macrotask';
import type { LinearBlock, NormBlock, StackStructure } from '../../shared/modelStructure';
import { layerStateNames } from '../../shared/stateNames';
import { rowOf } from '../../shared/tensor';
import type { Stack } from '../stack';
import type { Trace } from '../trace';
import { entropyOf, logitsAt, outputRun, said, speller } from './outputs';
import { statesOf } from './states';

/** @throws UserError `badRequest` for too many positions, `modelUnsupported`, `cancelled` */
export async function logitLensSlice(
  trace: Trace,
  { batch, first, last, count }: LogitLensRequest,
  signal?: AbortSignal,
): Promise<LogitLens> {
  if (!(last - first < LENS_POSITIONS)) {
    throw new UserError('badRequest', `The logit lens shows ${LENS_POSITIONS} positions at once.`);
  }
  const run = outputRun(trace);
  const { structure, side } = run.stack.anatomy;
  const head = outputHead(run.stack, structure);
  const tokens = trace.summary[side][batch].tokens.length;
  const rows = { batch, first, last };
  const own = await logitsAt(trace, run, rows, signal);
  const finals = Array.from({ length: own.rows }, (_, row) => likeliest(rowOf(own, row), 1)[0]);
  const pieceOf = speller(trace.model);
  const states = layerStateNames(structure);
  const cells: LensCell[][] = [];
  let error = Infinity;
  for (const state of states) {
    await nextMacrotask();
    if (signal?.aborted) {
      throw new CancelledError();
    }
    const captured = await statesOf(run, tokens, { ...rows, state }, signal);
    if (!captured) {
      throw new UserError('modelUnsupported', `The state ${state} of this model cannot be captured.`);
    }
    const logits = logitsOf(captured, head);
    error = logits.data.reduce((most, logit, i) => Math.max(most, Math.abs(logit - own.data[i])), 0);
    cells.push(
      finals.map((final, row): LensCell => {
        const values = rowOf(logits, row);
        return {
          candidates: likeliest(values, count).map((id) => said(values, id, pieceOf)),
          entropy: entropyOf(values),
          final: said(values, final, pieceOf),
        };
      }),
    );
  }
  return { states, cells, error };
}

/** The end of the model with its weights. @throws UserError `modelUnsupported` where one stands in a file that is not in memory */
function outputHead({ weights }: Stack, { finalNorm, head }: StackStructure): OutputHead {
  if (!head) {
    throw new UserError('modelUnsupported', 'This model has no projection onto its vocabulary.');
  }
  const read = (name: string | undefined): Float32Array | undefined => {
    const weight = name === undefined ? undefined : weights.get(name);
    if (name !== undefined && !weight) {
      throw new UserError(
        'modelUnsupported',
        `The weight "${name}" could not be read, so no other state can be projected.`,
      );
    }
    return weight?.data;
  };
  const norm = (block: NormBlock | undefined): Norm | undefined =>
    block && {
      kind: block.kind,
      gain: read(block.gain),
      bias: read(block.bias),
      epsilon: block.epsilon,
    };
  const linear = ({ weight, bias, transposed, inputs, outputs }: LinearBlock): Linear => ({
    weight: read(weight) ?? new Float32Array(0),
    bias: read(bias),
    transposed,
    inputs,
    outputs,
  });
  const { transform } = head;
  return {
    norm: norm(finalNorm),
    transform: transform && {
      dense: linear(transform.dense),
      activation: transform.activation,
      norm: norm(transform.norm),
    },
    scale: head.scale,
    projection: linear(head.projection),
  };
}

// The positional information of one side of a model: its table, its angles, or the bias that it adds to the scores.
import { UserError } from '../../shared/errors';
import type { Matrix } from '../../shared/tensor';
import type { Positions, PositionsRequest } from '../../shared/trace';
import type { Model } from '../model';
import type { Stack } from '../stack';
import { StackRun } from '../stackRun';
import { headMatrix } from './heads';
import { firstRows, rotaryAngles, rotaryWavelengths, similarity, sinusoidWavelengths } from './positionTable';

/** @throws UserError `badRequest` for a side that the model lacks. */
export async function positionsSlice(
  model: Model,
  request: PositionsRequest,
  signal?: AbortSignal,
): Promise<Positions> {
  const { side } = request;
  const stack = side === 'encoder' ? model.encoder : model.decoder;
  if (!stack) {
    throw new UserError('badRequest', `This model has no ${side}.`, { side });
  }
  const { positions, embedding } = stack.anatomy;
  const rows = Math.max(1, Math.min(request.rows, limitOf(model, stack, side)));
  const common = {
    side,
    kind: positions.kind,
    evidence: positions.evidence,
    available: positions.positions,
    layout: positions.layout,
    formulaError: positions.formulaError,
    embeddingScale: embedding?.scale,
    tensor: positions.tensor,
  };
  const nothing = { table: undefined, similarity: undefined, wavelengths: new Float32Array(0) };
  switch (positions.kind) {
    case 'sinusoidal':
    case 'learned': {
      const table = stack.positionTable && firstRows(stack.positionTable, rows);
      const wavelengths =
        positions.kind === 'sinusoidal' && positions.layout
          ? sinusoidWavelengths(positions.dimensions, positions.layout)
          : nothing.wavelengths;
      return { ...common, table, similarity: table && similarity(table), wavelengths };
    }
    case 'rotary': {
      const { frequencies } = positions;
      return frequencies
        ? {
            ...common,
            table: rotaryAngles(frequencies, rows),
            similarity: undefined,
            wavelengths: rotaryWavelengths(frequencies),
          }
        : { ...common, ...nothing };
    }
    case 'relative':
    case 'alibi':
      return { ...common, ...nothing, similarity: await scoreBias(stack, request, rows, signal) };
    case 'none':
      return { ...common, ...nothing };
    default:
      return positions.kind satisfies never;
  }
}

function limitOf({ summary }: Model, stack: Stack, side: 'encoder' | 'decoder'): number {
  return stack.anatomy.positions.positions || summary.maxTokens[side];
}

/** The bias `[query, key]` of one head: it depends on distances only, so any tokens will do. */
async function scoreBias(
  stack: Stack,
  { layer = 0, head = 0 }: PositionsRequest,
  rows: number,
  signal: AbortSignal | undefined,
): Promise<Matrix | undefined> {
  const site = stack.anatomy.attentions.find(
    (attention) => attention.kind !== 'cross' && attention.layer === layer && attention.bias,
  );
  const tap = site && stack.tap(site.name, 'bias');
  if (!tap) {
    return undefined;
  }
  const run = await StackRun.begin(stack, stack.feeds(stack.sampleInputs(rows)), [tap.output], signal);
  return broadcastRows(headMatrix({ tap, tensor: run.get(tap.output) }, site, 0, head), rows);
}

/** ALiBi often keeps one row for all queries: the softmax does not see what a whole row has in common. */
function broadcastRows(bias: Matrix, rows: number): Matrix {
  if (bias.rows !== 1) {
    return bias;
  }
  const data = new Float32Array(rows * bias.columns);
  for (let row = 0; row < rows; row++) {
    data.set(bias.data, row * bias.columns);
  }
  return { rows, columns: bias.columns, data };
}

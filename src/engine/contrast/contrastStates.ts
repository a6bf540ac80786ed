// How alike two runs' states of the same tokens are, from the embedding through the layers: cosines, as they stand.
import { cosine } from '../../explain/terms';
import type { AlignedPart, AlignedSide, StateContrast, TwoRuns } from '../../shared/contrast';
import { layerStateNames } from '../../shared/stateNames';
import { rowOf, type Matrix } from '../../shared/tensor';
import { statesOf } from '../slices/states';
import type { Trace } from '../trace';
import type { Side } from '../../shared/modelSummary';
import { isSame, layersFor, type Pair } from './matched';

/** Several pieces at one place have the mean of their states. */
export async function contrastStates(
  pair: Pair,
  { a, b, items }: AlignedSide,
  layersFrom: TwoRuns['layersFrom'],
  signal: AbortSignal | undefined,
): Promise<StateContrast> {
  const states = matchedStates(bordersOf(pair.a, a), bordersOf(pair.b, b), layersFrom);
  const data = new Float32Array(states.length * items.length).fill(NaN);
  for (const [row, state] of states.entries()) {
    const first = await statesIn(pair.a, a, pair.batch.a, state.a, signal);
    const second = await statesIn(pair.b, b, pair.batch.b, state.b, signal);
    if (!first || !second) {
      const why = 'The states between the layers of one of the models cannot be captured.';
      return { a, b, states: [], cosines: { rows: 0, columns: items.length, data: new Float32Array() }, why };
    }
    if (first.columns !== second.columns) {
      const [one, other] = [pair.a, pair.b].map(({ model }) => model.summary.name);
      const why = `The states of ${one} have ${first.columns} dimensions, those of ${other} ${second.columns}: they cannot be compared.`;
      return { a, b, states: [], cosines: { rows: 0, columns: items.length, data: new Float32Array() }, why };
    }
    items.forEach((item, column) => {
      if (isSame(item)) {
        data[row * items.length + column] = cosine(meanOf(first, item.a), meanOf(second, item.b));
      }
    });
  }
  return { a, b, states, cosines: { rows: states.length, columns: items.length, data }, why: undefined };
}

/** Embedding against embedding; the states after layers as the layers are matched. */
function matchedStates(
  a: readonly string[],
  b: readonly string[],
  layersFrom: TwoRuns['layersFrom'],
): readonly { readonly a: string; readonly b: string }[] {
  const isLayer = (name: string) => name.includes('.layer.');
  const [embedded, other] = [a.find((name) => !isLayer(name)), b.find((name) => !isLayer(name))];
  const [layersA, layersB] = [a.filter(isLayer), b.filter(isLayer)];
  return [
    ...(embedded !== undefined && other !== undefined ? [{ a: embedded, b: other }] : []),
    ...layersFor(layersA.length, layersB.length, layersFrom).flatMap((index, layer) =>
      index === undefined ? [] : [{ a: layersA[layer], b: layersB[index] }],
    ),
  ];
}

function bordersOf(trace: Trace, side: Side): readonly string[] {
  const run = trace.runs.find(({ stack }) => stack.anatomy.side === side);
  return run ? layerStateNames(run.stack.anatomy.structure) : [];
}

async function statesIn(
  trace: Trace,
  side: Side,
  batch: number,
  state: string,
  signal: AbortSignal | undefined,
): Promise<Matrix | undefined> {
  const run = trace.runs.find(({ stack }) => stack.anatomy.side === side);
  return run && statesOf(run, trace.summary[side][batch].tokens.length, { state, batch }, signal);
}

function meanOf(states: Matrix, { first, last }: AlignedPart): Float32Array {
  const sum = rowOf(states, first).slice();
  for (let index = first + 1; index <= last; index++) {
    rowOf(states, index).forEach((value, i) => (sum[i] += value));
  }
  // The length of a vector does not change its cosine.
  return sum;
}

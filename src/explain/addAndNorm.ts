// One state in three numbers, and how far two ways of normalising it lie apart.
import { cosine } from './terms';
import type { BatchNormComparison, RowNumbers } from '../shared/insight';

/** Length ‖x‖, mean and standard deviation over the dimensions of one state `[width]`. */
export function describeRow(row: Float32Array): RowNumbers {
  const { length } = row;
  const mean = row.reduce((sum, value) => sum + value, 0) / length;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length;
  const squares = row.reduce((sum, value) => sum + value * value, 0);
  return { length: Math.sqrt(squares), mean, deviation: Math.sqrt(variance) };
}

/** The model's own normalised state beside the one that BatchNorm makes of the same sum. */
export function normAgainstBatch(own: Float32Array, batch: Float32Array): BatchNormComparison {
  let squares = 0;
  own.forEach((value, i) => (squares += (value - batch[i]) ** 2));
  const { length } = describeRow(own);
  return {
    ...describeRow(batch),
    cosine: cosine(own, batch),
    distance: length === 0 ? 0 : Math.sqrt(squares) / length,
  };
}

// Recognises position information that is added to the scores: T5's learned relative bias and ALiBi's slopes.
import type { ScoreBias } from './anatomy';
import type { GraphFacts } from './graphFacts';
import { numbersOf } from './symbolic/value';
import type { Trial } from './trial';

const TOLERANCE = 1e-4;

/**
 * What kind of bias a tensor is; undefined when it is none. ALiBi (Press et al. 2022, section 3): proportional to the
 * distance, or, equivalent under the softmax, to the key's position. T5 (Raffel et al. 2020, section 2.1): a learned
 * number per head and bucket of distances.
 */
export function biasKind(facts: GraphFacts, trial: Trial, tensor: string): ScoreBias['kind'] | undefined {
  const value = trial.value(tensor);
  const numbers = numbersOf(value);
  if (!value || !numbers || value.dims.length < 3) {
    return hasLearnedTable(facts, tensor) ? 'relative' : undefined;
  }
  if (
    numbers.some((element) => !Number.isFinite(element)) ||
    numbers.every((element) => element === numbers[0])
  ) {
    return undefined;
  }
  const [rows, columns] = value.dims.slice(-2);
  const matrices: (readonly number[])[] = [];
  for (let from = 0; from < numbers.length; from += rows * columns) {
    matrices.push(numbers.slice(from, from + rows * columns));
  }
  if (matrices.every((matrix) => isProportional(matrix, rows, columns)) && !hasLearnedTable(facts, tensor)) {
    return 'alibi';
  }
  const offset = columns - rows;
  const relative = matrices.every((matrix) => isToeplitz(matrix, rows, columns, offset));
  return relative || hasLearnedTable(facts, tensor) ? 'relative' : undefined;
}

/** `slope·key`, `slope·(key − query)` or `−slope·|key − query|`. */
function isProportional(matrix: readonly number[], rows: number, columns: number): boolean {
  const slopeAt = (row: number, column: number): number =>
    matrix[row * columns + column + 1] - matrix[row * columns + column];
  const offset = columns - rows;
  const slope = slopeAt(rows - 1, 0);
  if (columns < 3 || Math.abs(slope) < 1e-9) {
    return false;
  }
  const close = (a: number, b: number): boolean => Math.abs(a - b) <= TOLERANCE * Math.abs(slope) + 1e-7;
  let oneWay = true;
  let bothWays = true;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      oneWay &&= close(slopeAt(row, column), slope);
      bothWays &&= close(slopeAt(row, column), column < row + offset ? slope : -slope);
    }
  }
  return oneWay || bothWays;
}

/** Whether a cell depends only on the distance of key and query. */
function isToeplitz(matrix: readonly number[], rows: number, columns: number, offset: number): boolean {
  if (rows < 2 || offset < 0) {
    return false;
  }
  for (let row = 1; row < rows; row++) {
    for (let column = 1; column < columns; column++) {
      if (Math.abs(matrix[row * columns + column] - matrix[(row - 1) * columns + column - 1]) > TOLERANCE) {
        return false;
      }
    }
  }
  return true;
}

const MAX_ANCESTORS = 60;

/** Whether the tensor is looked up in a learned table by something that follows from lengths and positions alone. */
function hasLearnedTable(facts: GraphFacts, tensor: string): boolean {
  const queue = [tensor];
  const seen = new Set(queue);
  for (let name = queue.shift(); name !== undefined && seen.size < MAX_ANCESTORS; name = queue.shift()) {
    const node = facts.producer(name);
    if (!node) {
      continue;
    }
    if (node.opType === 'Gather') {
      const table = facts.weight(node.inputs[0]);
      const isTable = table && table.dims.length === 2 && facts.dims(node.inputs[1])?.length === 2;
      if (isTable && facts.isConstant(node.inputs[1])) {
        return true;
      }
    }
    if (PASSES.has(node.opType)) {
      for (const input of node.inputs) {
        if (input !== '' && !seen.has(input)) {
          seen.add(input);
          queue.push(input);
        }
      }
    }
  }
  return false;
}

const PASSES = new Set(
  'Add Cast Identity Transpose Unsqueeze Squeeze Reshape Slice Expand Mul Concat Where Gather'.split(' '),
);

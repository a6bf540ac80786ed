// One cell written out, from the dot product to what it adds to the context: names, arithmetic with numbers, results. Pure.
import type { HeadStages } from '../../src/shared/headStages';
import { rowOf } from '../../src/shared/tensor';
import { formatFactor, formatMask } from '../format';
import { insideStrings as strings } from '../strings/insideStrings';
import { lengthOf, softmaxRow } from './insideNumbers';
import { exact } from './insideFormat';

/** What a scale looks like in words: `÷ √32`, `× 0.125`. */
export interface ScaleWords {
  readonly title: string;
  /** `÷ 5.6569`, to go on with after a number. */
  readonly arithmetic: string;
  /** What multiplies q·k. */
  readonly factor: number;
  /** Whether q·k is changed at all. */
  readonly changes: boolean;
}

export function scaleWords(scale: number | undefined, headSize: number): ScaleWords | undefined {
  if (scale === undefined) {
    return undefined;
  }
  const isRoot = headSize > 0 && Math.abs(scale * Math.sqrt(headSize) - 1) < 1e-3;
  return {
    title: isRoot ? strings.titles.scaledByRoot(headSize) : strings.titles.scaledBy(formatFactor(scale)),
    arithmetic: isRoot ? `÷ ${exact(Math.sqrt(headSize))}` : `× ${formatFactor(scale)}`,
    factor: scale,
    changes: Math.abs(scale - 1) > 1e-6,
  };
}

/** One line. `value` is the number it ends in, where there is one. */
export interface CellStep {
  readonly id: 'dot' | 'scale' | 'bias' | 'mask' | 'exp' | 'sum' | 'weight' | 'value';
  readonly name: string;
  readonly text: string;
  readonly value: number | undefined;
}

export interface CellPlace {
  readonly query: number;
  readonly key: number;
  readonly keyLabel: string;
}

/** Below this, two numbers of a float32 computation count as equal. */
const rounding = 2e-3;

/** The lines for one cell; a stage that the graph does not expose says so in its line. */
export function cellSteps(
  stages: HeadStages,
  { query, key, keyLabel }: CellPlace,
  scale: ScaleWords | undefined,
): readonly CellStep[] {
  const columns = stages.weights?.columns ?? stages.masked?.columns ?? 0;
  const at = query * columns + key;
  const score = stages.scores?.data[at];
  const scaled = stages.scaled?.data[at];
  const entering = stages.masked?.data[at];
  const mask = stages.mask?.data[at] ?? 0;
  const isRemoved = stages.removed[at] === 1;
  const weight = stages.weights?.data[at];
  const steps: CellStep[] = [
    { id: 'dot', name: strings.dot, text: known(score), value: score },
    {
      id: 'scale',
      name: scale?.title ?? strings.scaled,
      text: scaleText(score, scaled, scale),
      value: scaled,
    },
  ];
  const bias = scaled !== undefined && entering !== undefined && !isRemoved ? entering - scaled - mask : 0;
  if (scaled !== undefined && Math.abs(bias) > rounding * Math.max(1, Math.abs(scaled))) {
    const text = `${exact(scaled)} + ${bracketed(bias)} = ${exact(scaled + bias)}`;
    steps.push({ id: 'bias', name: strings.bias, text, value: scaled + bias });
  }
  const before = scaled === undefined ? undefined : scaled + (steps.length > 2 ? bias : 0);
  steps.push({
    id: 'mask',
    name: strings.mask,
    text: maskText(before, mask, entering, isRemoved),
    value: entering,
  });
  return [...steps, ...softmaxSteps(stages, query, key, keyLabel, weight)];
}

function softmaxSteps(
  stages: HeadStages,
  query: number,
  key: number,
  keyLabel: string,
  weight: number | undefined,
): readonly CellStep[] {
  const row = softmaxRow(stages, query);
  const cell = row?.cells[key];
  const steps: CellStep[] = [];
  if (row && cell) {
    const exponent =
      row.shift === 0 ? bracketed(cell.entering) : `(${exact(cell.entering)} − ${exact(row.shift)})`;
    const nothing = cell.exp === 0;
    steps.push(
      {
        id: 'exp',
        name: strings.exp,
        text: nothing ? `e^(${formatMask(cell.entering)}) = 0` : `e^${exponent} = ${exact(cell.exp)}`,
        value: cell.exp,
      },
      {
        id: 'sum',
        name: strings.sumOfRow,
        text: `${exact(row.sum)} ${strings.keptOf(row.kept, row.removed)}`,
        value: row.sum,
      },
      {
        id: 'weight',
        name: strings.weight,
        text: row.isSoftmax
          ? `${exact(cell.exp)} ÷ ${exact(row.sum)} = ${exact(cell.weight)}`
          : `${exact(cell.weight)} (${strings.otherNormaliser})`,
        value: cell.weight,
      },
    );
  } else {
    const text = weight === undefined ? strings.notExposed : exact(weight);
    steps.push({ id: 'weight', name: strings.weight, text, value: weight });
  }
  if (stages.value && weight !== undefined) {
    const length = lengthOf(rowOf(stages.value, key));
    const text = `${exact(weight)} × ‖${exact(length)}‖ = ${exact(weight * length)}`;
    steps.push({ id: 'value', name: strings.timesValue(keyLabel), text, value: weight * length });
  }
  return steps;
}

function scaleText(
  score: number | undefined,
  scaled: number | undefined,
  scale: ScaleWords | undefined,
): string {
  if (scaled === undefined) {
    return strings.notExposed;
  }
  if (score === undefined || !scale) {
    return exact(scaled);
  }
  if (Math.abs(score * scale.factor - scaled) > rounding * Math.max(1, Math.abs(scaled))) {
    return `${exact(scaled)} (${strings.moreThanScale})`;
  }
  return `${exact(score)} ${scale.arithmetic} = ${exact(scaled)}`;
}

function maskText(
  before: number | undefined,
  mask: number,
  entering: number | undefined,
  isRemoved: boolean,
): string {
  if (entering === undefined) {
    return strings.notExposed;
  }
  const added = mask < 0 ? `(${formatMask(mask)})` : formatMask(mask);
  const result = isRemoved ? formatMask(entering) : exact(entering);
  return before === undefined ? result : `${exact(before)} + ${added} = ${result}`;
}

const known = (value: number | undefined): string =>
  value === undefined ? strings.notExposed : exact(value);
const bracketed = (value: number): string => (value < 0 ? `(${exact(value)})` : exact(value));

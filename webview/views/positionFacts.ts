// The facts of the Positions view, read from the model's graph and from the table itself.
import type { ModelSummary } from '../../src/shared/modelSummary';
import type { Positions } from '../../src/shared/trace';
import { formatCount, formatDims, formatFactor, formatNumber, formatScientific } from '../format';
import { positionStrings as strings } from '../strings';
import type { Fact } from './factList';
import { rowNorms } from './positionNumbers';

/** What is known about the positions of one side; facts that such positions do not have are left out. */
export function positionFacts(positions: Positions, model: ModelSummary, used: number): Fact[] {
  const { kind, table, available, tensor, embeddingScale, formulaError } = positions;
  const facts: (Fact | undefined)[] = [
    { name: strings.kind, value: strings.kinds[kind] },
    tensor === undefined ? undefined : { name: strings.tensor, value: tensor, title: tensor, code: true },
    table && available > 0
      ? { name: strings.tableSize, value: formatDims([available, table.columns]) }
      : undefined,
    table && { name: strings.usedRows, value: strings.rows(used) },
    orderOf(positions),
    wavelengthsOf(positions),
    embeddingScale === undefined
      ? undefined
      : { name: strings.scale, value: scaleOf(embeddingScale, model.width) },
    table && kind !== 'rotary' ? { name: strings.rowNorm, value: normOf(rowNorms(table)) } : undefined,
    formulaError === undefined
      ? undefined
      : { name: strings.agrees, value: strings.agreesTo(formatScientific(formulaError)) },
  ];
  return facts.filter((fact): fact is Fact => fact !== undefined);
}

function orderOf({ layout, kind }: Positions): Fact | undefined {
  if (!layout) {
    return undefined;
  }
  const orders = kind === 'rotary' ? strings.rotaryOrders : strings.orders;
  return { name: strings.order, value: orders[layout] };
}

/** `2π to 58,470` tokens. */
function wavelengthsOf({ wavelengths }: Positions): Fact | undefined {
  if (wavelengths.length === 0) {
    return undefined;
  }
  const [least, most] = [Math.min(...wavelengths), Math.max(...wavelengths)];
  const text = (length: number) =>
    Math.abs(length - 2 * Math.PI) < 1e-3 ? '2π' : length < 100 ? formatNumber(length) : formatCount(length);
  return { name: strings.wavelengths, value: strings.wavelengthRange(text(least), text(most)) };
}

function scaleOf(scale: number, width: number): string {
  const isRoot = width > 1 && Math.abs(scale / Math.sqrt(width) - 1) < 1e-4;
  return isRoot ? strings.scaleRoot(width, formatFactor(scale)) : formatFactor(scale);
}

function normOf(norms: readonly number[]): string {
  const [least, most] = [formatNumber(Math.min(...norms)), formatNumber(Math.max(...norms))];
  return least === most ? least : strings.rowNormRange(least, most);
}

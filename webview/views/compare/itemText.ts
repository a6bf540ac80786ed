// How aligned tokens are written: along the sides of a picture, in the strip of tokens, and in sentences.
import type { AlignedItem, HeadContrast } from '../../../src/shared/contrast';
import { formatToken, formatWeight } from '../../format';
import { compareStrings as strings } from '../../strings/compareStrings';

const label = (part: { readonly label: string }) => formatToken(part.label).trim();

/** `animal`, `tired ≠ wide`, `− old` for what only A has, `+ old` for what only B has. */
export function axisLabel({ a, b, same }: AlignedItem): string {
  const { axis } = strings;
  if (a && b) {
    return same ? label(a) : axis.apart(label(a), label(b));
  }
  return a ? axis.onlyA(label(a)) : b ? axis.onlyB(label(b)) : '';
}

/** The same in words. */
export function spokenItem({ a, b, same }: AlignedItem): string {
  const { item } = strings;
  if (a && b) {
    return same ? item.both(label(a)) : item.apart(label(a), label(b));
  }
  return a ? item.onlyA(label(a)) : b ? item.onlyB(label(b)) : '';
}

/** `+0.123` or `−0.123`. */
export function signedWeight(value: number): string {
  const text = formatWeight(value);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** What one cell has in A and B. */
export function describeCell(heads: HeadContrast, row: number, column: number): string {
  const { queries, keys, a, b, difference, absent } = heads;
  const index = row * keys.length + column;
  const [query, key] = [axisLabel(queries[row]), axisLabel(keys[column])];
  const [first, second] = [formatWeight(a.data[index]), formatWeight(b.data[index])];
  if (absent.difference[index] === 0) {
    return strings.cell(query, key, first, second, signedWeight(difference.data[index]));
  }
  if (absent.a[index] === 1 && absent.b[index] === 1) {
    return strings.cellNone(query, key);
  }
  if (absent.a[index] === 0 && absent.b[index] === 0) {
    return strings.cellApart(query, key, first, second);
  }
  return absent.a[index] === 0
    ? strings.cellOnly(query, key, strings.a, first)
    : strings.cellOnly(query, key, strings.b, second);
}

/** Mean and largest difference, and where the largest is. */
export function summaryOf({ difference, queries, keys, mean, largest, cells }: HeadContrast): string {
  if (cells === 0) {
    return strings.nothing;
  }
  const at = difference.data.findIndex((value) => Math.abs(value) === largest);
  const where =
    largest > 0
      ? strings.at(axisLabel(queries[Math.floor(at / keys.length)]), axisLabel(keys[at % keys.length]))
      : '';
  return strings.summary(formatWeight(mean), cells, formatWeight(largest), where);
}

// A matrix as comma-separated values (RFC 4180): labels in the first row and column, numbers that read back as the same float32.
import type { Matrix } from '../../src/shared/tensor';

/**
 * The text of a file in UTF-8. Cells marked with 1 in `masked` are left empty: masked is not zero.
 * @param corner What stands above the row labels, e.g. `query \ key`.
 */
export function matrixCsv(
  { rows, columns, data }: Matrix,
  rowLabels: readonly string[],
  columnLabels: readonly string[],
  corner: string,
  masked?: Uint8Array,
): string {
  const lines = [[corner, ...columnLabels].map(quoted).join(',')];
  for (let row = 0; row < rows; row++) {
    const fields = [quoted(rowLabels[row] ?? '')];
    for (let column = 0; column < columns; column++) {
      const index = row * columns + column;
      fields.push(masked?.[index] === 1 ? '' : numberField(data[index]));
    }
    lines.push(fields.join(','));
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** Rows of texts. */
export function textCsv(rows: readonly (readonly string[])[]): string {
  return `${rows.map((row) => row.map(quoted).join(',')).join('\r\n')}\r\n`;
}

/** What a table of the page says, cell by cell, with minus signs that programs read. */
export function tableCsv(table: HTMLTableElement): string {
  const rows = Array.from(table.rows, (row) =>
    Array.from(row.cells).flatMap((cell) => [
      cell.innerText
        .replace(/\s+/gu, ' ')
        .trim()
        .replace(/^\u2212(?=\d)/u, '-'),
      ...Array.from({ length: cell.colSpan - 1 }, () => ''),
    ]),
  );
  return textCsv(rows);
}

/** The shortest decimal that is this float32; infinities as most programs read them. */
function numberField(value: number): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf';
  }
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) {
      return text;
    }
  }
  return String(Number(value.toPrecision(9)));
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// Lines of a text with their ranges, whatever ends them; and fields without the quotes that spreadsheets put around them.

/** A line without its end, and where it stands (UTF-16, `[start, end)`). */
export interface Line {
  readonly number: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const BOM = '\uFEFF';

/**
 * Lines that end with LF, CRLF or CR. A byte order mark at the start belongs to no line, and a line break at the end
 * begins no further line.
 */
export function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  const ends = /\r\n|\n|\r/g;
  let start = text.startsWith(BOM) ? 1 : 0;
  for (let found = ends.exec(text); found; found = ends.exec(text)) {
    lines.push(lineAt(text, lines.length, start, found.index));
    start = ends.lastIndex;
  }
  if (start < text.length) {
    lines.push(lineAt(text, lines.length, start, text.length));
  }
  return lines;
}

function lineAt(text: string, number: number, start: number, end: number): Line {
  return { number, start, end, text: text.slice(start, end) };
}

/**
 * A field of a tab-separated line: trimmed, and without quotes around it where they are those of a spreadsheet, i.e. where
 * every quote inside is doubled. `"Yes," he said. "No."` keeps its quotes.
 */
export function fieldOf(raw: string): string {
  const field = raw.trim();
  if (field.length < 2 || !field.startsWith('"') || !field.endsWith('"')) {
    return field;
  }
  const inner = field.slice(1, -1);
  return inner.replaceAll('""', '').includes('"') ? field : inner.replaceAll('""', '"').trim();
}

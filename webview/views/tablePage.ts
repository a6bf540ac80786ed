// Which rows of a long table are on a page; whole rows, so that every row can be read across.

/** A page has whole rows and at most about this many cells, so that it appears at once. */
const cellsPerPage = 6000;

/** First and one past the last row of the page that contains `row`. */
export function pageOf(row: number, rows: number, columns: number): { first: number; end: number } {
  const size = Math.max(1, Math.floor(cellsPerPage / Math.max(1, columns)));
  const first = Math.floor(row / size) * size;
  return { first, end: Math.min(rows, first + size) };
}

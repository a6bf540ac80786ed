// Which points of a long curve must be drawn so that it looks as if all were: per column of pixels the first, lowest, highest and last.

/**
 * Indexes of the points to draw, ascending: at most four per column, and the first of every run of values that are not
 * finite, where the line breaks. `columnOf` must not descend. Nothing is averaged: each is a point of the curve.
 */
export function decimate(values: ArrayLike<number>, columnOf: (index: number) => number): number[] {
  const kept: number[] = [];
  let column = NaN;
  let first = -1;
  let least = -1;
  let most = -1;
  let last = -1;
  const flush = () => {
    if (first >= 0) {
      kept.push(...[...new Set([first, least, most, last])].sort((a, b) => a - b));
      first = -1;
    }
  };
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (!Number.isFinite(value)) {
      const goesOn = index > 0 && !Number.isFinite(values[index - 1]);
      flush();
      if (!goesOn) {
        kept.push(index);
      }
      continue;
    }
    const at = columnOf(index);
    if (first < 0 || at !== column) {
      flush();
      column = at;
      first = least = most = index;
    }
    least = value < values[least] ? index : least;
    most = value > values[most] ? index : most;
    last = index;
  }
  flush();
  return kept;
}

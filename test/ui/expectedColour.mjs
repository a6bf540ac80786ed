// The colours a heat map must have, from the scale's published anchors; written apart from the product's own code, to check it.

/** Sequential scale of the dark theme on #1f1f1f: colour of √weight at k/8. */
const DARK = [0x1f1f1f, 0x21354e, 0x274c7c, 0x2a68a9, 0x238ac4, 0x24add8, 0x4ecedd, 0x8eeada, 0xd5fcdb].map(
  (hex) => [(hex >> 16) & 255, (hex >> 8) & 255, hex & 255],
);

/**
 * @param {number} weight 0–1.
 * @returns {number[]} Red, green, blue; straight lines between the anchors, so good to a few levels.
 */
export function darkColour(weight) {
  const at = Math.sqrt(Math.min(1, Math.max(0, weight))) * (DARK.length - 1);
  const i = Math.min(DARK.length - 2, Math.floor(at));
  return DARK[i].map((from, c) => from + (DARK[i + 1][c] - from) * (at - i));
}

/**
 * Compares the cells on the screen with a matrix.
 * @param {import('../support/ui/pixels.mjs').Pixels} pixels
 * @param {number[][]} matrix Weights by row; NaN for cells that are not compared.
 * @param {{ x: number, y: number, cell: number }} grid In the picture's pixels.
 * @returns {{ worst: number, at: [number, number] }} The largest difference of a colour channel (0–255), and the cell it is in.
 */
export function worstCell(pixels, matrix, { x, y, cell }) {
  let worst = 0;
  /** @type {[number, number]} */
  let at = [0, 0];
  matrix.forEach((row, i) =>
    row.forEach((weight, j) => {
      if (Number.isNaN(weight)) {
        return;
      }
      const seen = pixels.at(x + (j + 0.5) * cell, y + (i + 0.5) * cell);
      const wanted = darkColour(weight);
      const difference = Math.max(...seen.map((value, c) => Math.abs(value - wanted[c])));
      if (difference > worst) {
        worst = difference;
        at = [i, j];
      }
    }),
  );
  return { worst, at };
}

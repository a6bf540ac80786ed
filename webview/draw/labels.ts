// Which labels of a row of tokens are written when not all of them fit: whole tokens are left out, never parts of one.

/** Pixels that one line of text needs. */
export const labelPitch = 14;

/**
 * Indexes of the labels to write along an axis of `count` items, `size` pixels each. Those in `always` are written
 * even between others; labels that would touch one of them are left out.
 */
export function thinLabels(
  count: number,
  size: number,
  always: readonly number[] = [],
  pitch = labelPitch,
): number[] {
  const stride = Math.max(1, Math.ceil(pitch / size));
  const kept = [...new Set(always)].filter((index) => index >= 0 && index < count);
  const free = (index: number) =>
    kept.every((other) => other === index || Math.abs(other - index) * size >= pitch);
  const labels = new Set(kept);
  for (let index = 0; index < count; index += stride) {
    if (free(index)) {
      labels.add(index);
    }
  }
  return [...labels].sort((a, b) => a - b);
}

/** Round numbers to write along an axis of `count` items: 0, the last one, and steps of 1, 2, 4 or 8 times a power of two. */
export function tickLabels(count: number, size: number, pitch: number): number[] {
  let stride = 1;
  while (stride * size < pitch) {
    stride *= 2;
  }
  const ticks: number[] = [];
  for (let index = 0; index < count - 1; index += stride) {
    if ((count - 1 - index) * size >= pitch * 0.75) {
      ticks.push(index);
    }
  }
  ticks.push(count - 1);
  return ticks;
}

/** The text cut so that it fits into `width`, with an ellipsis; `measure` gives the width of a text. */
export function fitText(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) {
    return text;
  }
  const letters = [...text];
  let low = 0;
  let high = letters.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (measure(`${letters.slice(0, middle).join('')}…`) <= width) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return `${letters.slice(0, low).join('')}…`;
}

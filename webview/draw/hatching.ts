// The 45° hatching of masked cells as line segments; aligned over the whole picture, so that neighbours continue each other.

/** Pixels between two lines of the hatching, along an axis. */
export const hatchSpacing = 5;

/** A segment as x1, y1, x2, y2. */
export type Segment = readonly [number, number, number, number];

/** The parts of the lines x + y = k · spacing that lie inside a rectangle. */
export function hatchSegments(
  x: number,
  y: number,
  width: number,
  height: number,
  spacing = hatchSpacing,
): Segment[] {
  const segments: Segment[] = [];
  const last = x + width + y + height;
  for (let sum = Math.ceil((x + y) / spacing) * spacing; sum <= last; sum += spacing) {
    const left = Math.max(x, sum - (y + height));
    const right = Math.min(x + width, sum - y);
    if (right > left) {
      segments.push([left, sum - left, right, sum - right]);
    }
  }
  return segments;
}

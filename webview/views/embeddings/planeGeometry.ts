// Where points of a plane stand on the screen: one scale for both axes and for all layers that are shown together.

export interface PlanePoint {
  readonly x: number;
  readonly y: number;
}

export interface PlaneFrame {
  readonly width: number;
  /** From the plane to the screen; y grows downwards there. */
  readonly place: (point: PlanePoint) => PlanePoint;
}

/** Room for dots and for labels right of them. */
const margin = { left: 14, right: 70, top: 14, bottom: 14 } as const;
/** A dot answers to the pointer this far away. */
const reach = 14;

export function planeFrame(
  points: readonly (readonly PlanePoint[])[],
  width: number,
  height: number,
): PlaneFrame {
  const all = points.flat();
  const bounds = (values: readonly number[]) => [Math.min(0, ...values), Math.max(0, ...values)] as const;
  const [left, right] = bounds(all.map(({ x }) => x));
  const [low, high] = bounds(all.map(({ y }) => y));
  const scale = Math.min(
    (width - margin.left - margin.right) / Math.max(right - left, 1e-9),
    (height - margin.top - margin.bottom) / Math.max(high - low, 1e-9),
  );
  return {
    width,
    place: ({ x, y }) => ({ x: margin.left + (x - left) * scale, y: margin.top + (high - y) * scale }),
  };
}

/** The nearest point on the screen within reach. */
export function nearestPoint(placed: readonly PlanePoint[], { x, y }: PlanePoint): number | undefined {
  let best: number | undefined;
  let least = reach;
  placed.forEach((point, index) => {
    const distance = Math.hypot(point.x - x, point.y - y);
    if (distance < least) {
      least = distance;
      best = index;
    }
  });
  return best;
}

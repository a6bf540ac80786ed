// Integrated gradients: the integral of the gradient along a straight path, with points where the function bends; pure.

/** One point of the path. */
export interface PathGradient {
  /** f at the point. */
  readonly value: number;
  /** gradient · (x − baseline), summed up per token. */
  readonly product: ArrayLike<number>;
}

/** Attributions of one output. */
export interface IntegratedGradient {
  /** By token; they add up to `value − baselineValue`, but for `error`. */
  readonly scores: Float32Array<ArrayBuffer>;
  /** f of the input. */
  readonly value: number;
  readonly baselineValue: number;
  /** |Σ scores − (value − baselineValue)|, in the unit of f. */
  readonly error: number;
  /** Points at which the gradient was taken. */
  readonly steps: number;
}

/** Points are added until the error is at most this share of f(x) − f(baseline). */
export const COMPLETE = 0.05;
export const MOST_STEPS = 256;
/** Share of the change that all pieces may miss together, whatever their signs: a sum must not be right by chance. */
const MISSED = 0.25;
/** Pieces of the path at first. */
const FIRST_PIECES = 8;
/** Pieces that are halved at a time, as one batch. */
const TOGETHER = 16;
/** Where f hardly changes along the path, a share of the change says nothing: an error this small is rounding. */
const ROUNDING = 1e-3;

interface PathPoint extends PathGradient {
  readonly share: number;
}

/**
 * Integrated gradients (Sundararajan et al. 2017, section 3): ∫ gradient(b + α(x − b)) · (x − b) dα over α from 0 to 1, by the
 * trapezoidal rule. Completeness (their proposition 1) holds for every piece of the path, too: what the gradients at its ends miss
 * of f's change tells where points are wanting. There a piece is halved. Even steps do not do for networks with post-norm: f can
 * rise by several nats within a ten-thousandth of the path.
 *
 * @param at computes points of the path at shares α; called with 0 and 1 once.
 */
export async function integratedGradient(
  at: (shares: readonly number[]) => Promise<readonly PathGradient[]>,
): Promise<IntegratedGradient> {
  const place = async (shares: readonly number[]): Promise<PathPoint[]> =>
    (await at(shares)).map((point, i) => ({ ...point, share: shares[i] }));
  let points = await place(Array.from({ length: FIRST_PIECES + 1 }, (_, i) => i / FIRST_PIECES));
  const [first, last] = [points[0], points[points.length - 1]];
  const change = last.value - first.value;
  const limits = [COMPLETE, MISSED].map((share) => Math.max(share * Math.abs(change), ROUNDING));
  for (let room = MOST_STEPS - points.length; room > 0; room = MOST_STEPS - points.length) {
    const missed = missedBy(points);
    const [error, all] = [Math.abs(sumOf(missed)), sumOf(missed.map(Math.abs))];
    if (error <= limits[0] && all <= limits[1]) {
      break;
    }
    const halves = worstPieces(points, missed).slice(0, Math.min(room, TOGETHER));
    points = [...points, ...(await place(halves))].sort((a, b) => a.share - b.share);
  }
  const scores = new Float64Array(first.product.length);
  for (const [one, other] of pieces(points)) {
    const weight = (other.share - one.share) / 2;
    scores.forEach((sum, i) => (scores[i] = sum + weight * (one.product[i] + other.product[i])));
  }
  return {
    scores: Float32Array.from(scores),
    value: last.value,
    baselineValue: first.value,
    error: Math.abs(sumOf(scores) - change),
    steps: points.length,
  };
}

/** What the gradients at the ends of each piece miss of the change of f in it. */
function missedBy(points: readonly PathPoint[]): number[] {
  return pieces(points).map(
    ([one, other]) =>
      other.value - one.value - ((other.share - one.share) / 2) * (sumOf(one.product) + sumOf(other.product)),
  );
}

/** Middles of the pieces that miss most, which together miss half of all. */
function worstPieces(points: readonly PathPoint[], missed: readonly number[]): number[] {
  const all = pieces(points)
    .map(([one, other], i) => ({ middle: (one.share + other.share) / 2, missed: Math.abs(missed[i]) }))
    .sort((a, b) => b.missed - a.missed);
  let left = sumOf(missed.map(Math.abs)) / 2;
  return all.flatMap(({ middle, missed: own }) => {
    const isWorst = left > 0;
    left -= own;
    return isWorst ? [middle] : [];
  });
}

function pieces(points: readonly PathPoint[]): (readonly [PathPoint, PathPoint])[] {
  return points.slice(1).map((point, i) => [points[i], point] as const);
}

function sumOf(numbers: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) {
    sum += numbers[i];
  }
  return sum;
}

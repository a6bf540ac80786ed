// How far two ways of attributing an output to the tokens of the text agree: pure numbers, target by target.
import type { Matrix } from '../../../src/shared/tensor';
import { spearman } from '../../../src/shared/spearman';

/** What stands in one column of the view. */
export interface Attribution {
  readonly id: string;
  readonly name: string;
  /** `[target, source]`; NaN where the method says nothing. */
  readonly scores: Matrix;
  /** Whether scores below 0 mean that a source spoke against the output. */
  readonly signed: boolean;
  /** Whether scores have no upper bound; others are shares of one. */
  readonly open?: boolean;
}

/** One target on which both methods speak about at least {@link fewest} sources. */
export interface TargetAgreement {
  readonly target: number;
  /** Spearman's rank correlation over the sources. */
  readonly correlation: number;
  /** Whether both name the same strongest source. */
  readonly sameStrongest: boolean;
}

/** Over all targets. Undefined parts where no target could be compared. */
export interface Agreement {
  readonly targets: readonly TargetAgreement[];
  readonly mean: number | undefined;
  readonly lowest: TargetAgreement | undefined;
  readonly highest: TargetAgreement | undefined;
  readonly sameStrongest: number;
}

/** A rank correlation of fewer values is mostly chance. */
export const fewest = 3;

/** How much a source counts for a method when sources are ranked: an effect may be for or against the output. */
export function strength({ signed, scores }: Attribution, target: number, source: number): number {
  const score = scores.data[target * scores.columns + source];
  return signed ? Math.abs(score) : score;
}

/** Compares two methods target by target, over the sources that `seen` lets a target read. */
export function agreementOf(
  one: Attribution,
  other: Attribution,
  seen: (target: number, source: number) => boolean,
): Agreement {
  const targets: TargetAgreement[] = [];
  const { rows, columns } = one.scores;
  for (let target = 0; target < rows; target++) {
    const sources = Array.from({ length: columns }, (_, source) => source).filter(
      (source) =>
        seen(target, source) &&
        Number.isFinite(strength(one, target, source)) &&
        Number.isFinite(strength(other, target, source)),
    );
    if (sources.length < fewest) {
      continue;
    }
    const [a, b] = [one, other].map((method) => sources.map((source) => strength(method, target, source)));
    const correlation = spearman(a, b);
    if (correlation !== undefined) {
      targets.push({ target, correlation, sameStrongest: strongest(a) === strongest(b) });
    }
  }
  const sorted = [...targets].sort((a, b) => a.correlation - b.correlation);
  const sum = targets.reduce((total, { correlation }) => total + correlation, 0);
  return {
    targets,
    mean: targets.length > 0 ? sum / targets.length : undefined,
    lowest: sorted.at(0),
    highest: sorted.at(-1),
    sameStrongest: targets.filter(({ sameStrongest }) => sameStrongest).length,
  };
}

/** What a mean rank correlation is called. */
export type Verdict = 'agree' | 'partly' | 'weakly' | 'not' | 'opposed';

export function verdictOf(correlation: number): Verdict {
  if (correlation >= 0.7) {
    return 'agree';
  }
  if (correlation >= 0.4) {
    return 'partly';
  }
  if (correlation >= 0.1) {
    return 'weakly';
  }
  return correlation > -0.1 ? 'not' : 'opposed';
}

function strongest(values: readonly number[]): number {
  return values.reduce((best, value, index) => (value > values[best] ? index : best), 0);
}

/** `[b, a]` of `[a, b]`. */
export function transposed({ rows, columns, data }: Matrix): Matrix {
  const turned = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = data[row * columns + column];
    }
  }
  return { rows: columns, columns: rows, data: turned };
}

// What the Attribution view shows of one run: which tokens read which, and what each method says about them; pure.
import type { IntegratedGradients } from '../../../src/shared/insight';
import type { AttentionKind, ModelSummary, Side } from '../../../src/shared/modelSummary';
import type { Matrix } from '../../../src/shared/tensor';
import type { AxisItem } from '../../explorer/sequences';
import { formatNumber, formatWeight } from '../../format';
import { attributionStrings as strings } from '../../strings/attributionStrings';
import { agreementOf, type Agreement, type Attribution } from './agreement';

/** The methods, in the order in which they are shown. */
export const methodIds = [
  'attention',
  'rollout',
  'leaveOneOut',
  'saliency',
  'gradientInput',
  'integrated',
] as const;
export type MethodId = (typeof methodIds)[number];

export const gradientIds = ['saliency', 'gradientInput', 'integrated'] as const;
export type GradientId = (typeof gradientIds)[number];

/** What is read and who reads it: the tokens of the first stack, the positions of the last. */
export interface Ends {
  readonly kind: AttentionKind;
  readonly source: Side;
  readonly target: Side;
}

/** What was computed by gradients so far; `[target, token]`, sources first, then what the decoder reads. */
export interface GradientParts {
  readonly saliency?: Matrix;
  readonly product?: Matrix;
  readonly integrated?: ReadonlyMap<number, IntegratedGradients>;
}

type Columns<Id extends string> = Readonly<Record<Id, Attribution | undefined>>;

/** The numbers that are shown, of one run. */
export interface Scene {
  readonly key: string;
  readonly ends: Ends;
  readonly sources: readonly AxisItem[];
  readonly targets: readonly AxisItem[];
  readonly columns: Columns<MethodId>;
  /** Of the tokens that the decoder of an encoder-decoder reads, `[target, target]`. */
  readonly prefix: Columns<GradientId>;
  readonly integrated: ReadonlyMap<number, IntegratedGradients>;
  /** `[target, source]` of the rollout: above 0 where a target can read a source through the layers. */
  readonly reach: Matrix;
}

/** Two methods and how far they agree; `name` where attention is one of them is the other's. */
export interface Comparison {
  readonly name: string;
  readonly agreement: Agreement;
  readonly withAttention: boolean;
}

export function endsOf({ family }: ModelSummary): Ends {
  switch (family) {
    case 'encoder-decoder':
      return { kind: 'cross', source: 'encoder', target: 'decoder' };
    case 'encoder-only':
      return { kind: 'encoderSelf', source: 'encoder', target: 'encoder' };
    case 'decoder-only':
      return { kind: 'decoderSelf', source: 'decoder', target: 'decoder' };
    default:
      return family satisfies never;
  }
}

/** @param drops Of leave-one-out, `[target, source]`, where there are some. */
export function sceneOf(
  place: Pick<Scene, 'key' | 'ends' | 'sources' | 'targets'>,
  attention: Matrix,
  rollout: Matrix,
  drops: Matrix | undefined,
  { saliency, product, integrated = new Map() }: GradientParts,
): Scene {
  const [sources, targets] = [place.sources.length, place.targets.length];
  const column = (id: MethodId, scores: Matrix | undefined): Attribution | undefined =>
    scores && {
      id,
      name: strings.short[id],
      scores,
      signed: isSigned(id),
      ...(id === 'saliency' && { open: true }),
    };
  const found: Readonly<Record<GradientId, Matrix | undefined>> = {
    saliency,
    gradientInput: product,
    integrated: integrated.size > 0 ? stackedRows(integrated, targets) : undefined,
  };
  const part = (id: GradientId, from: number, count: number): Attribution | undefined => {
    const all = found[id];
    return all && all.columns >= from + count && count > 0
      ? column(id, columnsOf(all, from, count))
      : undefined;
  };
  const isSplit = place.ends.source !== place.ends.target;
  const gradients = (from: number, count: number): Columns<GradientId> => ({
    saliency: part('saliency', from, count),
    gradientInput: part('gradientInput', from, count),
    integrated: part('integrated', from, count),
  });
  return {
    ...place,
    integrated,
    reach: rollout,
    columns: {
      attention: column('attention', attention),
      rollout: column('rollout', rollout),
      leaveOneOut: column('leaveOneOut', drops),
      ...gradients(0, sources),
    },
    prefix: gradients(sources, isSplit ? targets : 0),
  };
}

function isSigned(id: MethodId): boolean {
  return id === 'leaveOneOut' || id === 'gradientInput' || id === 'integrated';
}

/** Rows that were not computed say nothing. */
function stackedRows(rows: ReadonlyMap<number, IntegratedGradients>, count: number): Matrix {
  const columns = Math.max(0, ...Array.from(rows.values(), ({ scores }) => scores.length));
  const data = new Float32Array(count * columns).fill(NaN);
  rows.forEach(({ scores }, row) => data.set(scores, row * columns));
  return { rows: count, columns, data };
}

function columnsOf(matrix: Matrix, from: number, count: number): Matrix {
  const data = new Float32Array(matrix.rows * count);
  for (let row = 0; row < matrix.rows; row++) {
    const start = row * matrix.columns + from;
    data.set(matrix.data.subarray(start, start + count), row * count);
  }
  return { rows: matrix.rows, columns: count, data };
}

/** Every further method with attention, leave-one-out with the rollout, and the gradients with leave-one-out. */
export function comparisons(scene: Scene): readonly Comparison[] {
  const seen = (target: number, source: number) => isSeen(scene, target, source);
  const { short, between } = strings;
  const pair = (one: MethodId, other: MethodId, name: string): Comparison[] => {
    const [a, b] = [scene.columns[one], scene.columns[other]];
    return a && b ? [{ name, agreement: agreementOf(a, b, seen), withAttention: one === 'attention' }] : [];
  };
  return [
    ...pair('attention', 'rollout', short.rollout),
    ...pair('attention', 'leaveOneOut', short.leaveOneOut),
    ...pair('rollout', 'leaveOneOut', between(short.rollout)),
    ...gradientIds.flatMap((id) => pair('attention', id, short[id])),
    ...gradientIds.flatMap((id) => pair('leaveOneOut', id, between(short[id]))),
  ];
}

/** Mean rank correlation of every pair of methods, `[method][method]`; undefined where one of them is missing. */
export function correlations(scene: Scene): readonly (readonly (number | undefined)[])[] {
  const seen = (target: number, source: number) => isSeen(scene, target, source);
  return methodIds.map((row) =>
    methodIds.map((column) => {
      const [one, other] = [scene.columns[row], scene.columns[column]];
      return one && other ? agreementOf(one, other, seen).mean : undefined;
    }),
  );
}

export function isSeen({ sources, targets, reach }: Scene, target: number, source: number): boolean {
  return (
    !targets[target].padding && !sources[source].padding && reach.data[target * reach.columns + source] > 0
  );
}

export function labelsOf(items: readonly AxisItem[]): string[] {
  return items.map(({ label }) => label);
}

/** A decoder's position predicts the token after it, an encoder's its own. */
export function nameOf({ ends, targets }: Scene, target: number): string {
  const { label } = targets[target];
  if (ends.target === 'encoder') {
    return strings.own(label);
  }
  const next = targets.at(target + 1);
  return next && !next.padding && target + 1 < targets.length ? strings.predicts(label, next.label) : label;
}

export function numberText({ signed }: Attribution, value: number): string {
  if (!Number.isFinite(value)) {
    return strings.none;
  }
  return signed ? formatNumber(value) : formatWeight(value);
}

/** A number of one method, as text. */
export function textAt(attribution: Attribution | undefined, row: number, column: number): string {
  return attribution
    ? numberText(attribution, attribution.scores.data[row * attribution.scores.columns + column])
    : strings.none;
}

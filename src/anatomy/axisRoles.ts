// What each axis of a query, key or value stands for, followed back through transposes and reshapes.
import type { OnnxNode } from '../onnx/model';
import type { HeadLayout } from './anatomy';
import type { GraphFacts } from './graphFacts';
import { intsAttribute } from './symbolic/attributes';
import { divide, multiply, sameDim, type Dim } from './symbolic/dim';
import { axisOf } from './symbolic/value';

/**
 * b batch, h head (of keys and values where queries are grouped), g group, r row (query or key), d element of a vector.
 * An axis that merges several has them in order, outermost first; an axis of size 1 may have none.
 */
export type AxisRole = '' | 'b' | 'h' | 'g' | 'r' | 'd' | 'bh' | 'hd' | 'hg' | 'br';

/** A tensor on the way from a projection to the dot product, with the meaning of its axes. */
export interface RoledTensor {
  readonly tensor: string;
  readonly roles: readonly AxisRole[];
  /** What the tensor must be multiplied with to be what enters the dot product. */
  readonly factor: number;
}

const ROLES: readonly string[] = ['', 'b', 'h', 'g', 'r', 'd', 'bh', 'hd', 'hg', 'br'] satisfies AxisRole[];

function isRole(text: string): text is AxisRole {
  return ROLES.includes(text);
}

const LAYOUTS: Readonly<Record<string, HeadLayout>> = {
  'b,h,r,d': 'heads',
  'h,r,d': 'heads',
  'r,d': 'heads',
  'b,h,d,r': 'headsTransposed',
  'h,d,r': 'headsTransposed',
  'd,r': 'headsTransposed',
  'bh,r,d': 'merged',
  'bh,d,r': 'mergedTransposed',
  'b,r,hd': 'flat',
  'b,h,g,r,d': 'grouped',
};

export function layoutOf(roles: readonly AxisRole[]): HeadLayout | undefined {
  return LAYOUTS[roles.join(',')];
}

/** Operators that keep every number of their first input, or multiply all by one constant. */
export function stepBack(facts: GraphFacts, { tensor, roles, factor }: RoledTensor): RoledTensor | undefined {
  const node = facts.producer(tensor);
  if (!node) {
    return undefined;
  }
  const [input] = node.inputs;
  const back = (before: readonly AxisRole[] | undefined): RoledTensor | undefined =>
    before && input ? { tensor: input, roles: before, factor } : undefined;
  switch (node.opType) {
    case 'Identity':
    case 'Cast':
    case 'Dropout':
      return back(roles);
    case 'Transpose': {
      const perm = intsAttribute(node, 'perm');
      return back(perm?.length === roles.length ? permuteBack(roles, perm) : undefined);
    }
    case 'Reshape':
      return back(rolesBeforeReshape(facts.dims(input), facts.dims(tensor), roles));
    case 'Unsqueeze': {
      const axes = facts.numbers(node.inputs[1] ?? '') ?? intsAttribute(node, 'axes');
      const dropped = new Set(axes?.map((axis) => axisOf(axis, roles.length)));
      return back(axes && roles.filter((_, axis) => !dropped.has(axis)));
    }
    case 'Squeeze':
      return back(rolesBeforeReshape(facts.dims(input), facts.dims(tensor), roles));
    case 'Expand': {
      const rank = facts.rank(input);
      return back(rank === undefined || rank > roles.length ? undefined : roles.slice(roles.length - rank));
    }
    case 'Mul':
    case 'Div': {
      const scaled = scaleStep(facts, node);
      return scaled && { tensor: scaled.tensor, roles, factor: factor * scaled.factor };
    }
    default:
      return undefined;
  }
}

/** A multiplication or division by one number that follows from constants and shapes. */
export function scaleStep(
  facts: GraphFacts,
  node: OnnxNode,
): { readonly tensor: string; readonly factor: number } | undefined {
  const [left, right] = node.inputs;
  const divisor = facts.scalar(right);
  if (node.opType === 'Div') {
    return divisor === undefined || divisor === 0 ? undefined : { tensor: left, factor: 1 / divisor };
  }
  if (divisor !== undefined) {
    return { tensor: left, factor: divisor };
  }
  const multiplier = facts.scalar(left);
  return multiplier === undefined ? undefined : { tensor: right, factor: multiplier };
}

function permuteBack(roles: readonly AxisRole[], perm: readonly number[]): readonly AxisRole[] {
  const before = new Array<AxisRole>(roles.length).fill('');
  perm.forEach((from, to) => (before[from] = roles[to]));
  return before;
}

/** The roles of the input's axes: runs of axes with equal products belong together. */
function rolesBeforeReshape(
  before: readonly Dim[] | undefined,
  after: readonly Dim[] | undefined,
  roles: readonly AxisRole[],
): readonly AxisRole[] | undefined {
  if (!before || !after || after.length !== roles.length) {
    return undefined;
  }
  const result: AxisRole[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const [fromI, fromJ] = [i, j];
    let left: Dim = before[i++] ?? 1;
    let right: Dim = after[j++] ?? 1;
    while (!sameDim(left, right)) {
      // The side that is a proper divisor of the other takes one more axis.
      if (divide(right, left) !== undefined && i < before.length) {
        left = multiply(left, before[i++]);
      } else if (j < after.length) {
        right = multiply(right, after[j++]);
      } else if (i < before.length) {
        left = multiply(left, before[i++]);
      } else {
        return undefined;
      }
    }
    const inner = splitRoles(before.slice(fromI, i), after.slice(fromJ, j), roles.slice(fromJ, j));
    if (!inner) {
      return undefined;
    }
    result.push(...inner);
  }
  return result;
}

/** Roles of the axes of one run. */
function splitRoles(
  before: readonly Dim[],
  after: readonly Dim[],
  roles: readonly AxisRole[],
): readonly AxisRole[] | undefined {
  const joined = roles.join('');
  const wide = before.filter((dim) => dim !== 1).length;
  if (before.length === 0) {
    return [];
  }
  if (wide <= 1) {
    return isRole(joined) ? before.map((dim) => (dim === 1 && wide === 1 ? '' : joined)) : undefined;
  }
  if (before.length !== 2) {
    return before.length === after.length ? roles : undefined;
  }
  switch (joined) {
    case 'bh':
      return ['b', 'h'];
    case 'h':
      return ['h', 'g'];
    case 'hd':
      return ['h', 'd'];
    case 'bhd':
      // [batch, heads·d] was cut as [batch·heads, d].
      return ['b', 'hd'];
    default:
      return undefined;
  }
}

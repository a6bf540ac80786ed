// The operands of the two products of an attention, followed back to the tensors that show query, key and value best.
import type { OnnxNode } from '../onnx/model';
import type { HeadLayout, SiteTensor } from './anatomy';
import { layoutOf, stepBack, type AxisRole, type RoledTensor } from './axisRoles';
import type { GraphFacts } from './graphFacts';
import { scoreTensor } from './scoreLayout';
import { floatAttribute, intAttribute } from './symbolic/attributes';
import { equationOf } from './symbolic/einsum';

/** The operands of a product, with the meaning of their axes. */
export interface ProductOperands {
  /** Rows of the result. */
  readonly rows: RoledTensor;
  /** What the rows are multiplied with. */
  readonly columns: RoledTensor;
  /** What the operator multiplies the product with by itself. */
  readonly alpha: number;
}

const AXES: Readonly<Record<number, readonly AxisRole[]>> = {
  2: ['r', 'd'],
  3: ['bh', 'r', 'd'],
  4: ['b', 'h', 'r', 'd'],
  5: ['b', 'h', 'g', 'r', 'd'],
};

/** The operands of q·kᵀ: rows are queries, columns are keys. Undefined for shapes that no attention has. */
export function dotProductOperands(facts: GraphFacts, product: OnnxNode): ProductOperands | undefined {
  const [left, right] = product.inputs;
  if (product.opType === 'Einsum') {
    return einsumOperands(product);
  }
  const [leftRank, rightRank] = [facts.rank(left), facts.rank(right)];
  const rank = Math.max(leftRank ?? 0, rightRank ?? 0) || 4;
  const axes = AXES[rank];
  if (!axes) {
    return undefined;
  }
  const roles = (transposed: boolean, operandRank: number | undefined): readonly AxisRole[] => {
    const own = axes.slice(rank - (operandRank ?? rank));
    return transposed ? [...own.slice(0, -2), 'd', 'r'] : own;
  };
  return {
    rows: { tensor: left, roles: roles(intAttribute(product, 'transA') === 1, leftRank), factor: 1 },
    // The keys lie with their elements as rows unless the operator transposes them itself.
    columns: { tensor: right, roles: roles(intAttribute(product, 'transB') !== 1, rightRank), factor: 1 },
    alpha: floatAttribute(product, 'alpha') ?? 1,
  };
}

/** The values of weights·V, with their axes. */
export function valueOperand(
  facts: GraphFacts,
  mixing: OnnxNode,
  weightsOperand: number,
): RoledTensor | undefined {
  const tensor = mixing.inputs[1 - weightsOperand];
  if (mixing.opType === 'Einsum') {
    const equation = equationOf(mixing);
    const weights = equation?.operands[weightsOperand];
    const values = equation?.operands[1 - weightsOperand];
    if (!equation || !weights || !values || weights.length !== 4 || values.length !== 4) {
      return undefined;
    }
    const [b, h, , key] = [...weights];
    const names: Readonly<Record<string, AxisRole>> = { [b]: 'b', [h]: 'h', [key]: 'r' };
    return { tensor, roles: [...values].map((label) => names[label] ?? 'd'), factor: 1 };
  }
  const rank = facts.rank(tensor) ?? facts.rank(mixing.outputs[0]) ?? 4;
  const axes = AXES[rank];
  if (!axes) {
    return undefined;
  }
  const transposed = intAttribute(mixing, 'transB') === 1;
  return { tensor, roles: transposed ? [...axes.slice(0, -2), 'd', 'r'] : axes, factor: 1 };
}

/** weights·V: `[batch, heads, query, d]`, or joined behind an einsum that leaves heads beside elements. */
export function contextTensor(
  facts: GraphFacts,
  mixing: OnnxNode,
  weightsOperand: number,
): SiteTensor | undefined {
  const [tensor] = mixing.outputs;
  const equation = mixing.opType === 'Einsum' ? equationOf(mixing) : undefined;
  const weights = equation?.operands[weightsOperand];
  if (!equation || weights?.length !== 4 || equation.result.length !== 4) {
    return scoreTensor(facts, tensor);
  }
  const [b, h, query] = [...weights];
  const names: Readonly<Record<string, AxisRole>> = { [b]: 'b', [h]: 'h', [query]: 'r' };
  const roles = [...equation.result].map((label) => names[label] ?? 'd').join();
  if (roles === 'b,h,r,d') {
    return { tensor, layout: 'heads' };
  }
  const joined = facts
    .consumers(tensor)
    .find(({ node }) => node.opType === 'Reshape' && facts.rank(node.outputs[0]) === 3);
  return roles === 'b,r,h,d' && joined ? { tensor: joined.node.outputs[0], layout: 'flat' } : undefined;
}

function einsumOperands(product: OnnxNode): ProductOperands | undefined {
  const equation = equationOf(product);
  if (!equation || equation.operands.length !== 2 || equation.result.length !== 4) {
    return undefined;
  }
  const [b, h, query, key] = [...equation.result];
  const rowsAt = equation.operands[0].includes(query) ? 0 : 1;
  const operand = (at: number, row: string): RoledTensor => {
    const names: Readonly<Record<string, AxisRole>> = { [b]: 'b', [h]: 'h', [row]: 'r' };
    const roles = [...equation.operands[at]].map((label) => names[label] ?? 'd');
    return { tensor: product.inputs[at], roles, factor: 1 };
  };
  const isAttention =
    equation.operands[rowsAt].includes(query) && equation.operands[1 - rowsAt].includes(key);
  return isAttention
    ? { rows: operand(rowsAt, query), columns: operand(1 - rowsAt, key), alpha: 1 }
    : undefined;
}

/** An operand with everything behind it that holds the same numbers, nearest first. */
export function traceBack(facts: GraphFacts, operand: RoledTensor): readonly RoledTensor[] {
  const trace = [operand];
  for (let next = stepBack(facts, operand); next && trace.length < 24; next = stepBack(facts, next)) {
    trace.push(next);
  }
  return trace;
}

/**
 * The tensor to show: before the scale, and split into heads where the scale comes after the split. Where only a scaled
 * tensor can be read, its factor takes the scale out again.
 */
export function shownTensor(trace: readonly RoledTensor[]): SiteTensor | undefined {
  const total = trace[trace.length - 1].factor;
  const unscaled = trace.filter((step) => step.factor === total);
  const readable = (steps: readonly RoledTensor[], upright: boolean): SiteTensor | undefined => {
    for (const { tensor, roles, factor } of steps) {
      const layout = layoutOf(roles);
      if (layout && !(upright && TRANSPOSED.has(layout))) {
        return { tensor, layout, ...(factor === total ? {} : { factor: factor / total }) };
      }
    }
    return undefined;
  };
  const nearest = readable(unscaled, false);
  // Keys that only lie transposed for the product are shown as they were before.
  const shown = nearest && TRANSPOSED.has(nearest.layout) ? (readable(unscaled, true) ?? nearest) : nearest;
  return shown?.layout === 'flat' && nearest?.layout !== 'flat' ? nearest : (shown ?? readable(trace, false));
}

const TRANSPOSED: ReadonlySet<HeadLayout> = new Set(['headsTransposed', 'mergedTransposed']);

// Rules of matrix products: MatMul with its broadcast batches, Gemm, and Einsum.
import { floatAttribute, intAttribute } from '../../anatomy/symbolic/attributes';
import { equationOf } from '../../anatomy/symbolic/einsum';
import { float, int, text } from '../../onnx/graphBuilder';
import type { GradientGraph } from '../gradientGraph';
import type { Rule, RuleCall, Rules } from '../operatorRule';
import { unsupportedNode } from '../unsupported';

/** `[…, columns]` as a matrix: all axes but the last become rows. */
function rows(graph: GradientGraph, tensor: string, rank: number): string {
  return rank === 2 ? tensor : graph.op('Flatten', [tensor], { axis: int(rank - 1) });
}

/**
 * Y = A·B: dA = G·Bᵀ, dB = Aᵀ·G; summed over batches that were broadcast. Where B is a matrix, as weights are, both are one
 * matrix product of all rows of the batch: Gemm transposes while it packs.
 */
const matMul: Rule = (call) => {
  const { node, graph, gradient } = call;
  const [a, b] = node.inputs;
  const [rankA, rankB] = [graph.rank(a, node), graph.rank(b, node)];
  if (rankA === 1 || rankB === 1) {
    return matMulOfVectors(call, rankA, rankB);
  }
  if (rankB === 2) {
    return [
      () => {
        const product = graph.op('Gemm', [rows(graph, gradient, rankA), b], { transB: int(1) });
        return rankA === 2 ? product : graph.reshapeLike(product, a);
      },
      () => graph.op('Gemm', [rows(graph, a, rankA), rows(graph, gradient, rankA)], { transA: int(1) }),
    ];
  }
  return [
    () => batchSum(call, graph.op('MatMul', [gradient, graph.transposeLast(b, rankB)]), 0),
    () => batchSum(call, graph.op('MatMul', [graph.transposeLast(a, rankA), gradient]), 1),
  ];
};

/** Sums the gradient of operand `which` over the batch axes along which it was repeated. */
function batchSum({ node, graph }: RuleCall, gradient: string, which: 0 | 1): string {
  const own = graph.dims(node.inputs[which]) ?? [];
  const other = graph.dims(node.inputs[1 - which]) ?? [];
  return graph.unbroadcastDims(gradient, node.inputs[which], own, [[...other.slice(0, -2), 1, 1]]);
}

/** A vector is a matrix of one row (A) or one column (B), whose axis is then dropped. */
function matMulOfVectors(
  { node, graph, gradient }: RuleCall,
  rankA: number,
  rankB: number,
): ReturnType<Rule> {
  const [a, b] = node.inputs;
  if (rankA === 1 && rankB === 1) {
    // y = Σ aᵢbᵢ: da = g·b
    return [() => graph.multiply(gradient, b), () => graph.multiply(gradient, a)];
  }
  if (rankB === 1) {
    // y = A·b: dA = g·bᵀ, db = Σ over rows of g·A
    const column = graph.op('Unsqueeze', [gradient, graph.ints([-1])]);
    const leading = Array.from({ length: rankA - 1 }, (_, i) => i);
    return [
      () => graph.multiply(column, b),
      () => graph.reduceSum(graph.multiply(column, a), leading, false),
    ];
  }
  // y = a·B: da = Σ over batches of B·g, dB = a ⊗ g
  const row = graph.op('Unsqueeze', [gradient, graph.ints([-2])]);
  const leading = Array.from({ length: rankB - 2 }, (_, i) => i);
  return [
    () => graph.reduceSum(graph.multiply(b, row), [...leading, rankB - 1], false),
    () => graph.multiply(graph.op('Unsqueeze', [a, graph.ints([-1])]), row),
  ];
}

/** Y = α·A′·B′ + β·C with A′ = A or Aᵀ: dA′ = α·G·B′ᵀ, dB′ = α·A′ᵀ·G, dC = β·G. */
const gemm: Rule = ({ node, graph, gradient }) => {
  const [a, b, c] = node.inputs;
  const [alpha, beta] = [floatAttribute(node, 'alpha') ?? 1, floatAttribute(node, 'beta') ?? 1];
  const [turnA, turnB] = [intAttribute(node, 'transA') === 1, intAttribute(node, 'transB') === 1];
  const product = (left: string, right: string, transA: boolean, transB: boolean): string =>
    graph.op('Gemm', [left, right], {
      ...(alpha !== 1 && { alpha: float(alpha) }),
      ...(transA && { transA: int(1) }),
      ...(transB && { transB: int(1) }),
    });
  return [
    () => (turnA ? product(b, gradient, turnB, true) : product(gradient, b, false, !turnB)),
    () => (turnB ? product(gradient, a, true, turnA) : product(a, gradient, !turnA, false)),
    c ? () => graph.unbroadcast(graph.scale(gradient, beta), c, [node.outputs[0]], node) : undefined,
  ];
};

/** Every operand is the product of the gradient and the other operands, summed over what it does not have. */
const einsum: Rule = ({ node, graph, gradient }) => {
  const equation = equationOf(node);
  if (!equation) {
    throw unsupportedNode(node, 'Its equation has an ellipsis or a repeated index.');
  }
  const { operands, result } = equation;
  return operands.map((own, i) => () => {
    const others = operands.filter((_, k) => k !== i);
    const known = new Set([result, ...others].join(''));
    const kept = [...own].filter((label) => known.has(label)).join('');
    const inputs = [gradient, ...node.inputs.filter((_, k) => k !== i)];
    const partial =
      inputs.length === 1 && kept === result
        ? gradient
        : graph.op('Einsum', inputs, { equation: text(`${[result, ...others].join(',')}->${kept}`) });
    if (kept === own) {
      return partial;
    }
    // An index that was summed within this operand alone: its gradient is the same along it.
    const missing = [...own].flatMap((label, axis) => (known.has(label) ? [] : [axis]));
    return graph.expandLike(graph.op('Unsqueeze', [partial, graph.ints(missing)]), node.inputs[i]);
  });
};

export const MATRIX: Rules = { MatMul: matMul, Gemm: gemm, Einsum: einsum };

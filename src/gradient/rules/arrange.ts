// Rules of operators that move elements without changing them: axes exchanged, shapes, repetition, joining, parts.
import { intAttribute, intsAttribute, stringAttribute } from '../../anatomy/symbolic/attributes';
import type { Dim } from '../../anatomy/symbolic/dim';
import { axisOf } from '../../anatomy/symbolic/value';
import { int } from '../../onnx/graphBuilder';
import type { OnnxNode } from '../../onnx/model';
import type { GradientGraph } from '../gradientGraph';
import type { Rule, Rules } from '../operatorRule';
import { unsupportedNode } from '../unsupported';

/** Far beyond the end of every axis. */
const END = Number.MAX_SAFE_INTEGER;

/** The result holds the same elements in the same order: dx = g in the shape of x. */
const reshape: Rule = ({ node, graph, gradient }) => [() => graph.reshapeLike(gradient, node.inputs[0])];

/** y = x with axes exchanged: dx = g with axes exchanged back. */
const transpose: Rule = ({ node, graph, gradient }) => [
  () => {
    const rank = graph.rank(node.inputs[0], node);
    const perm = intsAttribute(node, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
    return graph.transpose(
      gradient,
      perm.map((_, axis) => perm.indexOf(axis)),
    );
  },
];

/** y = x repeated n times along each axis: dx = Σ over the repetitions. */
const tile: Rule = ({ node, graph, gradient }) => [
  () => {
    const [x, repeats] = node.inputs;
    const rank = graph.rank(x, node);
    // [n₀, d₀, n₁, d₁ …]: every axis of the result is repetition × own size.
    const pairs = graph.op('Concat', [graph.indices(repeats), graph.op('Shape', [x])], { axis: int(0) });
    const turned = graph.transpose(graph.reshape(pairs, [2, rank]), [1, 0]);
    const apart = graph.op('Reshape', [gradient, graph.reshape(turned, [-1])], { allowzero: int(1) });
    return graph.reduceSum(
      apart,
      Array.from({ length: rank }, (_, i) => 2 * i),
      false,
    );
  },
];

/** y = the inputs one behind the other: each gets its part of g. */
const concat: Rule = ({ node, graph, gradient }) => {
  const axis = axisOf(intAttribute(node, 'axis') ?? 0, graph.rank(node.inputs[0], node));
  const bounds = startsOf(graph, node.inputs, axis);
  return node.inputs.map((_, i) => () => {
    const last = i === node.inputs.length - 1;
    const end = last ? graph.ints([END]) : bounds[i + 1];
    return graph.op('Slice', [gradient, bounds[i], end, graph.ints([axis])]);
  });
};

/** Where each tensor begins along an axis when they are joined, as vectors of one. */
function startsOf(graph: GradientGraph, tensors: readonly string[], axis: number): readonly string[] {
  const starts = [graph.ints([0])];
  let known: number | undefined = 0;
  for (const tensor of tensors.slice(0, -1)) {
    const dim: Dim | undefined = graph.dims(tensor)?.[axis];
    known = known !== undefined && typeof dim === 'number' ? known + dim : undefined;
    const [start] = starts.slice(-1);
    starts.push(
      known !== undefined
        ? graph.ints([known])
        : starts.length === 1
          ? graph.size(tensor, axis)
          : graph.add(start, graph.size(tensor, axis)),
    );
  }
  return starts;
}

/** The results are parts of x: dx = their gradients one behind the other, zeros where nothing depends on a part. */
const split: Rule = ({ node, graph, gradients }) => [
  () => {
    const parts = node.outputs.map((output, i) => gradients[i] ?? graph.zerosLike(output));
    return graph.op('Concat', parts, { axis: int(intAttribute(node, 'axis') ?? 0) });
  },
];

/** y = a part of x: dx = g with zeros around it; for steps other than 1, g scattered into zeros. */
const slice: Rule = ({ node, graph, gradient }) => [
  () => {
    const [x, starts, , axesGiven, steps] = node.inputs;
    const count = graph.dims(starts)?.[0];
    const axes = axesGiven
      ? graph.facts.numbers(axesGiven)
      : typeof count === 'number'
        ? Array.from({ length: count }, (_, i) => i)
        : undefined;
    const oneByOne = !steps || graph.facts.numbers(steps)?.every((step) => step === 1) === true;
    if (!axes || !oneByOne) {
      return scatterByPosition(graph, node, gradient);
    }
    const rank = graph.rank(x, node);
    const chosen = axes.map((axis) => axisOf(axis, rank));
    const sizes = graph.op(
      'Concat',
      chosen.map((axis) => graph.size(x, axis)),
      { axis: int(0) },
    );
    const lengths = graph.op('Gather', [graph.op('Shape', [gradient]), graph.ints(chosen)]);
    const before = firstElements(graph, starts, sizes);
    const after = graph.subtract(graph.subtract(sizes, before), lengths);
    const pads = graph.op('Concat', [before, after], { axis: int(0) });
    return graph.op('Pad', [gradient, pads, graph.number(0), graph.ints(chosen)]);
  },
];

/** The `starts` of a Slice counted from the front and cut to the sizes. */
function firstElements(graph: GradientGraph, starts: string, sizes: string): string {
  const known = graph.facts.numbers(starts);
  if (known?.every((start) => start === 0)) {
    return graph.ints(known);
  }
  const wide = graph.indices(starts);
  const negative = graph.op('Less', [wide, graph.whole(0)]);
  const counted = graph.op('Where', [negative, graph.add(wide, sizes), wide]);
  return graph.op('Min', [graph.op('Max', [counted, graph.whole(0)]), sizes]);
}

/**
 * dx for any operator that picks elements: the operator itself, applied to the positions 0, 1, 2 … of x, says where each
 * element of g belongs. Elements that were picked more than once get the sum.
 */
export function scatterByPosition(graph: GradientGraph, node: OnnxNode, gradient: string): string {
  const [x, ...rest] = node.inputs;
  const count = graph.op('Size', [x]);
  const all = graph.op('Range', [graph.whole(0), count, graph.whole(1)]);
  const positions = graph.op('Reshape', [all, graph.op('Shape', [x])], { allowzero: int(1) });
  const picked = graph.op(node.opType, [positions, ...rest], node.attributes, node.domain);
  const zeros = graph.filled(graph.reshape(count, [1]), 0);
  const sum = graph.op(
    'ScatterElements',
    [zeros, graph.reshape(picked, [-1]), graph.reshape(gradient, [-1])],
    {
      axis: int(0),
      reduction: { type: 'string', value: 'add' },
    },
  );
  return graph.reshapeLike(sum, x);
}

/** y = x with zeros around it: dx = the part of g that was x. */
const pad: Rule = ({ node, graph, gradient }) => [
  () => {
    const [x, pads, , axesGiven] = node.inputs;
    const rank = graph.rank(x, node);
    const mode = stringAttribute(node, 'mode') ?? 'constant';
    const axes = axesGiven ? graph.facts.numbers(axesGiven) : Array.from({ length: rank }, (_, i) => i);
    if (mode !== 'constant' || !axes || graph.facts.numbers(pads)?.some((n) => n < 0)) {
      throw unsupportedNode(node, `Its mode is "${mode}", its axes are not known or it takes elements away.`);
    }
    const chosen = axes.map((axis) => axisOf(axis, rank));
    const begin = graph.op('Slice', [pads, graph.ints([0]), graph.ints([chosen.length]), graph.ints([0])]);
    const sizes = graph.op(
      'Concat',
      chosen.map((axis) => graph.size(x, axis)),
      { axis: int(0) },
    );
    return graph.op('Slice', [gradient, begin, graph.add(begin, sizes), graph.ints(chosen)]);
  },
];

export const ARRANGE: Rules = {
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: transpose,
  // y = x repeated along axes of size 1: dx = Σ over the repetitions
  Expand: ({ node, graph, gradient }) => [
    () => graph.unbroadcast(gradient, node.inputs[0], [node.outputs[0]], node),
  ],
  Tile: tile,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  // y = x above or below a diagonal, 0 elsewhere: dx = g there
  Trilu: ({ node, graph, gradient }) => [
    () =>
      graph.op('Trilu', [gradient, ...node.inputs.slice(1)], {
        upper: int(intAttribute(node, 'upper') ?? 1),
      }),
  ],
};

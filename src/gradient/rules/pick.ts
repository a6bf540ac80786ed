// Rules of operators that pick or place elements by index. Sums over repeated indices use ScatterElements: in onnxruntime-web 1.30 the threads of ScatterND overwrite each other's sums.
import { intAttribute, stringAttribute } from '../../anatomy/symbolic/attributes';
import { axisOf } from '../../anatomy/symbolic/value';
import { int, text } from '../../onnx/graphBuilder';
import type { GradientGraph } from '../gradientGraph';
import type { Rule, RuleCall, Rules, Scattered } from '../operatorRule';
import { unsupportedNode } from '../unsupported';
import { scatterByPosition } from './arrange';

/** Σ of the rows of g that were read from each row of a table, as for embeddings. */
const gather: Rule = ({ node, graph, gradient }) => {
  const [x, indices] = node.inputs;
  const rank = graph.rank(x, node);
  const count = graph.rank(indices, node);
  const axis = axisOf(intAttribute(node, 'axis') ?? 0, rank);
  const axes = Array.from({ length: rank + count - 1 }, (_, i) => i);
  // The axes of the indices first, then the rest in order.
  const front = [...axes.slice(axis, axis + count), ...axes.slice(0, axis), ...axes.slice(axis + count)];
  return [
    () => {
      const rows = graph.op('Flatten', [graph.transpose(gradient, front)], { axis: int(count) });
      const places = graph.op('Expand', [
        graph.reshape(graph.indices(indices), [-1, 1]),
        graph.op('Shape', [rows]),
      ]);
      return axis === 0
        ? intoTable(graph, x, rank, places, rows)
        : intoAxis(graph, x, rank, axis, places, rows);
    },
  ];
};

const ADD = { axis: int(0), reduction: text('add') };

function intoTable(graph: GradientGraph, x: string, rank: number, places: string, rows: string): Scattered {
  return {
    into: (base) => {
      const whole = base ?? graph.zerosLike(x);
      const flat = rank === 2 ? whole : graph.op('Flatten', [whole], { axis: int(1) });
      const sum = graph.op('ScatterElements', [flat, places, rows], ADD);
      return rank === 2 ? sum : graph.reshapeLike(sum, x);
    },
  };
}

function intoAxis(
  graph: GradientGraph,
  x: string,
  rank: number,
  axis: number,
  places: string,
  rows: string,
): string {
  const own = Array.from({ length: rank }, (_, i) => i);
  const perm = [axis, ...own.filter((i) => i !== axis)];
  const shape = graph.op('Gather', [graph.shape(x), graph.ints(perm)]);
  const zeros = graph.op('Flatten', [graph.filled(shape, 0)], { axis: int(1) });
  const sum = graph.op('ScatterElements', [zeros, places, rows], ADD);
  const apart = graph.op('Reshape', [sum, shape], { allowzero: int(1) });
  return graph.transpose(
    apart,
    own.map((i) => perm.indexOf(i)),
  );
}

/** y = x at indices along one axis: dx = Σ of g at the same indices. */
const gatherElements: Rule = ({ node, graph, gradient }) => {
  const [x, indices] = node.inputs;
  const attributes = { axis: int(intAttribute(node, 'axis') ?? 0), reduction: text('add') };
  return [
    () => ({
      into: (base) =>
        graph.op(
          'ScatterElements',
          [base ?? graph.zerosLike(x), graph.indices(indices), gradient],
          attributes,
        ),
    }),
  ];
};

/** y = x, replaced at indices by u or increased by it. Replaced: dx = g with zeros there; du = g there. */
function scatter(pick: (call: RuleCall) => string, erase: (call: RuleCall, zeros: string) => string): Rule {
  return (call) => {
    const { node, graph, gradient } = call;
    const reduction = stringAttribute(node, 'reduction') ?? 'none';
    if (reduction !== 'none' && reduction !== 'add') {
      throw unsupportedNode(node, `Its reduction is "${reduction}".`);
    }
    return [
      () => (reduction === 'add' ? gradient : erase(call, graph.zerosLike(node.inputs[2]))),
      undefined,
      () => pick(call),
    ];
  };
}

export const PICK: Rules = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: ({ node, graph, gradient }) => [() => scatterByPosition(graph, node, gradient)],
  ScatterElements: scatter(
    ({ node, graph, gradient }) =>
      graph.op('GatherElements', [gradient, node.inputs[1]], { axis: int(intAttribute(node, 'axis') ?? 0) }),
    ({ node, graph, gradient }, zeros) =>
      graph.op('ScatterElements', [gradient, node.inputs[1], zeros], {
        axis: int(intAttribute(node, 'axis') ?? 0),
      }),
  ),
  ScatterND: scatter(
    ({ node, graph, gradient }) => graph.op('GatherND', [gradient, node.inputs[1]]),
    ({ node, graph, gradient }, zeros) => graph.op('ScatterND', [gradient, node.inputs[1], zeros]),
  ),
  // The second result holds the indices of the values.
  TopK: ({ node, graph, gradient }) => [
    () =>
      graph.op('ScatterElements', [graph.zerosLike(node.inputs[0]), graph.output(node, 1), gradient], {
        axis: int(intAttribute(node, 'axis') ?? -1),
      }),
  ],
};

// The shape of every operator's results from the shapes of its inputs; what is not known stays undefined.
import type { OnnxNode } from '../../onnx/model';
import { intAttribute, intsAttribute } from './attributes';
import { broadcastDims } from './broadcast';
import { add, divide, isNegative, multiply, product, sameDim, subtract, type Dim } from './dim';
import { equationOf } from './einsum';
import { insertOnes } from './rearrange';
import { axisOf, dimsOf, numberOf, numbersOf, type Value } from './value';

export type Dims = readonly Dim[] | undefined;

/** What a rule may ask. */
export interface ShapeContext {
  readonly inputs: readonly Dims[];
  /** Elements of input `i`, as far as they are known. */
  value(i: number): Value | undefined;
  /** A size of which nothing is known. */
  fresh(): Dim;
}

type Rule = (node: OnnxNode, context: ShapeContext) => readonly Dims[];

const same: Rule = (_, { inputs }) => [inputs[0]];

const broadcast: Rule = (_, { inputs }) => {
  const known = inputs.filter((dims): dims is readonly Dim[] => dims !== undefined);
  return [known.length === inputs.length ? known.reduce(broadcastDims) : undefined];
};

const reduceAxes: Rule = (node, context) => {
  const [dims] = context.inputs;
  const axes = numbersOf(context.value(1)) ?? intsAttribute(node, 'axes');
  const keep = (intAttribute(node, 'keepdims') ?? 1) === 1;
  if (!dims || (!axes && context.inputs.length > 1 && context.inputs[1] !== undefined)) {
    return [undefined];
  }
  if ((!axes || axes.length === 0) && intAttribute(node, 'noop_with_empty_axes') === 1) {
    return [dims];
  }
  const chosen = new Set((axes ?? dims.map((_, i) => i)).map((axis) => axisOf(axis, dims.length)));
  return [dims.flatMap((dim, axis): Dim[] => (chosen.has(axis) ? (keep ? [1] : []) : [dim]))];
};

const matMul: Rule = (node, { inputs: [a, b] }) => {
  if (!a || !b || a.length === 0 || b.length === 0) {
    return [undefined];
  }
  const left = intAttribute(node, 'transA') === 1 ? swapLast(a) : a;
  const right = intAttribute(node, 'transB') === 1 ? swapLast(b) : b;
  const rows = left.length > 1 ? [left[left.length - 2]] : [];
  const columns = right.length > 1 ? [right[right.length - 1]] : [];
  return [[...broadcastDims(left.slice(0, -2), right.slice(0, -2)), ...rows, ...columns]];
};

/** The same with the last two axes exchanged. */
export function swapLast<T>(dims: readonly T[]): readonly T[] {
  return [...dims.slice(0, -2), dims[dims.length - 1], dims[dims.length - 2]];
}

const RULES: Readonly<Record<string, Rule>> = {
  MatMul: matMul,
  FusedMatMul: matMul,
  TransposeMatMul: matMul,
  MatMulInteger: matMul,
  MatMulIntegerToFloat: matMul,
  DynamicQuantizeMatMul: matMul,
  MatMulNBits: (node, { inputs: [a] }) => [a && [...a.slice(0, -1), intAttribute(node, 'N') ?? 0]],
  QLinearMatMul: (node, context) =>
    matMul(node, { ...context, inputs: [context.inputs[0], context.inputs[3]] }),
  Gemm: (node, { inputs: [a, b] }) => {
    if (!a || !b) {
      return [undefined];
    }
    return [[a[intAttribute(node, 'transA') === 1 ? 1 : 0], b[intAttribute(node, 'transB') === 1 ? 0 : 1]]];
  },
  Einsum: (node, { inputs }) => {
    const equation = equationOf(node);
    const sizes = new Map<string, Dim>();
    equation?.operands.forEach((labels, i) => {
      inputs[i]?.forEach((dim, axis) => {
        const label = labels[axis];
        if (label !== undefined && (sizes.get(label) ?? 1) === 1) {
          sizes.set(label, dim);
        }
      });
    });
    const dims = equation && [...equation.result].map((label) => sizes.get(label));
    return [dims?.every((dim): dim is Dim => dim !== undefined) ? dims : undefined];
  },
  Transpose: (node, { inputs: [dims] }) => {
    const perm = intsAttribute(node, 'perm') ?? dims?.map((_, axis) => dims.length - 1 - axis);
    return [dims && perm && perm.length === dims.length ? perm.map((axis) => dims[axis]) : undefined];
  },
  Reshape: (node, context) => {
    const target = dimsOf(context.value(1)) ?? intsAttribute(node, 'shape');
    if (target) {
      return [reshapedDims(context.inputs[0], target, intAttribute(node, 'allowzero') === 1, context.fresh)];
    }
    // Only the length of the shape vector is known: the rank.
    const rank = context.inputs[1]?.[0];
    return [typeof rank === 'number' ? Array.from({ length: rank }, () => context.fresh()) : undefined];
  },
  Flatten: (node, { inputs: [dims] }) => {
    const axis = dims && axisOf(intAttribute(node, 'axis') ?? 1, dims.length);
    return [
      dims && axis !== undefined ? [product(dims.slice(0, axis)), product(dims.slice(axis))] : undefined,
    ];
  },
  Squeeze: (node, context) => {
    const [dims] = context.inputs;
    const axes = numbersOf(context.value(1)) ?? intsAttribute(node, 'axes');
    const chosen = dims && axes?.map((axis) => axisOf(axis, dims.length));
    return [dims?.filter((dim, axis) => (chosen ? !chosen.includes(axis) : dim !== 1))];
  },
  Unsqueeze: (node, context) => {
    const axes = numbersOf(context.value(1)) ?? intsAttribute(node, 'axes');
    const [dims] = context.inputs;
    return [dims && axes && insertOnes(dims, axes)];
  },
  Concat: (node, { inputs }) => {
    // Some exporters join sizes without axes, which the runtime refuses but which say what is meant.
    const known = inputs
      .filter((dims): dims is readonly Dim[] => dims !== undefined)
      .map((dims) => (dims.length === 0 ? [1] : dims));
    const [first] = known;
    if (!first) {
      return [undefined];
    }
    const axis = axisOf(intAttribute(node, 'axis') ?? 0, first.length);
    if (known.length !== inputs.length) {
      return [undefined];
    }
    return [
      first.map((dim, i) => (i === axis ? known.map((dims) => dims[axis]).reduce(add) : pick(known, i, dim))),
    ];
  },
  Split: (node, context) => {
    const [dims] = context.inputs;
    if (!dims) {
      return [];
    }
    const axis = axisOf(intAttribute(node, 'axis') ?? 0, dims.length);
    const lengths = dimsOf(context.value(1)) ?? intsAttribute(node, 'split');
    const even = divide(dims[axis], node.outputs.length);
    return node.outputs.map((_, i) => replaceAt(dims, axis, lengths?.[i] ?? even ?? context.fresh()));
  },
  Slice: (node, context) => {
    const [dims] = context.inputs;
    const starts = dimsOf(context.value(1)) ?? intsAttribute(node, 'starts');
    const ends = dimsOf(context.value(2)) ?? intsAttribute(node, 'ends');
    const count = starts?.length ?? ends?.length ?? context.inputs[1]?.[0];
    const axesKnown = node.inputs[3] ? numbersOf(context.value(3)) : intsAttribute(node, 'axes');
    const axes =
      axesKnown ?? (node.inputs[3] ? undefined : Array.from({ length: Number(count) || 0 }, (_, i) => i));
    const steps = numbersOf(context.value(4));
    if (!dims || !axes) {
      return [dims?.map(() => context.fresh())];
    }
    return [
      axes.reduce<readonly Dim[]>((result, axisGiven, i) => {
        const axis = axisOf(axisGiven, result.length);
        const step = steps?.[i] ?? 1;
        return replaceAt(
          result,
          axis,
          slicedDim(dims[axis], starts?.[i], ends?.[i], step) ?? context.fresh(),
        );
      }, dims),
    ];
  },
  Gather: (node, { inputs: [dims, indices] }) => {
    if (!dims || !indices) {
      return [undefined];
    }
    const axis = axisOf(intAttribute(node, 'axis') ?? 0, dims.length);
    return [[...dims.slice(0, axis), ...indices, ...dims.slice(axis + 1)]];
  },
  GatherElements: (_, { inputs }) => [inputs[1]],
  GatherND: (node, { inputs: [dims, indices] }) => {
    const depth = indices?.[indices.length - 1];
    const batch = intAttribute(node, 'batch_dims') ?? 0;
    return [
      dims && indices && typeof depth === 'number'
        ? [...indices.slice(0, -1), ...dims.slice(batch + depth)]
        : undefined,
    ];
  },
  Pad: (_, context) => {
    const [dims] = context.inputs;
    const pads = dimsOf(context.value(1));
    const axes = context.inputs[3] ? numbersOf(context.value(3)) : dims?.map((_, axis) => axis);
    if (!dims || !axes || !pads) {
      return [dims?.map(() => context.fresh())];
    }
    return [
      axes.reduce<readonly Dim[]>((result, axisGiven, i) => {
        const axis = axisOf(axisGiven, result.length);
        return replaceAt(result, axis, add(add(result[axis], pads[i]), pads[i + axes.length]));
      }, dims),
    ];
  },
  Expand: (_, context) => {
    const target = dimsOf(context.value(1));
    const [dims] = context.inputs;
    return [dims && target ? broadcastDims(dims, target) : undefined];
  },
  Tile: (_, context) => {
    const times = dimsOf(context.value(1));
    const [dims] = context.inputs;
    return [
      dims && (times ? dims.map((dim, i) => multiply(dim, times[i])) : dims.map(() => context.fresh())),
    ];
  },
  Shape: (node, { inputs: [dims] }) => [
    dims && [dims.slice(intAttribute(node, 'start') ?? 0, intAttribute(node, 'end')).length],
  ],
  Size: () => [[]],
  NonZero: (_, { inputs: [dims], fresh }) => [dims && [dims.length, fresh()]],
  // Large constants have a shape, but no value here.
  Constant: ({ attributes: { value } }, context) => [
    value?.type === 'tensor' ? value.value.dims : context.value(-1)?.dims,
  ],
  ConstantOfShape: (_, context) => {
    const dims = dimsOf(context.value(0));
    const rank = context.inputs[0]?.[0];
    return [
      dims ?? (typeof rank === 'number' ? Array.from({ length: rank }, () => context.fresh()) : undefined),
    ];
  },
  Range: (_, context) => {
    const [start, end, step] = [0, 1, 2].map((i) => context.value(i)?.data[0]);
    const length = start !== undefined && end !== undefined && step === 1 ? subtract(end, start) : undefined;
    return [[length ?? context.fresh()]];
  },
  OneHot: (node, context) => {
    const [indices] = context.inputs;
    const depth = numberOf(context.value(1));
    const axis = intAttribute(node, 'axis') ?? -1;
    return [indices && axis === -1 ? [...indices, depth ?? context.fresh()] : undefined];
  },
  TopK: (node, context) => {
    const [dims] = context.inputs;
    const axis = dims && axisOf(intAttribute(node, 'axis') ?? -1, dims.length);
    const result =
      dims && axis !== undefined
        ? replaceAt(dims, axis, numberOf(context.value(1)) ?? context.fresh())
        : undefined;
    return [result, result];
  },
  Conv: (_, context) => {
    const [dims, weight] = context.inputs;
    return [dims && weight ? [dims[0], weight[0], ...dims.slice(2).map(() => context.fresh())] : undefined];
  },
  ArgMax: reduceOne,
  ArgMin: reduceOne,
  Compress: (_, { inputs: [dims], fresh }) => [dims && [fresh()]],
  EmbedLayerNormalization: (_, { inputs: [ids, , words] }) => {
    const dims = ids && words ? [...ids, words[1]] : undefined;
    return [dims, ids?.slice(0, 1), dims];
  },
  SkipLayerNormalization: (_, { inputs: [dims] }) => [dims, undefined, undefined, dims],
  SkipSimplifiedLayerNormalization: (_, { inputs: [dims] }) => [dims, undefined, undefined, dims],
  LayerNormalization: same,
  MultiHeadAttention: (_, { inputs: [query, , value] }) => [
    query && [query[0], query[1], query.length === 5 ? multiply(query[2], query[4]) : joined(value, query)],
  ],
  GroupQueryAttention: (node, { inputs: [query, key] }) => {
    const heads = intAttribute(node, 'num_heads') ?? 1;
    const keyValueHeads = intAttribute(node, 'kv_num_heads') ?? heads;
    // A packed query holds the keys and values behind it.
    const width = query && !key ? divide(multiply(query[2], heads), heads + 2 * keyValueHeads) : query?.[2];
    return [query && width !== undefined ? [query[0], query[1], width] : undefined];
  },
  Attention: (node, { inputs: [query, second, third] }) => {
    if (node.domain === 'com.microsoft') {
      const sizes = intsAttribute(node, 'qkv_hidden_sizes');
      const width = second?.[1] === undefined ? undefined : divide(second[1], 3);
      return [query && [...query.slice(0, 2), sizes?.[2] ?? width ?? 0]];
    }
    if (query?.length === 4) {
      return [third && [...query.slice(0, 3), third[3]]];
    }
    const heads = intAttribute(node, 'q_num_heads') ?? 1;
    const perHead = third && divide(third[2], intAttribute(node, 'kv_num_heads') ?? 1);
    return [query && perHead !== undefined ? [query[0], query[1], multiply(perHead, heads)] : undefined];
  },
};

function reduceOne(node: OnnxNode, { inputs: [dims] }: ShapeContext): readonly Dims[] {
  const axis = dims && axisOf(intAttribute(node, 'axis') ?? 0, dims.length);
  const keep = (intAttribute(node, 'keepdims') ?? 1) === 1;
  return [dims?.flatMap((dim, i): Dim[] => (i === axis ? (keep ? [1] : []) : [dim]))];
}

/** Last dimension of an attention's result `[batch, rows, heads·d_v]`. */
function joined(value: Dims, query: readonly Dim[]): Dim {
  return value?.length === 4 ? multiply(value[1], value[3]) : (value?.[2] ?? query[2]);
}

const SAME_SHAPE = new Set(
  (
    'Abs Cast CastLike Ceil Clip Cos CumSum DequantizeLinear Dropout Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity IsInf ' +
    'IsNaN LeakyRelu Log LogSoftmax Neg Not QuantizeLinear Reciprocal Relu Round Sigmoid Sign Silu Sin Softmax Softplus Sqrt Swish ' +
    'Tanh Trilu ScatterND ScatterElements BiasGelu BiasSoftmax FastGelu QuickGelu SimplifiedLayerNormalization ' +
    'RMSNormalization LpNormalization RotaryEmbedding DynamicQuantizeLinear InstanceNormalization BatchNormalization ' +
    'QAttention'
  ).split(' '),
);

const BROADCAST = new Set(
  'Add And BitwiseAnd BitwiseOr Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or Pow Sub Sum Where Xor'.split(
    ' ',
  ),
);

/** The shapes of a node's outputs. */
export function shapesOf(node: OnnxNode, context: ShapeContext): readonly Dims[] {
  const rule = RULES[node.opType];
  if (rule) {
    return rule(node, context);
  }
  if (SAME_SHAPE.has(node.opType)) {
    return same(node, context);
  }
  if (BROADCAST.has(node.opType)) {
    return broadcast(node, context);
  }
  return node.opType.startsWith('Reduce') ? reduceAxes(node, context) : [];
}

function pick(all: readonly (readonly Dim[])[], axis: number, first: Dim): Dim {
  return all.map((dims) => dims[axis]).find((dim) => typeof dim === 'number') ?? first;
}

function replaceAt(dims: readonly Dim[], axis: number, dim: Dim): readonly Dim[] {
  return dims.map((old, i) => (i === axis ? dim : old));
}

/** Length of a slice; bounds beyond a symbolic size are taken to fit, bounds beyond a number are cut. */
function slicedDim(dim: Dim, start: Dim | undefined, end: Dim | undefined, step: number): Dim | undefined {
  if (start === undefined || end === undefined) {
    return undefined;
  }
  if (typeof dim === 'number' && typeof start === 'number' && typeof end === 'number') {
    const clamp = (bound: number): number => Math.min(Math.max(bound < 0 ? bound + dim : bound, 0), dim);
    return step > 0 ? Math.max(0, Math.ceil((clamp(end) - clamp(start)) / step)) : undefined;
  }
  const huge = 2 ** 31 - 1;
  const from = isNegative(start) ? add(dim, start) : start;
  const to = typeof end === 'number' && end >= huge ? dim : isNegative(end) ? add(dim, end) : end;
  // A fixed bound on a size that is not known cuts nothing that one could rely on.
  const length = subtract(to, from);
  if (typeof length === 'number' && length < 0) {
    return undefined;
  }
  return step === 1 ? length : divide(length, step);
}

/** Dimensions after Reshape: 0 copies, -1 takes what is left. */
function reshapedDims(
  dims: Dims,
  target: readonly Dim[],
  allowZero: boolean,
  fresh: () => Dim,
): readonly Dim[] {
  const result = target.map((dim, axis) => (dim === 0 && !allowZero ? (dims?.[axis] ?? fresh()) : dim));
  const open = result.findIndex((dim) => typeof dim === 'number' && dim < 0);
  if (open < 0) {
    return result;
  }
  return replaceAt(
    result,
    open,
    (dims &&
      restOf(
        dims,
        result.filter((_, i) => i !== open),
      )) ??
      fresh(),
  );
}

/** Π dims ÷ Π known; equal factors are cancelled first, because sums cannot be divided. */
function restOf(dims: readonly Dim[], known: readonly Dim[]): Dim | undefined {
  const left = [...dims];
  const right: Dim[] = [];
  for (const dim of known) {
    const at = left.findIndex((other) => sameDim(other, dim));
    if (at >= 0) {
      left.splice(at, 1);
    } else {
      right.push(dim);
    }
  }
  return divide(product(left), product(right));
}

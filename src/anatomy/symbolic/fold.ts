// Computes small tensors of a graph without running it: constants, shapes, and what follows from them.
import type { GraphIndex } from '../../onnx/graphIndex';
import { elementBytes, ElementType, type Initializer, type OnnxNode } from '../../onnx/model';
import { floatsOf, intsOf } from '../../onnx/tensorValues';
import { floatAttribute, intAttribute, intsAttribute } from './attributes';
import { product, substitute, type Dim } from './dim';
import { foldElementwise, foldWhere, kindOf } from './elementwise';
import { foldEinsum } from './einsum';
import { REARRANGE, sizesVector } from './rearrange';
import { REDUCE } from './reduce';
import { numbersOf, scalarValue, vectorValue, type Value } from './value';

/** What a folding starts from. */
export interface Assumptions {
  /** Sizes of symbolic dimensions; without any, sizes stay symbols and only short vectors are computed. */
  readonly sizes?: ReadonlyMap<string, number>;
  /** Values of graph inputs. */
  readonly feeds?: ReadonlyMap<string, Value>;
  /** Elements that one tensor may have. */
  readonly limit?: number;
}

/** Tables beyond this many elements are not read: no mask or position needs them. */
const DEFAULT_LIMIT = 1 << 21;
const SYMBOLIC_LIMIT = 1 << 12;
/** Elements that one folder computes in all: what bounds the work on graphs made to cost much. */
const ELEMENT_BUDGET = 1 << 26;

/** Folds on demand and remembers; the shapes of tensors come from outside, so that no weight is multiplied to learn one. */
export class Folder {
  readonly #memo = new Map<string, Value | undefined>();
  readonly #limit: number;
  #budget = ELEMENT_BUDGET;

  constructor(
    private readonly index: GraphIndex,
    private readonly shapeOf: (tensor: string) => readonly Dim[] | undefined,
    private readonly assumptions: Assumptions = {},
  ) {
    this.#limit = assumptions.limit ?? (assumptions.sizes ? DEFAULT_LIMIT : SYMBOLIC_LIMIT);
  }

  /** The tensor's elements as far as they follow from the assumptions; undefined when they do not. */
  value(tensor: string): Value | undefined {
    if (tensor === '') {
      return undefined;
    }
    if (this.#memo.has(tensor)) {
      return this.#memo.get(tensor);
    }
    // Entered before the computation: a cycle in a damaged file then ends here.
    this.#memo.set(tensor, undefined);
    const result = this.#compute(tensor);
    this.#memo.set(tensor, result);
    return result;
  }

  #compute(tensor: string): Value | undefined {
    const fed = this.assumptions.feeds?.get(tensor);
    if (fed) {
      return fed;
    }
    const constant = this.index.constant(tensor);
    if (constant) {
      return constantValue(constant, this.#limit);
    }
    const node = this.index.producer(tensor);
    if (!node || this.#budget <= 0) {
      return undefined;
    }
    const results = this.#tryNode(node);
    node.outputs.forEach((output, i) => {
      const result = results[i];
      this.#budget -= result?.data.length ?? 0;
      this.#memo.set(output, result && result.data.length <= this.#limit ? result : undefined);
    });
    return this.#memo.get(tensor);
  }

  /** A node whose arguments contradict each other, as only damaged files have, is one whose result is not known. */
  #tryNode(node: OnnxNode): readonly (Value | undefined)[] {
    try {
      return this.#node(node);
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError) {
        return [];
      }
      throw error;
    }
  }

  #node(node: OnnxNode): readonly (Value | undefined)[] {
    const { opType } = node;
    switch (opType) {
      case 'Constant':
        return [inlineConstant(node)];
      case 'Shape':
        return [this.#shape(node)];
      case 'Size': {
        const dims = this.#sizes(node.inputs[0]);
        return [dims && scalarValue('int', product(dims))];
      }
      case 'ConstantOfShape':
        return [this.#constantOfShape(node)];
      case 'If':
        return [];
      default:
        break;
    }
    if (!isFoldable(opType)) {
      return [];
    }
    const inputs: (Value | undefined)[] = [];
    for (const [i, name] of node.inputs.entries()) {
      const value = this.value(name);
      if (value === undefined && name !== '' && isNeeded(opType, i)) {
        return [];
      }
      inputs.push(value);
    }
    const result =
      opType === 'Where'
        ? foldWhere(inputs)
        : opType === 'Einsum'
          ? foldEinsum(node, inputs, this.#limit)
          : (REARRANGE[opType]?.(node, inputs, this.#limit) ??
            REDUCE[opType]?.(node, inputs, this.#limit) ??
            foldElementwise(node, inputs));
    return Array.isArray(result) ? (result as readonly (Value | undefined)[]) : [result as Value | undefined];
  }

  #sizes(tensor: string): readonly Dim[] | undefined {
    const dims = this.shapeOf(tensor);
    const { sizes } = this.assumptions;
    if (!dims || !sizes) {
      return dims ?? this.value(tensor)?.dims;
    }
    const numbers = dims.map((dim) => substitute(dim, sizes));
    return numbers.every((dim): dim is number => dim !== undefined) ? numbers : this.value(tensor)?.dims;
  }

  #shape(node: OnnxNode): Value | undefined {
    const dims = this.#sizes(node.inputs[0]);
    return dims && sizesVector(dims.slice(intAttribute(node, 'start') ?? 0, intAttribute(node, 'end')));
  }

  #constantOfShape(node: OnnxNode): Value | undefined {
    const dims = numbersOf(this.value(node.inputs[0]));
    const filler = node.attributes['value'];
    const one = filler?.type === 'tensor' ? constantValue(filler.value, 1) : scalarValue('float', 0);
    const size = dims?.reduce((product, dim) => product * dim, 1) ?? Infinity;
    if (!dims || !one || size > this.#limit) {
      return undefined;
    }
    return { kind: one.kind, dims, data: new Array<Value['data'][number]>(size).fill(one.data[0]) };
  }
}

const ELEMENTWISE = new Set(
  (
    'Abs Add And BitwiseAnd BitwiseOr Cast CastLike Ceil Clip Cos Div Dropout Equal Exp Floor Greater GreaterOrEqual ' +
    'Identity IsInf IsNaN Less LessOrEqual Log Max Min Mod Mul Neg Not Or Pow Reciprocal Relu Round Sigmoid Sign Sin ' +
    'Sqrt Sub Sum Tanh Where Xor Einsum'
  ).split(' '),
);

function isFoldable(opType: string): boolean {
  return ELEMENTWISE.has(opType) || opType in REARRANGE || opType in REDUCE;
}

/** Inputs without which the result cannot be known; Dropout's ratio and the like do not matter. */
function isNeeded(opType: string, input: number): boolean {
  return !((opType === 'Dropout' || opType === 'CastLike') && input > 0);
}

/** The numbers of a constant; undefined when they are too many, stored elsewhere, or no numbers. */
export function constantValue(constant: Initializer, limit: number): Value | undefined {
  const size = constant.dims.reduce((product, dim) => product * dim, 1);
  const width = elementBytes(constant.elementType);
  if (size > limit || !constant.raw || width === undefined || constant.raw.length < size * width) {
    return undefined;
  }
  const kind = kindOf(constant.elementType);
  if (width === 1 && constant.elementType !== ElementType.int8) {
    // Causal masks are stored as a byte per cell of the longest text: a view spares millions of numbers.
    return { kind, dims: constant.dims, data: constant.raw };
  }
  const data =
    kind === 'float' && constant.elementType !== ElementType.float64 ? floatsOf(constant) : intsOf(constant);
  return { kind, dims: constant.dims, data };
}

/** A Constant node whose value is an attribute other than a tensor. */
function inlineConstant(node: OnnxNode): Value | undefined {
  const float = floatAttribute(node, 'value_float');
  if (float !== undefined) {
    return scalarValue('float', float);
  }
  const whole = intAttribute(node, 'value_int');
  if (whole !== undefined) {
    return scalarValue('int', whole);
  }
  const floats = node.attributes['value_floats'];
  if (floats?.type === 'floats') {
    return vectorValue('float', floats.value);
  }
  const ints = intsAttribute(node, 'value_ints');
  return ints && vectorValue('int', ints);
}

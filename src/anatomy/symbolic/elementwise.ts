// Constant folding of element-wise operators; symbolic sizes survive where the result is still a polynomial.
import { ElementType, type OnnxNode } from '../../onnx/model';
import { intAttribute } from './attributes';
import { broadcastShape, expandTo } from './broadcast';
import { add, divide, isNegative, multiply, sameDim, subtract, type Dim } from './dim';
import type { Scalar, Value } from './value';

type Unary = (x: number) => number;

/** Functions of one number; `kind` of the result is that of the operand. */
const UNARY: Readonly<Record<string, Unary>> = {
  Abs: Math.abs,
  Ceil: Math.ceil,
  Cos: Math.cos,
  Exp: Math.exp,
  Floor: Math.floor,
  Log: Math.log,
  Reciprocal: (x) => 1 / x,
  Relu: (x) => Math.max(x, 0),
  // Half to even, as ONNX rounds.
  Round: (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Sign: Math.sign,
  Sin: Math.sin,
  Sqrt: Math.sqrt,
  Tanh: Math.tanh,
};

/** Functions of one number that answer a question. */
const TESTS: Readonly<Record<string, Unary>> = {
  Not: (x) => (x === 0 ? 1 : 0),
  IsNaN: (x) => (Number.isNaN(x) ? 1 : 0),
  IsInf: (x) => (Math.abs(x) === Infinity ? 1 : 0),
};

type Binary = (a: number, b: number, whole: boolean) => number;

const BINARY: Readonly<Record<string, Binary>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b, whole) => (whole ? Math.trunc(a / b) : a / b),
  Pow: (a, b) => a ** b,
  Max: (a, b) => Math.max(a, b),
  Min: (a, b) => Math.min(a, b),
  Sum: (a, b) => a + b,
  BitwiseAnd: (a, b) => a & b,
  BitwiseOr: (a, b) => a | b,
};

const COMPARE: Readonly<Record<string, Binary>> = {
  Equal: (a, b) => (a === b ? 1 : 0),
  Greater: (a, b) => (a > b ? 1 : 0),
  GreaterOrEqual: (a, b) => (a >= b ? 1 : 0),
  Less: (a, b) => (a < b ? 1 : 0),
  LessOrEqual: (a, b) => (a <= b ? 1 : 0),
  And: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
  Or: (a, b) => (a !== 0 || b !== 0 ? 1 : 0),
  Xor: (a, b) => ((a !== 0) !== (b !== 0) ? 1 : 0),
};

/** The same for sizes that are not known: exact where a polynomial can say it, else undefined. */
const SYMBOLIC: Readonly<Record<string, (a: Dim, b: Dim) => Scalar>> = {
  Add: add,
  Sum: add,
  Sub: subtract,
  Mul: multiply,
  Div: divide,
  // Bounds are taken to be wide enough for every size, as in `min(sequence, 512)` and `max(sequence, 1)`.
  Min: (a, b) => (typeof a === 'number' ? b : a),
  Max: (a, b) => (typeof a === 'number' ? b : a),
  Equal: (a, b) => (sameDim(a, b) ? 1 : neverEqual(a, b) ? 0 : undefined),
};

/** A size is never negative, so it never equals the −1 that shape arithmetic uses for "the rest". */
function neverEqual(a: Dim, b: Dim): boolean {
  return isNegative(a) !== isNegative(b);
}

/** Folds an element-wise operator; undefined when it is none or cannot be folded. */
export function foldElementwise(node: OnnxNode, inputs: readonly (Value | undefined)[]): Value | undefined {
  const { opType } = node;
  const [first] = inputs;
  if (!first) {
    return undefined;
  }
  if (opType === 'Cast' || opType === 'CastLike') {
    return cast(
      first,
      opType === 'Cast' ? kindOf(intAttribute(node, 'to')) : (inputs[1]?.kind ?? first.kind),
    );
  }
  if (opType === 'Identity' || opType === 'Dropout') {
    return first;
  }
  if (opType === 'Neg') {
    return map(first, first.kind, (x) => (x === undefined ? undefined : multiply(x, -1)));
  }
  const unary = UNARY[opType] ?? TESTS[opType];
  if (unary) {
    const kind = TESTS[opType] ? 'bool' : first.kind;
    return map(first, kind, (x) => (typeof x === 'number' ? unary(x) : undefined));
  }
  if (opType === 'Clip') {
    return clip(inputs);
  }
  if (opType === 'Mod') {
    const fmod = intAttribute(node, 'fmod') === 1;
    return zip(first, inputs[1], first.kind, (a, b) =>
      typeof a === 'number' && typeof b === 'number' ? (fmod ? a % b : ((a % b) + b) % b) : undefined,
    );
  }
  const binary = BINARY[opType] ?? COMPARE[opType];
  if (!binary) {
    return undefined;
  }
  const compares = COMPARE[opType] !== undefined;
  return inputs.slice(1).reduce<Value | undefined>((left, right) => {
    if (!left || !right) {
      return undefined;
    }
    const whole = left.kind === 'int' && right.kind === 'int';
    return zip(left, right, compares ? 'bool' : left.kind, (a, b) => {
      if (typeof a === 'number' && typeof b === 'number') {
        return binary(a, b, whole);
      }
      return a === undefined || b === undefined ? undefined : SYMBOLIC[opType]?.(a, b);
    });
  }, first);
}

/** Applies `Where` (condition, x, y) element by element. */
export function foldWhere(inputs: readonly (Value | undefined)[]): Value | undefined {
  const [condition, x, y] = inputs;
  const shape = condition && x && y && broadcastShape(broadcastShape(condition.dims, x.dims) ?? [], y.dims);
  if (!shape) {
    return undefined;
  }
  const [c, a, b] = [expandTo(condition, shape), expandTo(x, shape), expandTo(y, shape)];
  if (!c || !a || !b) {
    return undefined;
  }
  const data = Array.from({ length: c.data.length }, (_, i): Scalar => {
    const chosen = c.data[i];
    return typeof chosen === 'number' ? (chosen !== 0 ? a.data[i] : b.data[i]) : undefined;
  });
  return { kind: x.kind, dims: shape, data };
}

function clip(inputs: readonly (Value | undefined)[]): Value | undefined {
  const [value, low, high] = inputs;
  const lowest = low?.data[0] ?? -Infinity;
  const highest = high?.data[0] ?? Infinity;
  if (!value || typeof lowest !== 'number' || typeof highest !== 'number') {
    return undefined;
  }
  return map(value, value.kind, (x) =>
    typeof x === 'number' ? Math.min(Math.max(x, lowest), highest) : undefined,
  );
}

function map(value: Value, kind: Value['kind'], change: (x: Scalar) => Scalar): Value {
  return { kind, dims: value.dims, data: Array.from(value.data, change) };
}

function zip(
  a: Value,
  b: Value | undefined,
  kind: Value['kind'],
  combine: (a: Scalar, b: Scalar) => Scalar,
): Value | undefined {
  const shape = b && broadcastShape(a.dims, b.dims);
  const left = shape && expandTo(a, shape);
  const right = shape && expandTo(b, shape);
  if (!left || !right) {
    return undefined;
  }
  return {
    kind,
    dims: shape,
    data: Array.from({ length: left.data.length }, (_, i) => combine(left.data[i], right.data[i])),
  };
}

function cast(value: Value, kind: Value['kind']): Value {
  if (kind === value.kind) {
    return value;
  }
  return map(value, kind, (x) => {
    if (typeof x !== 'number') {
      return x;
    }
    return kind === 'bool' ? (x !== 0 ? 1 : 0) : kind === 'int' ? Math.trunc(x) : x;
  });
}

/** The kind of an ONNX element type; floats for what is not a whole number or a truth value. */
export function kindOf(elementType: number | undefined): Value['kind'] {
  return elementType === ElementType.bool ? 'bool' : WHOLE.has(elementType ?? 0) ? 'int' : 'float';
}

const WHOLE: ReadonlySet<number> = new Set([
  ElementType.uint8,
  ElementType.int8,
  ElementType.uint16,
  ElementType.int16,
  ElementType.int32,
  ElementType.int64,
  ElementType.uint32,
  ElementType.uint64,
]);

// Every operator that a gradient can meet: those with a rule, and those through which nothing flows.
import { ARITHMETIC } from './rules/arithmetic';
import { ARRANGE } from './rules/arrange';
import { LAYERS } from './rules/layers';
import { MATRIX } from './rules/matrix';
import { NORMALISE } from './rules/normalise';
import { PICK } from './rules/pick';
import { POINTWISE } from './rules/pointwise';
import { REDUCE } from './rules/reduce';
import type { Rules } from './operatorRule';

/** One rule per operator, each beside its formula. */
export const RULES: Rules = {
  ...POINTWISE,
  ...ARITHMETIC,
  ...MATRIX,
  ...NORMALISE,
  ...REDUCE,
  ...ARRANGE,
  ...PICK,
  ...LAYERS,
};

/** Operators with several results, each of which may bring a gradient. */
export const MANY_RESULTS: ReadonlySet<string> = new Set(['Split']);

/**
 * Operators whose results do not depend on the values of their inputs, are no floating point numbers, or are the same in
 * every small neighbourhood: their derivative is 0 wherever there is one.
 */
export const NO_FLOW: ReadonlySet<string> = new Set(
  (
    'And ArgMax ArgMin BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Ceil Constant ConstantOfShape Equal EyeLike Floor ' +
    'Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual NonZero Not Or RandomNormal RandomNormalLike RandomUniform ' +
    'RandomUniformLike Range Round Shape Sign Size Xor'
  ).split(' '),
);

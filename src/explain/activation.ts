// Activation functions of feed-forward layers, one number at a time.
import { UserError } from '../shared/errors';
import type { Activation } from '../shared/modelStructure';

/** @throws UserError `modelUnsupported` for gated and unknown ones, which have no value of a single number. */
export function activate(activation: Activation, x: number): number {
  switch (activation) {
    case 'ReLU':
      return Math.max(0, x);
    case 'GELU':
      return 0.5 * x * (1 + erf(x / Math.SQRT2));
    case 'GELU (tanh)':
      return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
    case 'GELU (sigmoid)':
      return x / (1 + Math.exp(-1.702 * x));
    case 'SiLU':
      return x / (1 + Math.exp(-x));
    case 'tanh':
      return Math.tanh(x);
    case 'ReGLU':
    case 'GEGLU':
    case 'SwiGLU':
    case 'unknown':
      throw new UserError(
        'modelUnsupported',
        `The activation "${activation}" cannot be computed outside the model.`,
      );
    default:
      return activation satisfies never;
  }
}

/** The error function, to 2·10⁻⁷ (Abramowitz & Stegun 1964, formula 7.1.26). */
export function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}

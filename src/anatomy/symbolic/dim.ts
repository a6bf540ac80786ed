// Dimensions as numbers or polynomials over named sizes (`batch`, `past + sequence`, `8·batch`); no solver.

/** A size that is known, or a polynomial of sizes that are not. */
export type Dim = number | DimExpression;

/** A polynomial with whole coefficients; a monomial is its sorted symbols joined by `·`, empty for the constant. */
export class DimExpression {
  /** Equal polynomials have equal keys. */
  readonly key: string;

  constructor(readonly terms: ReadonlyMap<string, number>) {
    this.key = [...terms]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([monomial, factor]) => (monomial === '' ? `${factor}` : `${factor}·${monomial}`))
      .join(' + ');
  }

  toString(): string {
    return this.key;
  }
}

/** The size called `name`. */
export function symbol(name: string): Dim {
  return new DimExpression(new Map([[name, 1]]));
}

/**
 * A dimension as a file names it. Exporters write sums such as `past_sequence_length + sequence_length`, which are
 * taken apart so that they equal what Concat computes.
 */
export function namedDim(name: string): Dim {
  const parts = name.split('+').map((part) => part.trim());
  if (parts.length < 2 || !parts.every((part) => /^[A-Za-z0-9_.]+$/.test(part))) {
    return symbol(name);
  }
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : symbol(part))).reduce(add);
}

function termsOf(dim: Dim): ReadonlyMap<string, number> {
  return typeof dim === 'number' ? new Map([['', dim]]) : dim.terms;
}

function simplify(terms: Map<string, number>): Dim {
  for (const [monomial, factor] of terms) {
    if (factor === 0) {
      terms.delete(monomial);
    }
  }
  if (terms.size === 0) {
    return 0;
  }
  const constant = terms.get('');
  return terms.size === 1 && constant !== undefined ? constant : new DimExpression(terms);
}

export function add(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') {
    return a + b;
  }
  const terms = new Map(termsOf(a));
  for (const [monomial, factor] of termsOf(b)) {
    terms.set(monomial, (terms.get(monomial) ?? 0) + factor);
  }
  return simplify(terms);
}

export function subtract(a: Dim, b: Dim): Dim {
  return add(a, multiply(b, -1));
}

export function multiply(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') {
    return a * b;
  }
  const terms = new Map<string, number>();
  for (const [left, leftFactor] of termsOf(a)) {
    for (const [right, rightFactor] of termsOf(b)) {
      const monomial = [...left.split('·'), ...right.split('·')].filter(Boolean).sort().join('·');
      terms.set(monomial, (terms.get(monomial) ?? 0) + leftFactor * rightFactor);
    }
  }
  return simplify(terms);
}

/** a ÷ b where it divides without remainder, else undefined. */
export function divide(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    return b !== 0 && a % b === 0 ? a / b : undefined;
  }
  if (sameDim(a, b)) {
    return 1;
  }
  const [divisor, ...more] = termsOf(b);
  if (!divisor || more.length > 0) {
    return undefined;
  }
  const terms = new Map<string, number>();
  for (const [monomial, factor] of termsOf(a)) {
    const rest = monomial.split('·').filter(Boolean);
    for (const part of divisor[0].split('·').filter(Boolean)) {
      const at = rest.indexOf(part);
      if (at < 0) {
        return undefined;
      }
      rest.splice(at, 1);
    }
    if (factor % divisor[1] !== 0) {
      return undefined;
    }
    terms.set(rest.join('·'), factor / divisor[1]);
  }
  return simplify(terms);
}

export function sameDim(a: Dim, b: Dim): boolean {
  return typeof a === 'number' || typeof b === 'number' ? a === b : a.key === b.key;
}

/** Whether the value is below zero for every assignment of sizes, as in a slice from `-sequence` on. */
export function isNegative(dim: Dim): boolean {
  return typeof dim === 'number' ? dim < 0 : [...dim.terms.values()].every((factor) => factor < 0);
}

/** The number a dimension has under an assignment of sizes; undefined when a size is not assigned. */
export function substitute(dim: Dim, sizes: ReadonlyMap<string, number>): number | undefined {
  if (typeof dim === 'number') {
    return dim;
  }
  let sum = 0;
  for (const [monomial, factor] of dim.terms) {
    let product = factor;
    for (const name of monomial.split('·').filter(Boolean)) {
      const size = sizes.get(name);
      if (size === undefined) {
        return undefined;
      }
      product *= size;
    }
    sum += product;
  }
  return sum;
}

/** The product of dimensions: 1 for none. */
export function product(dims: readonly Dim[]): Dim {
  return dims.reduce(multiply, 1);
}

/** All sizes that occur in a dimension. */
export function symbolsIn(dim: Dim): readonly string[] {
  return typeof dim === 'number'
    ? []
    : [...new Set([...dim.terms.keys()].flatMap((monomial) => monomial.split('·').filter(Boolean)))];
}

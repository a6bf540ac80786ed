// Every tensor of cosines or sines that rotates the queries and keys of a stack, and how its pairs and positions lie.
import type { AttentionSite } from './anatomy';
import type { GraphFacts } from './graphFacts';
import { positionalFactors, type TokenInputs } from './rotary';
import { numbersOf, stridesOf } from './symbolic/value';
import { Trial } from './trial';

export interface RotaryFactor {
  readonly tensor: string;
  readonly of: 'cosine' | 'sine';
  /** Each pair once, all of them twice one behind the other, or each one twice in a row. */
  readonly columns: 'pairs' | 'halves' | 'interleaved';
  /** Axes between positions and columns. */
  readonly between: number;
  /** A row for each token of the run, or for every position of a table of so many rows. */
  readonly rows: 'run' | number;
}

/** Empty where a factor could not be told apart: then nothing of the rotation may be changed. */
export function rotaryFactors(facts: GraphFacts, sites: readonly AttentionSite[]): readonly RotaryFactor[] {
  const trial = new Trial(facts);
  const tokens: TokenInputs = new Set(
    facts.inputs.map(({ name }) => name).filter((name) => /ids$/.test(name) && !/position/.test(name)),
  );
  const found = new Map<string, RotaryFactor | undefined>();
  for (const site of sites) {
    if (site.kind === 'cross') {
      continue;
    }
    for (const operand of [site.query, site.key]) {
      for (const tensor of operand ? factorsBehind(facts, tokens, operand.tensor) : []) {
        if (!found.has(tensor)) {
          found.set(tensor, factorAt(facts, trial, tensor));
        }
      }
    }
  }
  const factors = [...found.values()];
  const known = factors.filter((factor) => factor !== undefined);
  const complete = known.length === factors.length && new Set(known.map(({ of }) => of)).size === 2;
  return complete ? known : [];
}

/** Tables of an operator that rotates, else the factors themselves. */
function factorsBehind(facts: GraphFacts, tokens: TokenInputs, tensor: string): readonly string[] {
  const { factors, operator } = positionalFactors(facts, tokens, tensor);
  if (operator) {
    return operator.domain === 'com.microsoft' ? operator.inputs.slice(2, 4) : operator.inputs.slice(1, 3);
  }
  return factors;
}

function factorAt(facts: GraphFacts, trial: Trial, tensor: string): RotaryFactor | undefined {
  const value = trial.value(tensor);
  const numbers = numbersOf(value);
  const width = value?.dims.at(-1);
  if (!value || !numbers || width === undefined) {
    return undefined;
  }
  const axis = value.dims.slice(0, -1).findLastIndex((dim) => dim > 1);
  if (axis < 0) {
    return undefined;
  }
  const step = stridesOf(value.dims)[axis];
  const row = (position: number) => numbers.slice(position * step, position * step + width);
  const [first, second] = [row(0), row(1)];
  const isCosine = first.every((x) => x > 0.05 && Math.abs(x - first[0]) < 1e-4);
  const isSine = first.every((x) => Math.abs(x) < 1e-6) && second.some((x) => x !== 0);
  if (!isCosine && !isSine) {
    return undefined;
  }
  const table = facts.weight(tensor);
  return {
    tensor: table?.name ?? tensor,
    of: isCosine ? 'cosine' : 'sine',
    columns: columnsOf(second),
    between: value.dims.length - 2 - axis,
    rows: table ? value.dims[axis] : 'run',
  };
}

function columnsOf(row: readonly number[]): RotaryFactor['columns'] {
  const half = row.length / 2;
  const close = (a: number, b: number): boolean =>
    Math.abs(a - b) <= 1e-5 * Math.max(Math.abs(a), Math.abs(b), 1e-6);
  const repeats = Number.isInteger(half) && row.slice(0, half).every((x, i) => close(x, row[i + half]));
  const pairs = Number.isInteger(half) && row.every((x, i) => close(x, row[i - (i % 2)]));
  return repeats && !pairs ? 'halves' : pairs && !repeats ? 'interleaved' : 'pairs';
}

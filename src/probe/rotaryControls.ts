// Adds the controls of a rotation of queries and keys: its cosines and sines can be replaced, wherever the graph reads them.
import type { AttentionSite } from '../anatomy/anatomy';
import type { GraphFacts } from '../anatomy/graphFacts';
import { rotaryFactors, type RotaryFactor } from '../anatomy/rotaryFactors';
import type { RotaryControls } from './experiment';
import type { GraphSurgeon } from './graphSurgeon';

/** Undefined where cosines and sines are not tensors of one form for the whole stack. */
export function addRotaryControls(
  facts: GraphFacts,
  surgeon: GraphSurgeon,
  sites: readonly AttentionSite[],
): RotaryControls | undefined {
  const factors = rotaryFactors(facts, sites);
  const [first] = factors;
  if (!first || factors.some(({ columns, rows }) => columns !== first.columns || rows !== first.rows)) {
    return undefined;
  }
  const name = 'rotary';
  const select = surgeon.control(`${name}/select`, { type: 'bool', rank: 1, value: 0 });
  const cosines = surgeon.control(`${name}/cosines`, { type: 'float32', rank: 2, value: 0 });
  const sines = surgeon.control(`${name}/sines`, { type: 'float32', rank: 2, value: 0 });
  for (const factor of factors) {
    const given = shaped(surgeon, factor, (factor.of === 'cosine' ? cosines : sines).tensor);
    surgeon.interpose(factor.tensor, (own, result) =>
      surgeon.writer.node('Where', [select.tensor, given, own], {}, result),
    );
  }
  const { columns, rows } = first;
  return { kind: 'rotary', select: select.input, cosines: cosines.input, sines: sines.input, columns, rows };
}

/** `[positions, columns]` with the axes that stand between the two in the graph. */
function shaped(surgeon: GraphSurgeon, { between }: RotaryFactor, given: string): string {
  return between === 0
    ? given
    : surgeon.writer.reshape(given, [0, ...Array.from({ length: between }, () => 1), -1]);
}

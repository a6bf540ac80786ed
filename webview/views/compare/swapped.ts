// A comparison with its two sides in each other's place: what was A is B. Kinds of attention stay those of the run that is shown.
import type { AlignedItem, Contrast, HeadContrast } from '../../../src/shared/contrast';

export function swappedItems(items: readonly AlignedItem[]): readonly AlignedItem[] {
  return items.map(({ a, b, same }) => ({ a: b, b: a, same }));
}

export function swappedContrast(contrast: Contrast): Contrast {
  const { sides, output, states } = contrast;
  return {
    ...contrast,
    sides: sides.map(({ a, b, items }) => ({ a: b, b: a, items: swappedItems(items) })),
    output: {
      ...output,
      labels: output.labels && { a: output.labels.b, b: output.labels.a },
      places: output.places.map(({ a, b, kl, likeliestA, likeliestB }) => ({
        a: b,
        b: a,
        kl: kl && { ab: kl.ba, ba: kl.ab },
        likeliestA: likeliestB,
        likeliestB: likeliestA,
      })),
    },
    states: states.map((each) => ({
      ...each,
      a: each.b,
      b: each.a,
      states: each.states.map(({ a, b }) => ({ a: b, b: a })),
    })),
  };
}

export function swappedHeads(heads: HeadContrast): HeadContrast {
  const { queries, keys, a, b, difference, absent } = heads;
  return {
    ...heads,
    queries: swappedItems(queries),
    keys: swappedItems(keys),
    a: b,
    b: a,
    difference: { ...difference, data: difference.data.map((value) => -value) },
    absent: { ...absent, a: absent.b, b: absent.a },
  };
}

// chrF of a set of translations (Popović 2015): how many character n-grams they share with the wanted texts.

const ORDER = 6;
/** β = 2: recall counts twice as much as precision. */
const BETA_SQUARED = 4;

/**
 * chrF of all texts together, 0 to 100: the F₂ score of the mean precision and the mean recall of character n-grams of
 * one to six characters, spaces left out; as sacrebleu 2 computes it by default.
 *
 * @throws RangeError unless there are as many of both.
 */
export function chrf(texts: readonly string[], wanted: readonly string[]): number {
  if (texts.length !== wanted.length) {
    throw new RangeError(`${texts.length} texts cannot be compared with ${wanted.length}.`);
  }
  const [mine, theirs, shared] = [0, 0, 0].map(() => new Array<number>(ORDER).fill(0));
  for (const [index, text] of texts.entries()) {
    const [a, b] = [text, wanted[index]].map((each) => [...each.replace(/\s+/gu, '')]);
    for (let order = 1; order <= ORDER; order++) {
      const [own, other] = [ngrams(a, order), ngrams(b, order)];
      mine[order - 1] += Math.max(0, a.length - order + 1);
      theirs[order - 1] += Math.max(0, b.length - order + 1);
      for (const [gram, count] of own) {
        shared[order - 1] += Math.min(count, other.get(gram) ?? 0);
      }
    }
  }
  // An order that one side is too short for says nothing.
  const orders = shared.map((_, i) => i).filter((i) => mine[i] > 0 && theirs[i] > 0);
  const mean = (of: (order: number) => number): number =>
    orders.reduce((sum, i) => sum + of(i), 0) / Math.max(1, orders.length);
  const precision = mean((i) => shared[i] / mine[i]);
  const recall = mean((i) => shared[i] / theirs[i]);
  const sum = BETA_SQUARED * precision + recall;
  return sum > 0 ? (100 * (1 + BETA_SQUARED) * precision * recall) / sum : 0;
}

function ngrams(characters: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + order <= characters.length; start++) {
    const gram = characters.slice(start, start + order).join('');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

// The arithmetic of one attention cell, written out, and what scaling does to the spread of scores. Pure numbers.
import type { Term } from '../shared/insight';

/** `q·k = Σ q_i·k_i`, terms by size of contribution; `sum` adds them up in double precision. `query`, `key`: `[d_k]`. */
export function dotTerms(
  query: Float32Array,
  key: Float32Array,
): { readonly terms: readonly Term[]; readonly sum: number } {
  const terms = Array.from(query, (q, dimension) => ({
    dimension,
    query: q,
    key: key[dimension],
    product: q * key[dimension],
  })).sort((a, b) => Math.abs(b.product) - Math.abs(a.product) || a.dimension - b.dimension);
  return { terms, sum: terms.reduce((sum, { product }) => sum + product, 0) };
}

/** cos(a, b) = a·b ÷ (‖a‖‖b‖); 0 when one of them is the zero vector. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}

/** Mean and variance of scores, cells with a 1 in `masked` left out. */
export function spread(
  scores: Float32Array,
  masked?: Uint8Array,
): { readonly mean: number; readonly variance: number; readonly count: number } {
  let [count, sum, squares] = [0, 0, 0];
  scores.forEach((score, i) => {
    if (masked?.[i] !== 1) {
      count++;
      sum += score;
    }
  });
  const mean = count === 0 ? 0 : sum / count;
  scores.forEach((score, i) => {
    if (masked?.[i] !== 1) {
      squares += (score - mean) ** 2;
    }
  });
  return { mean, variance: count === 0 ? 0 : squares / count, count };
}

// From logits to a distribution over the vocabulary as decoding sees it: temperature, top-k, top-p.
import type { DistributionSettings, Distribution } from '../shared/insight';

/**
 * The `count` likeliest tokens; also those that the settings remove, with probability 0. `logits`: `[vocabulary]`;
 * `pieceOf` spells a token.
 */
export function distribution(
  logits: Float32Array,
  { temperature, topK, topP }: DistributionSettings,
  count: number,
  pieceOf: (id: number) => string,
): Distribution {
  const order = Array.from(logits.keys())
    .filter((id) => logits[id] > -Infinity)
    .sort((a, b) => logits[b] - logits[a] || a - b);
  const plain = softmax(order.map((id) => logits[id]));
  const heated = softmax(order.map((id) => logits[id] / temperature));
  const first = topK > 0 ? Math.min(topK, order.length) : order.length;
  const inside = heated.slice(0, first).reduce((sum, p) => sum + p, 0);
  let kept = 0;
  for (let sum = 0; kept < first && (kept === 0 || sum < topP * inside - 1e-12); kept++) {
    sum += heated[kept];
  }
  const mass = heated.slice(0, kept).reduce((sum, p) => sum + p, 0);
  return {
    candidates: order.slice(0, count).map((id, i) => ({
      id,
      piece: pieceOf(id),
      logit: logits[id],
      plain: plain[i],
      probability: i < kept ? heated[i] / mass : 0,
    })),
    entropy: plain.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0),
    kept,
  };
}

/** Of logits in falling order. */
function softmax(logits: readonly number[]): number[] {
  const powers = logits.map((logit) => Math.exp(logit - logits[0]));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

// The explanations of the parts of a sentence as one: tokens of one part look at nothing of another, for they were translated apart.
import type { TokenSequence } from '../../shared/tokens';
import type { TranslationExplanation } from '../../shared/translation';

/** @param source,target The tokens of all parts, in order. */
export function mergeExplanations(
  parts: readonly TranslationExplanation[],
  source: TokenSequence,
  target: TokenSequence,
): TranslationExplanation {
  const rows = parts.reduce((sum, { attention }) => sum + attention.rows, 0);
  const columns = parts.reduce((sum, { attention }) => sum + attention.columns, 0);
  const data = new Float32Array(rows * columns);
  const at = { row: 0, column: 0, token: 0, sourceWord: 0, targetWord: 0 };
  const merged = {
    steps: [] as TranslationExplanation['steps'][number][],
    untranslated: [] as number[],
    repeated: [] as number[],
  };
  for (const part of parts) {
    const { attention } = part;
    for (let row = 0; row < attention.rows; row++) {
      const from = row * attention.columns;
      data.set(attention.data.subarray(from, from + attention.columns), (at.row + row) * columns + at.column);
    }
    merged.steps.push(...part.steps.map((step) => ({ ...step, token: step.token + at.token })));
    merged.untranslated.push(...part.untranslated.map((word) => word + at.sourceWord));
    merged.repeated.push(...part.repeated.map((word) => word + at.targetWord));
    at.row += attention.rows;
    at.column += attention.columns;
    at.token += part.target.tokens.length;
    at.sourceWord += part.source.words.length;
    at.targetWord += part.target.words.length;
  }
  return { ...merged, source, target, attention: { rows, columns, data } };
}

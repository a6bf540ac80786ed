// What decoding tells: a text per step while it runs, and every hypothesis in the end.
import type { CallOptions } from '../../shared/protocol';
import type { TokenSequence } from '../../shared/tokens';
import type { BeamTree, TranslatedText, TranslationHypothesis } from '../../shared/translation';
import type { Model } from '../model';
import { tokenizerOf } from '../model';
import type { DecodedSource } from './decode';
import type { TokenLabels } from './target';
import { endings, targetSequence } from './target';
import type { TextStream } from './textStream';

/** Tells every step to whoever listens. */
export function streaming(
  streams: readonly TextStream[],
  { onProgress }: CallOptions,
): ((ids: readonly (readonly number[])[]) => void) | undefined {
  return (
    onProgress &&
    ((ids) => {
      const step = ids.reduce((most, { length }) => Math.max(most, length), 0);
      const texts = ids.map((row, i) => streams[i]?.read(row) ?? '');
      onProgress({ message: 'Translating', done: step, total: 0, partial: { texts, step } });
    })
  );
}

/** @param before What the targets go on from, see {@link targetSequence}. */
export function answer(
  model: Model,
  source: TokenSequence,
  { hypotheses, tree }: DecodedSource,
  labels: TokenLabels,
  before?: readonly number[],
): TranslatedText {
  const [end] = endings(model);
  const shown: BeamTree | undefined = tree && {
    nodes: tree.map((node) => ({ ...node, label: labels.of(node.id) })),
  };
  return {
    source,
    hypotheses: hypotheses.map(
      ({ ids, logProbabilities, logProbability, score, ended }): TranslationHypothesis => ({
        target: targetSequence(tokenizerOf(model), ended ? [...ids, end] : ids, before),
        ids,
        logProbabilities,
        logProbability,
        score,
        ended,
      }),
    ),
    ...(shown && { tree: shown }),
  };
}

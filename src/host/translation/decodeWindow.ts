// Translates some sentences side by side: asks the engine, streams, puts marks back, and asks again for what came back unusable.
import { isCancelled, throwIfCancelled, UserError } from '../../shared/errors';
import type { TranslatedText } from '../../shared/translation';
import type { ModelChoices, Ready } from './modelChoices';
import type { SentenceWork } from './sentenceWork';

export interface WindowParts {
  readonly choices: ModelChoices;
  readonly ready: Ready;
  readonly signal: AbortSignal;
  /** Sentences have something new to show; `soon` allows to leave it out when there was something just now. */
  readonly tell: (works: readonly SentenceWork[], soon?: 'soon') => void;
  /** So many tokens were decoded. */
  readonly count: (tokens: number) => void;
}

/**
 * @param window Sentences that are asked for in one request; one with a force is alone.
 * @throws UserError as `Engine.translate`; `cancelled` with everything that was decoded in its sentence.
 */
export async function decodeWindow(window: readonly SentenceWork[], parts: WindowParts): Promise<void> {
  const { signal, tell, count } = parts;
  throwIfCancelled(signal);
  let left = [...window];
  left.forEach((work) => (work.status = 'running'));
  tell(left);
  while (left.length > 0) {
    const found = await ask(left, parts);
    if ('tooLong' in found) {
      // The others can be translated without the one that nobody can read.
      const { tooLong } = found;
      tooLong.fail();
      tell([tooLong]);
      left = left.filter((other) => other !== tooLong);
      continue;
    }
    const again: SentenceWork[] = [];
    for (const [work, results] of found) {
      await align(work, results, parts);
      throwIfCancelled(signal);
      count(results.reduce((sum, { hypotheses }) => sum + (hypotheses[0]?.logProbabilities.length ?? 0), 0));
      if (!work.settle(results)) {
        again.push(work);
      }
    }
    tell(left);
    left = again;
  }
}

/** One request for all sentences; what came back of each, or the one that the model cannot read. */
async function ask(
  works: readonly SentenceWork[],
  { choices, ready, signal, tell, count }: WindowParts,
): Promise<Map<SentenceWork, readonly TranslatedText[]> | { readonly tooLong: SentenceWork }> {
  const texts = works.flatMap((work) => work.asked.map(({ text }) => ({ work, text })));
  const of = <T>(work: SentenceWork, all: readonly T[]) =>
    all.filter((_, index) => texts[index].work === work);
  const [{ force }] = works;
  const request = choices.request(
    ready,
    texts.map(({ text }) => text),
  );
  try {
    const results = await ready.engine.translate(force ? { ...request, begin: force.begin } : request, {
      signal,
      onProgress: ({ partial }) => {
        if (partial && !signal.aborted) {
          works.forEach((work) => work.stream(of(work, partial.texts)));
          count(0);
          tell(works, 'soon');
        }
      },
    });
    throwIfCancelled(signal);
    return new Map(works.map((work) => [work, of(work, results)]));
  } catch (error) {
    const index = tooLongAt(error, texts.length);
    if (index === undefined) {
      throw error;
    }
    return { tooLong: texts[index].work };
  }
}

/** Finds out where the marks of a sentence go in each of its translations, by what their tokens looked at. */
async function align(
  work: SentenceWork,
  results: readonly TranslatedText[],
  { choices, ready, signal }: WindowParts,
): Promise<void> {
  if (!work.hasMarks) {
    return;
  }
  const [{ text }] = work.texts;
  for (const { ids } of results[0].hypotheses) {
    try {
      const request = choices.explainRequest(ready, text, ids, { heads: undefined, alternatives: 0 });
      work.align(await ready.engine.explainTranslation(request, { signal }));
    } catch (error) {
      // Without attention the sentence is translated in parts; a lost engine would be lost for them, too.
      if (isCancelled(error) || !(error instanceof UserError && error.code === 'modelUnsupported')) {
        throw error;
      }
    }
  }
}

/** Which text of the request nobody can read; undefined for other failures. */
function tooLongAt(error: unknown, texts: number): number | undefined {
  const index =
    error instanceof UserError && error.code === 'textTooLong'
      ? Number(error.details.text ?? (texts === 1 ? 0 : NaN))
      : NaN;
  return Number.isInteger(index) && index >= 0 && index < texts ? index : undefined;
}

// Questions about a sentence that has been translated: why each of its words came out, and between what the search chose.
import type { CallOptions } from '../../shared/protocol';
import type { BeamTree, TranslatedText, TranslationExplanation } from '../../shared/translation';
import { mergeExplanations } from './mergeExplanations';
import type { ModelChoices, Ready } from './modelChoices';
import type { SentenceWork } from './sentenceWork';

/** Alternatives to list at each step of an explanation. */
const ALTERNATIVES = 8;

/** What made each token of a sentence. @throws UserError as `Engine.explainTranslation` */
export async function explainSentence(
  work: SentenceWork,
  choices: ModelChoices,
  ready: Ready,
  call: CallOptions,
): Promise<TranslationExplanation> {
  const more = { heads: choices.heads, alternatives: ALTERNATIVES };
  const parts: TranslationExplanation[] = [];
  for (const [index, { ids }] of work.chosenOf.entries()) {
    const request = choices.explainRequest(ready, work.texts[index].text, ids, more);
    parts.push(await ready.engine.explainTranslation(request, call));
  }
  return mergeExplanations(
    parts,
    work.wholeSource(parts.map(({ source }) => source)),
    work.wholeTarget(parts.map(({ target }) => target)),
  );
}

/** The tree of a sentence's beam search; searched again where it was not kept. @throws UserError as `Engine.translate` */
export async function treeOfSentence(
  work: SentenceWork,
  choices: ModelChoices,
  ready: Ready,
  call: CallOptions,
): Promise<BeamTree> {
  if (!work.tree) {
    const { beginnings } = work;
    const results: TranslatedText[] = [];
    for (const [index, { text }] of work.texts.entries()) {
      const begin = beginnings[index];
      const request = { ...choices.request(ready, [text]), tree: true, ...(begin && { begin }) };
      results.push(...(await ready.engine.translate(request, call)));
    }
    work.keepTree(results);
  }
  return work.tree ?? { nodes: [] };
}

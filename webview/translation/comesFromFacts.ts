// What the list of where a word comes from says about itself: whether it has rows, and whose attention they show. Pure.
import type { TranslationState } from '../../src/shared/translationPage';
import { translationStrings as strings } from '../strings/translationStrings';

/** Whether rows keep their room: not while there is no word to point at, nor where the one pointed at cannot be explained. */
export function hasRows({ sentences }: TranslationState, problem: string): boolean {
  return problem === '' && sentences.some(({ hypotheses }) => hypotheses.length > 0);
}

/** Which heads, in words. */
export function headsCaption({ mode, heads, layers }: TranslationState): string {
  return layers === 0
    ? ''
    : strings.headsCaption(
        mode,
        heads.layer === 'all' ? strings.allLayers : strings.layerName(heads.layer + 1),
        heads.head === 'mean' ? undefined : strings.headName(heads.head + 1),
      );
}

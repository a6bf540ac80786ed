// What the page of the Translation view has not been told yet: it gets every hypothesis once, however often the state is shown.
import type {
  SentenceChange,
  SentenceTranslation,
  TranslationChange,
  TranslationProgress,
  TranslationState,
} from '../../shared/translationPage';

export type News =
  | { readonly what: 'all'; readonly state: TranslationState }
  | { readonly what: 'change'; readonly change: TranslationChange };

export class PageNews {
  private passages: TranslationState['passages'] | undefined;
  private rest = '';
  private told = new Map<number, SentenceTranslation>();

  /** The page gets everything. */
  all(state: TranslationState): TranslationState {
    this.passages = state.passages;
    this.rest = JSON.stringify(restOf(state));
    this.told = new Map(state.sentences.map((each) => [each.sentence, each]));
    return state;
  }

  /** What of a state is new to the page. */
  of(state: TranslationState): News {
    if (state.passages !== this.passages || state.sentences.length !== this.told.size) {
      return { what: 'all', state: this.all(state) };
    }
    const rest = restOf(state);
    const text = JSON.stringify(rest);
    const change = this.ofSentences(state.sentences, state.progress);
    if (text === this.rest) {
      return { what: 'change', change };
    }
    this.rest = text;
    return { what: 'change', change: { rest, ...change } };
  }

  /** What is new of some sentences. */
  ofSentences(sentences: readonly SentenceTranslation[], progress: TranslationProgress): TranslationChange {
    return { sentences: sentences.flatMap((sentence) => this.changeOf(sentence) ?? []), progress };
  }

  private changeOf(now: SentenceTranslation): SentenceChange | undefined {
    const before = this.told.get(now.sentence);
    this.told.set(now.sentence, now);
    if (!before) {
      return now;
    }
    const { source, hypotheses, ...small } = now;
    const large = {
      ...(source === before.source ? {} : { source }),
      ...(hypotheses === before.hypotheses ? {} : { hypotheses }),
    };
    const names = ['status', 'text', 'chosen', 'forced', 'doubtful', 'note'] as const;
    const same = names.every((name) => now[name] === before[name]) && Object.keys(large).length === 0;
    return same ? undefined : { ...small, ...large };
  }
}

function restOf(state: TranslationState): NonNullable<TranslationChange['rest']> {
  const { mode, status, model, source, error } = state;
  const { languages, sourceLanguages, language, sourceLanguage } = state;
  const { follow, decoding, heads, layers, headsPerLayer, confidence } = state;
  return {
    ...{ mode, status, model, source, error },
    ...{ languages, sourceLanguages, language, sourceLanguage },
    ...{ follow, decoding, heads, layers, headsPerLayer, confidence },
  };
}

// What a translation session is given: its subject, and its surroundings, without editor and page.
import type { SplitPassage } from '../../passage/splitPassage';
import type { Family, ModelSummary } from '../../shared/modelSummary';
import type { Engine, PanelError, Progress } from '../../shared/protocol';
import type {
  SentenceTranslation,
  TranslationProgress,
  TranslationSource,
} from '../../shared/translationPage';
import type { SentenceNotes } from './sentenceWork';
import type { TranslationSettings } from './translationSettings';

/** The engine as far as translating needs it. */
export type Translator = Pick<Engine, 'translate' | 'explainTranslation'>;

/** What is to be translated. */
export interface TranslationSubject {
  readonly source: TranslationSource;
  /** How the places fall into sentences: one each for a model that goes on with a text. */
  split(family: Family, locale: string | undefined): readonly SplitPassage[];
  /** VS Code's name of the document's language. */
  readonly languageId: string;
}

/** What a session needs of its surroundings. */
export interface SessionParts {
  /** The engine with the current model in it. */
  ready(
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<{ engine: Translator; model: ModelSummary }>;
  settings(): TranslationSettings;
  readonly notes: SentenceNotes;
  /** @throws UserError where the model can neither translate nor continue, has no such language, or finds nothing to do. */
  check(model: ModelSummary, subject: TranslationSubject, sentences: number): void;
  /** A failure as the page shows it; also for the log. */
  failed(error: unknown): PanelError;
  /** Everything is another: the page is told all of it. */
  show(): void;
  /** Sentences that changed. */
  update(change: {
    readonly sentences: readonly SentenceTranslation[];
    readonly progress: TranslationProgress;
  }): void;
}

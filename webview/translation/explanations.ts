// What is known about why words came out: asked of the host one sentence at a time, the one under the pointer first, and kept.
import { isCancelled, messageOf } from '../../src/shared/errors';
import type { TranslationExplanation } from '../../src/shared/translation';
import type {
  SentenceTranslation,
  TranslationHost,
  TranslationState,
} from '../../src/shared/translationPage';
import { chosenOf } from './confidence';

/** So many sentences are remembered; a matrix of 60 × 60 weights is 14 kB. */
const CAPACITY = 256;

/** A pointer that moves over a text asks once it slows down. */
const DELAY = 60;

/** Distinguishes what a sentence says now from what it said before; undefined while there is nothing to explain. */
export function explanationKey(
  sentence: SentenceTranslation | undefined,
  { heads, language, sourceLanguage, model }: TranslationState,
): string | undefined {
  const hypothesis = sentence && sentence.status !== 'running' ? chosenOf(sentence) : undefined;
  return hypothesis
    ? JSON.stringify([
        sentence?.sentence,
        heads,
        language,
        sourceLanguage,
        model,
        sentence?.source?.text,
        hypothesis.ids,
      ])
    : undefined;
}

export type Explained =
  | { readonly status: 'ready'; readonly value: TranslationExplanation }
  | { readonly status: 'loading' }
  | { readonly status: 'failed'; readonly message: string };

export class Explanations {
  private readonly known = new Map<string, Explained>();
  /** What to ask when nothing is wanted at once: the sentences in sight. */
  private background: readonly (readonly [sentence: number, key: string])[] = [];
  private wanted: readonly [sentence: number, key: string] | undefined;
  private running: { readonly key: string; readonly controller: AbortController } | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `changed` is told for which sentence an answer came. */
  constructor(
    private readonly explain: TranslationHost['explain'],
    private readonly changed: (sentence: number) => void,
  ) {}

  /** What is known; asks for nothing. */
  peek(key: string | undefined): TranslationExplanation | undefined {
    const found = key === undefined ? undefined : this.known.get(key);
    return found?.status === 'ready' ? found.value : undefined;
  }

  /** What is known about the sentence that the user looks at now; asks for it unless it is known. */
  want(sentence: number, key: string): Explained {
    const found = this.known.get(key);
    if (found?.status === 'ready') {
      this.remember(key, found);
      this.wanted = undefined;
      return found;
    }
    if (this.wanted?.[1] !== key) {
      this.wanted = [sentence, key];
      this.known.delete(key);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.next(), DELAY);
    }
    return this.known.get(key) ?? { status: 'loading' };
  }

  /** Sentences whose marks are to be drawn, to be asked for one after the other while nothing else is wanted. */
  suggest(sentences: readonly (readonly [sentence: number, key: string])[]): void {
    this.background = sentences;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.next(), DELAY);
  }

  private next(): void {
    const ask =
      (this.wanted && !this.known.has(this.wanted[1]) ? this.wanted : undefined) ??
      this.background.find(([, key]) => !this.known.has(key));
    if (!ask || this.running?.key === ask[1]) {
      return;
    }
    if (this.running) {
      // What the pointer is on goes first; what is in sight can wait for its turn.
      if (ask !== this.wanted) {
        return;
      }
      this.running.controller.abort();
    }
    void this.load(...ask);
  }

  private async load(sentence: number, key: string): Promise<void> {
    const controller = new AbortController();
    const running = { key, controller };
    this.running = running;
    let outcome: Explained | undefined;
    try {
      outcome = { status: 'ready', value: await this.explain({ sentence }, { signal: controller.signal }) };
    } catch (error) {
      outcome = isCancelled(error) ? undefined : { status: 'failed', message: messageOf(error) };
    }
    if (this.running === running) {
      this.running = undefined;
    }
    if (controller.signal.aborted) {
      return;
    }
    if (outcome) {
      this.remember(key, outcome);
      this.changed(sentence);
    } else {
      // Given up by the host, because something else goes on: asked again when somebody looks.
      this.background = this.background.filter(([, each]) => each !== key);
      this.wanted = undefined;
    }
    this.next();
  }

  private remember(key: string, outcome: Explained): void {
    this.known.delete(key);
    this.known.set(key, outcome);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= CAPACITY) {
        break;
      }
      this.known.delete(oldest);
    }
  }
}

// The state of the view: what the host said, which word is looked at, which sections are open. Tells who draws what changed.
import { messageOf } from '../../src/shared/errors';
import type { Connection } from '../../src/shared/rpc';
import type {
  SentenceTranslation,
  TranslationHost,
  TranslationPage,
  TranslationProgress,
  TranslationState,
} from '../../src/shared/translationPage';
import type { WebviewApi } from '../webviewApi';
import type { TextSide } from './sentenceContent';

/** A word of a sentence, as an index into the words of its side. */
export interface WordRef {
  readonly side: TextSide;
  readonly sentence: number;
  readonly word: number;
}

export function sameWord(a: WordRef | undefined, b: WordRef | undefined): boolean {
  return a?.side === b?.side && a?.sentence === b?.sentence && a?.word === b?.word;
}

/** What a change was: everything, some sentences, or only what is looked at or known about them. */
export type StoreChange =
  | { readonly what: 'state' }
  | { readonly what: 'sentences'; readonly sentences: readonly number[] }
  | { readonly what: 'look' };

/** What words are looked at, each for its own purpose. */
export interface Look {
  /** Under the pointer or the keyboard's focus: lights up at once. */
  readonly hovered: WordRef | undefined;
  /** Rested upon last: lists and trees are about it and stay when the pointer moves to them. */
  readonly rested: WordRef | undefined;
  /** Clicked: nothing else is rested upon until it is released. */
  readonly pinned: WordRef | undefined;
}

const nowhere: Look = { hovered: undefined, rested: undefined, pinned: undefined };

export class TranslationStore {
  private current: TranslationState | undefined;
  private bySentence = new Map<number, SentenceTranslation>();
  private seen: Look = nowhere;
  private readonly listeners = new Set<(change: StoreChange) => void>();
  private readonly sections: Record<string, boolean>;

  constructor(
    readonly host: Connection<TranslationHost>,
    private readonly api: WebviewApi,
  ) {
    this.sections = savedSections(api.getState());
  }

  /** Undefined until the host has answered. */
  get state(): TranslationState | undefined {
    return this.current;
  }

  get look(): Look {
    return this.seen;
  }

  /** The sentence that lists and trees are about. */
  get activeSentence(): SentenceTranslation | undefined {
    const { pinned, rested } = this.seen;
    const at = (pinned ?? rested)?.sentence;
    return (at === undefined ? undefined : this.sentence(at)) ?? this.current?.sentences[0];
  }

  sentence(index: number): SentenceTranslation | undefined {
    return this.bySentence.get(index);
  }

  onChange(listener: (change: StoreChange) => void): void {
    this.listeners.add(listener);
  }

  show: TranslationPage['show'] = async (state) => {
    const texts = (of: TranslationState | undefined) => JSON.stringify(of?.passages ?? []);
    if (texts(state) !== texts(this.current)) {
      this.seen = nowhere;
    }
    this.current = state;
    this.bySentence = new Map(state.sentences.map((each) => [each.sentence, each]));
    this.fire({ what: 'state' });
  };

  update: TranslationPage['update'] = async ({ rest, sentences, progress }) => {
    const { current } = this;
    if (!current) {
      return;
    }
    for (const change of sentences) {
      const before = this.bySentence.get(change.sentence);
      // What is undefined is lost on the way.
      const { source = before?.source, hypotheses = before?.hypotheses ?? [], note } = change;
      this.bySentence.set(change.sentence, { ...change, source, hypotheses, note });
    }
    const texts = { passages: current.passages, sentences: [...this.bySentence.values()], progress };
    this.current = { ...(rest ?? current), ...texts };
    this.fire(
      rest ? { what: 'state' } : { what: 'sentences', sentences: sentences.map(({ sentence }) => sentence) },
    );
  };

  setLook(change: Partial<Look>): void {
    const next = { ...this.seen, ...change };
    const same = (['hovered', 'rested', 'pinned'] as const).every((name) =>
      sameWord(next[name], this.seen[name]),
    );
    if (!same) {
      this.seen = next;
      this.fire({ what: 'look' });
    }
  }

  isOpen(section: string, otherwise: boolean): boolean {
    return this.sections[section] ?? otherwise;
  }

  setOpen(section: string, open: boolean): void {
    this.sections[section] = open;
    this.api.setState({ sections: this.sections });
    this.fire({ what: 'look' });
  }

  /** Calls the host and logs what fails: for calls whose outcome comes as a new state. */
  tell(call: (host: Connection<TranslationHost>) => Promise<void>): void {
    call(this.host).catch((error: unknown) => this.log(messageOf(error)));
  }

  /** Writes to the extension's log; where even that fails, there is nobody left to tell. */
  log(message: string): void {
    this.host.log({ level: 'error', message }).catch(() => undefined);
  }

  private fire(change: StoreChange): void {
    for (const listener of this.listeners) {
      listener(change);
    }
  }
}

/** Whether decoding goes on. */
export function isBusy(status: TranslationState['status']): boolean {
  return status === 'loading' || status === 'running';
}

/** Tokens a second of decoding; undefined before there is anything to measure. */
export function rateOf({ tokens, milliseconds }: TranslationProgress): number | undefined {
  return tokens > 0 && milliseconds > 0 ? (1000 * tokens) / milliseconds : undefined;
}

/** Reads back what was saved; anything unexpected is left out. */
function savedSections(found: unknown): Record<string, boolean> {
  const { sections } = (found ?? {}) as { readonly sections?: unknown };
  const entries = typeof sections === 'object' && sections !== null ? Object.entries(sections) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'),
  );
}

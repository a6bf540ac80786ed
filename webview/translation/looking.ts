// What pointer and keyboard do to the word that is looked at: light it at once, rest on it after a moment, pin it by a click.
import type { TranslationStore, WordRef } from './translationStore';
import { sameWord } from './translationStore';

/** Milliseconds after which a word under the pointer is meant. */
const REST = 150;
/** Milliseconds in which the pointer may get from a word to its card. */
const GRACE = 300;

/** Shows what could stand for a word. */
export interface WordCard {
  readonly open: WordRef | undefined;
  show(ref: WordRef): void;
  hide(): void;
  /** Gives it the keyboard. */
  enter(): void;
  /** Whether it has the keyboard. */
  readonly focused: boolean;
}

export class Looking {
  private resting: ReturnType<typeof setTimeout> | undefined;
  private leaving: ReturnType<typeof setTimeout> | undefined;
  private inCard = false;

  constructor(
    private readonly store: TranslationStore,
    private readonly card: WordCard,
  ) {}

  /** The pointer is on a word, or on none. */
  point(ref: WordRef | undefined): void {
    clearTimeout(this.resting);
    this.store.setLook({ hovered: ref });
    if (ref) {
      if (sameWord(ref, this.card.open)) {
        clearTimeout(this.leaving);
      } else {
        this.resting = setTimeout(() => this.rest(ref), REST);
      }
    } else {
      this.leave();
    }
  }

  /** The keyboard is on a word. */
  focus(ref: WordRef): void {
    this.store.setLook({ hovered: ref, pinned: undefined });
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(ref), REST);
  }

  /** A click, or Enter: keeps the word and its card; a second one lets it go. */
  pin(ref: WordRef, byKeyboard: boolean): void {
    clearTimeout(this.resting);
    if (!byKeyboard && sameWord(ref, this.store.look.pinned)) {
      this.release();
      return;
    }
    this.store.setLook({ hovered: ref, rested: ref, pinned: ref });
    this.showCard(ref);
    if (byKeyboard) {
      this.card.enter();
    }
  }

  /** Lets go of everything; returns whether there was something to let go of. */
  release(): boolean {
    clearTimeout(this.resting);
    clearTimeout(this.leaving);
    this.inCard = false;
    const held = this.card.open !== undefined || this.store.look.pinned !== undefined;
    this.card.hide();
    this.store.setLook({ pinned: undefined });
    return held;
  }

  /** The pointer is on the card, or has left it. */
  overCard(inside: boolean): void {
    this.inCard = inside;
    clearTimeout(this.leaving);
    if (!inside) {
      this.leave();
    }
  }

  private rest(ref: WordRef): void {
    if (this.inCard) {
      return;
    }
    if (!this.store.look.pinned) {
      this.store.setLook({ rested: ref });
      clearTimeout(this.leaving);
      this.showCard(ref);
    }
  }

  private showCard(ref: WordRef): void {
    if (ref.side === 'target') {
      this.card.show(ref);
    } else {
      this.card.hide();
    }
  }

  private leave(): void {
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => {
      if (!this.store.look.pinned && !this.inCard && !this.card.focused) {
        this.card.hide();
      }
    }, GRACE);
  }
}

// The card of a target word: what else could stand there, how probable, how sure the model was; a click decides otherwise.
import type { Alternative, TranslationExplanation } from '../../src/shared/translation';
import { element, focusFirst, setAttributes, setText } from '../dom';
import { formatNumber, formatWeight } from '../format';
import { translationStrings as strings } from '../strings/translationStrings';
import { stepsToAsk } from './alignment';
import { AlternativeList, ALTERNATIVES } from './alternativeList';
import { cardPlace } from './cardPlace';
import type { Explained } from './explanations';
import type { WordCard } from './looking';
import { pieceLabel } from './pieceLabel';
import type { WordRef } from './translationStore';

/** What the card asks and does. */
export interface CardActions {
  explained(ref: WordRef): Explained | undefined;
  rectsOf(ref: WordRef): readonly DOMRect[];
  /** What is remarkable about the word, besides its alternatives. */
  remarks(ref: WordRef): string;
  /** Whether the word belongs to what the user forced. */
  forced(ref: WordRef): boolean;
  force(ref: WordRef, step: number, id: number): void;
  unforce(ref: WordRef): void;
  openInExplorer(ref: WordRef, step: number): void;
  over(inside: boolean): void;
  /** Closes the card; `focused` says that it had the keyboard, which then needs another place. */
  close(focused: boolean): void;
}

export class WordCardView implements WordCard {
  readonly element: HTMLElement;
  private readonly pieces = element('div', {
    class: 'card-pieces',
    role: 'tablist',
    'aria-label': strings.pieces,
  });
  private readonly probability = element('span', { class: 'caption number' });
  private readonly entropy = element('span', { class: 'caption card-entropy', title: strings.bitsHow });
  private readonly list: AlternativeList;
  private readonly remark = element('p', { class: 'caption card-note' });
  private readonly unforce: HTMLElement;
  private shownRef: WordRef | undefined;
  private explanation: TranslationExplanation | undefined;
  /** The step whose alternatives are shown, as an index into those of the word. */
  private piece = 0;

  constructor(private readonly actions: CardActions) {
    this.list = new AlternativeList((id) => this.force(id));
    this.unforce = this.command(strings.unforce, '', () => {
      const { shownRef } = this;
      if (shownRef) {
        actions.unforce(shownRef);
        actions.close(true);
      }
    });
    this.element = element(
      'div',
      { class: 'word-card', role: 'dialog', hidden: true, 'data-role': 'word-card' },
      element('div', { class: 'card-head' }, this.pieces, this.probability, this.entropy),
      this.list.element,
      element('p', { class: 'caption card-note' }, strings.force),
      this.remark,
      this.unforce,
      this.command(strings.openInExplorer, strings.openKey, () => this.openExplorer()),
    );
    this.element.addEventListener('pointerenter', () => actions.over(true));
    this.element.addEventListener('pointerleave', () => actions.over(false));
    this.element.addEventListener('keydown', (event) => this.press(event));
  }

  get open(): WordRef | undefined {
    return this.shownRef;
  }

  get focused(): boolean {
    return this.element.contains(document.activeElement);
  }

  show(ref: WordRef): void {
    this.shownRef = ref;
    this.piece = 0;
    this.draw(ref);
    this.element.hidden = false;
    this.place(ref);
  }

  /** Fills in what has come meanwhile, where it stands. */
  refresh(): void {
    if (this.shownRef) {
      this.draw(this.shownRef);
    }
  }

  hide(): void {
    if (this.shownRef) {
      this.shownRef = undefined;
      this.explanation = undefined;
      this.element.hidden = true;
    }
  }

  enter(): void {
    focusFirst(this.list.element);
  }

  private draw(ref: WordRef): void {
    const explained = this.actions.explained(ref);
    this.explanation = explained?.status === 'ready' ? explained.value : undefined;
    const steps = this.explanation ? stepsToAsk(this.explanation, ref.word) : [];
    this.piece = Math.min(this.piece, Math.max(0, steps.length - 1));
    const step = steps.length > 0 ? this.explanation?.steps[steps[this.piece]] : undefined;
    this.drawPieces(steps);
    setText(this.probability, step ? formatWeight(step.probability) : '');
    setText(this.entropy, step ? strings.bits(formatNumber(step.entropy)) : '');
    const chosen = step && this.explanation?.target.tokens[step.token].id;
    const others = step?.alternatives.filter(({ id }) => id !== chosen).slice(0, ALTERNATIVES) ?? [];
    this.list.update(others, step && rest(step.probability, others), this.problemOf(explained));
    const remarks = this.actions.remarks(ref);
    this.remark.hidden = remarks === '';
    setText(this.remark, remarks);
    this.unforce.hidden = !this.actions.forced(ref);
    const word = this.explanation?.target.words[ref.word]?.label ?? '';
    setAttributes(this.element, { 'aria-label': strings.alternatives(word) });
  }

  private problemOf(explained: Explained | undefined): string {
    return explained?.status === 'failed' ? explained.message : explained ? '' : strings.explaining;
  }

  private drawPieces(steps: readonly number[]): void {
    const { explanation } = this;
    const labels = steps.map((step) => {
      const token = explanation?.target.tokens[explanation.steps[step].token];
      const { text, title } = pieceLabel(token?.label ?? '');
      return { text, title: token?.special ? strings.endPieceHow : title };
    });
    this.pieces.replaceChildren(
      ...labels.map(({ text, title }, index) => {
        const tab = element(
          'button',
          {
            class: 'card-piece',
            type: 'button',
            role: 'tab',
            tabindex: -1,
            'aria-selected': String(index === this.piece),
            title,
          },
          text,
        );
        tab.addEventListener('click', () => this.choosePiece(index));
        return tab;
      }),
    );
  }

  private choosePiece(index: number): void {
    if (this.shownRef && this.pieces.children[index]) {
      this.piece = index;
      this.draw(this.shownRef);
      this.pieces.children[index].scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
  }

  private step(): number | undefined {
    return this.explanation && this.shownRef
      ? stepsToAsk(this.explanation, this.shownRef.word)[this.piece]
      : undefined;
  }

  private force(id: number): void {
    const [ref, step] = [this.shownRef, this.step()];
    if (ref && step !== undefined) {
      this.actions.force(ref, step, id);
      this.actions.close(true);
    }
  }

  private openExplorer(): void {
    const [ref, step] = [this.shownRef, this.step()];
    if (ref && step !== undefined) {
      this.actions.openInExplorer(ref, step);
    }
  }

  private press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const piece = { ArrowLeft: this.piece - 1, ArrowRight: this.piece + 1 }[event.key];
    if (event.key === 'Escape') {
      this.actions.close(true);
    } else if (piece !== undefined) {
      this.choosePiece(piece);
    } else if (event.key.toLowerCase() === 'o') {
      this.openExplorer();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private command(label: string, key: string, act: () => void): HTMLElement {
    const row = element(
      'button',
      { class: 'card-command', type: 'button' },
      element('span', {}, label),
      element('span', { class: 'caption' }, key),
    );
    row.addEventListener('click', act);
    return row;
  }

  private place(ref: WordRef): void {
    const lines = this.actions.rectsOf(ref);
    if (lines.length === 0) {
      this.hide();
      return;
    }
    this.element.style.maxHeight = '';
    const { width, height } = this.element.getBoundingClientRect();
    const page = { width: document.documentElement.clientWidth, height: innerHeight };
    const place = cardPlace(lines, { width, height }, page);
    this.element.style.left = `${place.left}px`;
    this.element.style.top = `${place.top}px`;
    this.element.style.maxHeight = place.height < height ? `${place.height}px` : '';
  }
}

/** The probability of everything that is not listed. */
function rest(probability: number, others: readonly Alternative[]): number {
  return Math.max(0, 1 - others.reduce((sum, each) => sum + each.probability, probability));
}

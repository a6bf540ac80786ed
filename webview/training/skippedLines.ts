// The lines that are not learned from: how many for each reason, and each with its number and reason, a page at a time.
import type { TrainingPreview, TrainingSkip } from '../../src/shared/training';
import { element, setText } from '../dom';
import { trainingStrings as strings } from '../strings/trainingStrings';
import { skippedLines } from './milestones';
import { Pager } from './pager';
import { RowKeys } from './rowKeys';

const rowsPerPage = 6;

export class SkippedLines {
  readonly element: HTMLElement;
  private readonly summary = element('summary');
  private readonly reasons = element('ul', { class: 'reasons caption' });
  private readonly list = element('ul', { class: 'skipped-lines', 'aria-label': strings.skippedLabel });
  private readonly pager = new Pager(rowsPerPage, () => this.draw());
  private shown: TrainingPreview | undefined;
  private firstLine = 1;

  constructor(reveal: (line: number) => void) {
    new RowKeys(this.list, (row) => reveal(Number(row.dataset['line'])));
    this.element = element(
      'details',
      { class: 'skipped', 'data-role': 'skipped' },
      this.summary,
      this.reasons,
      this.list,
      this.pager.element,
    );
  }

  /** `firstLine`: the number that the document gives to line 0. */
  update(preview: TrainingPreview, firstLine: number): void {
    const { counts, skipped } = preview;
    const same =
      firstLine === this.firstLine &&
      JSON.stringify([counts, skipped]) === JSON.stringify([this.shown?.counts, this.shown?.skipped]);
    this.shown = preview;
    this.firstLine = firstLine;
    if (!same) {
      this.pager.toFirst();
      this.draw();
    }
  }

  private draw(): void {
    if (!this.shown) {
      return;
    }
    const { counts, skipped } = this.shown;
    const all = skippedLines(counts);
    this.element.hidden = all === 0;
    const [first] = skipped;
    setText(
      this.summary,
      all === 1 && first
        ? `${strings.skipped(all)}: ${strings.line(first.line + this.firstLine)} ${strings.skipSentences[first.reason]}`
        : strings.skipped(all),
    );
    this.reasons.hidden = all < 2;
    this.reasons.replaceChildren(
      ...(Object.entries(counts) as [TrainingSkip, number][]).map(([reason, count]) =>
        element('li', { 'data-reason': reason }, `${count} ${strings.skipReasons[reason]}`),
      ),
    );
    const note = skipped.length < all ? strings.firstOf(skipped.length, all) : '';
    const { from, to } = this.pager.update(skipped.length, note);
    this.list.replaceChildren(
      ...skipped
        .slice(from, to)
        .map(({ line, reason, text }) =>
          element(
            'li',
            { 'data-line': line, title: text, role: 'button' },
            element('span', { class: 'link' }, strings.line(line + this.firstLine)),
            ` ${strings.skipSentences[reason]}`,
            ...(text.trim() === '' ? [] : [element('span', { class: 'caption skipped-text' }, text)]),
          ),
        ),
    );
    RowKeys.enter(this.list);
  }
}

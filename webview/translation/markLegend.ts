// What the lines under words mean: only those that there are, in a row that keeps its height.
import { element, setAttributes, setText } from '../dom';
import { formatNumber } from '../format';
import { translationStrings as strings } from '../strings/translationStrings';
import type { Mark } from './sentenceContent';

const order: readonly Mark[] = ['unsure', 'doubtful', 'untranslated', 'repeated', 'forced'];

export class MarkLegend {
  readonly element = element('div', { class: 'caption mark-legend' });
  private readonly entries = new Map<Mark, HTMLElement>();

  /** The marks that can occur in the text. */
  constructor(marks: readonly Mark[]) {
    for (const mark of order.filter((each) => marks.includes(each))) {
      const entry = element('span', { class: mark, hidden: true });
      this.entries.set(mark, entry);
      this.element.append(entry);
    }
  }

  update(present: ReadonlySet<Mark>, confidence: number): void {
    const threshold = formatNumber(confidence);
    const texts: Readonly<Record<Mark, readonly [string, string]>> = {
      unsure: [strings.below(threshold), strings.belowHow(threshold)],
      doubtful: [strings.doubtful, strings.doubtfulHow],
      untranslated: [strings.untranslated, strings.untranslatedHow],
      repeated: [strings.repeated, strings.repeatedHow],
      forced: [strings.forced, strings.forcedHow],
    };
    for (const [mark, entry] of this.entries) {
      entry.hidden = !present.has(mark);
      setText(entry, texts[mark][0]);
      setAttributes(entry, { title: texts[mark][1] });
    }
  }
}

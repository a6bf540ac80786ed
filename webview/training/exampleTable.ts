// The examples as a table, a page at a time: source, target and tokens; the line is shown in its document on a click or Enter.
import type { ExamplePreview, TrainingPreview } from '../../src/shared/training';
import { element } from '../dom';
import { languageName } from '../languageName';
import { trainingStrings as strings } from '../strings/trainingStrings';
import { Pager } from './pager';
import { RowKeys } from './rowKeys';

const rowsPerPage = 5;

export class ExampleTable {
  readonly element: HTMLElement;
  private readonly head = element('thead');
  private readonly body = element('tbody');
  private readonly pager = new Pager(rowsPerPage, () => this.draw());
  private shown: TrainingPreview | undefined;
  private firstLine = 1;

  constructor(reveal: (line: number) => void) {
    const table = element(
      'table',
      { class: 'pairs', 'aria-label': strings.examplesLabel, 'data-role': 'examples' },
      this.head,
      this.body,
    );
    new RowKeys(this.body, (row) => reveal(Number(row.dataset['line'])));
    this.element = element('div', {}, table, this.pager.element);
  }

  /** `firstLine`: the number that the document gives to line 0. */
  update(preview: TrainingPreview, firstLine: number): void {
    if (preview !== this.shown || firstLine !== this.firstLine) {
      // The same examples come again with every state of a running training.
      const same = firstLine === this.firstLine && JSON.stringify(preview) === JSON.stringify(this.shown);
      this.shown = preview;
      this.firstLine = firstLine;
      if (!same) {
        this.pager.toFirst();
        this.draw();
      }
    }
  }

  private draw(): void {
    if (!this.shown) {
      return;
    }
    const { task, language, examples, train, heldOut } = this.shown;
    const all = train + heldOut;
    const note = examples.length < all ? strings.firstOf(examples.length, all) : '';
    const { from, to } = this.pager.update(examples.length, note);
    const one = task === 'causal' || task === 'masked';
    const target = language === undefined ? strings.targetColumn : languageName(language);
    const names = {
      translation: [strings.sourceColumn, target],
      classification: [strings.textColumn, strings.labelColumn],
      causal: [strings.textColumn],
      masked: [strings.textColumn],
    }[task];
    this.head.replaceChildren(
      element(
        'tr',
        {},
        ...names.map((name) => element('th', { scope: 'col' }, name)),
        element('th', { scope: 'col', class: 'number' }, strings.tokensColumn),
      ),
    );
    this.body.replaceChildren(
      ...examples
        .slice(from, to)
        .map((example) =>
          rowOf(example, example.line + this.firstLine, one, task === 'classification', language),
        ),
    );
    RowKeys.enter(this.body);
  }
}

function rowOf(
  { line, source, target, sourceTokens, targetTokens, heldOut }: ExamplePreview,
  number: number,
  one: boolean,
  labelled: boolean,
  language: string | undefined,
): HTMLElement {
  return element(
    'tr',
    {
      class: heldOut ? 'held-out' : undefined,
      title: strings.lineTitle(number, heldOut),
      'data-line': line,
    },
    element('td', { title: source }, source),
    ...(one ? [] : [element('td', { title: target, lang: labelled ? undefined : language }, target)]),
    element(
      'td',
      { class: 'number caption' },
      ...(heldOut
        ? [
            element('span', {
              class: 'held-out-mark',
              title: strings.heldOutMark,
              role: 'img',
              'aria-label': strings.heldOutMark,
            }),
          ]
        : []),
      strings.pairTokens(sourceTokens, targetTokens, one || labelled),
    ),
  );
}

// The curve as a table, a page at a time, filled in place: it goes on growing while somebody reads it.
import type { TrainingPoint } from '../../src/shared/training';
import { element, setText } from '../dom';
import { formatCount, formatNumber } from '../format';
import { trainingStrings as strings } from '../strings/trainingStrings';
import { Pager } from './pager';
import { formatRate } from './trainingFormat';

const rowsPerPage = 100;

export class PointTable {
  readonly element: HTMLElement;
  private readonly body = element('tbody');
  private readonly pager = new Pager(rowsPerPage, () => this.draw());
  private points: readonly TrainingPoint[] = [];

  constructor() {
    const names = [strings.stepColumn, strings.loss, strings.heldOut, strings.rate, strings.normColumn];
    this.element = element(
      'div',
      { class: 'point-table', 'data-role': 'points', hidden: true },
      element(
        'div',
        { class: 'point-scroller', tabindex: 0, role: 'region', 'aria-label': strings.tableCaption },
        element(
          'table',
          {},
          element('caption', { class: 'spoken' }, strings.tableCaption),
          element(
            'thead',
            {},
            element('tr', {}, ...names.map((name) => element('th', { scope: 'col', class: 'number' }, name))),
          ),
          this.body,
        ),
      ),
      this.pager.element,
    );
  }

  /** The last page follows the training, any other one stays. */
  update(points: readonly TrainingPoint[]): void {
    if (points === this.points) {
      return;
    }
    if (this.pager.isLast(this.points.length)) {
      this.pager.toLast(points.length);
    }
    this.points = points;
    this.draw();
  }

  private draw(): void {
    const { from, to } = this.pager.update(this.points.length);
    while (this.body.rows.length > to - from) {
      this.body.deleteRow(-1);
    }
    for (let index = from; index < to; index++) {
      const row = this.body.rows[index - from] ?? this.addRow();
      const { step, loss, heldOut, rate, norm } = this.points[index];
      const cells = [
        formatCount(step),
        formatNumber(loss),
        heldOut === undefined ? '' : formatNumber(heldOut),
        formatRate(rate),
        formatNumber(norm),
      ];
      cells.forEach((text, column) => setText(row.cells[column], text));
    }
  }

  private addRow(): HTMLTableRowElement {
    const row = element(
      'tr',
      {},
      element('th', { scope: 'row', class: 'number' }),
      ...Array.from({ length: 4 }, () => element('td', { class: 'number' })),
    );
    this.body.append(row);
    return row;
  }
}

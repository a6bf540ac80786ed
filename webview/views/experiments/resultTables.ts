// What an experiment found as tables and bars, filled anew for each outcome.
import type { Comparison } from '../../../src/shared/comparison';
import type { Candidate } from '../../../src/shared/insight';
import { element } from '../../dom';
import { formatNumber, formatToken, formatWeight } from '../../format';
import { experimentsStrings as strings } from '../../strings/experimentsStrings';
import type { Changed, Series } from './experiment';
import type { Sentence } from './sentence';
import { formatMeasured as number } from './sentence';

const shownPositions = 8;
const shownPoints = 24;

/** The finding, with its measured numbers in bold. */
export function findingParagraph(finding: Sentence): HTMLElement {
  return element(
    'p',
    { class: 'finding-text', 'data-role': 'finding' },
    ...finding.map((part) => (typeof part === 'string' ? part : element('strong', {}, part.measured))),
  );
}

export function changedTable(rows: readonly Changed[]): HTMLElement {
  const { what, before, after, ratio } = strings.table;
  const head = [what, before, after, ratio].map((name, index) =>
    element('th', { scope: 'col', class: index === 0 ? undefined : 'number' }, name),
  );
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, row.name),
      ...[number(row.before), number(row.after), ratioOf(row)].map((text) =>
        element('td', { class: 'number' }, text),
      ),
    ),
  );
  return element(
    'div',
    { class: 'number-table' },
    element(
      'table',
      { 'data-role': 'changed-facts' },
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...body),
    ),
  );
}

/** The positions whose distribution moved most. */
export function outputTable(
  output: NonNullable<Comparison['output']>,
  labels: readonly string[],
): HTMLElement {
  const { position, before, after, kl } = strings.outputColumns;
  const ranked = [...output.positions].sort((a, b) => b.kl - a.kl).slice(0, shownPositions);
  const said = (candidates: readonly Candidate[]) => {
    const first = candidates.at(0);
    return first ? strings.said(formatToken(first.piece), formatWeight(first.plain)) : '';
  };
  const rows = ranked.map((each) =>
    element(
      'tr',
      { 'data-position': each.position },
      element('th', { scope: 'row', class: 'token' }, labels[each.position] ?? String(each.position + 1)),
      element('td', {}, said(each.before)),
      element('td', {}, said(each.after)),
      element('td', { class: 'number' }, number(each.kl)),
    ),
  );
  return element(
    'div',
    { class: 'number-table' },
    element(
      'table',
      { 'data-role': 'changed-output' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...[position, before, after].map((name) => element('th', { scope: 'col' }, name)),
          element('th', { scope: 'col', class: 'number' }, kl),
        ),
      ),
      element('tbody', {}, ...rows),
    ),
  );
}

/** Bars; those that stand for a head go there. */
export function seriesBars(series: Series, go: (attention: string, head: number) => void): HTMLElement {
  const most = Math.max(...series.points.map(({ value }) => Math.abs(value)), 1e-12);
  const rows = series.points.slice(0, shownPoints).map(({ label, value, head }) => {
    const bar = element('span', { class: 'bar-value' });
    bar.style.width = `${((100 * Math.abs(value)) / most).toFixed(1)}%`;
    const line = element(
      head ? 'button' : 'div',
      { class: head ? 'bar-row series-row' : 'bar-row series-row still', 'data-value': value },
      element('span', { class: 'token' }, label),
      element('span', { class: 'bar', 'aria-hidden': 'true' }, bar),
      element('span', { class: 'number' }, number(value)),
    );
    if (head) {
      line.addEventListener('click', () => go(head.attention, head.head));
    }
    return line;
  });
  const rest = series.points.length - rows.length;
  return element(
    'section',
    { class: 'series', 'data-role': 'series' },
    element('h3', {}, series.unit === '' ? series.title : `${series.title}, ${series.unit}`),
    ...rows,
    ...(rest > 0 ? [element('p', { class: 'caption' }, strings.more(rest))] : []),
  );
}

function ratioOf({ before, after }: Changed): string {
  return before === 0 ? strings.noRatio : strings.ratio(formatNumber(after / before));
}

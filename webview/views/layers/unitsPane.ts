// The feed-forward of a layer: how many units are silent for each token, and which speak loudest for the chosen one.
import type { TokenUnits } from '../../../src/shared/insight';
import type { FeedForwardBlock } from '../../../src/shared/modelStructure';
import { element, setAttributes, setText } from '../../dom';
import type { AxisItem } from '../../explorer/sequences';
import { formatCount, formatNumber, formatWeight } from '../../format';
import { layersStrings as strings } from '../../strings/layersStrings';

export interface UnitsInput {
  readonly block: FeedForwardBlock | undefined;
  /** One entry per token; undefined while it is loading. */
  readonly units: readonly TokenUnits[] | undefined;
  /** Whether the structure is known, so that a missing block is really missing. */
  readonly known: boolean;
  readonly items: readonly AxisItem[];
  readonly token: number;
}

/** Rows that a list shows; the chosen token is always among them. */
const mostRows = 64;

export class UnitsPane {
  readonly element: HTMLElement;
  private readonly caption = element('span', { class: 'caption' });
  private readonly summary = element('p', { class: 'caption pane-text', 'data-role': 'zeros' });
  private readonly zeros = element('div', {
    role: 'list',
    class: 'unit-list',
    'data-role': 'zeros-by-token',
  });
  private readonly title = element('h3', { class: 'pane-title tokens' });
  private readonly strongest = element('div', { role: 'list', class: 'unit-list', 'data-role': 'strongest' });
  private shown = '';

  constructor(private readonly choose: (token: number) => void) {
    this.element = element(
      'section',
      { class: 'pane' },
      element(
        'div',
        { class: 'pane-header' },
        element('h3', { class: 'pane-title' }, strings.units),
        this.caption,
      ),
      this.summary,
      this.zeros,
      element('div', { class: 'pane-header' }, this.title),
      this.strongest,
    );
  }

  update({ block, units, known, items, token }: UnitsInput): void {
    if (!block || !units) {
      if (known && !block) {
        this.shown = '';
        setText(this.caption, '');
        setText(this.summary, strings.noFeedForward);
        [this.zeros, this.strongest].forEach((list) => list.replaceChildren());
        setText(this.title, '');
      }
      return;
    }
    setText(this.caption, strings.unitsCaption(formatCount(block.down.inputs), block.activation));
    const real = units.flatMap((each, index) => (items[index]?.padding ? [] : [each.zeros]));
    const mean = real.reduce((sum, share) => sum + share, 0) / Math.max(1, real.length);
    const any = real.some((share) => share > 0);
    setText(this.summary, any ? strings.zerosMean(percent(mean)) : strings.noZeros(block.activation));
    const label = items[token]?.label ?? '';
    setText(this.title, strings.strongest(label));
    const key = JSON.stringify([block.name, units, items.map((item) => item.label), token]);
    if (key === this.shown) {
      return;
    }
    this.shown = key;
    this.fillZeros(units, items, token, any);
    const largest = Math.max(...(units[token]?.strongest ?? []).map(({ value }) => Math.abs(value)), 1e-9);
    this.strongest.replaceChildren(
      ...(units[token]?.strongest ?? []).map(({ unit, value }) =>
        row(strings.unit(unit), Math.abs(value) / largest, formatNumber(value), { 'data-unit': unit }),
      ),
    );
  }

  private fillZeros(
    units: readonly TokenUnits[],
    items: readonly AxisItem[],
    token: number,
    any: boolean,
  ): void {
    this.zeros.hidden = !any;
    const first = Math.max(0, Math.min(token - mostRows / 2, units.length - mostRows));
    const rows = units.slice(first, first + mostRows).flatMap(({ zeros }, offset) => {
      const index = first + offset;
      const item = items.at(index);
      if (!item || item.padding) {
        return [];
      }
      const line = row(item.label, zeros, formatWeight(zeros), { 'data-token': index });
      line.classList.toggle('marked', index === token);
      line.addEventListener('click', () => this.choose(index));
      return [line];
    });
    this.zeros.replaceChildren(...rows);
  }
}

function row(
  label: string,
  share: number,
  value: string,
  data: Readonly<Record<string, number>>,
): HTMLElement {
  const bar = element('span', { class: 'bar-value' });
  bar.style.width = `${(100 * share).toFixed(1)}%`;
  const line = element(
    'div',
    { class: 'bar-row', role: 'listitem', title: label },
    element('span', { class: 'token' }, label),
    element('span', { class: 'bar', 'aria-hidden': 'true' }, bar),
    element('span', { class: 'number' }, value),
  );
  setAttributes(line, data);
  return line;
}

const percent = (share: number): string => `${formatNumber(100 * share)} %`;

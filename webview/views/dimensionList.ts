// The dimensions that are drawn as waves, with their colour, wavelength and value; others can be chosen.
import { element, setText } from '../dom';
import { formatCount, formatNumber } from '../format';
import { positionStrings as strings } from '../strings';
import type { Theme } from '../theme';
import { textField } from '../toolkit';
import { mostDimensions, parseDimensions } from './positionNumbers';
import type { PositionScene } from './positionsView';

interface Row {
  readonly element: HTMLElement;
  readonly colour: HTMLElement;
  readonly name: HTMLElement;
  readonly wavelength: HTMLElement;
  readonly value: HTMLElement;
}

export class DimensionList {
  readonly element: HTMLElement;
  private readonly at = element('th', { scope: 'col', class: 'number' });
  private readonly wavelength = element('th', { scope: 'col', class: 'number' }, strings.wavelength);
  private readonly rows: readonly Row[];
  private readonly field: ReturnType<typeof textField>;
  private readonly choose = element(
    'button',
    { class: 'link', 'data-control': 'choose-dimensions' },
    strings.choose,
  );
  private readonly note = element('p', { class: 'caption' });
  private width = 0;

  constructor(chosen: (dimensions: readonly number[]) => void) {
    this.rows = Array.from({ length: mostDimensions }, () => row());
    this.field = textField('dimensions', strings.choose, '4, 20, 40', (text) =>
      chosen(parseDimensions(text, this.width)),
    );
    this.field.element.hidden = true;
    this.choose.addEventListener('click', () => {
      this.field.element.hidden = !this.field.element.hidden;
      if (!this.field.element.hidden) {
        this.field.element.focus();
      }
    });
    const head = element(
      'tr',
      {},
      element('th', { scope: 'col' }, strings.dimension),
      this.wavelength,
      this.at,
    );
    this.element = element(
      'div',
      { class: 'dimension-list' },
      element(
        'table',
        {},
        element('thead', {}, head),
        element('tbody', {}, ...this.rows.map((each) => each.element)),
      ),
      this.choose,
      this.field.element,
      this.note,
    );
  }

  update({ positions, dimensions }: PositionScene, theme: Theme, position: number): void {
    const { table, wavelengths, layout, kind } = positions;
    this.element.hidden = !table;
    if (!table) {
      return;
    }
    this.width = table.columns;
    setText(this.at, strings.at(position));
    // A learned table has no waves.
    this.wavelength.hidden = wavelengths.length === 0;
    this.rows.forEach((each, index) => {
      const dimension = dimensions[index];
      each.element.hidden = dimension === undefined;
      if (dimension !== undefined) {
        each.colour.style.background = theme.charts[index % theme.charts.length];
        setText(each.name, String(dimension));
        const length = wavelengths[dimension];
        each.wavelength.hidden = wavelengths.length === 0;
        setText(
          each.wavelength,
          length === undefined ? '' : length < 1000 ? length.toFixed(1) : formatCount(length),
        );
        setText(each.value, formatNumber(table.data[position * table.columns + dimension]));
      }
    });
    this.field.update(dimensions.join(', '));
    this.field.element.title = strings.chooseLabel(table.columns - 1);
    setText(this.note, layout && kind === 'sinusoidal' ? strings[layout] : '');
  }
}

function row(): Row {
  const colour = element('span', { class: 'colour', 'aria-hidden': 'true' });
  const name = element('span');
  const wavelength = element('td', { class: 'number' });
  const value = element('td', { class: 'number' });
  return {
    element: element('tr', {}, element('th', { scope: 'row' }, colour, name), wavelength, value),
    colour,
    name,
    wavelength,
    value,
  };
}

// Weights before, after, and their difference on a diverging scale: three matrices with one pointer, or one at a time.
import { fitCell } from '../../draw/cells';
import type { CellPosition } from '../../draw/cells';
import { divergingPixel, heatPixels, weightPixel } from '../../draw/heatPixels';
import { CellPicture } from '../../draw/surface';
import { element, setText } from '../../dom';
import { formatWeight } from '../../format';
import { effectStrings as strings } from '../../strings/effectStrings';
import type { Theme } from '../../theme';
import { radioButtons } from '../../toolkit';
import { formatMeasured } from '../experiments/sentence';
import { HeatPane } from '../heatPane';
import { themeKey } from '../headPainter';
import { Legend } from '../legend';
import type { EffectScene } from './effectScene';

const parts = ['before', 'after', 'difference'] as const;
export type EffectPart = (typeof parts)[number];
type Shown = EffectPart | 'all';

const labelRoom = 70;
const gap = 10;
const largestCell = 14;
const tallest = 300;
/** Below this width, three matrices in a row would be too small to read. */
const roomForThree = 520;

export interface PanesInput {
  readonly scene: EffectScene;
  readonly theme: Theme;
  readonly width: number;
  readonly spot: CellPosition | undefined;
  /** The chosen row. */
  readonly row: number | undefined;
}

export class EffectPanes {
  readonly element: HTMLElement;
  private readonly panes: Readonly<Record<EffectPart, EffectPane>>;
  private readonly choice;
  private readonly weights = new Legend('effect-weights', 90);
  private readonly changes = new Legend('effect-changes', 110);
  private readonly row = element('div', { class: 'effect-row' });
  /** Undefined: as the width allows. */
  private wanted: Shown | undefined;

  constructor(
    point: (cell: CellPosition | undefined) => void,
    pick: (row: number) => void,
    private readonly changed: () => void,
  ) {
    const pane = (part: EffectPart) => new EffectPane(part, point, pick);
    this.panes = { before: pane('before'), after: pane('after'), difference: pane('difference') };
    this.choice = radioButtons('effect-panes', strings.panes, (value) => {
      this.wanted = value as Shown;
      this.changed();
    });
    this.row.append(...parts.map((part) => this.panes[part].element));
    this.element = element(
      'div',
      { class: 'effect-pictures' },
      this.choice.element,
      this.row,
      element('div', { class: 'effect-legends' }, this.weights.element, this.changes.element),
    );
  }

  update({ scene, theme, width, spot, row }: PanesInput): void {
    const shown = this.wanted ?? (width >= roomForThree ? 'all' : 'difference');
    this.choice.update(
      (['all', ...parts] as const).map((value) => ({ value, label: strings.choices[value] })),
      shown,
    );
    const { rows, columns } = scene.before;
    const count = shown === 'all' ? parts.length : 1;
    const room = Math.max(40, Math.floor((width - labelRoom - (count - 1) * gap) / count) - 4);
    const cell = fitCell({ rows, columns, width: room, height: tallest }, largestCell);
    for (const part of parts) {
      const pane = this.panes[part];
      pane.element.hidden = shown !== 'all' && shown !== part;
      if (!pane.element.hidden) {
        const labelled = shown !== 'all' || part === 'before';
        pane.update(scene, { theme, cell, room, labelled, spot, row });
      }
    }
    const { range } = scene;
    const weightOf = weightPixel(theme.sequential);
    const changeOf = divergingPixel(theme.diverging, 1);
    this.weights.update(
      (share) => weightOf(share * share),
      [
        { at: 0, text: '0' },
        { at: 1, text: '1' },
      ],
      strings.weight,
    );
    this.changes.update(
      (share) => changeOf(2 * share - 1),
      [
        { at: 0, text: `−${formatMeasured(range)}` },
        { at: 0.5, text: '0' },
        { at: 1, text: `+${formatMeasured(range)}` },
      ],
      strings.change,
    );
  }
}

interface PaneInput {
  readonly theme: Theme;
  readonly cell: number;
  readonly room: number;
  readonly labelled: boolean;
  readonly spot: CellPosition | undefined;
  readonly row: number | undefined;
}

class EffectPane {
  readonly element: HTMLElement;
  private readonly heat: HeatPane;
  private readonly title = element('h4');
  private drawn: { readonly key: string; readonly picture: CellPicture } | undefined;

  constructor(
    private readonly part: EffectPart,
    point: (cell: CellPosition | undefined) => void,
    pick: (row: number) => void,
  ) {
    this.heat = new HeatPane(`effect-${part}`, point);
    this.heat.area.addEventListener('click', (event) => {
      const row = this.heat.spotAt(event)?.row;
      if (row !== undefined) {
        pick(row);
      }
    });
    this.heat.area.addEventListener('keydown', (event) => {
      const { row } = this.heat.spot;
      if (event.key === 'Enter' && row !== undefined) {
        pick(row);
        event.preventDefault();
      }
    });
    this.element = element(
      'section',
      { class: 'effect-pane', 'data-role': `effect-${part}-pane` },
      this.title,
      this.heat.element,
    );
  }

  update(scene: EffectScene, { theme, cell, room, labelled, spot, row }: PaneInput): void {
    const { rows, columns } = scene.before;
    const rowRoom = labelled ? labelRoom : 2;
    this.element.style.setProperty('--row-room', `${rowRoom}px`);
    // The scale follows the largest change: without the number, a tiny one would look like a large one.
    setText(
      this.title,
      this.part === 'difference' ? strings.differenceWithin(formatMeasured(scene.range)) : strings[this.part],
    );
    this.heat.update({
      picture: this.pictureOf(scene, theme),
      theme,
      cellWidth: cell,
      cellHeight: cell,
      width: room + rowRoom,
      height: tallest + labelRoom,
      rows: labelled
        ? { kind: 'tokens', labels: scene.queries.map(({ label }) => label), room: rowRoom }
        : { kind: 'none', room: rowRoom },
      columns: { kind: 'tokens', labels: scene.keys.map(({ label }) => label), room: labelRoom },
      spot: spot && spot.row < rows && spot.column < columns ? spot : row === undefined ? {} : { row },
      label: strings.paneLabel(strings[this.part], scene.name),
      describe: (at) => describeCell(scene, at),
    });
  }

  private pictureOf(scene: EffectScene, theme: Theme): CellPicture {
    const key = `${scene.key}|${themeKey(theme)}`;
    if (this.drawn?.key !== key) {
      const { before, after } = scene;
      const marks = {
        before: before.masked,
        after: after.masked,
        // Only what neither run sees says nothing about the change.
        difference: before.masked.map((mark, at) => mark & after.masked[at]),
      }[this.part];
      const pixelOf =
        this.part === 'difference'
          ? divergingPixel(theme.diverging, scene.range)
          : weightPixel(theme.sequential);
      const pixels = heatPixels(scene[this.part], pixelOf, marks, theme.maskPixel);
      this.drawn = { key, picture: new CellPicture(pixels, before.rows, before.columns, marks) };
    }
    return this.drawn.picture;
  }
}

/** `it → animal: 0.830 before, masked after, −0.830` */
export function describeCell(
  { before, after, difference, queries, keys }: EffectScene,
  { row, column }: CellPosition,
): string {
  const at = row * before.columns + column;
  const weightOf = (matrix: typeof before) =>
    matrix.masked[at] === 1 ? strings.masked : formatWeight(matrix.data[at]);
  return strings.cell(
    queries[row]?.label ?? '',
    keys[column]?.label ?? '',
    strings.values(weightOf(before), weightOf(after), signedWeight(difference.data[at])),
  );
}

/** `+0.235` */
export function signedWeight(value: number): string {
  const text = formatWeight(value);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

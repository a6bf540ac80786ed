// The residual stream as a heat map: the length of every token's state after every layer.
import type { Matrix } from '../../../src/shared/tensor';
import type { CellPosition } from '../../draw/cells';
import { heatPixels, linearPixel } from '../../draw/heatPixels';
import { CellPicture } from '../../draw/surface';
import { element } from '../../dom';
import type { AxisItem } from '../../explorer/sequences';
import { formatNumber } from '../../format';
import { layersStrings as strings } from '../../strings/layersStrings';
import type { Theme } from '../../theme';
import { HeatPane } from '../heatPane';
import { themeKey } from '../headPainter';
import { Legend } from '../legend';

/** What the pane shows; `norms` is `[layers + 1, token]`. */
export interface StreamInput {
  readonly key: string;
  readonly norms: Matrix;
  readonly items: readonly AxisItem[];
  readonly theme: Theme;
  /** Row and column that are chosen, or pointed at. */
  readonly spot: CellPosition;
  readonly width: number;
}

const rowRoom = 64;
const columnRoom = 62;
const cellHeight = 20;

export class StreamPane {
  readonly element: HTMLElement;
  private readonly heat: HeatPane;
  private readonly legend = new Legend('stream-legend', 140);
  private pointed: CellPosition | undefined;
  private drawn: { readonly key: string; readonly picture: CellPicture; readonly most: number } | undefined;

  /** `point` previews, `choose` takes a row and a column. */
  constructor(point: (cell: CellPosition | undefined) => void, choose: (cell: CellPosition) => void) {
    this.heat = new HeatPane('stream', (cell) => {
      this.pointed = cell;
      point(cell);
    });
    const take = () => {
      if (this.pointed) {
        choose(this.pointed);
      }
    };
    this.heat.element.addEventListener('click', take);
    this.heat.element.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') {
        take();
        event.preventDefault();
      }
    });
    this.element = element(
      'div',
      { class: 'stream', 'data-role': 'stream-pane' },
      this.heat.element,
      this.legend.element,
    );
  }

  update({ key, norms, items, theme, spot, width }: StreamInput): void {
    const { picture, most } = this.draw(key, norms, theme);
    const cellWidth = Math.max(
      4,
      Math.min(34, Math.floor((width - rowRoom - 30) / Math.max(1, norms.columns))),
    );
    this.heat.update({
      picture,
      theme,
      cellWidth,
      cellHeight,
      width: Math.max(160, width - 20),
      height: columnRoom + norms.rows * cellHeight + 4,
      rows: {
        kind: 'tokens',
        labels: Array.from({ length: norms.rows }, (_, row) => rowName(row)),
        room: rowRoom,
      },
      columns: { kind: 'tokens', labels: items.map(({ label }) => label), room: columnRoom },
      spot,
      label: strings.streamLabel,
      describe: (cell) => describeLength(norms, items, cell),
    });
    this.legend.update(
      linearPixel(theme.sequential, 1),
      [
        { at: 0, text: '0' },
        { at: 1, text: formatNumber(most) },
      ],
      '‖x‖',
    );
  }

  private draw(sceneKey: string, norms: Matrix, theme: Theme) {
    const key = `${sceneKey}|${themeKey(theme)}`;
    if (this.drawn?.key !== key) {
      const most = norms.data.reduce((a, b) => Math.max(a, b), 0);
      const pixels = heatPixels(norms, linearPixel(theme.sequential, most));
      this.drawn = { key, most, picture: new CellPicture(pixels, norms.rows, norms.columns) };
    }
    return this.drawn;
  }
}

/** Row 0 is the embedding. */
export function rowName(row: number): string {
  return row === 0 ? strings.embedding : strings.layer(row);
}

/** `layer 3, tired: ‖x‖ 16.02` */
export function describeLength(
  norms: Matrix,
  items: readonly AxisItem[],
  { row, column }: CellPosition,
): string {
  const length = norms.data[row * norms.columns + column];
  return strings.streamCell(rowName(row), items[column]?.label ?? '', formatNumber(length));
}

// One mask as a matrix with its title, or the reason why it is missing, in the same place.
import type { Masks, MaskStage } from '../../src/shared/trace';
import type { CellPosition } from '../draw/cells';
import { cornerOf } from '../draw/cells';
import { divergingPixel, heatPixels } from '../draw/heatPixels';
import { CellPicture } from '../draw/surface';
import { element, setText } from '../dom';
import type { AxisItem } from '../explorer/sequences';
import { formatMask } from '../format';
import { maskStrings as strings } from '../strings';
import type { Theme } from '../theme';
import { themeKey } from './headPainter';
import { HeatPane } from './heatPane';
import { maskedCells, otherRange } from './maskCells';

export type MaskPart = 'padding' | 'causal' | 'total';

/** The masks of one attention with the tokens they are about. */
export interface MaskScene {
  readonly key: string;
  readonly masks: Masks;
  readonly queries: readonly AxisItem[];
  readonly keys: readonly AxisItem[];
}

/** Room for the labels of the keys above a matrix. */
export const columnRoom = 60;

/** What a sentence in place of a matrix takes, however large the others are. */
export const missingWidth = 150;

export interface MaskPaneInput {
  readonly scene: MaskScene;
  readonly stage: MaskStage | undefined;
  readonly caption: string;
  /** What else is said of the title; its room is kept while it does not hold. */
  readonly remark?: { readonly text: string; readonly holds: boolean } | undefined;
  readonly why: string;
  readonly theme: Theme;
  readonly cell: number;
  readonly rowRoom: number;
  readonly width: number;
  readonly height: number;
  readonly spot: CellPosition | undefined;
  /** Whether the matrices stand on top of each other. */
  readonly stacked: boolean;
  /** Cells to frame, and what a screen reader is told that can be done; only where the mask can be edited. */
  readonly editing?:
    | { readonly label: string; readonly cells: readonly { readonly query: number; readonly key: number }[] }
    | undefined;
}

export class MaskPane {
  readonly element: HTMLElement;
  private readonly caption = element('span', { class: 'caption' });
  private readonly remark = element('span', { class: 'caption remark' });
  readonly pane: HeatPane;
  private readonly missing = element('p', { class: 'missing', 'data-role': 'mask-missing' });
  private picture: { key: string; stage: MaskStage; picture: CellPicture } | undefined;

  constructor(
    private readonly name: MaskPart,
    point: (cell: CellPosition | undefined) => void,
  ) {
    this.pane = new HeatPane(`mask-${name}`, point);
    this.element = element(
      'section',
      { class: 'mask-pane' },
      element(
        'div',
        { class: 'mask-title' },
        element('h2', {}, strings[name]),
        ' ',
        this.caption,
        ' ',
        this.remark,
      ),
      this.pane.element,
      this.missing,
    );
  }

  update(input: MaskPaneInput): void {
    const { stage, scene, theme, why, width, height, rowRoom, cell } = input;
    const labels = { queries: scene.queries.map(labelOf), keys: scene.keys.map(labelOf) };
    setText(this.caption, input.caption);
    this.remark.hidden = !stage || !input.remark;
    this.remark.classList.toggle('vacant', input.remark?.holds !== true);
    setText(this.remark, input.remark?.text ?? '');
    this.pane.element.hidden = !stage;
    this.missing.hidden = stage !== undefined;
    setText(this.missing, why);
    this.missing.style.width = `${missingWidth}px`;
    this.missing.style.margin = input.stacked ? `0 0 0 ${rowRoom}px` : `${columnRoom}px 0 0 ${rowRoom}px`;
    this.element.style.setProperty('--row-room', `${rowRoom}px`);
    if (!stage) {
      return;
    }
    const { rows, columns } = stage.matrix;
    this.pane.update({
      picture: this.pictureOf(scene.key, stage, theme),
      theme,
      cellWidth: cell,
      cellHeight: cell,
      width,
      height,
      rows:
        rowRoom > 10
          ? { kind: 'tokens', labels: labels.queries, room: rowRoom }
          : { kind: 'none', room: rowRoom },
      columns: { kind: 'tokens', labels: labels.keys, room: columnRoom },
      spot: input.spot ?? {},
      label: input.editing?.label ?? strings.matrixLabel(strings[this.name], rows, columns),
      describe: (position) => describeCell(scene, stage, position),
      marks: (context, grid) => {
        context.strokeStyle = theme.edited;
        context.lineWidth = Math.min(cell, 12) >= 6 ? 2 : 1;
        const inset = context.lineWidth / 2;
        for (const { query, key } of input.editing?.cells ?? []) {
          const { x, y } = cornerOf(grid, query, key);
          context.strokeRect(x + inset - 0.5, y + inset - 0.5, cell - 2 * inset, cell - 2 * inset);
        }
      },
    });
  }

  private pictureOf(sceneKey: string, stage: MaskStage, theme: Theme): CellPicture {
    const key = `${sceneKey}|${themeKey(theme)}`;
    if (this.picture?.key !== key || this.picture.stage !== stage) {
      const { matrix } = stage;
      const masked = maskedCells(matrix.data);
      const range = otherRange(stage);
      const pixels = heatPixels(matrix, divergingPixel(theme.diverging, range || 1), masked, theme.maskPixel);
      this.picture = { key, stage, picture: new CellPicture(pixels, matrix.rows, matrix.columns, masked) };
    }
    return this.picture.picture;
  }
}

export function labelOf({ label }: AxisItem): string {
  return label;
}

/** `es → Tier: kept, adds 0` */
export function describeCell(
  { queries, keys }: MaskScene,
  { matrix }: MaskStage,
  { row, column }: CellPosition,
): string {
  const value = matrix.data[row * matrix.columns + column];
  const masked = maskedCells(Float32Array.of(value))[0] === 1;
  const state = masked
    ? strings.cellMasked(formatMask(value))
    : value === 0
      ? strings.cellKept
      : strings.cellOther(formatMask(value));
  return strings.cell(queries[row]?.label ?? '', keys[column]?.label ?? '', state);
}

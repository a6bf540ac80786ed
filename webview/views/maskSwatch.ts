// The legend's samples of cells: kept (background) and masked (grey, hatched).
import { heatPixels } from '../draw/heatPixels';
import { CellPicture, Surface } from '../draw/surface';
import { element, setText } from '../dom';
import type { Theme } from '../theme';

const side = 14;

export class MaskSwatch {
  readonly element: HTMLElement;
  private readonly surface: Surface;
  private readonly text = element('span', { class: 'caption' });

  constructor(
    private readonly masked: boolean,
    role: string,
  ) {
    this.surface = new Surface(role);
    this.element = element('div', { class: 'swatch' }, this.surface.canvas, this.text);
  }

  update(theme: Theme, text: string): void {
    setText(this.text, text);
    const context = this.surface.begin(side, side);
    const marks = new Uint8Array([this.masked ? 1 : 0]);
    const cell = { rows: 1, columns: 1, data: new Float32Array([0]) };
    const pixels = heatPixels(cell, () => theme.sequential.table[0], marks, theme.maskPixel);
    const grid = { x: 0, y: 0, width: side, height: side, scrollX: 0, scrollY: 0, rows: 1, columns: 1 };
    new CellPicture(pixels, 1, 1, marks).draw(context, { ...grid, cellWidth: side, cellHeight: side }, theme);
  }
}

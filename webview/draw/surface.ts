// A canvas that is sharp on every screen, and the way a picture of one pixel per cell gets onto it.
import type { CellGrid } from './cells';
import { cornerOf, gapOf, hatchedCell, visibleRange } from './cells';
import { hatchSegments } from './hatching';
import type { Recording } from './recording';
import { record } from './recording';
import type { Theme } from '../theme';

/** A canvas measured in CSS pixels. */
export class Surface {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  private readonly recording: Recording;
  private size = '';

  /** `role` names the canvas for style sheets and tests. */
  constructor(role: string, options: CanvasRenderingContext2DSettings = {}) {
    this.canvas = document.createElement('canvas');
    this.canvas.dataset['role'] = role;
    this.canvas.setAttribute('aria-hidden', 'true');
    this.context = contextOf(this.canvas, options);
    this.recording = record(this.context);
  }

  /** Makes the canvas this large, in CSS pixels, and clears it. */
  begin(width: number, height: number): CanvasRenderingContext2D {
    const ratio = window.devicePixelRatio || 1;
    const size = `${width}×${height}×${ratio}`;
    if (size !== this.size) {
      this.size = size;
      this.canvas.width = Math.max(1, Math.round(width * ratio));
      this.canvas.height = Math.max(1, Math.round(height * ratio));
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, width, height);
    this.recording.clear();
    return this.context;
  }
}

/** @throws Error where the browser gives no 2D context; nothing can be drawn then. */
function contextOf(
  canvas: HTMLCanvasElement,
  options: CanvasRenderingContext2DSettings,
): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', options);
  if (!context) {
    throw new Error('This window cannot draw on a canvas.');
  }
  return context;
}

/** The cells of a {@link CellPicture}, by the canvas that it keeps them on. */
export interface CellPixels {
  readonly pixels: Uint32Array;
  readonly columns: number;
}

const cellPixels = new WeakMap<object, CellPixels>();

/** What a recorded `drawImage` has drawn; undefined for images that are no {@link CellPicture}. */
export function cellPixelsOf(image: object): CellPixels | undefined {
  return cellPixels.get(image);
}

/** A picture of one pixel per cell, kept outside the page and scaled when it is drawn. */
export class CellPicture {
  private readonly canvas: HTMLCanvasElement;

  constructor(
    pixels: Uint32Array<ArrayBuffer>,
    readonly rows: number,
    readonly columns: number,
    /** Cells that are masked, for their hatching. */
    private readonly masked?: Uint8Array,
  ) {
    this.canvas = document.createElement('canvas');
    this.canvas.width = Math.max(1, columns);
    this.canvas.height = Math.max(1, rows);
    cellPixels.set(this.canvas, { pixels, columns });
    if (pixels.length > 0) {
      const image = new ImageData(new Uint8ClampedArray(pixels.buffer), columns, rows);
      contextOf(this.canvas, {}).putImageData(image, 0, 0);
    }
  }

  /** Draws the visible cells, the gaps between large ones and the hatching of masked ones. */
  draw(context: CanvasRenderingContext2D, grid: CellGrid, theme: Theme): void {
    const { x, y, width, height, scrollX, scrollY, cellWidth, cellHeight } = grid;
    if (width <= 0 || height <= 0) {
      return;
    }
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    context.imageSmoothingEnabled = false;
    context.drawImage(
      this.canvas,
      scrollX / cellWidth,
      scrollY / cellHeight,
      width / cellWidth,
      height / cellHeight,
      x,
      y,
      width,
      height,
    );
    const [firstRow, endRow] = visibleRange(scrollY, height, cellHeight, grid.rows);
    const [firstColumn, endColumn] = visibleRange(scrollX, width, cellWidth, grid.columns);
    const gap = gapOf(Math.min(cellWidth, cellHeight));
    if (Math.min(cellWidth, cellHeight) >= hatchedCell && this.masked) {
      this.hatch(context, grid, theme, [firstRow, endRow, firstColumn, endColumn], gap);
    }
    if (gap > 0) {
      context.fillStyle = theme.grid;
      for (let row = firstRow; row < endRow; row++) {
        context.fillRect(x, cornerOf(grid, row + 1, 0).y - gap, width, gap);
      }
      for (let column = firstColumn; column < endColumn; column++) {
        context.fillRect(cornerOf(grid, 0, column + 1).x - gap, y, gap, height);
      }
    }
    context.restore();
  }

  private hatch(
    context: CanvasRenderingContext2D,
    grid: CellGrid,
    theme: Theme,
    [firstRow, endRow, firstColumn, endColumn]: readonly [number, number, number, number],
    gap: number,
  ): void {
    context.beginPath();
    for (let row = firstRow; row < endRow; row++) {
      for (let column = firstColumn; column < endColumn; column++) {
        if (this.masked?.[row * this.columns + column]) {
          const { x, y } = cornerOf(grid, row, column);
          for (const [x1, y1, x2, y2] of hatchSegments(x, y, grid.cellWidth - gap, grid.cellHeight - gap)) {
            context.moveTo(x1, y1);
            context.lineTo(x2, y2);
          }
        }
      }
    }
    context.strokeStyle = theme.maskLine;
    context.lineWidth = 1;
    context.stroke();
  }
}

/** Runs the work once in the next frame, however often it is asked for. */
export function oncePerFrame(work: () => void): () => void {
  let frame = 0;
  return () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      work();
    });
  };
}

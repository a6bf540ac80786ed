// Paints the lines between the token strips: all of them on a canvas of their own, and those of the aim on top.
import type { AttentionLines } from '../draw/attentionLines';
import { groupOf, selectLines, strokeOf, strongestFirst, weightGroups } from '../draw/attentionLines';
import { cssOf, weightStep } from '../draw/colour';
import type { HeadLayout } from '../draw/headLayout';
import { rowCentre } from '../draw/headLayout';
import { Surface } from '../draw/surface';
import type { Aim, HeadScene } from '../explorer/scene';
import type { Theme } from '../theme';

/** So many lines are drawn in a frame; the strongest come first, weaker ones go beneath them in the next frames. */
const linesPerFrame = 4000;

/** Items joined to the aim by a drawn line; undefined when there is no aim. */
export interface Related {
  readonly keys?: ReadonlySet<number>;
  readonly queries?: ReadonlySet<number>;
}

export class LinesPainter {
  readonly surface = new Surface('lines');
  private selection: { key: string; lines: AttentionLines; order: Uint32Array } | undefined;
  private drawn = { key: '', lines: 0 };

  /** Chooses the lines; how many there are, of how many pairs. */
  select(scene: HeadScene, threshold: number): { drawn: number; pairs: number } {
    const key = `${scene.key}|${threshold}`;
    if (this.selection?.key !== key) {
      const lines = selectLines(scene.matrix, threshold);
      this.selection = { key, lines, order: strongestFirst(lines.weights) };
    }
    const { lines } = this.selection;
    return { drawn: lines.weights.length, pairs: lines.pairs };
  }

  /**
   * Draws all chosen lines, grey where an aim stands out. `place` changes with everything else that they depend on.
   * Returns whether all of them are drawn; otherwise call again in the next frame.
   */
  paint(layout: HeadLayout, theme: Theme, scrollY: number, grey: boolean, place: string): boolean {
    const { selection, surface } = this;
    const key = [place, selection?.key, grey].join('|');
    if (key !== this.drawn.key) {
      surface.begin(layout.width, layout.height);
      this.drawn = { key, lines: 0 };
    }
    if (!selection || !layout.keyStrip) {
      return true;
    }
    const end = Math.min(selection.order.length, this.drawn.lines + linesPerFrame);
    if (end > this.drawn.lines) {
      this.stroke(layout, theme, scrollY, grey, selection.order.subarray(this.drawn.lines, end));
      this.drawn.lines = end;
    }
    return end === selection.order.length;
  }

  /** Draws the lines of the aimed query (or key) in full colour. */
  paintAim(
    context: CanvasRenderingContext2D,
    layout: HeadLayout,
    theme: Theme,
    scrollY: number,
    aim: Aim,
  ): void {
    if (!layout.keyStrip || !this.selection || aim.by === 'nothing') {
      return;
    }
    const { lines } = this.selection;
    clipRows(context, layout);
    for (let index = 0; index < lines.weights.length; index++) {
      const own =
        aim.query === undefined ? lines.keys[index] === aim.key : lines.queries[index] === aim.query;
      if (own) {
        const weight = lines.weights[index];
        context.beginPath();
        trace(context, layout, lines.queries[index], lines.keys[index], scrollY);
        context.strokeStyle = lineColour(theme, weight);
        context.lineWidth = strokeOf(groupOf(weight)).strong;
        context.stroke();
      }
    }
    context.restore();
  }

  relatedTo(aim: Aim): Related {
    const lines = this.selection?.lines;
    if (!lines || aim.by === 'nothing') {
      return {};
    }
    if (aim.query !== undefined) {
      return { keys: new Set(lines.keys.filter((_, index) => lines.queries[index] === aim.query)) };
    }
    return { queries: new Set(lines.queries.filter((_, index) => lines.keys[index] === aim.key)) };
  }

  /** One path for all neighbours of one group. */
  private stroke(layout: HeadLayout, theme: Theme, scrollY: number, grey: boolean, order: Uint32Array): void {
    const { context } = this.surface;
    const lines = this.selection?.lines;
    if (!lines) {
      return;
    }
    clipRows(context, layout);
    context.globalCompositeOperation = 'destination-over';
    for (let next = 0; next < order.length;) {
      const group = groupOf(lines.weights[order[next]]);
      context.beginPath();
      for (; next < order.length && groupOf(lines.weights[order[next]]) === group; next++) {
        trace(context, layout, lines.queries[order[next]], lines.keys[order[next]], scrollY);
      }
      const { grey: thin, strong, alpha } = strokeOf(group);
      context.strokeStyle = grey ? theme.description : lineColour(theme, (group + 0.5) / weightGroups);
      context.globalAlpha = grey ? alpha : Math.min(1, alpha * 2);
      context.lineWidth = grey ? thin : (thin + strong) / 2;
      context.stroke();
    }
    context.restore();
  }
}

/** A curve from the query's row to the key's. */
function trace(
  context: CanvasRenderingContext2D,
  layout: HeadLayout,
  query: number,
  key: number,
  scrollY: number,
): void {
  const left = (layout.keyStrip?.x ?? 0) + (layout.keyStrip?.width ?? 0) + 1;
  const right = layout.queryStrip.x - 3;
  const bend = (right - left) * 0.32;
  const from = rowCentre(layout, query, scrollY);
  const to = rowCentre(layout, key, scrollY);
  context.moveTo(right, from);
  context.bezierCurveTo(right - bend, from, left + bend, to, left, to);
}

/** Pixels that a label reaches beyond a row of the smallest size. */
export const overhang = 6;

/** Saves the context and keeps what follows inside the rows; labels of the first and last may be higher than their rows. */
export function clipRows(context: CanvasRenderingContext2D, layout: HeadLayout): void {
  context.save();
  context.beginPath();
  context.rect(0, layout.top - overhang, layout.width, layout.rowsHeight + 2 * overhang);
  context.clip();
}

/** The scale's colour, but never so near the background that a line could not be seen. */
function lineColour(theme: Theme, weight: number): string {
  return cssOf(theme.sequential.table[weightStep(Math.max(0.28, weight))]);
}

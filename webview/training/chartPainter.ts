// Draws the curves of a training on a canvas: loss, held-out loss, learning rate, axes, and the step that is looked at.
import { formatCount } from '../format';
import type { Theme } from '../theme';
import type { ChartLayout, Place } from './chartLayout';
import { margins } from './chartLayout';
import { shareOf } from './chartScale';
import { formatLossTick, formatRate } from './trainingFormat';

/** Fewest CSS pixels between the middles of two labels on an axis. */
const labelGap = { across: 34, up: 13 };
const square = 5;

export interface ChartColours {
  readonly loss: string;
  readonly rate: string;
  /** Behind the squares. */
  readonly behind: string;
}

/** The colours of the curves in a theme; high-contrast themes may have only one, then the dashes tell them apart. */
export function chartColours(theme: Theme): ChartColours {
  const style = getComputedStyle(document.body);
  return {
    loss: theme.charts[0],
    rate: theme.charts[1] ?? theme.charts[0],
    behind: style.getPropertyValue('--vscode-sideBar-background').trim() || theme.background,
  };
}

export interface ChartMarks {
  /** How far training has come; undefined before it has begun. */
  readonly now: number | undefined;
  /** What the pointer or the keys look at. */
  readonly looked: { readonly step: number; readonly loss: number } | undefined;
}

export function paintChart(
  context: CanvasRenderingContext2D,
  layout: ChartLayout,
  { width, height }: { readonly width: number; readonly height: number },
  theme: Theme,
  colours: ChartColours,
  { now, looked }: ChartMarks,
): void {
  const bottom = height - margins.bottom;
  context.font = `10px ${theme.fontFamily}`;
  context.lineJoin = 'round';
  paintAxes(context, layout, width, bottom, theme);
  dashed(context, [3, 2], () => line(context, layout.rate, colours.rate, 1));
  line(context, layout.loss, colours.loss, 1);
  if (now !== undefined) {
    context.strokeStyle = theme.description;
    upright(context, layout.x(now), bottom);
  }
  context.strokeStyle = theme.edited;
  for (const x of layout.broken) {
    upright(context, x, bottom);
  }
  context.lineWidth = 1;
  for (const [x, y] of layout.heldOut) {
    const [left, top] = [Math.round(x - square / 2), Math.round(y - square / 2)];
    context.fillStyle = colours.behind;
    context.fillRect(left, top, square, square);
    context.strokeStyle = theme.foreground;
    context.strokeRect(left + 0.5, top + 0.5, square - 1, square - 1);
  }
  if (looked) {
    context.strokeStyle = theme.focus;
    upright(context, layout.x(looked.step), bottom);
    if (Number.isFinite(looked.loss)) {
      context.beginPath();
      context.arc(layout.x(looked.step), layout.lossY(looked.loss), 3, 0, 2 * Math.PI);
      context.fillStyle = colours.loss;
      context.fill();
      context.strokeStyle = theme.foreground;
      context.stroke();
    }
  }
}

function paintAxes(
  context: CanvasRenderingContext2D,
  layout: ChartLayout,
  width: number,
  bottom: number,
  theme: Theme,
): void {
  const { lossAxis, stepAxis, rateAxis, lossY, rateY, x } = layout;
  const right = width - margins.right;
  context.lineWidth = 1;
  context.strokeStyle = theme.grid;
  context.fillStyle = theme.description;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  let last = Infinity;
  for (const tick of lossAxis.ticks) {
    const y = lossY(tick);
    context.beginPath();
    context.moveTo(margins.left, Math.round(y) - 0.5);
    context.lineTo(right, Math.round(y) - 0.5);
    context.stroke();
    if (last - y >= labelGap.up) {
      context.fillText(formatLossTick(tick), margins.left - 5, y);
      last = y;
    }
  }
  context.textAlign = 'left';
  for (const tick of [rateAxis.from, rateAxis.to]) {
    context.fillText(formatRate(tick), right + 5, rateY(tick));
  }
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  last = -Infinity;
  for (const tick of stepAxis.ticks) {
    const at = x(tick);
    if (at - last >= labelGap.across && shareOf(stepAxis, tick) <= 1) {
      context.fillText(formatCount(tick), at, bottom + 13);
      last = at;
    }
  }
}

function line(
  context: CanvasRenderingContext2D,
  places: readonly (Place | undefined)[],
  colour: string,
  thickness: number,
): void {
  context.beginPath();
  let begins = true;
  for (const place of places) {
    if (place) {
      context[begins ? 'moveTo' : 'lineTo'](...place);
    }
    begins = place === undefined;
  }
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.stroke();
}

function dashed(context: CanvasRenderingContext2D, pattern: number[], draw: () => void): void {
  context.setLineDash(pattern);
  draw();
  context.setLineDash([]);
}

function upright(context: CanvasRenderingContext2D, x: number, bottom: number): void {
  context.beginPath();
  context.moveTo(Math.round(x) - 0.5, margins.top);
  context.lineTo(Math.round(x) - 0.5, bottom);
  context.lineWidth = 1;
  context.stroke();
}

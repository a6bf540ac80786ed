// Tokens as points in a plane: one layer's points with labels, the others as paths behind them.
import type { StateProjection } from '../../../src/shared/insight';
import { Surface, oncePerFrame } from '../../draw/surface';
import { element } from '../../dom';
import type { Theme } from '../../theme';
import type { PlanePoint } from './planeGeometry';
import { nearestPoint, planeFrame, type PlaneFrame } from './planeGeometry';

/** A token in the plane. */
export interface PlaneToken {
  readonly label: string;
  readonly batch: number;
  readonly position: number;
}

export interface PlaneInput {
  readonly projection: StateProjection;
  readonly tokens: readonly PlaneToken[];
  /** Index into the states. */
  readonly state: number;
  /** Index into the tokens. */
  readonly chosen: number | undefined;
  readonly hovered: number | undefined;
  readonly paths: boolean;
  readonly theme: Theme;
  readonly label: string;
  readonly width: number;
}

const height = 340;
const dot = 3.5;

export class PlanePane {
  readonly element: HTMLElement;
  private readonly surface = new Surface('plane');
  private input: PlaneInput | undefined;
  private frame: PlaneFrame | undefined;
  private readonly repaint = oncePerFrame(() => this.paint());

  /** `hover` and `choose` get the index of a token. */
  constructor(
    private readonly hover: (token: number | undefined) => void,
    private readonly choose: (token: number) => void,
  ) {
    this.element = element(
      'div',
      { class: 'plane', role: 'img', 'data-role': 'plane-pane' },
      this.surface.canvas,
    );
    this.element.addEventListener('pointermove', (event) => this.hover(this.at(event)));
    this.element.addEventListener('pointerleave', () => this.hover(undefined));
    this.element.addEventListener('click', (event) => {
      const token = this.at(event);
      if (token !== undefined) {
        this.choose(token);
      }
    });
  }

  update(input: PlaneInput): void {
    this.input = input;
    this.element.setAttribute('aria-label', input.label);
    const { paths, projection, state } = input;
    // Without ways there is nothing to compare with other layers, whose states may be many times longer.
    const shown = paths ? projection.points : projection.points.slice(state, state + 1);
    this.frame = planeFrame(shown, Math.max(200, input.width), height);
    this.element.dataset['state'] = String(input.state);
    this.repaint();
  }

  private at({ clientX, clientY }: MouseEvent): number | undefined {
    const { input, frame } = this;
    const box = this.element.getBoundingClientRect();
    return input && frame
      ? nearestPoint(input.projection.points[input.state].map(frame.place), {
          x: clientX - box.left,
          y: clientY - box.top,
        })
      : undefined;
  }

  private paint(): void {
    const { input, frame } = this;
    if (!input || !frame) {
      return;
    }
    const { theme, projection, tokens, state, chosen, hovered, paths } = input;
    const context = this.surface.begin(frame.width, height);
    context.font = `11px ${theme.fontFamily}`;
    context.strokeStyle = theme.border;
    context.lineWidth = 1;
    const origin = frame.place({ x: 0, y: 0 });
    line(context, [
      { x: 0, y: origin.y },
      { x: frame.width, y: origin.y },
    ]);
    line(context, [
      { x: origin.x, y: 0 },
      { x: origin.x, y: height },
    ]);
    const active = hovered ?? chosen;
    tokens.forEach((token, index) => {
      if (paths || index === active) {
        context.strokeStyle = colourOf(theme, token.batch);
        context.globalAlpha = index === active ? 0.9 : 0.25;
        line(
          context,
          projection.points.map((points) => frame.place(points[index])),
        );
        context.globalAlpha = 1;
      }
    });
    const boxes: { x: number; y: number; width: number }[] = [];
    // The one that is looked at is drawn last, above all others, and keeps its label.
    const order = tokens.map((_, index) => index).sort((a, b) => Number(a === active) - Number(b === active));
    for (const index of [...order].reverse()) {
      const { x, y } = frame.place(projection.points[state][index]);
      const { width } = context.measureText(tokens[index].label);
      const box = { x: x + 6, y: y - 6, width };
      const free = boxes.every(
        (other) => Math.abs(other.y - box.y) > 12 || box.x > other.x + other.width || other.x > box.x + width,
      );
      if (free || index === active) {
        boxes.push(box);
        context.fillStyle = index === active ? theme.foreground : theme.description;
        context.fillText(tokens[index].label, x + 6, y + 4);
      }
    }
    for (const index of order) {
      const { x, y } = frame.place(projection.points[state][index]);
      context.fillStyle = colourOf(theme, tokens[index].batch);
      context.beginPath();
      context.arc(x, y, index === active ? dot + 1.5 : dot, 0, 2 * Math.PI);
      context.fill();
      if (index === chosen) {
        context.strokeStyle = theme.foreground;
        context.stroke();
      }
    }
  }
}

/** Texts differ in colour, and in the table below by their number. */
function colourOf({ charts }: Theme, batch: number): string {
  return charts[batch % charts.length];
}

function line(context: CanvasRenderingContext2D, points: readonly PlanePoint[]): void {
  context.beginPath();
  points.forEach(({ x, y }, index) => (index === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  context.stroke();
}

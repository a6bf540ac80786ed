// Writes out what was drawn on a canvas as SVG shapes: fills, lines, texts and cells, under their clips and turns.
import { alphaOf } from '../draw/oklab';
import type { DrawCall } from '../draw/recording';
import { cellPixelsOf } from '../draw/surface';
import { lessThanOne, plain } from './colours';
import { fontOf } from './fonts';
import type { Shape } from './svg';
import { cells, escapeXml, shape, short } from './svg';

/** Names for clips that no other drawing of the document has. */
export type NextId = () => string;

/** As the canvas has it: x' = a·x + c·y + e, y' = b·x + d·y + f. */
type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

interface State {
  matrix: Matrix;
  fill: string;
  stroke: string;
  width: number;
  alpha: number;
  font: string;
  align: string;
  baseline: string;
  dash: readonly number[];
  /** What is drawn goes behind what is there. */
  behind: boolean;
  clip: string | undefined;
}

const first: State = {
  matrix: [1, 0, 0, 1, 0, 0],
  fill: '#000000',
  stroke: '#000000',
  width: 1,
  alpha: 1,
  font: '10px sans-serif',
  align: 'start',
  baseline: 'alphabetic',
  dash: [],
  behind: false,
  clip: undefined,
};

/** How far below a line's place its letters stand, in heights of the font. */
const belowBaseline: Readonly<Record<string, number>> = {
  top: 0.8,
  hanging: 0.8,
  middle: 0.35,
  bottom: -0.2,
  ideographic: -0.2,
};

/** The shapes of a drawing whose corner is at x, y. */
export function canvasShapes(calls: readonly DrawCall[], x: number, y: number, nextId: NextId): Shape {
  return new Replay(x, y, nextId).run(calls);
}

class Replay {
  private state: State;
  private readonly saved: State[] = [];
  private path = '';
  private readonly shapes: Shape[] = [];

  constructor(
    x: number,
    y: number,
    private readonly nextId: NextId,
  ) {
    this.state = { ...first, matrix: [1, 0, 0, 1, x, y] };
  }

  run(calls: readonly DrawCall[]): Shape {
    for (const [name, ...values] of calls) {
      if (name === '=') {
        this.set(String(values[0]), values[1]);
      } else {
        this.call(name, values);
      }
    }
    return this.shapes.join('');
  }

  private set(name: string, value: unknown): void {
    const { state } = this;
    const text = String(value);
    switch (name) {
      case 'fillStyle':
        state.fill = text;
        break;
      case 'strokeStyle':
        state.stroke = text;
        break;
      case 'lineWidth':
        state.width = Number(value);
        break;
      case 'globalAlpha':
        state.alpha = Number(value);
        break;
      case 'font':
        state.font = text;
        break;
      case 'textAlign':
        state.align = text;
        break;
      case 'textBaseline':
        state.baseline = text;
        break;
      case 'globalCompositeOperation':
        state.behind = text === 'destination-over';
        break;
    }
  }

  private call(name: string, values: readonly unknown[]): void {
    const n = values.map(Number);
    switch (name) {
      case 'save':
        this.saved.push({ ...this.state });
        break;
      case 'restore':
        this.state = this.saved.pop() ?? this.state;
        break;
      case 'translate':
        this.turn([1, 0, 0, 1, n[0], n[1]]);
        break;
      case 'rotate':
        this.turn([Math.cos(n[0]), Math.sin(n[0]), -Math.sin(n[0]), Math.cos(n[0]), 0, 0]);
        break;
      case 'scale':
        this.turn([n[0], 0, 0, n[1], 0, 0]);
        break;
      case 'beginPath':
        this.path = '';
        break;
      case 'closePath':
        this.path += 'z';
        break;
      case 'moveTo':
        this.path += `M${this.points(n)}`;
        break;
      case 'lineTo':
        // On a canvas the first line of a path begins where it ends.
        this.path += `${this.path === '' ? 'M' : 'L'}${this.points(n)}`;
        break;
      case 'bezierCurveTo':
        this.path += `C${this.points(n)}`;
        break;
      case 'quadraticCurveTo':
        this.path += `Q${this.points(n)}`;
        break;
      case 'arc':
        this.path += this.arc(n);
        break;
      case 'rect':
      case 'roundRect':
        this.path += this.box(n);
        break;
      case 'clip':
        this.clip();
        break;
      case 'fill':
        this.fill(this.path);
        break;
      case 'stroke':
        this.stroke(this.path);
        break;
      case 'fillRect':
        this.fill(this.box(n));
        break;
      case 'strokeRect':
        this.stroke(this.box(n));
        break;
      case 'fillText':
        this.text(String(values[0]), n[1], n[2]);
        break;
      case 'drawImage':
        this.image(values);
        break;
      case 'setLineDash':
        this.state.dash = (values[0] as readonly number[]).map(Number);
        break;
    }
  }

  private turn([a, b, c, d, e, f]: Matrix): void {
    const [A, B, C, D, E, F] = this.state.matrix;
    this.state.matrix = [
      A * a + C * b,
      B * a + D * b,
      A * c + C * d,
      B * c + D * d,
      A * e + C * f + E,
      B * e + D * f + F,
    ];
  }

  private point(x: number, y: number): readonly [number, number] {
    const [a, b, c, d, e, f] = this.state.matrix;
    return [a * x + c * y + e, b * x + d * y + f];
  }

  private points(values: readonly number[]): string {
    const written: string[] = [];
    for (let index = 0; index + 1 < values.length; index += 2) {
      written.push(
        this.point(values[index], values[index + 1])
          .map(short)
          .join(' '),
      );
    }
    return written.join(' ');
  }

  private box([x, y, width, height]: readonly number[]): string {
    const corners = [x, y, x + width, y, x + width, y + height, x, y + height];
    return `M${this.points(corners.slice(0, 2))}L${this.points(corners.slice(2))}z`;
  }

  /** Whole circles in two halves: an arc that ends where it begins is nothing. */
  private arc([x, y, radius, start, end]: readonly number[]): string {
    const [a, b] = this.state.matrix;
    const r = short(radius * Math.hypot(a, b));
    const at = (angle: number) => this.points([x + radius * Math.cos(angle), y + radius * Math.sin(angle)]);
    const sweep = Math.min(Math.abs(end - start), 2 * Math.PI) * Math.sign(end - start);
    const half = start + sweep / 2;
    const turn = sweep > 0 ? 1 : 0;
    const join = this.path === '' || this.path.endsWith('z') ? 'M' : 'L';
    return `${join}${at(start)}A${r} ${r} 0 0 ${turn} ${at(half)}A${r} ${r} 0 0 ${turn} ${at(start + sweep)}`;
  }

  private clip(): void {
    const id = this.nextId();
    this.shapes.push(
      shape(
        'clipPath',
        { id, 'clip-path': this.state.clip && `url(#${this.state.clip})` },
        shape('path', { d: this.path }),
      ),
    );
    this.state.clip = id;
  }

  private fill(path: string): void {
    const { fill, alpha } = this.state;
    const opacity = alphaOf(fill) * alpha;
    if (opacity > 0 && path !== '') {
      this.put(shape('path', { d: path, fill: plain(fill), 'fill-opacity': lessThanOne(opacity) }));
    }
  }

  private stroke(path: string): void {
    const { stroke, alpha, width, dash, matrix } = this.state;
    const opacity = alphaOf(stroke) * alpha;
    if (opacity > 0 && width > 0 && path !== '') {
      this.put(
        shape('path', {
          d: path,
          fill: 'none',
          stroke: plain(stroke),
          'stroke-width': width * Math.hypot(matrix[0], matrix[1]),
          'stroke-opacity': lessThanOne(opacity),
          'stroke-dasharray': dash.length > 0 ? dash.join(' ') : undefined,
        }),
      );
    }
  }

  private text(text: string, x: number, y: number): void {
    const { fill, alpha, font, align, baseline, matrix } = this.state;
    const opacity = alphaOf(fill) * alpha;
    if (text.trim() === '' || opacity === 0) {
      return;
    }
    const { size, ...style } = fontOf(font);
    const [px, py] = this.point(x, y + (belowBaseline[baseline] ?? 0) * size);
    const turned = matrix[1] !== 0 || matrix[0] !== 1;
    const turn = [...matrix.slice(0, 4), px, py].map((value) => Math.round(value * 1e4) / 1e4).join(' ');
    const anchor = { center: 'middle', right: 'end', end: 'end' }[align];
    this.put(
      shape(
        'text',
        {
          x: turned ? undefined : px,
          y: turned ? undefined : py,
          transform: turned ? `matrix(${turn})` : undefined,
          fill: plain(fill),
          'fill-opacity': lessThanOne(opacity),
          'font-size': size,
          ...style,
          'text-anchor': anchor,
          'xml:space': 'preserve',
        },
        escapeXml(text),
      ),
    );
  }

  /** The cells of a heat map; other images do not occur on canvases of the explorer. */
  private image([source, ...place]: readonly unknown[]): void {
    const found = cellPixelsOf(source as object);
    if (!found || place.length !== 8) {
      return;
    }
    const [sx, sy, sw, sh, dx, dy, dw, dh] = place.map(Number);
    const { pixels, columns } = found;
    const rows = columns === 0 ? 0 : pixels.length / columns;
    const [left, top] = [Math.max(0, Math.floor(sx)), Math.max(0, Math.floor(sy))];
    const [right, bottom] = [Math.min(columns, Math.ceil(sx + sw)), Math.min(rows, Math.ceil(sy + sh))];
    const seen = new Uint32Array(Math.max(0, right - left) * Math.max(0, bottom - top));
    for (let row = top; row < bottom; row++) {
      seen.set(pixels.subarray(row * columns + left, row * columns + right), (row - top) * (right - left));
    }
    const [width, height] = [dw / sw, dh / sh];
    const [x, y] = this.point(dx + (left - sx) * width, dy + (top - sy) * height);
    this.put(cells(seen, right - left, { x, y, width, height, gap: 0 }));
  }

  private put(drawn: Shape): void {
    const { clip, behind } = this.state;
    const whole = clip === undefined ? drawn : shape('g', { 'clip-path': `url(#${clip})` }, drawn);
    if (behind) {
      this.shapes.unshift(whole);
    } else {
      this.shapes.push(whole);
    }
  }
}

// Writes SVG documents: text, lines and cells as vectors. Knows nothing of attention.
import { rgbOf } from '../draw/colour';
import { toHex } from '../draw/oklab';

/** A part of a drawing: SVG elements as text. */
export type Shape = string;

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element with attributes; `content` is SVG, not text. */
export function shape(tag: string, attributes: Attributes, content = ''): Shape {
  const written = Object.entries(attributes)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined)
    .map(([name, value]) => ` ${name}="${typeof value === 'number' ? short(value) : escapeXml(value)}"`)
    .join('');
  return content === '' ? `<${tag}${written}/>` : `<${tag}${written}>${content}</${tag}>`;
}

/** A line of text; `anchor` says which end is at x. */
export function label(
  text: string,
  x: number,
  y: number,
  colour: string,
  { size = 11, anchor = 'start', bold = false, turned = false }: LabelStyle = {},
): Shape {
  return shape(
    'text',
    {
      x: turned ? undefined : x,
      y: turned ? undefined : y,
      transform: turned ? `translate(${short(x)} ${short(y)}) rotate(-90)` : undefined,
      fill: colour,
      'font-size': size,
      'font-weight': bold ? 600 : undefined,
      'text-anchor': anchor === 'start' ? undefined : anchor,
      'xml:space': 'preserve',
    },
    escapeXml(text),
  );
}

export interface LabelStyle {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
  /** Upwards, as column labels are. */
  readonly turned?: boolean;
}

/** Where cells are, in pixels of the drawing; `gap` is left free between them. */
export interface CellPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly gap: number;
}

/**
 * Cells `[rows, columns]` as filled rectangles, one path per colour; neighbours of one colour are one rectangle where there
 * is no gap. Cells in the colour of the ground are left out.
 * @param pixels One per cell, as the canvas stores colours.
 */
export function cells(pixels: Uint32Array, columns: number, place: CellPlace, ground?: number): Shape {
  const paths = new Map<number, string[]>();
  const rows = columns === 0 ? 0 : pixels.length / columns;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns;) {
      const pixel = pixels[row * columns + column];
      let end = column + 1;
      while (place.gap === 0 && end < columns && pixels[row * columns + end] === pixel) {
        end++;
      }
      if (pixel !== ground) {
        const x = short(place.x + column * place.width);
        const y = short(place.y + row * place.height);
        const width = short((end - column) * place.width - place.gap);
        const path = paths.get(pixel) ?? [];
        path.push(`M${x} ${y}h${width}v${short(place.height - place.gap)}h-${width}z`);
        paths.set(pixel, path);
      }
      column = end;
    }
  }
  const filled = [...paths].map(([pixel, path]) => shape('path', { fill: hexOf(pixel), d: path.join('') }));
  // Without this, a viewer blurs the edges between neighbours and a grid shows that is not there.
  return filled.length === 0 ? '' : shape('g', { 'shape-rendering': 'crispEdges' }, filled.join(''));
}

/** A whole document with its own background. `title` is its name for screen readers. */
export function svgDocument(
  { width, height, background, fontFamily, title }: DocumentFrame,
  content: readonly Shape[],
): string {
  const size = { width: Math.ceil(width), height: Math.ceil(height) };
  return shape(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      ...size,
      viewBox: `0 0 ${size.width} ${size.height}`,
      'font-family': fontFamily,
      role: 'img',
    },
    [
      shape('title', {}, escapeXml(title)),
      shape('rect', { width: size.width, height: size.height, fill: background }),
      ...content,
    ].join('\n'),
  );
}

export interface DocumentFrame {
  readonly width: number;
  readonly height: number;
  readonly background: string;
  readonly fontFamily: string;
  readonly title: string;
}

/** A pixel as `#rrggbb`. */
export function hexOf(pixel: number): string {
  return toHex(rgbOf(pixel));
}

/** At most two decimals: more cannot be seen, and a large matrix has many numbers. */
export function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** XML text: what XML forbids becomes the replacement character. */
export function escapeXml(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '\uFFFD')
    .replace(/[&<>"]/gu, (c) => `&#${c.charCodeAt(0)};`);
}

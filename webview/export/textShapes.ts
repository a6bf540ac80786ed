// Text of the page as SVG text, line by line where the browser has broken it.
import { alphaOf } from '../draw/oklab';
import { lessThanOne, plain, readable } from './colours';
import type { Shape } from './svg';
import { escapeXml, shape } from './svg';

/** A line as it stands on the screen, in the page's coordinates. */
interface Line {
  readonly text: string;
  readonly box: DOMRect;
}

/** `x` and `y` are where the page's corner lies in the drawing. */
export function textShapes(node: Text, x: number, y: number): Shape {
  const parent = node.parentElement;
  if (!parent || node.data.trim() === '') {
    return '';
  }
  const style = getComputedStyle(parent);
  const colour = readable(style.color);
  const opacity = alphaOf(colour);
  if (style.visibility !== 'visible' || opacity === 0) {
    return '';
  }
  const ascent = ascentShare(style);
  return linesOf(node, style.whiteSpace.startsWith('pre'))
    .map(({ text, box }) =>
      shape(
        'text',
        {
          x: x + box.x,
          y: y + box.y + box.height * ascent,
          fill: plain(colour),
          'fill-opacity': lessThanOne(opacity),
          'font-size': Number.parseFloat(style.fontSize),
          'font-family': style.fontFamily,
          'font-weight': style.fontWeight === '400' ? undefined : style.fontWeight,
          'font-style': style.fontStyle === 'normal' ? undefined : style.fontStyle,
          'letter-spacing': style.letterSpacing === 'normal' ? undefined : style.letterSpacing,
          'text-decoration': style.textDecorationLine === 'none' ? undefined : style.textDecorationLine,
          'xml:space': 'preserve',
        },
        escapeXml(style.textTransform === 'uppercase' ? text.toUpperCase() : text),
      ),
    )
    .join('');
}

function linesOf(node: Text, keepSpaces: boolean): readonly Line[] {
  const range = document.createRange();
  const lines: { start: number; end: number; box: DOMRect }[] = [];
  for (const { 0: word, index } of node.data.matchAll(/\S+/gu)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const box = range.getBoundingClientRect();
    const last = lines.at(-1);
    if (last && Math.abs(last.box.y - box.y) < box.height / 2) {
      last.end = index + word.length;
    } else if (box.width > 0) {
      lines.push({ start: index, end: index + word.length, box });
    }
  }
  return lines.map(({ start, end, box }) => {
    const text = node.data.slice(start, end);
    return { text: keepSpaces ? text : text.replace(/\s+/gu, ' '), box };
  });
}

let ruler: CanvasRenderingContext2D | null | undefined;
const shares = new Map<string, number>();

/** How far down its box the letters of a font stand, 0 to 1. */
function ascentShare({ fontStyle, fontWeight, fontSize, fontFamily }: CSSStyleDeclaration): number {
  const font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
  let share = shares.get(font);
  if (share === undefined) {
    ruler ??= document.createElement('canvas').getContext('2d');
    share = 0.8;
    if (ruler) {
      ruler.font = font;
      const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = ruler.measureText('x');
      share = up / (up + down);
    }
    shares.set(font, share);
  }
  return share;
}

// Draws a part of the page as an SVG document: boxes, texts, canvases and drawings as vectors, where they are on the screen.
// Leaves out what can only be operated: fields, sliders, lists to choose from.
import { alphaOf } from '../draw/oklab';
import { recordingOf } from '../draw/recording';
import type { Theme } from '../theme';
import type { NextId } from './canvasShapes';
import { canvasShapes } from './canvasShapes';
import { lessThanOne, plain, readable } from './colours';
import { drawingShapes } from './drawingShapes';
import type { Shape } from './svg';
import { label, shape, svgDocument } from './svg';
import { textShapes } from './textShapes';

const controls =
  'input, select, textarea, vscode-button, vscode-checkbox, vscode-dropdown, vscode-radio-group, vscode-text-field, [data-not-in-pictures]';
const margin = 16;
const titleHeight = 30;

/** Where the page's corner lies in the drawing. */
interface Frame {
  readonly x: number;
  readonly y: number;
  readonly nextId: NextId;
}

/** `roots` keep their places to one another; what they scroll to is drawn too. */
export function elementPicture(roots: readonly HTMLElement[], title: string, theme: Theme): string {
  const boxes = roots.map((root) => wholeBox(root));
  const left = Math.min(...boxes.map((box) => box.x));
  const top = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  let count = 0;
  const frame: Frame = {
    x: margin - left,
    y: margin + titleHeight - top,
    nextId: () => `part${++count}`,
  };
  return svgDocument(
    {
      width: right - left + 2 * margin,
      height: bottom - top + 2 * margin + titleHeight,
      title,
      background: theme.background,
      fontFamily: theme.fontFamily,
    },
    [
      label(title, margin, margin + 12, theme.foreground, { size: 13, bold: true }),
      ...roots.map((root) => childShapes(root, frame)),
    ],
  );
}

/** The box of an element with everything that it can be scrolled to. */
function wholeBox(root: HTMLElement): DOMRect {
  const { x, y } = root.getBoundingClientRect();
  return new DOMRect(x - root.scrollLeft, y - root.scrollTop, root.scrollWidth, root.scrollHeight);
}

function shapesOf(node: Node, frame: Frame): Shape {
  if (node instanceof Text) {
    return textShapes(node, frame.x, frame.y);
  }
  if (!(node instanceof HTMLElement || node instanceof SVGSVGElement)) {
    return '';
  }
  if (node.matches(controls)) {
    return node.checkVisibility() ? chosenShape(node, frame) : '';
  }
  const box = node.getBoundingClientRect();
  const style = getComputedStyle(node);
  const contents = style.display === 'contents';
  // Texts for screen readers stand in boxes of one pixel that show nothing beyond it.
  const forReaders =
    style.clipPath !== 'none' || (style.overflowX === 'hidden' && box.width <= 1 && box.height <= 1);
  if (forReaders || (!contents && !node.checkVisibility()) || style.opacity === '0') {
    return '';
  }
  const own = style.visibility === 'visible' && !contents ? ownShapes(node, box, style, frame) : '';
  const inside =
    node instanceof HTMLCanvasElement || node instanceof SVGSVGElement ? '' : childShapes(node, frame);
  const clipped = style.overflowX !== 'visible' || style.overflowY !== 'visible';
  const overflows =
    clipped && (node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1);
  const drawn = own + (overflows ? clippedTo(box, inside, frame) : inside);
  const opacity = Number(style.opacity);
  return opacity < 1 && drawn !== '' ? shape('g', { opacity }, drawn) : drawn;
}

/** Of a list to choose from and of a field, what is chosen or written in it. */
function chosenShape(control: Element, frame: Frame): Shape {
  const option = control.querySelector(
    'vscode-option[aria-selected="true"], vscode-radio[aria-checked="true"]',
  );
  const field = control instanceof HTMLInputElement && /text|number/u.test(control.type) ? control.value : '';
  const { x, y, height } = control.getBoundingClientRect();
  const { color, fontSize } = getComputedStyle(control);
  const size = Number.parseFloat(fontSize);
  const text = (option?.textContent ?? field).trim();
  const at = { x: x + frame.x + 6, y: y + frame.y + height / 2 + 0.35 * size };
  return text === '' ? '' : label(text, at.x, at.y, plain(readable(color)), { size });
}

function childShapes(parent: HTMLElement, frame: Frame): Shape {
  return Array.from(parent.childNodes, (child) => shapesOf(child, frame)).join('');
}

function ownShapes(
  node: HTMLElement | SVGSVGElement,
  box: DOMRect,
  style: CSSStyleDeclaration,
  frame: Frame,
): Shape {
  const [x, y] = [box.x + frame.x, box.y + frame.y];
  if (node instanceof SVGSVGElement) {
    return drawingShapes(node, x, y, box);
  }
  const calls = node instanceof HTMLCanvasElement ? recordingOf(node) : undefined;
  return (
    ground(style, x, y, box) +
    borders(style, x, y, box) +
    (calls ? canvasShapes(calls, x, y, frame.nextId) : '')
  );
}

function ground(style: CSSStyleDeclaration, x: number, y: number, { width, height }: DOMRect): Shape {
  const colour = readable(style.backgroundColor);
  const opacity = alphaOf(colour);
  return opacity === 0
    ? ''
    : shape('rect', {
        x,
        y,
        width,
        height,
        rx: Number.parseFloat(style.borderTopLeftRadius) || undefined,
        fill: plain(colour),
        'fill-opacity': lessThanOne(opacity),
      });
}

/** A rounded frame where all sides are alike, else a line for each side that there is. */
function borders(style: CSSStyleDeclaration, x: number, y: number, { width, height }: DOMRect): Shape {
  const side = (name: 'Top' | 'Right' | 'Bottom' | 'Left') => {
    const visible = style[`border${name}Style`] !== 'none';
    return {
      line: visible ? Number.parseFloat(style[`border${name}Width`]) : 0,
      colour: readable(style[`border${name}Color`]),
    };
  };
  const [top, right, bottom, left] = [side('Top'), side('Right'), side('Bottom'), side('Left')];
  const all = [top, right, bottom, left];
  const dash = style.borderTopStyle === 'dashed' ? '4 3' : undefined;
  if (all.every(({ line, colour }) => line > 0 && line === top.line && colour === top.colour)) {
    const { line, colour } = top;
    return alphaOf(colour) === 0
      ? ''
      : shape('rect', {
          x: x + line / 2,
          y: y + line / 2,
          width: width - line,
          height: height - line,
          rx: Number.parseFloat(style.borderTopLeftRadius) || undefined,
          fill: 'none',
          stroke: plain(colour),
          'stroke-opacity': lessThanOne(alphaOf(colour)),
          'stroke-width': line,
          'stroke-dasharray': dash,
        });
  }
  const line = (from: { line: number; colour: string }, d: string) =>
    from.line > 0 && alphaOf(from.colour) > 0
      ? shape('path', {
          d,
          stroke: plain(from.colour),
          'stroke-opacity': lessThanOne(alphaOf(from.colour)),
          'stroke-width': from.line,
          'stroke-dasharray': dash,
        })
      : '';
  return [
    line(top, `M${x} ${y + top.line / 2}h${width}`),
    line(right, `M${x + width - right.line / 2} ${y}v${height}`),
    line(bottom, `M${x} ${y + height - bottom.line / 2}h${width}`),
    line(left, `M${x + left.line / 2} ${y}v${height}`),
  ].join('');
}

function clippedTo({ x, y, width, height }: DOMRect, inside: Shape, frame: Frame): Shape {
  if (inside === '') {
    return '';
  }
  const id = frame.nextId();
  const window = shape('rect', { x: x + frame.x, y: y + frame.y, width, height });
  return shape('clipPath', { id }, window) + shape('g', { 'clip-path': `url(#${id})` }, inside);
}

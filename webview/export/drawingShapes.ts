// A drawing that is part of the page as part of another: with the colours that style sheets gave it written into it.
import { alphaOf } from '../draw/oklab';
import { lessThanOne, plain, readable } from './colours';
import type { Shape } from './svg';
import { shape } from './svg';

const copied = [
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'font-size',
  'font-family',
  'font-weight',
  'font-style',
  'text-anchor',
  'dominant-baseline',
  'opacity',
] as const;

export function drawingShapes(svg: SVGSVGElement, x: number, y: number, { width, height }: DOMRect): Shape {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = svg.querySelectorAll('*');
  copy.querySelectorAll('*').forEach((node, index) => withStyle(node, originals[index]));
  const serializer = new XMLSerializer();
  const inside = Array.from(copy.childNodes, (node) =>
    serializer.serializeToString(node).replaceAll(' xmlns="http://www.w3.org/2000/svg"', ''),
  ).join('');
  return shape(
    'svg',
    { x, y, width, height, viewBox: svg.getAttribute('viewBox') ?? undefined, overflow: 'visible' },
    inside,
  );
}

function withStyle(node: Element, original: Element): void {
  const style = getComputedStyle(original);
  for (const name of copied) {
    const value = style.getPropertyValue(name);
    if (value !== '' && value !== 'none' && value !== 'normal' && value !== 'auto') {
      node.setAttribute(name, value);
    }
  }
  for (const name of ['fill', 'stroke'] as const) {
    const value = style.getPropertyValue(name);
    const colour = value === 'none' ? value : readable(value);
    node.setAttribute(name, value === 'none' ? value : plain(colour));
    const opacity = value === 'none' ? undefined : lessThanOne(alphaOf(colour));
    if (opacity !== undefined) {
      node.setAttribute(`${name}-opacity`, String(opacity));
    }
  }
  node.removeAttribute('class');
  node.removeAttribute('style');
  if (style.display === 'none' || style.visibility === 'hidden') {
    node.setAttribute('display', 'none');
  }
}

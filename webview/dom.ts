// Building DOM elements in one expression. Sets attributes and text only: never HTML, never a style attribute.

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Attributes that are false or undefined are left out; true becomes an empty attribute. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

/** Sets or removes attributes, like {@link element}. */
export function setAttributes(node: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) {
      node.removeAttribute(name);
    } else if (node.getAttribute(name) !== String(value === true ? '' : value)) {
      node.setAttribute(name, value === true ? '' : String(value));
    }
  }
}

/** Replaces the text only where it differs, so that nothing is laid out again without need. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/**
 * Shows one of two elements in the other's place. The focus goes with it, if it was in the one that is hidden: otherwise
 * the keys would stop working.
 */
export function showEither(first: HTMLElement, second: HTMLElement, showSecond: boolean): void {
  const [hide, show] = showSecond ? [first, second] : [second, first];
  const focused = !hide.hidden && hide.contains(document.activeElement);
  show.hidden = false;
  hide.hidden = true;
  if (focused) {
    focusFirst(show);
  }
}

/**
 * Gives the focus to an element, or else to the first one in it that takes it and is not hidden; controls marked as
 * `data-focus-later` stand above what the keys of a view act on. Returns whether there was one.
 */
export function focusFirst(root: HTMLElement): boolean {
  const target = [root, ...root.querySelectorAll<HTMLElement>('*')].find(
    (each) =>
      each.matches('[tabindex="0"], button') &&
      !each.closest('[hidden], [data-focus-later]') &&
      !each.closest('details:not([open]) > :not(summary)'),
  );
  target?.focus({ preventScroll: true });
  return target !== undefined;
}

const svgNamespace = 'http://www.w3.org/2000/svg';

/** A 16 × 16 line drawing in the colour of the text around it; says nothing to screen readers. */
export function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS(svgNamespace, 'svg');
  setAttributes(svg, { class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true' });
  const line = document.createElementNS(svgNamespace, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

/** The drawings that the panel uses. */
export const icons = {
  export: 'M8 2.5v7M5 5.2 8 2.2l3 3M3 9.5v4h10v-4',
  heat: 'M2.5 12.5h11M4 9.5h4M10 9.5h2M4 6.5h2M8 6.5h4M4 3.5h8',
  follow: 'M8 1.5v3.2M8 11.3v3.2M1.5 8h3.2M11.3 8h3.2M10.6 8a2.6 2.6 0 1 1-5.2 0 2.6 2.6 0 0 1 5.2 0',
  lines: 'M2 3.5c6 0 6 9 12 9M2 12.5c6 0 6-9 12-9M2 8h12',
  matrix: 'M2.5 2.5h11v11h-11zM2.5 6.2h11M2.5 9.8h11M6.2 2.5v11M9.8 2.5v11',
  table: 'M2.5 3h11v10h-11zM2.5 6h11M2.5 9.5h11M6 6v7',
} as const;

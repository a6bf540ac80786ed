// The arrows between the pictures of the Inside view.
import { setAttributes } from '../dom';
import type { Theme } from '../theme';
import type { InsideLayout } from './insideLayout';

const namespace = 'http://www.w3.org/2000/svg';

export class InsideWires {
  readonly element = document.createElementNS(namespace, 'svg');
  private readonly path = document.createElementNS(namespace, 'path');

  constructor() {
    setAttributes(this.element, { class: 'inside-wires', 'aria-hidden': 'true' });
    setAttributes(this.path, { fill: 'none' });
    this.element.append(this.path);
  }

  update({ wires }: InsideLayout, theme: Theme): void {
    setAttributes(this.path, { d: wires.join(''), stroke: theme.description });
  }
}

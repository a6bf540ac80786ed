// The figure of the model as real buttons over drawn wires: one tab stop, arrows between blocks, a ladder of layers beside each stack.
import type { Side } from '../../src/shared/modelSummary';
import { element, setAttributes, setText } from '../dom';
import { arrows } from '../explorer/keys';
import { structureStrings as strings } from '../strings/structureStrings';
import { spokenBlock } from './structureFacts';
import type { Figure, FigureBox, FigureLadder } from './structureLayout';

export interface FigureEvents {
  readonly select: (box: FigureBox) => void;
  readonly layer: (side: Side, layer: number) => void;
}

const namespace = 'http://www.w3.org/2000/svg';
/** Layers with less room than this in the ladder get steps up and down instead. */
const leastRung = 9;

export class StructureFigure {
  readonly element = element('div', { class: 'figure', 'data-role': 'figure', 'data-keys': true });
  private shown = '';
  private figure: Figure | undefined;
  private buttons = new Map<string, HTMLButtonElement>();

  constructor(private readonly events: FigureEvents) {
    setAttributes(this.element, { role: 'group', 'aria-label': strings.figure });
    this.element.addEventListener('keydown', (event) => this.key(event));
  }

  /** `key` changes with the figure; `selected` is the id of a box. */
  update(key: string, figure: Figure, selected: string): void {
    if (key !== this.shown) {
      this.shown = key;
      this.build(figure);
    }
    for (const [id, button] of this.buttons) {
      const on = id === selected;
      button.classList.toggle('on', on);
      setAttributes(button, { 'aria-pressed': String(on), tabindex: on ? 0 : -1 });
    }
    if (!this.buttons.has(selected)) {
      this.buttons.values().next().value?.setAttribute('tabindex', '0');
    }
  }

  private build(figure: Figure): void {
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset['block'] : '';
    const layer = document.activeElement?.closest<HTMLElement>('.ladder')?.dataset['side'];
    this.figure = figure;
    this.element.style.width = `${figure.width}px`;
    this.element.style.height = `${figure.height}px`;
    this.buttons = new Map(figure.boxes.map((box) => [box.id, this.button(box)]));
    this.element.replaceChildren(
      drawing(figure),
      ...this.buttons.values(),
      ...figure.ladders.map((ladder) => this.ladder(ladder)),
    );
    // The figure of another layer has other blocks: the focus stays at the same place.
    const place = focused?.replace(/\.\d+\./, '.');
    const same = figure.boxes.find(({ id }) => id.replace(/\.\d+\./, '.') === place);
    if (same) {
      this.buttons.get(same.id)?.focus({ preventScroll: true });
    } else if (layer) {
      this.element
        .querySelector<HTMLElement>(`.ladder[data-side="${layer}"] [tabindex="0"]`)
        ?.focus({ preventScroll: true });
    }
  }

  private button(box: FigureBox): HTMLButtonElement {
    const name = spokenBlock(box);
    const button = element(
      'button',
      {
        class: `block ${box.shape} ${box.part.kind}`,
        'data-block': box.id,
        'aria-label': name,
        title: name,
        tabindex: -1,
      },
      box.label,
    );
    place(button, box);
    button.addEventListener('click', () => this.events.select(box));
    return button;
  }

  private ladder(ladder: FigureLadder): HTMLElement {
    const { side, layers, layer, ladder: area } = ladder;
    const host = element('div', {
      class: 'ladder',
      role: 'radiogroup',
      'aria-label': strings.layers(strings.sides[side]),
      'data-side': side,
    });
    place(host, area);
    if (area.height / layers < leastRung) {
      host.classList.add('steps');
      host.append(
        this.stepper(ladder, 1, '▴', strings.later),
        element('span', {}, String(layer + 1)),
        this.stepper(ladder, -1, '▾', strings.earlier),
      );
      return host;
    }
    const rungs = Array.from({ length: layers }, (_, index) => {
      const on = index === layer;
      const rung = element(
        'button',
        {
          class: on ? 'rung on' : 'rung',
          role: 'radio',
          'aria-checked': String(on),
          'aria-label': strings.layerChoice(index + 1, strings.sides[side]),
          tabindex: on ? 0 : -1,
          'data-layer': index,
        },
        String(index + 1),
      );
      rung.addEventListener('click', () => this.events.layer(side, index));
      return rung;
    });
    host.append(...rungs.reverse());
    host.addEventListener('keydown', (event) => {
      const step = { ArrowUp: 1, ArrowDown: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) {
        this.events.layer(side, Math.max(0, Math.min(layers - 1, layer + step)));
        event.preventDefault();
        event.stopPropagation();
      }
    });
    return host;
  }

  private stepper(
    { side, layer, layers }: FigureLadder,
    by: number,
    text: string,
    label: string,
  ): HTMLElement {
    const next = layer + by;
    const there = next >= 0 && next < layers;
    const button = element(
      'button',
      { class: 'rung', 'aria-label': label, title: label, disabled: !there },
      text,
    );
    button.addEventListener('click', () => this.events.layer(side, next));
    return button;
  }

  /** Up and down in a stack; left and right to the block at the same height of the other one. */
  private key(event: KeyboardEvent): void {
    const step = arrows[event.key];
    const { figure } = this;
    const from = figure?.boxes.find(({ id }) => this.buttons.get(id) === event.target);
    if (!step || !figure || !from) {
      return;
    }
    const sameStack = (box: FigureBox): boolean => box.stack.side === from.stack.side;
    const candidates = figure.boxes.filter((box) =>
      step[0] !== 0 ? sameStack(box) && Math.sign(box.y - from.y) === step[0] : !sameStack(box),
    );
    const [next] = candidates.sort((a, b) => Math.abs(a.y - from.y) - Math.abs(b.y - from.y));
    if (next) {
      this.buttons.forEach((button) => button.setAttribute('tabindex', '-1'));
      const button = this.buttons.get(next.id);
      button?.setAttribute('tabindex', '0');
      button?.focus({ preventScroll: true });
      button?.scrollIntoView({ block: 'nearest' });
    }
    event.preventDefault();
  }
}

function place(node: HTMLElement, area: { x: number; y: number; width: number; height: number }): void {
  node.style.left = `${area.x}px`;
  node.style.top = `${area.y}px`;
  node.style.width = `${area.width}px`;
  node.style.height = `${area.height}px`;
}

function drawing({ width, height, wires, texts, ladders }: Figure): SVGSVGElement {
  const svg = document.createElementNS(namespace, 'svg');
  setAttributes(svg, { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' });
  for (const { frame } of ladders) {
    const rect = document.createElementNS(namespace, 'rect');
    setAttributes(rect, { class: 'frame', ...frame, rx: 3 });
    svg.append(rect);
  }
  const path = document.createElementNS(namespace, 'path');
  setAttributes(path, { class: 'wire', d: wires.join('') });
  svg.append(path);
  for (const { x, y, text, anchor } of texts) {
    const node = document.createElementNS(namespace, 'text');
    setAttributes(node, { x, y, 'text-anchor': anchor });
    setText(node, text);
    svg.append(node);
  }
  return svg;
}

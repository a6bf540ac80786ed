// The legend of a scale: a strip of its colours with ticks, drawn from the same table as the picture.
import { cssOf } from '../draw/colour';
import { Surface } from '../draw/surface';
import { element, setText } from '../dom';

/** A tick: how far along the strip (0–1), and what stands there. */
export interface LegendTick {
  readonly at: number;
  readonly text: string;
}

const height = 8;

export class Legend {
  readonly element: HTMLElement;
  private readonly surface: Surface;
  private readonly ticks = element('div', { class: 'legend-ticks' });
  private readonly text = element('span', { class: 'caption' });

  constructor(
    role: string,
    private readonly width: number,
  ) {
    this.surface = new Surface(role);
    const strip = element('div', { class: 'legend-strip' }, this.surface.canvas, this.ticks);
    strip.style.width = `${width}px`;
    this.element = element('div', { class: 'legend' }, strip, this.text);
  }

  /** `pixelAt` gives the pixel of the scale at a share (0–1) of the strip. */
  update(pixelAt: (share: number) => number, ticks: readonly LegendTick[], text: string): void {
    const context = this.surface.begin(this.width, height);
    for (let x = 0; x < this.width; x++) {
      context.fillStyle = cssOf(pixelAt(x / (this.width - 1)));
      context.fillRect(x, 0, 1, height);
    }
    setText(this.text, text);
    if (this.ticks.childElementCount !== ticks.length) {
      this.ticks.replaceChildren(...ticks.map(() => element('span', { class: 'caption number' })));
    }
    ticks.forEach(({ at, text: label }, index) => {
      const tick = this.ticks.children[index];
      if (tick instanceof HTMLElement) {
        tick.style.left = `${at * this.width}px`;
        setText(tick, label);
      }
    });
  }
}

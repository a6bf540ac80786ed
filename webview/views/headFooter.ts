// Under the picture of a head: the threshold of its lines, and the legend of its colours.
import { element, setText } from '../dom';
import type { HeadLayout } from '../draw/headLayout';
import { weightStep } from '../draw/colour';
import { formatNumber } from '../format';
import { attentionStrings as strings } from '../strings';
import type { Theme } from '../theme';
import { Legend } from './legend';
import { MaskSwatch } from './maskSwatch';

/** Of the footer's style, in pixels. */
const padding = { left: 12, right: 8 } as const;
const gap = 16;

const ticks = [0, 0.05, 0.25, 0.5, 1];

export class HeadFooter {
  readonly element: HTMLElement;
  private readonly slider = element('input', {
    type: 'range',
    min: 0,
    max: 1,
    step: 0.01,
    'aria-label': strings.threshold,
    'data-control': 'threshold',
  });
  private readonly value = element('span', { class: 'number threshold-value' });
  private readonly drawn = element('span', { 'data-role': 'lines-drawn' });
  private readonly threshold: HTMLElement;
  private readonly legend = new Legend('weight-legend', 140);
  private readonly swatch = new MaskSwatch(true, 'masked-swatch');
  private readonly colours: HTMLElement;

  /** `changed` gets the smallest weight whose line is drawn, 0–1. */
  constructor(changed: (threshold: number) => void) {
    this.slider.addEventListener('input', () => changed(thresholdAt(Number(this.slider.value))));
    this.threshold = element(
      'div',
      { class: 'threshold caption' },
      element('span', {}, strings.threshold),
      this.slider,
      this.value,
      this.drawn,
    );
    this.colours = element('div', { class: 'colours' }, this.legend.element, this.swatch.element);
    this.element = element('div', { class: 'head-footer' }, this.threshold, this.colours);
  }

  update(threshold: number, theme: Theme): void {
    const position = String(positionOf(threshold));
    if (this.slider.value !== position && thresholdAt(Number(this.slider.value)) !== threshold) {
      this.slider.value = position;
    }
    setText(this.value, formatNumber(threshold));
    this.legend.update(
      (share) => theme.sequential.table[Math.round(share * (theme.sequential.table.length - 1))],
      // On the square-root scale a weight stands where its colour is.
      ticks.map((weight) => ({ at: weightStep(weight) / weightStep(1), text: String(weight) })),
      strings.legend,
    );
    this.swatch.update(theme, strings.masked);
  }

  /** Follows the picture: the legend stands under the matrix, the threshold under the lines. */
  place(count: { readonly drawn: number; readonly pairs: number }, layout: HeadLayout): void {
    setText(this.drawn, strings.drawn(count.drawn, count.pairs));
    this.threshold.classList.toggle('unused', !layout.keyStrip);
    // The legend begins where the matrix does, unless it would not fit beside it.
    const { clientWidth } = this.element;
    const least = clientWidth - this.colours.offsetWidth - padding.left - padding.right - gap - 4;
    const wanted = (layout.matrix?.x ?? 0) - padding.left - gap;
    this.threshold.style.minWidth = `${Math.max(0, Math.min(wanted, least))}px`;
  }
}

/** The slider moves on a square-root scale as well, so that small weights can be told apart; steps of 0.01 up to 0.1. */
function thresholdAt(position: number): number {
  const weight = position ** 2;
  return Math.round(weight * 100) / 100;
}

function positionOf(threshold: number): number {
  return Math.round(Math.sqrt(threshold) * 100) / 100;
}

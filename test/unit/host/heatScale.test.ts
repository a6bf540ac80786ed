// The colours behind the text: steps rise with the weight, the text stays readable, thickness tells what colour tells.
import { describe, expect, it } from 'vitest';
import type { ThemeKind } from '../../../src/host/barChart';
import { heatLegend } from '../../../src/host/heatLegend';
import { HEAT_STEPS, heatStep, heatSteps, overBackground } from '../../../src/host/heatScale';

/** Background and text of VS Code's default theme of each kind. */
const THEMES: Readonly<Record<ThemeKind, readonly [background: string, text: string]>> = {
  dark: ['#1f1f1f', '#cccccc'],
  light: ['#ffffff', '#3b3b3b'],
  highContrast: ['#000000', '#ffffff'],
  highContrastLight: ['#ffffff', '#292929'],
};
const kinds = Object.keys(THEMES) as readonly ThemeKind[];

describe('heatStep', () => {
  it('leaves what is below the threshold uncoloured, and colours the rest in rising steps', () => {
    expect(heatStep(0.0099, 0.01)).toBe(0);
    expect(heatStep(0.01, 0.01)).toBe(1);
    expect(heatStep(0.25, 0.01)).toBe(Math.round(HEAT_STEPS / 2));
    expect(heatStep(1, 0.01)).toBe(HEAT_STEPS);
    const steps = Array.from({ length: 101 }, (_, percent) => heatStep(percent / 100, 0.01));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('colours nothing without weight, whatever the threshold', () => {
    expect(heatStep(0, 0)).toBe(0);
    expect(heatStep(Number.NaN, 0)).toBe(0);
    expect(heatStep(0.00001, 0)).toBe(1);
  });
});

describe.each(kinds)('heatSteps in a %s theme', (theme) => {
  const [background, text] = THEMES[theme];
  const steps = heatSteps(theme);

  it('keeps the text at a contrast of 4.5 or more', () => {
    for (const step of steps) {
      expect(contrast(overBackground(step.background, background), text)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('makes larger weights stand out more', () => {
    const seen = steps.map((step) => contrast(overBackground(step.background, background), background));
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(new Set(seen).size).toBe(HEAT_STEPS);
    const widths = steps.map(({ lineWidth }) => lineWidth);
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    expect(new Set(widths).size).toBe(3);
  });

  it('draws a legend with a box for each weight, the uncoloured ones framed', () => {
    const svg = heatLegend(theme, 0.01);
    expect(svg.match(/<text /gu)).toHaveLength(10);
    expect(svg.match(/fill="none"/gu)).toHaveLength(1);
    expect(heatLegend(theme, 0.3).match(/fill="none"/gu)).toHaveLength(6);
  });
});

describe('heatSteps', () => {
  it('has the colours of the explorer on the default background', () => {
    // 30 % of the dark scale, full weight: between its third and fourth anchor.
    expect(overBackground(heatSteps('dark')[HEAT_STEPS - 1].background, '#1f1f1f')).toBe('#28578e');
    expect(heatSteps('dark')[HEAT_STEPS - 1].line).toBe('#d5fcdb');
    expect(heatSteps('light')[HEAT_STEPS - 1].line).toBe('#122864');
  });
});

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((start) => Number.parseInt(hex.slice(start, start + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// The hover's picture: bars as long as the weights, labels that cannot break out of the SVG or the Markdown.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { barChart, dataUri } from '../../../src/host/barChart';

const widths = (svg: string) =>
  [...svg.matchAll(/<rect [^>]*width="([\d.]+)"[^>]*fill="#59a4f9"/gu)].map(([, width]) => Number(width));

describe('barChart', () => {
  test('fills the track by the weight', () => {
    const svg = barChart(
      [
        { label: 'animal', weight: 1 },
        { label: 'street', weight: 0.5 },
        { label: 'it', weight: 0 },
      ],
      'dark',
    );
    expect(widths(svg)).toEqual([250, 125, 0]);
    expect(svg).toContain('>animal<');
    expect(svg).toContain('>0.500<');
  });

  test('has colours of its own for every kind of theme', () => {
    const bars = [{ label: 'a', weight: 0.5 }];
    const pictures = (['dark', 'light', 'highContrast', 'highContrastLight'] as const).map((theme) =>
      barChart(bars, theme),
    );
    expect(new Set(pictures).size).toBe(4);
  });

  test('shortens labels that would run into the bars', () => {
    expect(barChart([{ label: 'incomprehensibilities', weight: 0 }], 'dark')).toContain('>incomprehens…<');
    expect(barChart([{ label: '因为它太累了没有过街', weight: 0 }], 'dark')).toContain('>因为它太累了…<');
  });

  test('any label gives well-formed XML and an address without what ends a Markdown link', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (label) => {
        const svg = barChart([{ label, weight: 0.5 }], 'dark');
        const text = /<text [^>]*>([^<]*)<\/text>/u.exec(svg)?.[1] ?? 'missing';
        expect(text).not.toMatch(/[\p{Cc}\p{Cs}<>]/u);
        expect(text.replace(/&#\d+;/gu, '')).not.toContain('&');
        expect(dataUri(svg)).toMatch(/^data:image\/svg\+xml;utf8,[\w.~%-]+$/u);
      }),
    );
  });
});

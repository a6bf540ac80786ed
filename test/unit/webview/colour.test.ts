// The colour scales: exact anchors, monotonic lightness, equal steps, and what happens with other backgrounds.
import { describe, expect, it } from 'vitest';
import {
  divergingScale,
  linearStep,
  rgbOf,
  sequentialScale,
  signedPixel,
  steps,
  weightStep,
} from '../../../webview/draw/colour';
import type { Rgb } from '../../../webview/draw/oklab';
import { alphaOf, distance, fromOklab, parseColour, toHex, toOklab } from '../../../webview/draw/oklab';

const anchors = {
  '#1f1f1f': '#1f1f1f #21354e #274c7c #2a68a9 #238ac4 #24add8 #4ecedd #8eeada #d5fcdb',
  '#ffffff': '#ffffff #c5edef #90d5e1 #5ebad9 #399bd1 #297bc0 #245bab #1b4086 #122864',
};
const signedAnchors = {
  '#1f1f1f': '#b58fe7 #8c6db9 #644c8b #403554 #1f1f1f #573c23 #935b21 #c7863d #fcb459',
  '#ffffff': '#5c2f95 #8462b6 #af94d7 #d6c9ee #ffffff #f9d6b0 #eaac67 #c9823e #aa5910',
};
const otherBackgrounds = ['#000000', '#1e1e1e', '#002b36', '#272822', '#2e3440', '#fdf6e3', '#f3f3f3'];

function rgb(hex: string): Rgb {
  const colour = parseColour(hex);
  if (!colour) {
    throw new Error(hex);
  }
  return colour;
}

function lightness(pixel: number): number {
  return toOklab(rgbOf(pixel))[0];
}

describe('sequential scale', () => {
  it.each(Object.entries(anchors))('passes through the nine anchors on %s', (background, expected) => {
    const { table } = sequentialScale(rgb(background));
    const found = Array.from({ length: 9 }, (_, index) => toHex(rgbOf(table[(index * steps) / 8])));
    expect(found.join(' ')).toBe(expected);
  });

  it.each([...Object.keys(anchors), ...otherBackgrounds])('moves steadily away from %s', (background) => {
    const { table } = sequentialScale(rgb(background));
    expect(toHex(rgbOf(table[0]))).toBe(background);
    const direction = Math.sign(lightness(table[steps]) - lightness(table[0]));
    // Next to black, 8 bits cannot tell single steps apart; over a sixteenth of the scale they must.
    for (let step = 16; step <= steps; step += 16) {
      expect(direction * (lightness(table[step]) - lightness(table[step - 16]))).toBeGreaterThan(0);
    }
    for (let step = 1; step <= steps; step++) {
      expect(direction * (lightness(table[step]) - lightness(table[step - 1]))).toBeGreaterThan(-0.002);
    }
    expect(Math.abs(lightness(table[steps]) - lightness(table[0]))).toBeGreaterThan(0.5);
  });

  it.each(otherBackgrounds)('has equal steps from %s', (background) => {
    const { table } = sequentialScale(rgb(background));
    const lengths = Array.from({ length: 8 }, (_, index) =>
      distance(toOklab(rgbOf(table[(index * steps) / 8])), toOklab(rgbOf(table[((index + 1) * steps) / 8]))),
    );
    // Chords of a curve: not exactly equal, but none is half of another.
    expect(Math.min(...lengths) / Math.max(...lengths)).toBeGreaterThan(0.7);
  });
});

describe('diverging scale', () => {
  it.each(Object.entries(signedAnchors))('passes through its anchors on %s', (background, expected) => {
    const scale = divergingScale(rgb(background));
    const found = [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((value) => toHex(rgbOf(signedPixel(scale, value, 4))));
    expect(found.join(' ')).toBe(expected);
  });

  it('shows zero as the background and clips at the ends', () => {
    const scale = divergingScale(rgb('#002b36'));
    expect(toHex(rgbOf(signedPixel(scale, 0, 1)))).toBe('#002b36');
    expect(signedPixel(scale, 7, 2)).toBe(signedPixel(scale, 2, 2));
    expect(toHex(rgbOf(signedPixel(scale, 0, 0)))).toBe('#002b36');
  });
});

describe('steps', () => {
  it('puts weights on a square-root scale', () => {
    expect([0, 0.0625, 0.25, 1].map(weightStep)).toEqual([0, steps / 4, steps / 2, steps]);
    expect([-1, 2].map(weightStep)).toEqual([0, steps]);
    expect([0, 0.5, 1].map(linearStep)).toEqual([0, steps / 2, steps]);
  });
});

describe('colours', () => {
  it('reads what themes write', () => {
    expect(parseColour('#abc')).toEqual([170, 187, 204]);
    expect(parseColour(' #1F1F1F80 ')).toEqual([31, 31, 31]);
    expect(parseColour('rgba(1, 2, 3, 0.5)')).toEqual([1, 2, 3]);
    expect(parseColour('rgb(4 5 6)')).toEqual([4, 5, 6]);
    expect(parseColour('var(--x)')).toBeUndefined();
  });

  it('reads how opaque they are', () => {
    expect(['#123456', '#12345680', '#1238', 'rgb(1, 2, 3)'].map((each) => alphaOf(each).toFixed(2))).toEqual(
      ['1.00', '0.50', '0.53', '1.00'],
    );
    expect(['rgba(1, 2, 3, 0.25)', 'rgb(1 2 3 / 0.25)'].map(alphaOf)).toEqual([0.25, 0.25]);
  });

  it('converts to OKLab and back', () => {
    for (const hex of ['#000000', '#ffffff', '#2a68a9', '#fcb459', '#123456']) {
      expect(toHex(fromOklab(toOklab(rgb(hex))))).toBe(hex);
    }
    expect(toOklab([255, 255, 255])[0]).toBeCloseTo(1, 5);
  });
});

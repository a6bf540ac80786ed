// Drawings of a canvas as SVG: the same places, colours and order, under turns and clips.
import { describe, expect, test } from 'vitest';
import type { DrawCall } from '../../../webview/draw/recording';
import { canvasShapes } from '../../../webview/export/canvasShapes';

function drawn(calls: readonly DrawCall[], x = 0, y = 0): string {
  let count = 0;
  return canvasShapes(calls, x, y, () => `id${++count}`);
}

describe('a recorded drawing', () => {
  test('boxes stand where the canvas stands', () => {
    const svg = drawn(
      [
        ['=', 'fillStyle', '#ff0000'],
        ['fillRect', 1, 2, 10, 5],
      ],
      100,
      200,
    );
    expect(svg).toBe('<path d="M101 202L111 202 111 207 101 207z" fill="#ff0000"/>');
  });

  test('save and restore keep colours and turns apart', () => {
    const svg = drawn([
      ['=', 'strokeStyle', 'rgba(0, 0, 255, 0.5)'],
      ['save'],
      ['translate', 10, 0],
      ['=', 'strokeStyle', '#00ff00'],
      ['beginPath'],
      ['moveTo', 0, 0],
      ['lineTo', 5, 5],
      ['stroke'],
      ['restore'],
      ['beginPath'],
      ['lineTo', 1, 1],
      ['lineTo', 2, 2],
      ['stroke'],
    ]);
    expect(svg).toContain('d="M10 0L15 5" fill="none" stroke="#00ff00"');
    expect(svg).toContain('d="M1 1L2 2" fill="none" stroke="#0000ff" stroke-width="1" stroke-opacity="0.5"');
  });

  test('a turned text is turned around its own place', () => {
    const svg = drawn([
      ['translate', 30, 40],
      ['rotate', -Math.PI / 2],
      ['=', 'font', '600 11px Inter, sans-serif'],
      ['=', 'textAlign', 'center'],
      ['fillText', 'a < b', 5, 0],
    ]);
    expect(svg).toContain('transform="matrix(0 -1 1 0 30 35)"');
    expect(svg).toContain('font-size="11" font-family="Inter, sans-serif" font-weight="600"');
    expect(svg).toContain('text-anchor="middle"');
    expect(svg).toContain('>a &#60; b</text>');
  });

  test('what is clipped refers to its clip, and only that', () => {
    const svg = drawn([
      ['save'],
      ['beginPath'],
      ['rect', 0, 0, 10, 10],
      ['clip'],
      ['fillRect', 0, 0, 99, 99],
      ['restore'],
      ['fillRect', 5, 5, 1, 1],
    ]);
    expect(svg).toContain('<clipPath id="id1"><path d="M0 0L10 0 10 10 0 10z"/></clipPath>');
    expect(svg.match(/clip-path="url\(#id1\)"/gu)).toHaveLength(1);
    expect(svg.indexOf('M5 5')).toBeGreaterThan(svg.indexOf('</g>'));
  });

  test('what was drawn behind comes first', () => {
    const svg = drawn([
      ['fillRect', 0, 0, 1, 1],
      ['=', 'globalCompositeOperation', 'destination-over'],
      ['fillRect', 2, 2, 1, 1],
    ]);
    expect(svg.indexOf('M2 2')).toBeLessThan(svg.indexOf('M0 0'));
  });

  test('a whole circle is two arcs', () => {
    const svg = drawn([['beginPath'], ['arc', 5, 5, 2, 0, 2 * Math.PI], ['fill']]);
    expect(svg).toContain('d="M7 5A2 2 0 0 1 3 5A2 2 0 0 1 7 5"');
  });
});

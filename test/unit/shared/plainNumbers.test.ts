// Numbers that JSON loses survive the way to a webview; buffers are left alone.
import { expect, test } from 'vitest';
import { decodeNumbers, encodeNumbers } from '../../../src/shared/plainNumbers';

test('infinities and NaN come back from JSON', () => {
  const value = {
    mask: -Infinity,
    list: [Infinity, NaN, 0.5],
    deep: { rank: 1, none: null, text: 'Infinity' },
  };
  expect(decodeNumbers(JSON.parse(JSON.stringify(encodeNumbers(value))))).toEqual(value);
});

test('views and buffers are passed on, not copied', () => {
  const data = Float32Array.of(-Infinity);
  const encoded = encodeNumbers({ data, buffer: data.buffer });
  expect(encoded).toEqual({ data, buffer: data.buffer });
  expect((encoded as { data: unknown }).data).toBe(data);
  expect((decodeNumbers(encoded) as { data: unknown }).data).toBe(data);
});

// Files of training data in the encodings that editors and spreadsheets write.
import { expect, it } from 'vitest';
import { decodeText, readText } from '../../../src/engine/cli/readText';

it('reads UTF-8, and UTF-16 by its byte order mark', () => {
  const text = 'Grüße\t你好 𝄞\n';
  const codes = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  const bytes = (isLittle: boolean) =>
    Uint8Array.from(codes.flatMap((code) => (isLittle ? [code & 255, code >> 8] : [code >> 8, code & 255])));
  expect(decodeText(new TextEncoder().encode(text))).toBe(text);
  expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, ...new TextEncoder().encode(text)))).toBe(text);
  expect(decodeText(Uint8Array.of(0xff, 0xfe, ...bytes(true)))).toBe(text);
  expect(decodeText(Uint8Array.of(0xfe, 0xff, ...bytes(false)))).toBe(text);
  expect(decodeText(Uint8Array.of(97, 0xe4, 98))).toBe('a\uFFFDb');
  expect(decodeText(new Uint8Array())).toBe('');
});

it('names the file that cannot be read', () => {
  expect(() => readText('/nowhere/pairs.tsv')).toThrow('/nowhere/pairs.tsv cannot be read: ENOENT');
});

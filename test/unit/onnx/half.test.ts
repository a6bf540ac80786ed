// Halves: every one of them against the formula of IEEE 754, and rounding to them.
import { describe, expect, it } from 'vitest';
import { expandBfloats, expandHalves, toHalf } from '../../../src/onnx/half';

/** The value of a half by the definition of binary16. */
function byDefinition(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) {
    return fraction === 0 ? sign * Infinity : NaN;
  }
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

describe('half', () => {
  it.each([0, 1])('expands all 65,536 halves exactly, at byte offset %i', (offset) => {
    const bytes = new Uint8Array(2 * all.length + offset);
    bytes.set(new Uint8Array(all.buffer), offset);
    const floats = new Float32Array(all.length);
    expandHalves(bytes.subarray(offset), new Uint32Array(floats.buffer));
    const wrong = all.findIndex((bits) => !Object.is(floats[bits], byDefinition(bits)));
    expect(wrong).toBe(-1);
  });

  it('rounds every half to itself', () => {
    const isNaNBits = (bits: number): boolean => (bits & 0x7fff) > 0x7c00;
    expect(all.filter((bits) => !isNaNBits(bits) && toHalf(byDefinition(bits)) !== bits)).toHaveLength(0);
    expect(byDefinition(toHalf(NaN))).toBeNaN();
  });

  it('rounds half-way cases to the even neighbour and others to the nearest', () => {
    for (const bits of [0, 1, 2, 0x3fe, 0x3ff, 0x400, 0x3c00, 0x3c01, 0x7bfe]) {
      const low = byDefinition(bits);
      const high = byDefinition(bits + 1);
      const middle = (low + high) / 2;
      expect(toHalf(middle)).toBe(bits % 2 === 0 ? bits : bits + 1);
      expect(toHalf(low + (high - low) * 0.4375)).toBe(bits);
      expect(toHalf(-(low + (high - low) * 0.5625))).toBe(0x8000 | (bits + 1));
    }
  });

  it('makes infinities of what is too large', () => {
    expect([65504, 65519, 65520, 1e30, -1e30].map(toHalf)).toEqual([0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00]);
  });

  it('expands bfloat16', () => {
    const floats = new Float32Array(3);
    expandBfloats(Uint8Array.of(0x80, 0x3f, 0x40, 0xc0, 0x80, 0x7f), new Uint32Array(floats.buffer));
    expect([...floats]).toEqual([1, -3, Infinity]);
  });
});

// Converts between IEEE 754 binary16 ("half"), bfloat16 and float32; subnormals, infinities and NaN included.

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** The bits of the float32 number that equals the half with these bits. Every half is exact in float32. */
function expandBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) {
    return sign | 0x7f800000 | (fraction << 13);
  }
  if (exponent !== 0) {
    return sign | ((exponent + 112) << 23) | (fraction << 13);
  }
  if (fraction === 0) {
    return sign;
  }
  // Subnormal: fraction · 2^-24, normalised by moving its highest bit to the implicit place.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

let table: Uint32Array | undefined;

/** All 65,536 halves, made on first use: a look-up is several times faster than the computation. */
function halfTable(): Uint32Array {
  table ??= Uint32Array.from({ length: 0x10000 }, (_, half) => expandBits(half));
  return table;
}

/** Writes the float32 bits of each half in `source` (little-endian, 2 bytes each) to `target`. */
export function expandHalves(source: Uint8Array, target: Uint32Array): void {
  const bits = halfTable();
  if (source.byteOffset % 2 === 0) {
    const halves = new Uint16Array(source.buffer, source.byteOffset, target.length);
    for (let i = 0; i < target.length; i++) {
      target[i] = bits[halves[i] ?? 0] ?? 0;
    }
    return;
  }
  for (let i = 0; i < target.length; i++) {
    target[i] = bits[(source[2 * i] ?? 0) | ((source[2 * i + 1] ?? 0) << 8)] ?? 0;
  }
}

/** Writes the float32 bits of each bfloat16 in `source` (little-endian, 2 bytes each) to `target`. */
export function expandBfloats(source: Uint8Array, target: Uint32Array): void {
  for (let i = 0; i < target.length; i++) {
    target[i] = ((source[2 * i] ?? 0) << 16) | ((source[2 * i + 1] ?? 0) << 24);
  }
}

/** The bits of the half nearest to a number; ties go to the even one, too large a number becomes an infinity. */
export function toHalf(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) {
    return sign | 0x7e00;
  }
  // 65520 = 0x477ff000 is half-way between the largest half and the next power of two.
  if (magnitude >= 0x477ff000) {
    return sign | 0x7c00;
  }
  if (magnitude < 0x38800000) {
    // Below 2^-14: count units of 2^-24, rounding to even as the float32 addition does.
    scratch[0] = Math.abs(value) + 0.5;
    return sign | ((scratchBits[0] ?? 0) - 0x3f000000);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

// Tells whether two contents are the same: 64 bits of FNV-1a in two lanes. Not for security.

/** 16 hexadecimal digits for texts and bytes, in their order; where one ends and the next begins counts, too. */
export function contentHash(contents: Iterable<string | Uint8Array>): string {
  let low = 0x811c9dc5;
  let high = 0xc2b2ae35;
  const mix = (word: number): void => {
    low = Math.imul(low ^ word, 0x01000193);
    high = Math.imul(high ^ word ^ (low >>> 15), 0x01000193);
  };
  for (const content of contents) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    mix(bytes.length);
    // Word by word: models are large.
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const whole = bytes.length - (bytes.length % 4);
    for (let i = 0; i < whole; i += 4) {
      mix(view.getUint32(i, true));
    }
    for (let i = whole; i < bytes.length; i++) {
      mix(bytes[i]);
    }
  }
  const digits = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
  return digits(high) + digits(low);
}

// Decodes UTF-8 character by character, so that each character knows its bytes; malformed bytes become U+FFFD.

/** A character and the bytes `[from, to)` it was decoded from. */
export interface DecodedCharacter {
  readonly character: string;
  readonly from: number;
  readonly to: number;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The same characters as `TextDecoder` gives: one U+FFFD for each maximal malformed part. */
export function decodeUtf8(bytes: Uint8Array): DecodedCharacter[] {
  const characters: DecodedCharacter[] = [];
  for (let from = 0; from < bytes.length;) {
    const to = from + sequenceLength(bytes, from);
    characters.push({ character: decoder.decode(bytes.subarray(from, to)), from, to });
    from = to;
  }
  return characters;
}

/** Bytes of the character at `from`, or of the malformed part that is replaced as a whole (RFC 3629, table 3-7 of Unicode). */
function sequenceLength(bytes: Uint8Array, from: number): number {
  const first = bytes[from];
  const more = first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  for (let i = 1; i <= more; i++) {
    const byte = bytes[from + i];
    if (byte === undefined || byte < (i === 1 ? low : 0x80) || byte > (i === 1 ? high : 0xbf)) {
      return i;
    }
  }
  return 1 + more;
}

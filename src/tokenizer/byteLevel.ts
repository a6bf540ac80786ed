// Byte-level text as GPT-2 spells it: one printable character for each of the 256 bytes.
import type { AlignedText } from './alignedText';

const encoder = new TextEncoder();

/** Byte → character: printable Latin-1 stands for itself, the other bytes for U+0100 onwards. */
export const byteCharacters: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
    return String.fromCharCode(printable ? byte : next++);
  });
})();

const byteOfCharacter: ReadonlyMap<string, number> = new Map(
  byteCharacters.map((character, byte) => [character, byte]),
);

/** The text's UTF-8 bytes; each byte covers the whole character it is part of. */
export function toByteCharacters(text: AlignedText): AlignedText {
  return text.mapCharacters(bytesAsText);
}

export function bytesAsText(character: string): string {
  return Array.from(encoder.encode(character), (byte) => byteCharacters[byte]).join('');
}

/** The byte that a character of byte-level text stands for. */
export function byteOf(character: string): number | undefined {
  return byteOfCharacter.get(character);
}

// Reads a text file in UTF-8, or in UTF-16 where it begins with the byte order mark of that.
import { readFileSync } from 'node:fs';
import { messageOf, UserError } from '../../shared/errors';

/** @throws UserError `badRequest` where it cannot be read. */
export function readText(file: string): string {
  try {
    return decodeText(readFileSync(file));
  } catch (error) {
    throw new UserError('badRequest', `The file ${file} cannot be read: ${messageOf(error)}.`);
  }
}

/** What is no text of its encoding becomes U+FFFD; a byte order mark is left out. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isLittle = first === 0xff && second === 0xfe;
  const isBig = first === 0xfe && second === 0xff;
  return new TextDecoder(isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8').decode(bytes);
}

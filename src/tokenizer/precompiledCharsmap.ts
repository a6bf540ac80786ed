// SentencePiece's precompiled character map, followed exactly: a trie of byte strings and what replaces each.
import type { AlignedText, Edit } from './alignedText';
import type { Normalizer } from './normalizer';
import { corrupt, type Stage } from './tokenizerFile';

/** A double-array trie (darts-clone's layout) over UTF-8 bytes, followed by NUL-terminated replacements. */
interface Charsmap {
  readonly units: Uint32Array;
  readonly replacements: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The normaliser `Precompiled`. The library approximates the map by a regular expression and NFKC; this one reads it,
 * as SentencePiece does: at each place the longest match is replaced, else one character is kept.
 */
export function precompiledNormalizer(stage: Stage): Normalizer {
  if (typeof stage.precompiled_charsmap !== 'string' || stage.precompiled_charsmap === '') {
    return { apply: (text) => text, drops: [] };
  }
  const map = readCharsmap(stage.precompiled_charsmap);
  return {
    apply: (text) => text.edit(replacementsIn(text, map), true),
    notes: [
      'The model\u2019s character map is followed as SentencePiece does, longest match first. Hugging Face\u2019s tokenizers go by whole graphemes or approximate it, and may differ on combining marks and rare characters.',
    ],
    drops: [
      {
        what: 'characters that the model\u2019s character map removes or turns into spaces',
        matches: (character) => {
          const bytes = encoder.encode(character);
          const match = longestMatch(map, bytes, 0);
          return match?.length === bytes.length && replacementAt(map, match.value).trim() === '';
        },
      },
    ],
  };
}

function readCharsmap(base64: string): Charsmap {
  const binary = decodeBase64(base64);
  const size = binary.length >= 4 ? new DataView(binary.buffer).getUint32(0, true) : 0;
  if (size === 0 || size % 4 !== 0 || 4 + size > binary.length) {
    throw corrupt('its precompiled character map is truncated');
  }
  const view = new DataView(binary.buffer, 4, size);
  const units = Uint32Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 * i, true));
  return { units, replacements: binary.subarray(4 + size) };
}

function decodeBase64(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch (error) {
    throw corrupt('its precompiled character map is not base64', error);
  }
}

function replacementsIn(text: AlignedText, map: Charsmap): Edit[] {
  const bytes = encoder.encode(text.text);
  const edits: Edit[] = [];
  let unit = 0;
  for (let at = 0; at < bytes.length;) {
    const match = longestMatch(map, bytes, at);
    const length = match?.length ?? characterLength(bytes[at]);
    const units = utf16Length(bytes, at, at + length);
    if (match !== undefined) {
      edits.push({ from: unit, to: unit + units, text: replacementAt(map, match.value) });
    }
    at += length;
    unit += units;
  }
  return edits.filter(({ from, to, text: content }) => text.text.slice(from, to) !== content);
}

/** Walks the trie from byte `start`; units hold a label, a leaf flag and the offset of their children. */
function longestMatch(
  { units }: Charsmap,
  bytes: Uint8Array,
  start: number,
): { value: number; length: number } | undefined {
  let best: { value: number; length: number } | undefined;
  let at = childrenOf(units[0]);
  for (let i = start; i < bytes.length; i++) {
    at ^= bytes[i];
    const unit = units[at];
    if (unit === undefined || (unit & 0x800000ff) >>> 0 !== bytes[i]) {
      break;
    }
    at ^= childrenOf(unit);
    if (((unit >>> 8) & 1) === 1) {
      best = { value: units[at] & 0x7fffffff, length: i + 1 - start };
    }
  }
  return best;
}

function childrenOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}

function replacementAt({ replacements }: Charsmap, offset: number): string {
  const end = replacements.indexOf(0, offset);
  return decoder.decode(replacements.subarray(offset, end < 0 ? undefined : end));
}

/** Bytes of the UTF-8 character that starts with this byte. */
function characterLength(first: number): number {
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function utf16Length(bytes: Uint8Array, from: number, to: number): number {
  let units = 0;
  for (let i = from; i < to; i += characterLength(bytes[i])) {
    units += bytes[i] < 0xf0 ? 1 : 2;
  }
  return units;
}

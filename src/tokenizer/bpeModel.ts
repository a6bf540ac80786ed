// Byte-pair encoding: the library merges, this finds each piece's place, unknown pieces and byte fallback.
import { BPE } from '@huggingface/tokenizers';
import { byteCharacters, bytesAsText } from './byteLevel';
import type { Drop } from './drop';
import type { Piece, PieceModel } from './pieceModel';
import { corrupt, flagOf, stringOf, unsupported, vocabularyOf, type Stage } from './tokenizerFile';

const encoder = new TextEncoder();

/** @param spell how a character reaches the model: as itself, or as byte characters. */
export function createBpeModel(stage: Stage, spell: (character: string) => string): PieceModel {
  if (typeof stage.continuing_subword_prefix === 'string' && stage.continuing_subword_prefix !== '') {
    throw unsupported('BPE prefix of continuing pieces', stage.continuing_subword_prefix);
  }
  const vocabulary = vocabularyOf(stage);
  const suffix = stringOf(stage, 'end_of_word_suffix', '');
  const unknown = vocabulary.get(stringOf(stage, 'unk_token', ''));
  const ignoreMerges = flagOf(stage, 'ignore_merges', false);
  const fuse = flagOf(stage, 'fuse_unk', false);
  const bytes = flagOf(stage, 'byte_fallback', false) ? byteIds(vocabulary) : undefined;
  const library = new BPE({
    type: 'BPE',
    vocab: Object.fromEntries(vocabulary),
    merges: mergesOf(stage),
    end_of_word_suffix: suffix,
    ignore_merges: ignoreMerges,
  });

  const cutWord = (word: string): Piece[] => {
    const whole = ignoreMerges ? vocabulary.get(word) : undefined;
    if (whole !== undefined) {
      return [{ id: whole, from: 0, to: word.length }];
    }
    const pieces: Piece[] = [];
    let from = 0;
    for (const piece of library.bpe(word)) {
      const to = Math.min(from + piece.length, word.length);
      const id = vocabulary.get(piece);
      const fallback = id === undefined ? bytes?.(piece) : undefined;
      const last = pieces.at(-1);
      if (id !== undefined) {
        pieces.push({ id, from, to });
      } else if (fallback !== undefined) {
        pieces.push(...fallback.map((byte) => ({ id: byte, from, to })));
      } else if (unknown !== undefined && fuse && last?.id === unknown) {
        pieces[pieces.length - 1] = { ...last, to };
      } else if (unknown !== undefined) {
        pieces.push({ id: unknown, from, to });
      }
      from = to;
    }
    return pieces;
  };

  return {
    cut: (words) => words.map(({ text }) => cutWord(text)),
    vocabulary,
    unknown,
    drops: unknown === undefined ? missingCharacters(vocabulary, bytes, spell) : [],
  };
}

/** Without an unknown piece, what the vocabulary cannot spell vanishes. All 256 bytes spell everything. */
function missingCharacters(
  vocabulary: ReadonlyMap<string, number>,
  bytes: ByteIds | undefined,
  spell: (character: string) => string,
): Drop[] {
  if (spell === bytesAsText && byteCharacters.every((character) => vocabulary.has(character))) {
    return [];
  }
  const missing: Drop = {
    what: 'characters that the vocabulary cannot spell',
    matches: (character) =>
      Array.from(spell(character)).every((part) => !vocabulary.has(part) && bytes?.(part) === undefined),
  };
  return [missing];
}

/** The ids of a piece's bytes (`<0x41>`), where the vocabulary has them all. */
export type ByteIds = (piece: string) => number[] | undefined;

export function byteIds(vocabulary: ReadonlyMap<string, number>): ByteIds {
  const ids = Array.from({ length: 256 }, (_, byte) =>
    vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  );
  return (piece) => {
    const found = Array.from(encoder.encode(piece), (byte) => ids[byte]);
    return found.every((id) => id !== undefined) ? found : undefined;
  };
}

function mergesOf(stage: Stage): [string, string][] {
  if (!Array.isArray(stage.merges)) {
    throw corrupt('its BPE model has no merges');
  }
  return stage.merges.map((merge: unknown, i) => {
    const parts: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
    if (Array.isArray(parts) && parts.length === 2) {
      const [left, right]: unknown[] = parts;
      if (typeof left === 'string' && typeof right === 'string') {
        return [left, right];
      }
    }
    throw corrupt(`merge number ${i + 1} is not a pair of pieces`);
  });
}

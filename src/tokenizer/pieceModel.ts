// What cuts words into pieces of the vocabulary; builds the one that tokenizer.json names.
import type { AlignedText } from './alignedText';
import { createBpeModel } from './bpeModel';
import type { Drop } from './drop';
import { unsupported, type Stage } from './tokenizerFile';
import { createUnigramModel } from './unigramModel';
import { createWordLevelModel, createWordPieceModel } from './wordPieceModel';

/** A piece of a word: its id, and the units `[from, to)` of the word that it stands for. */
export interface Piece {
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

export interface PieceModel {
  /** The pieces of each word, in order. The words are consecutive parts of one text. */
  readonly cut: (words: readonly AlignedText[]) => Piece[][];
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Id of the unknown piece, if the model has one. */
  readonly unknown: number | undefined;
  /** How decoding writes the unknown piece, where not as the vocabulary does. */
  readonly unknownSpelling?: string;
  readonly drops: readonly Drop[];
}

/**
 * @param reserved pieces that text never spells: special tokens.
 * @param spell how a character reaches the model.
 */
export function createPieceModel(
  stage: Stage,
  reserved: ReadonlySet<string>,
  spell: (character: string) => string,
): PieceModel {
  switch (stage.type) {
    case 'WordPiece':
      return createWordPieceModel(stage);
    case 'WordLevel':
      return createWordLevelModel(stage);
    case 'BPE':
      return createBpeModel(stage, spell);
    case 'Unigram':
      return createUnigramModel(stage, reserved);
    default:
      throw unsupported('model', stage.type);
  }
}

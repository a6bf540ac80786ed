// WordPiece (the longest known piece first, done by the library) and word-level vocabularies, with places in the word.
import { WordPiece } from '@huggingface/tokenizers';
import type { AlignedText } from './alignedText';
import type { Piece, PieceModel } from './pieceModel';
import { corrupt, numberOf, stringOf, vocabularyOf, type Stage } from './tokenizerFile';

/** A word with a part that no piece covers, or that is too long, becomes one unknown piece. */
export function createWordPieceModel(stage: Stage): PieceModel {
  const vocabulary = vocabularyOf(stage);
  const { piece: unknownPiece, id: unknown } = unknownOf(stage, vocabulary, '[UNK]');
  const prefix = stringOf(stage, 'continuing_subword_prefix', '##');
  const library = new WordPiece({
    type: 'WordPiece',
    vocab: Object.fromEntries(vocabulary),
    unk_token: unknownPiece,
    continuing_subword_prefix: prefix,
    max_input_chars_per_word: numberOf(stage, 'max_input_chars_per_word', 100),
  });
  const cutWord = (word: string): Piece[] => {
    let from = 0;
    const pieces = library.encode([word]).map((piece, i) => {
      const length = i === 0 ? piece.length : piece.length - prefix.length;
      const found = { id: vocabulary.get(piece) ?? unknown, from, to: from + length };
      from += length;
      return found;
    });
    return from === word.length && pieces[0]?.id !== unknown
      ? pieces
      : [{ id: unknown, from: 0, to: word.length }];
  };
  return { cut: (words) => words.map(({ text }) => cutWord(text)), vocabulary, unknown, drops: [] };
}

/** Every word is one piece, or unknown. */
export function createWordLevelModel(stage: Stage): PieceModel {
  const vocabulary = vocabularyOf(stage);
  const { id: unknown } = unknownOf(stage, vocabulary, '<unk>');
  const cutWord = ({ text }: AlignedText): Piece[] => [
    { id: vocabulary.get(text) ?? unknown, from: 0, to: text.length },
  ];
  return { cut: (words) => words.map(cutWord), vocabulary, unknown, drops: [] };
}

function unknownOf(
  stage: Stage,
  vocabulary: ReadonlyMap<string, number>,
  otherwise: string,
): { piece: string; id: number } {
  const piece = stringOf(stage, 'unk_token', otherwise);
  const id = vocabulary.get(piece);
  if (id === undefined) {
    throw corrupt(`its vocabulary lacks the unknown piece "${piece}"`);
  }
  return { piece, id };
}

// The Unigram model: the most probable pieces of a text by Viterbi's algorithm, exactly as SentencePiece computes it.
import type { AlignedText } from './alignedText';
import { byteIds } from './bpeModel';
import type { Piece, PieceModel } from './pieceModel';
import { PieceTable } from './pieceTable';
import { corrupt, flagOf, numberOf, type Stage } from './tokenizerFile';

/** How much less probable than the least probable piece an unknown character is (natural logarithm). */
const unknownPenalty = 10;

/** The best way to reach a place in the word. */
interface Best {
  id: number;
  from: number;
  score: number;
}

/**
 * The library's version adds in double precision, keeps no byte fallback and copies every node; SentencePiece
 * compares a double with the best float32 so far and continues from the rounded score, over the whole text. Ties and near-ties
 * depend on it, so it is redone here.
 *
 * @param reserved pieces that text never spells.
 */
export function createUnigramModel(stage: Stage, reserved: ReadonlySet<string>): PieceModel {
  const { pieces, scores } = scoredPieces(stage);
  const vocabulary = new Map(pieces.map((piece, id) => [piece, id]));
  const unknownId = numberOf(stage, 'unk_id', -1);
  const unknown = unknownId >= 0 && unknownId < pieces.length ? unknownId : undefined;
  const table = new PieceTable(pieces, (id) => id !== unknown && !reserved.has(pieces[id]));
  const lowest = scores.reduce((low, score) => Math.min(low, score), Infinity);
  const unknownScore = Math.fround(Math.fround(lowest) - unknownPenalty);
  const bytes = flagOf(stage, 'byte_fallback', false) ? byteIds(vocabulary) : undefined;

  /** Scores continue from word to word, so that they round as over the whole text. */
  const cutWord = (word: string, startScore: number): { pieces: Piece[]; score: number } => {
    const best: (Best | undefined)[] = new Array<Best | undefined>(word.length + 1);
    const offer = (to: number, id: number, from: number, score: number) => {
      const current = best[to];
      if (current === undefined || score > current.score) {
        best[to] = { id, from, score: Math.fround(score) };
      }
    };
    for (let from = 0; from < word.length;) {
      const here = from === 0 ? startScore : (best[from]?.score ?? startScore);
      const next = from + ((word.codePointAt(from) ?? 0) > 0xffff ? 2 : 1);
      let known = false;
      table.prefixes(word, from, (id, to) => {
        offer(to, id, from, scores[id] + here);
        known ||= to === next;
      });
      if (!known) {
        offer(next, unknown ?? -1, from, unknownScore + here);
      }
      from = next;
    }
    return { pieces: trace(best, word), score: best[word.length]?.score ?? startScore };
  };

  const trace = (best: readonly (Best | undefined)[], word: string): Piece[] => {
    const found: Piece[] = [];
    for (let to = word.length; to > 0;) {
      const step = best[to];
      if (step === undefined) {
        break;
      }
      const later = found.at(-1);
      if (later !== undefined && later.id === step.id && step.id === (unknown ?? -1)) {
        found[found.length - 1] = { ...later, from: step.from };
      } else {
        found.push({ id: step.id, from: step.from, to });
      }
      to = step.from;
    }
    return found.reverse().flatMap((piece) => {
      if (piece.id !== (unknown ?? -1)) {
        return [piece];
      }
      return bytesOf(piece, word) ?? (unknown === undefined ? [] : [piece]);
    });
  };

  /** Byte fallback: each byte of an unknown run covers the character that it is part of. */
  const bytesOf = ({ from, to }: Piece, word: string): Piece[] | undefined => {
    const found: Piece[] = [];
    let at = from;
    for (const character of word.slice(from, to)) {
      const ids = bytes?.(character);
      if (ids === undefined) {
        return undefined;
      }
      const end = at + character.length;
      const start = at;
      found.push(...ids.map((id) => ({ id, from: start, to: end })));
      at = end;
    }
    return found;
  };

  return {
    cut: (words: readonly AlignedText[]) => {
      let score = 0;
      return words.map(({ text }) => {
        const result = cutWord(text, score);
        score = result.score;
        return result.pieces;
      });
    },
    vocabulary,
    unknown,
    unknownSpelling: ' \u2047 ',
    drops:
      unknown === undefined
        ? [{ what: 'characters that the vocabulary cannot spell', matches: (c) => !vocabulary.has(c) }]
        : [],
  };
}

function scoredPieces(stage: Stage): { pieces: string[]; scores: Float32Array } {
  if (!Array.isArray(stage.vocab) || stage.vocab.length === 0) {
    throw corrupt('the Unigram model has no vocabulary');
  }
  const scores = new Float32Array(stage.vocab.length);
  const pieces = stage.vocab.map((entry: unknown, id) => {
    const [piece, score]: unknown[] = Array.isArray(entry) ? entry : [];
    if (typeof piece !== 'string' || typeof score !== 'number') {
      throw corrupt(`piece number ${id} of the Unigram model is not a pair of text and score`);
    }
    scores[id] = score;
    return piece;
  });
  return { pieces, scores };
}

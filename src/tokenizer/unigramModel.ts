// The Unigram model: the most probable pieces of a text by Viterbi's algorithm, exactly as SentencePiece computes it.
import type { AlignedText } from './alignedText';
import { byteIds } from './bpeModel';
import type { Piece, PieceModel } from './pieceModel';
import { PieceTable } from './pieceTable';
import { corrupt, flagOf, numberOf, type Stage } from './tokenizerFile';

/** How much less probable than the least probable piece an unknown character is (natural logarithm). */
const unknownPenalty = 10;

/** The best way to reach each place of a word: the last piece, where it began, and the score so far. */
interface Lattice {
  readonly ids: Int32Array;
  /** −1 where a place cannot be reached. */
  readonly froms: Int32Array;
  readonly scores: Float32Array;
}

/** Id, in a lattice, of a character that no piece spells, where the model has no unknown piece. */
const noPiece = -1;

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
  const bestPaths = (word: string, startScore: number): Lattice => {
    const places = word.length + 1;
    const ids = new Int32Array(places);
    const froms = new Int32Array(places).fill(-1);
    const best = new Float32Array(places);
    best[0] = startScore;
    const offer = (to: number, id: number, from: number, score: number) => {
      if (froms[to] < 0 || score > best[to]) {
        ids[to] = id;
        froms[to] = from;
        best[to] = score;
      }
    };
    for (let from = 0; from < word.length;) {
      const next = from + ((word.codePointAt(from) ?? 0) > 0xffff ? 2 : 1);
      let known = false;
      table.prefixes(word, from, (id, to) => {
        offer(to, id, from, scores[id] + best[from]);
        known ||= to === next;
      });
      if (!known) {
        offer(next, unknown ?? noPiece, from, unknownScore + best[from]);
      }
      from = next;
    }
    return { ids, froms, scores: best };
  };

  /** Unknown characters in a row are one piece, or their bytes. */
  const trace = ({ ids, froms }: Lattice, word: string): Piece[] => {
    const found: Piece[] = [];
    for (let to = word.length; to > 0; to = froms[to]) {
      const id = ids[to];
      const from = froms[to];
      const later = found.at(-1);
      if (later?.id === id && isUnknown(id)) {
        found[found.length - 1] = { ...later, from };
      } else {
        found.push({ id, from, to });
      }
    }
    return found.reverse().flatMap((piece) => {
      if (!isUnknown(piece.id)) {
        return [piece];
      }
      return bytesOf(piece, word) ?? (piece.id === noPiece ? [] : [piece]);
    });
  };
  const isUnknown = (id: number) => id === noPiece || id === unknown;

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
        const lattice = bestPaths(text, score);
        score = lattice.scores[text.length];
        return trace(lattice, text);
      });
    },
    vocabulary,
    unknown,
    unknownSpelling: ' \u2047 ',
    drops:
      unknown === undefined
        ? [
            {
              what: 'characters that the vocabulary cannot spell',
              matches: (c) => !vocabulary.has(c) && bytes?.(c) === undefined,
            },
          ]
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

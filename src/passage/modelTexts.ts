// What of a sentence is handed to the model, and how its answers become the sentence again: as one text without its marks and with
// placeholders for its code, or, where that fails, as the texts between marks and code.
import type { Aligned } from './alignWords';
import { alignWords } from './alignWords';
import type { Edit } from './mapSequence';
import type { Placeholder } from './placeholders';
import { choosePlaceholders, placeOf } from './placeholders';
import type { PlacedMarks } from './placeMarks';
import { placeMarks } from './placeMarks';
import type { SentenceMark } from './sentenceMarks';
import { sentenceMarks } from './sentenceMarks';
import type { Piece } from './splitPassage';
import { readPiece } from './splitPassage';

/** A text for the model: a part of a sentence, or all of it. */
export interface ModelText {
  readonly text: string;
  /** What makes the document's text of it. */
  readonly edits: readonly Edit[];
  /** Which placeholders stand in it, and for what. */
  readonly codes: readonly {
    readonly placeholder: Placeholder;
    readonly code: string;
    /** Where it stands. */
    readonly start: number;
  }[];
  /** What was left out of it; where it goes in a translation is told by attention. */
  readonly marks: readonly SentenceMark[];
}

/** A sentence as texts for the model with what stands between them: `kept[0] texts[0] kept[1] texts[1] … kept[n]`. */
export interface ModelSentence {
  readonly texts: readonly ModelText[];
  readonly kept: readonly string[];
}

/** The sentence as one text; undefined where there is too much code in it. */
export function wholeSentence(pieces: readonly Piece[]): ModelSentence | undefined {
  const codes = pieces.filter(({ kind }) => kind === 'code');
  const words = pieces.map(({ kind, text }) => (kind === 'prose' ? text : ' ')).join('');
  const placeholders = choosePlaceholders(words, codes.length);
  return placeholders && { texts: [modelText(pieces, placeholders)], kept: ['', ''] };
}

/** The sentence as the texts around its code and marks. */
export function partedSentence(pieces: readonly Piece[]): ModelSentence {
  const texts: ModelText[] = [];
  const kept: string[] = [''];
  let run: Piece[] = [];
  const close = () => {
    const text = run.map((piece) => piece.text).join('');
    if (!/\p{L}/u.test(text)) {
      kept[kept.length - 1] += text;
    } else {
      const lead = leading(run);
      const trail = trailing(run);
      kept[kept.length - 1] += text.slice(0, lead);
      texts.push(modelText(within(run, lead, text.length - trail), []));
      kept.push(text.slice(text.length - trail));
    }
    run = [];
  };
  for (const piece of pieces) {
    if (piece.kind === 'code' || piece.kind === 'mark') {
      close();
      kept[kept.length - 1] += piece.text;
    } else {
      run.push(piece);
    }
  }
  close();
  return { texts, kept };
}

/**
 * The edits that put the code back into a translation; undefined where a placeholder did not come back exactly once.
 */
export function restore(target: string, { codes }: ModelText): readonly Edit[] | undefined {
  const edits = codes.map(({ placeholder, code }) => {
    const place = placeOf(target, placeholder);
    return place && { ...place, text: code };
  });
  const found = edits.filter((edit) => edit !== undefined);
  return found.length === edits.length ? found.sort((a, b) => a.start - b.start) : undefined;
}

/** Where the marks go in a translation. They never stand inside of code: what is put back for it is one word. */
export function restoreMarks(text: ModelText, aligned: Aligned): PlacedMarks {
  const { target } = aligned;
  const anchors = text.codes.flatMap(({ placeholder, start }) => {
    const there = placeOf(target.text, placeholder);
    return there ? [{ source: { start, end: start + placeholder.name.length }, target: there }] : [];
  });
  return placeMarks(text.marks, text.text, target.text, alignWords(aligned, anchors));
}

/** Edits of one text together, in order. */
export function mergeEdits(...edits: readonly (readonly Edit[])[]): readonly Edit[] {
  return edits.flat().sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The edits for what came back, however often: for texts that are still being decoded, or were forced. */
export function restoreLoosely(target: string, { codes }: ModelText): readonly Edit[] {
  return codes
    .flatMap(({ placeholder, code }) =>
      [...target.matchAll(placeholder.forms)].map((match) => ({
        start: match.index,
        end: match.index + match[0].length,
        text: code,
      })),
    )
    .sort((a, b) => a.start - b.start);
}

function modelText(pieces: readonly Piece[], placeholders: readonly Placeholder[]): ModelText {
  const edits: Edit[] = [];
  const codes: ModelText['codes'][number][] = [];
  const starts: number[] = [];
  let text = '';
  for (const piece of pieces) {
    const start = text.length;
    starts.push(start);
    if (piece.kind === 'code') {
      const placeholder = placeholders[codes.length];
      codes.push({ placeholder, code: piece.text, start });
      text += placeholder.name;
    } else if (piece.kind !== 'mark') {
      text += readPiece(piece, text);
    }
    if (piece.kind !== 'prose') {
      edits.push({ start, end: text.length, text: piece.text });
    }
  }
  return { text, edits, codes, marks: sentenceMarks(pieces, starts) };
}

function leading(run: readonly Piece[]): number {
  const text = run
    .map((piece) => (piece.kind === 'gap' ? ' '.repeat(piece.text.length) : piece.text))
    .join('');
  return text.length - text.replace(/^[^\p{L}\p{N}"'“„«(¿¡]+/u, '').length;
}

function trailing(run: readonly Piece[]): number {
  const text = run
    .map((piece) => (piece.kind === 'gap' ? ' '.repeat(piece.text.length) : piece.text))
    .join('');
  return text.length - text.trimEnd().length;
}

/** The pieces of `[from, to)` of a run's text. */
function within(run: readonly Piece[], from: number, to: number): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const piece of run) {
    const text = piece.text.slice(Math.max(0, from - at), Math.max(0, to - at));
    if (text !== '') {
      pieces.push({ ...piece, text });
    }
    at += piece.text.length;
  }
  return pieces;
}

// What of a sentence is handed to the model, and how its answers become the sentence again: as one text with placeholders for
// its code, or, where that fails, as the texts between the code.
import type { Edit } from './mapSequence';
import type { Placeholder } from './placeholders';
import { choosePlaceholders, placeOf } from './placeholders';
import type { Piece } from './splitPassage';
import { readPiece } from './splitPassage';

/** A text for the model: a part of a sentence, or all of it. */
export interface ModelText {
  readonly text: string;
  /** What makes the document's text of it. */
  readonly edits: readonly Edit[];
  /** Which placeholders stand in it, and for what. */
  readonly codes: readonly { readonly placeholder: Placeholder; readonly code: string }[];
}

/** A sentence as texts for the model with what stands between them: `kept[0] texts[0] kept[1] texts[1] … kept[n]`. */
export interface ModelSentence {
  readonly texts: readonly ModelText[];
  readonly kept: readonly string[];
}

/** The sentence as one text; undefined where marks or too much code part it. */
export function wholeSentence(pieces: readonly Piece[]): ModelSentence | undefined {
  const codes = pieces.filter(({ kind }) => kind === 'code');
  const words = pieces.map(({ kind, text }) => (kind === 'prose' ? text : ' ')).join('');
  const placeholders = choosePlaceholders(words, codes.length);
  if (!placeholders || pieces.some(({ kind }) => kind === 'mark')) {
    return undefined;
  }
  return { texts: [modelText(pieces, placeholders)], kept: ['', ''] };
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
  let text = '';
  for (const piece of pieces) {
    const start = text.length;
    if (piece.kind === 'code') {
      const placeholder = placeholders[codes.length];
      codes.push({ placeholder, code: piece.text });
      text += placeholder.name;
    } else {
      text += readPiece(piece, text);
    }
    if (piece.kind === 'code' || piece.kind === 'gap') {
      edits.push({ start, end: text.length, text: piece.text });
    }
  }
  return { text, edits, codes };
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

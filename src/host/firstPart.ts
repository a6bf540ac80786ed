// Cuts texts that are longer than a model reads, at the place the engine names; decides nothing about the limit itself.
import type { ErrorDetails } from '../shared/errors';
import type { DecoderChoice } from '../shared/protocol';
import type { PlacedText } from './documentRanges';

interface Cuttable {
  readonly texts: readonly PlacedText[];
  readonly decoder: DecoderChoice;
  readonly decoderText: PlacedText | undefined;
}

/** Characters up to which a text is handed to the engine to be counted in tokens; no model here reads as many. */
export const MAX_CHARACTERS = 200_000;

/** Index of the first text that is too long to be counted; −1 where all are short enough. */
export function beyondReach(texts: Cuttable['texts']): number {
  return texts.findIndex(({ text }) => text.length > MAX_CHARACTERS);
}

/**
 * The subject with the text that was too long cut at `details.cutAt` (UTF-16 offset), never inside a surrogate pair:
 * the decoder's input where `details.side` says so, else the text number `details.text`, else every text.
 */
export function firstPart<T extends Cuttable>(subject: T, details: ErrorDetails): T {
  const cutAt = Number(details.cutAt ?? 0);
  const { texts, decoder, decoderText } = subject;
  if (details.side === 'decoder') {
    const text = cut(decoder.text, cutAt);
    return {
      ...subject,
      decoder: { ...decoder, text },
      decoderText: decoderText && { ...decoderText, text },
    };
  }
  const only = details.text;
  return {
    ...subject,
    texts: texts.map((item, index) =>
      only !== undefined && only !== index ? item : { ...item, text: cut(item.text, cutAt) },
    ),
  };
}

function cut(text: string, at: number): string {
  const high = text.charCodeAt(at - 1);
  const inside = at > 0 && at < text.length && high >= 0xd800 && high <= 0xdbff;
  return text.slice(0, inside ? at - 1 : at).trimEnd();
}

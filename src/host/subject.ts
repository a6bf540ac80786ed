// What is explored: texts of a document and the decoder's input, and what the engine is asked for them. Runs nothing.
import type * as vscode from 'vscode';
import type { Family, Side } from '../shared/modelSummary';
import type { DecoderChoice, ViewState } from '../shared/protocol';
import type { DecoderInput, ExploreRequest } from '../shared/trace';
import type { PlacedText } from './documentRanges';
import { DocumentRanges } from './documentRanges';
import { languageIn } from './languageIn';

/** What is to be explored. */
export interface Subject {
  readonly uri: vscode.Uri;
  readonly texts: readonly PlacedText[];
  /** The decoder's input, where it was selected as well. */
  readonly decoderText: PlacedText | undefined;
  readonly decoder: DecoderChoice;
  /** What that model decoded, token by token: it takes the place of a typed text, which may be cut into other tokens. */
  readonly decoderIds?: { readonly model: string; readonly ids: readonly number[] };
}

/** An exploration as plain data: enough to run it again after the window was reloaded. */
export interface SavedExploration {
  readonly uri: string;
  readonly texts: readonly PlacedText[];
  readonly decoderText: PlacedText | undefined;
  readonly decoder: DecoderChoice;
  readonly view: ViewState;
}

/** The request that runs a subject on a model; `languages` are the model's. */
export function requestFor(
  { texts, decoder, decoderIds }: Subject,
  model: string,
  languages: readonly { readonly code: string }[],
): ExploreRequest {
  const language = languageIn(languages, decoder.language);
  const input: DecoderInput =
    decoder.from === 'translation'
      ? { from: 'translation', language }
      : decoder.from === 'typed' && decoderIds?.model === model
        ? { from: 'ids', ids: texts.map(() => decoderIds.ids), language }
        : { from: 'text', texts: texts.map(() => decoder.text), language };
  return { model, texts: texts.map(({ text }) => text), decoder: input };
}

/** The text is the decoder's where the model has no encoder. */
export function placesOf({ uri, texts, decoderText }: Subject, family: Family): DocumentRanges {
  const places: Record<Side, readonly PlacedText[]> =
    family === 'decoder-only'
      ? { encoder: [], decoder: texts }
      : { encoder: texts, decoder: decoderText ? [decoderText] : [] };
  return new DocumentRanges(uri, places);
}

/** The name of a document without its folder. */
export function labelOf(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}

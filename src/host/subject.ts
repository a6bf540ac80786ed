// What is explored: texts of a document and the decoder's input, and what the engine is asked for them. Runs nothing.
import type * as vscode from 'vscode';
import type { Family, Side } from '../shared/modelSummary';
import type { DecoderChoice, ViewState } from '../shared/protocol';
import type { DecoderInput, ExploreRequest } from '../shared/trace';
import type { PlacedText } from './documentRanges';
import { DocumentRanges } from './documentRanges';

/** What is to be explored. */
export interface Subject {
  readonly uri: vscode.Uri;
  readonly texts: readonly PlacedText[];
  /** The decoder's input, where it was selected as well. */
  readonly decoderText: PlacedText | undefined;
  readonly decoder: DecoderChoice;
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
  { texts, decoder }: Subject,
  model: string,
  languages: readonly { readonly code: string }[],
): ExploreRequest {
  const language = languageOf(languages, decoder.language);
  const input: DecoderInput =
    decoder.from === 'translation'
      ? { from: 'translation', language }
      : { from: 'text', texts: texts.map(() => decoder.text), language };
  return { model, texts: texts.map(({ text }) => text), decoder: input };
}

/** The model's language for a code; undefined where it has none, as the code may be an earlier model's. */
function languageOf(
  languages: readonly { readonly code: string }[],
  wanted: string | undefined,
): string | undefined {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const primary = (code: string) => code.split('-')[0];
  return (
    wanted &&
    (
      languages.find(({ code }) => same(code, wanted)) ??
      languages.find(({ code }) => same(primary(code), primary(wanted)))
    )?.code
  );
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

// Finds the run in which a hovered word is: the explored selection, else its sentence, run once and remembered for a while.
import * as vscode from 'vscode';
import type { Engine } from '../shared/protocol';
import type { Side } from '../shared/modelSummary';
import type { DecoderInput, TraceSummary } from '../shared/trace';
import type { TokenSequence } from '../shared/tokens';
import { logError } from './errorReport';
import type { Exploration } from './exploration';
import { sequences } from './highlights';
import type { Ready } from './inspector';
import { sentenceAround } from './selectedTexts';
import { wordAt } from './wordWeights';

/** Sentences whose runs are kept in the engine. */
const MAX_RUNS = 12;

/** A word of a document inside a run of the model. */
export interface HoveredWord {
  readonly trace: TraceSummary;
  readonly side: Side;
  readonly batch: number;
  /** The sequence that the word is in, and its index there. */
  readonly sequence: TokenSequence;
  readonly word: number;
  readonly range: vscode.Range;
}

export class HoverRuns {
  /** By model, decoder input and text; the least recently used first. */
  private readonly runs = new Map<string, TraceSummary>();

  constructor(
    private readonly exploration: Exploration,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** Forgets all runs: the engine that had them is gone. */
  clear(): void {
    this.runs.clear();
  }

  /** Forgets one run, because the engine no longer has it. */
  forget(trace: TraceSummary): void {
    for (const [key, run] of this.runs) {
      if (run.id === trace.id) {
        this.runs.delete(key);
      }
    }
  }

  /** The word in the shown run, if the position lies in an explored text that has not been changed. */
  explored(document: vscode.TextDocument, position: vscode.Position, model: string): HoveredWord | undefined {
    const shown = this.exploration.shown;
    const place = shown?.ranges.placeAt(document, position);
    if (!shown || !place || !this.exploration.live || shown.trace.model !== model) {
      return undefined;
    }
    const { side, batch, offset } = place;
    const sequence = sequences(shown.trace, side)[batch];
    const word = sequence ? wordAt(sequence, offset) : -1;
    const range =
      word >= 0
        ? shown.ranges.rangeOf(side, batch, sequence.words[word].start, sequence.words[word].end)
        : undefined;
    return range && { trace: shown.trace, side, batch, sequence, word, range };
  }

  /** The word in a run of its sentence. `withDecoder` says whether the decoder's side is needed as well. */
  async sentence(
    document: vscode.TextDocument,
    position: vscode.Position,
    { engine, model }: Ready,
    withDecoder: boolean,
    signal: AbortSignal,
  ): Promise<HoveredWord | undefined> {
    const sentence = sentenceAround(document, position);
    if (!sentence) {
      return undefined;
    }
    const { summary } = model;
    const side: Side = summary.family === 'decoder-only' ? 'decoder' : 'encoder';
    const decoder = this.decoderInput(withDecoder || summary.family !== 'encoder-decoder');
    const key = JSON.stringify([summary.id, decoder, sentence.text]);
    const trace =
      this.runs.get(key) ??
      (await engine.explore({ model: summary.id, texts: [sentence.text], decoder }, { signal }));
    this.runs.delete(key);
    this.runs.set(key, trace);
    this.dropOldest(engine);
    const sequence = sequences(trace, side)[0];
    const word = wordAt(sequence, document.offsetAt(position) - sentence.start);
    if (word < 0) {
      return undefined;
    }
    const { start, end } = sequence.words[word];
    const range = new vscode.Range(
      document.positionAt(sentence.start + start),
      document.positionAt(sentence.start + end),
    );
    return { trace, side, batch: 0, sequence, word, range };
  }

  /**
   * A translation costs a run per word of it: it is only made when the decoder is looked at. Otherwise the decoder
   * reads a single full stop, and nothing of its side is shown.
   */
  private decoderInput(needed: boolean): DecoderInput {
    const { decoder } = this.exploration.state();
    return needed
      ? { from: 'translation', language: decoder.language }
      : { from: 'text', texts: ['.'], language: decoder.language };
  }

  private dropOldest(engine: Engine): void {
    for (const [key, trace] of this.runs) {
      if (this.runs.size <= MAX_RUNS) {
        return;
      }
      this.runs.delete(key);
      engine
        .releaseTrace({ trace: trace.id })
        .catch((error: unknown) => logError(this.log, 'Releasing a run', error));
    }
  }
}

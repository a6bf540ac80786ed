// Heat: colours the document's text by the attention of the word at the cursor, from the run that is shown; never runs the model.
import * as vscode from 'vscode';
import { isCancelled } from '../shared/errors';
import type { TokenRef } from '../shared/protocol';
import type { Matrix } from '../shared/tensor';
import { wordTokenAt } from './cursorFollower';
import type { DocumentRanges } from './documentRanges';
import { logError } from './errorReport';
import type { Exploration } from './exploration';
import { HeatDecorations, NO_MARKS } from './heatDecorations';
import { heatStep, HEAT_STEPS } from './heatScale';
import type { HeatAnswer } from './heatStatus';
import { HeatStatus } from './heatStatus';
import type { HeatQuestion } from './heatWords';
import { heatQuestion, heatWords, withoutText } from './heatWords';
import { sequences } from './highlights';
import { readSettings } from './settings';
import { themeKind } from './themeKind';

/** Heads whose weights are kept here, so that neither the cursor nor a step to another head waits for the engine again. */
const MAX_MATRICES = 16;

/** A word of the document that is coloured. */
export interface ColouredWord {
  readonly label: string;
  readonly weight: number;
  readonly step: number;
  readonly range: vscode.Range;
}

export class Heat implements vscode.Disposable {
  private readonly status = new HeatStatus();
  private decorations = new HeatDecorations(themeKind());
  private readonly subscriptions: readonly vscode.Disposable[];
  /** Weights over words of the run that is shown, by attention, head and text; the least recently used first. */
  private readonly matrices = new Map<string, Matrix>();
  /** The places of that run's texts: another object for every run, even where a restarted engine gives a name again. */
  private run: DocumentRanges | undefined;
  private moving: vscode.Disposable | undefined;
  /** The editor whose cursor is followed: the one that was used last. */
  private editor = vscode.window.activeTextEditor;
  /** A word that was asked for by name, until the cursor moves. */
  private asked: TokenRef | undefined;
  /** Where the cursor was then: VS Code may tell of a selection after what was asked following it. */
  private known: vscode.Selection | undefined;
  /** What the engine is being asked for, and what it could not answer. */
  private fetching = '';
  private failed = '';
  private painted: readonly ColouredWord[] = [];
  private lastMs = 0;

  constructor(
    private readonly exploration: Exploration,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscriptions = [
      exploration.onDidChange(() => this.update()),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.follow(textEditor)),
      vscode.window.onDidChangeActiveTextEditor((editor) => editor && this.follow(editor)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.update()),
      vscode.window.onDidChangeActiveColorTheme(() => {
        this.decorations.dispose();
        this.decorations = new HeatDecorations(themeKind());
        this.update();
      }),
    ];
    this.update();
  }

  /** What is coloured now, what the status bar says of it, and how long the last answer to the cursor took. */
  get shown() {
    return { words: this.painted, status: this.status.shown, ms: this.lastMs };
  }

  /** Shows the heat of a word wherever the cursor is, until the cursor moves. */
  point(token: TokenRef | undefined): void {
    const { shown } = this.exploration;
    this.editor = (shown && this.editorOf(shown.ranges.uri)) ?? this.editor;
    this.known = this.editor?.selection;
    this.asked = token;
    this.update();
  }

  /** The word of the explored text that the cursor is in or right behind; undefined when it is elsewhere. */
  wordAtCursor(): TokenRef | undefined {
    const shown = this.exploration.shown;
    const editor = shown && this.editorOf(shown.ranges.uri);
    return editor && wordBeside(this.exploration, editor.document, editor.selection.active);
  }

  /** Draws anew what should be seen now. */
  update(): void {
    const { shown, view } = this.exploration;
    this.forgetOtherRuns(view.heat ? shown?.ranges : undefined);
    if (!view.heat) {
      this.paint([], undefined, { is: 'off' });
      return;
    }
    if (!shown) {
      this.paint([], undefined, { is: 'nothing', why: 'noRun' });
      return;
    }
    const question = this.question();
    if (!question) {
      const why = this.textChanged() ? 'textChanged' : 'noWord';
      this.paint([], undefined, { is: 'nothing', why });
      return;
    }
    const key = keyOf(question);
    const matrix = this.matrices.get(key);
    if (matrix) {
      this.matrices.delete(key);
      this.matrices.set(key, matrix);
      this.answer(question, matrix);
    } else {
      void this.fetch(key, question, shown.trace.id);
    }
  }

  dispose(): void {
    this.moving?.dispose();
    this.subscriptions.forEach((subscription) => subscription.dispose());
    this.decorations.dispose();
    this.status.dispose();
  }

  private follow(editor: vscode.TextEditor): void {
    const began = performance.now();
    if (editor.viewColumn === undefined && editor !== this.editor) {
      return; // an input field or an output channel, not a document
    }
    if (editor !== this.editor || !this.known?.isEqual(editor.selection)) {
      this.asked = undefined;
    }
    this.editor = editor;
    if (this.exploration.view.heat) {
      this.update();
      this.lastMs = performance.now() - began;
    }
  }

  /** Weights, marks and failures of one run mean nothing in another. */
  private forgetOtherRuns(run: DocumentRanges | undefined): void {
    if (run === this.run) {
      return;
    }
    this.run = run;
    this.matrices.clear();
    this.asked = undefined;
    this.fetching = '';
    this.failed = '';
    this.paint([], undefined, { is: 'off' });
    this.moving?.dispose();
    // An edit unlinks or moves the texts; the ranges tell when they know.
    this.moving = run?.onDidChange(() => this.update());
  }

  private question(): HeatQuestion | undefined {
    const { shown, view } = this.exploration;
    const { model } = this.exploration.state();
    const token = this.asked ?? this.wordAtCursor();
    const sequence = shown && token && sequences(shown.trace, token.side)[token.batch];
    return model && token && sequence && heatQuestion(model, view, token, sequence);
  }

  private async fetch(key: string, { shown, batch }: HeatQuestion, trace: string): Promise<void> {
    if (key === this.fetching || key === this.failed) {
      return;
    }
    this.fetching = key;
    const { run } = this;
    try {
      const { attention, head } = shown;
      const matrix = await this.exploration.slice(trace, (engine) =>
        engine.matrix({ trace, attention: attention.name, head, batch, stage: 'weights', unit: 'words' }),
      );
      if (run === this.run) {
        this.matrices.set(key, matrix);
        this.dropOldest();
      }
    } catch (error) {
      logError(this.log, 'Heat', error);
      if (run === this.run && !isCancelled(error)) {
        this.failed = key;
        this.paint([], undefined, { is: 'nothing', why: 'noWord' });
      }
    } finally {
      if (run === this.run && this.fetching === key) {
        this.fetching = '';
      }
    }
    // The cursor, the head or the run may be another by now: what is wanted is looked up anew.
    if (run === this.run && this.matrices.has(key)) {
      this.update();
    }
  }

  private answer(question: HeatQuestion, matrix: Matrix): void {
    const shown = this.exploration.shown;
    const { batch, side, coloured, word } = question;
    const own = shown && sequences(shown.trace, side)[batch];
    const sequence = shown && sequences(shown.trace, coloured)[batch];
    if (!shown || !own || !sequence) {
      return;
    }
    const threshold = readSettings().heat.threshold;
    let hasText = false;
    const all = heatWords(question, matrix, sequence);
    const words = all.flatMap(({ word: { label, start, end }, weight }) => {
      const range = shown.ranges.rangeOf(coloured, batch, start, end);
      hasText ||= range !== undefined;
      const step = heatStep(weight, threshold);
      return range && step > 0 ? [{ label, weight, step, range }] : [];
    });
    const { label, start, end } = own.words[word];
    const place = shown.ranges.rangeOf(side, batch, start, end);
    this.paint(words, place, {
      is: 'word',
      word: label,
      shown: question.shown,
      hasText,
      without: withoutText(question, all, threshold),
    });
  }

  private paint(words: readonly ColouredWord[], place: vscode.Range | undefined, answer: HeatAnswer): void {
    this.painted = words;
    const marks = {
      steps: Array.from({ length: HEAT_STEPS }, (_, index) =>
        words.filter(({ step }) => step === index + 1).map(({ range }) => range),
      ),
      word: place ? [place] : [],
    };
    const uri = this.exploration.shown?.ranges.uri.toString();
    for (const editor of vscode.window.visibleTextEditors) {
      this.decorations.show(editor, editor.document.uri.toString() === uri ? marks : NO_MARKS);
    }
    this.status.update(answer, this.decorations.theme, readSettings().heat.threshold);
  }

  /** The editor that was used last if it shows the document, else any that does. */
  private editorOf(uri: vscode.Uri): vscode.TextEditor | undefined {
    const showing = vscode.window.visibleTextEditors.filter(
      ({ document }) => document.uri.toString() === uri.toString(),
    );
    return showing.find((editor) => editor === this.editor) ?? showing.at(0);
  }

  /** Whether none of the explored texts is in the document as it was. */
  private textChanged(): boolean {
    const shown = this.exploration.shown;
    const texts = shown && (shown.trace.encoder.length > 0 ? shown.trace.encoder : shown.trace.decoder);
    const side = shown && shown.trace.encoder.length > 0 ? 'encoder' : 'decoder';
    return (
      shown !== undefined &&
      side !== undefined &&
      texts !== undefined &&
      this.editorOf(shown.ranges.uri) !== undefined &&
      texts.every(({ text }, batch) => shown.ranges.rangeOf(side, batch, 0, text.length) === undefined)
    );
  }

  private dropOldest(): void {
    for (const key of this.matrices.keys()) {
      if (this.matrices.size <= MAX_MATRICES) {
        return;
      }
      this.matrices.delete(key);
    }
  }
}

function keyOf({ shown, batch }: HeatQuestion): string {
  return `${shown.attention.name} ${shown.head} ${batch}`;
}

/** The word at a position, or the one that ends there: the cursor behind a word belongs to it. */
function wordBeside(
  exploration: Exploration,
  document: vscode.TextDocument,
  position: vscode.Position,
): TokenRef | undefined {
  const at = wordTokenAt(exploration, document, position);
  return (
    at ?? (position.character > 0 ? wordTokenAt(exploration, document, position.translate(0, -1)) : undefined)
  );
}

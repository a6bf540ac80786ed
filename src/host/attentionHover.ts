// Hovering a word shows what it attends to and what attends to it, in the head that is chosen; never blocks, never interrupts.
import * as vscode from 'vscode';
import type { Disposable } from '../shared/disposable';
import { isCancelled, UserError } from '../shared/errors';
import { logError } from './errorReport';
import type { Exploration } from './exploration';
import { hoverAttention } from './hoverAttention';
import type { HoverAttention } from './hoverAttention';
import { hoverCard } from './hoverCard';
import type { HoveredWord } from './hoverRuns';
import { HoverRuns } from './hoverRuns';
import { sequences } from './highlights';
import type { Inspector, Ready } from './inspector';
import type { Models } from './models';
import { readSettings } from './settings';
import { themeKind } from './themeKind';
import { attentionOf } from './viewState';
import { attendedBy, attendsTo } from './wordWeights';

/** Milliseconds in which a pointer that moves on costs nothing. */
const DEBOUNCE = 50;

/** Attending words that are listed below the attended ones: a hover is small. */
const MAX_ATTENDING = 3;
/** Fewer, where a label takes their room. */
const MAX_ATTENDING_BELOW_LABEL = 1;

export class AttentionHover implements vscode.Disposable {
  private readonly subscriptions: readonly Disposable[];
  private readonly runs: HoverRuns;
  private registration: vscode.Disposable | undefined;
  private readonly logged = new Set<string>();

  constructor(
    private readonly inspector: Inspector,
    private readonly models: Models,
    private readonly exploration: Exploration,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.runs = new HoverRuns(exploration, log);
    this.subscriptions = [inspector.onDidChange(() => !inspector.loaded && this.runs.clear())];
    this.update();
  }

  /** Starts or stops answering, as the setting says. */
  update(): void {
    const { enabled } = readSettings().hover;
    if (!enabled) {
      this.registration?.dispose();
      this.registration = undefined;
    } else if (!this.registration) {
      this.registration = vscode.languages.registerHoverProvider('*', {
        provideHover: (document, position, token) => this.hover(document, position, token),
      });
    }
  }

  dispose(): void {
    this.registration?.dispose();
    this.subscriptions.forEach((subscription) => subscription.dispose());
  }

  private async hover(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    if (document.uri.scheme === 'output') {
      return undefined;
    }
    const abort = new AbortController();
    const watching = token.onCancellationRequested(() => abort.abort());
    try {
      const ready = this.loaded();
      await new Promise((resolve) => setTimeout(resolve, DEBOUNCE));
      return ready && !token.isCancellationRequested
        ? await this.card(document, position, ready, abort.signal)
        : undefined;
    } catch (error) {
      this.logOnce(error);
      return undefined;
    } finally {
      watching.dispose();
    }
  }

  /** The engine if the current model is in it. Otherwise loading begins, and this hover stays without a card. */
  private loaded(): Promise<Ready> | undefined {
    const ready = this.inspector.ready();
    if (this.inspector.loaded?.summary.id === this.models.current().id) {
      return ready;
    }
    ready.catch((error: unknown) => this.logOnce(error));
    return undefined;
  }

  private async card(
    document: vscode.TextDocument,
    position: vscode.Position,
    loading: Promise<Ready>,
    signal: AbortSignal,
    again = true,
  ): Promise<vscode.Hover | undefined> {
    const ready = await loading;
    const { summary } = ready.model;
    const cross = attentionOf(summary, this.exploration.view.attention)?.kind === 'cross';
    const hovered =
      this.runs.explored(document, position, summary.id) ??
      (await this.runs.sentence(document, position, ready, cross, signal));
    const shown = hovered && hoverAttention(summary, this.exploration.view, hovered.side);
    if (!hovered || !shown) {
      return undefined;
    }
    try {
      return await this.draw(document, hovered, shown, ready, signal);
    } catch (error) {
      if (again && error instanceof UserError && error.code === 'traceGone') {
        // Other runs took its memory, or the engine was restarted.
        this.runs.forget(hovered.trace);
        if (hovered.trace.id === this.exploration.shown?.trace.id) {
          await this.exploration.rerun();
        }
        return this.card(document, position, loading, signal, false);
      }
      throw error;
    }
  }

  private async draw(
    document: vscode.TextDocument,
    { trace, batch, sequence, word, range }: HoveredWord,
    shown: HoverAttention,
    { engine, model }: Ready,
    signal: AbortSignal,
  ): Promise<vscode.Hover> {
    const { attention, head, role } = shown;
    const matrix = await engine.matrix(
      { trace: trace.id, attention: attention.name, head, batch, stage: 'weights', unit: 'words' },
      { signal },
    );
    const labels = model.summary.labels && (await engine.labels({ trace: trace.id, batch }, { signal }));
    const of = trace.id === this.exploration.shown?.trace.id ? 'selection' : 'sentence';
    const count = readSettings().hover.words;
    const attending = Math.min(count, labels ? MAX_ATTENDING_BELOW_LABEL : MAX_ATTENDING);
    const keys = role === 'query' ? sequences(trace, 'encoder')[batch] : sequence;
    const queries = role === 'key' ? sequences(trace, 'decoder')[batch] : sequence;
    const card = hoverCard({
      word: sequence.words[word].label,
      labels: labels && { ...labels, of },
      shown,
      attendsTo: role === 'key' ? undefined : attendsTo(matrix, word, keys, count),
      attendedBy:
        role === 'query' ? undefined : attendedBy(matrix, word, queries, role === 'key' ? count : attending),
      open: {
        uri: document.uri.toString(),
        line: range.start.line,
        character: range.start.character,
      },
      theme: themeKind(),
      heat: this.exploration.view.heat,
    });
    return new vscode.Hover(card, range);
  }

  /** A failing hover would fail at every word: the log says it once. */
  private logOnce(error: unknown): void {
    const key = error instanceof UserError ? `${error.code} ${error.message}` : String(error);
    if (!isCancelled(error) && !this.logged.has(key)) {
      this.logged.add(key);
      logError(this.log, 'Attention hover', error);
    }
  }
}

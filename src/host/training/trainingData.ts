// What is to be learned from: found in documents, read with the tokenizer of the model in use, and read anew when that is another one.
import * as vscode from 'vscode';
import { CancelledError, isCancelled } from '../../shared/errors';
import type { TrainingOptions, TrainingTask } from '../../shared/training';
import { logError } from '../errorReport';
import type { Inspector } from '../inspector';
import type { Models } from '../models';
import { labelsAsSources, needOneText, pairsAsText } from './dataFit';
import { withLanguage } from './targetLanguage';
import type { ReadTraining } from './trainingText';
import type { StoredData } from './tunedManifest';
import { trainingsOf } from './workplace';

export interface TrainingDataParts {
  readonly inspector: Inspector;
  readonly models: Models;
  readonly log: vscode.LogOutputChannel;
  /** Which examples are held out. */
  readonly split: () => Pick<TrainingOptions, 'heldOut' | 'seed'>;
  /** Is called before data are read: what is shown of others is not about these. */
  readonly beforeReading: () => void;
  readonly changed: () => void;
}

type Found = Omit<StoredData, 'preview'>;
/** `readFor` is the id of the model whose tokenizer has read them. */
type Read = StoredData & { readonly readFor: string };

export class TrainingData implements vscode.Disposable {
  private data: Read | undefined;
  private reading: AbortController | undefined;
  private failure: unknown;
  /** Whether another model is being chosen for data that are being read: they will be read for that one anyway. */
  private choosing = false;

  constructor(private readonly parts: TrainingDataParts) {}

  get status(): 'reading' | 'ready' | 'empty' {
    return this.reading ? 'reading' : this.data ? 'ready' : 'empty';
  }

  /** What was read, and what was understood of it; undefined before. */
  get read(): StoredData | undefined {
    return this.data;
  }

  /** Why they could not be read. */
  get error(): unknown {
    return this.failure;
  }

  /** A sentence about data that another model could make more of. */
  get doubt(): string | undefined {
    if (!this.data) {
      return undefined;
    }
    const { data, preview } = this.data;
    return pairsAsText(data, preview, this.parts.models.current().name) ?? labelsAsSources(data, preview);
  }

  /** Whether they were read for a model that is not in use any more, and nobody is about to read them anew. */
  get outdated(): boolean {
    const { readFor } = this.data ?? {};
    return !this.choosing && readFor !== undefined && readFor !== this.parts.models.current().id;
  }

  /**
   * Reads what was found. Asks for the language of the targets where the document does not say and the model has several; where
   * another model suits them better, the user may choose one first. Never rejects: see {@link error}.
   */
  async readFrom(found: ReadTraining): Promise<void> {
    await this.work(async (signal) => {
      for (;;) {
        const { model } = await this.parts.inspector.ready(signal);
        needOneText(found, model.summary);
        const read = await withLanguage(found, model.summary);
        if (read !== 'otherModel') {
          return this.understand(read, signal);
        }
        await this.otherModel();
      }
    });
  }

  /** Reads the same text again, perhaps in another way; see {@link readFrom}. */
  async again(change: { readonly task?: TrainingTask; readonly language?: string } = {}): Promise<void> {
    const { data } = this;
    if (data) {
      await this.work((signal) => this.understand({ ...data, data: { ...data.data, ...change } }, signal));
    }
  }

  /** Takes data that were read before, for a certain model. */
  take(data: StoredData, readFor: string): void {
    this.reading?.abort();
    this.reading = undefined;
    this.failure = undefined;
    this.data = { ...data, readFor };
  }

  /** What went wrong is not about what is shown any more. */
  forgetError(): void {
    this.failure = undefined;
  }

  dispose(): void {
    this.reading?.abort();
  }

  /** Lets the user choose another model. @throws CancelledError when the user keeps this one. */
  private async otherModel(): Promise<void> {
    const { models } = this.parts;
    const { id } = models.current();
    this.choosing = true;
    try {
      await vscode.commands.executeCommand('transformerExplorer.chooseModel');
    } finally {
      this.choosing = false;
    }
    if (models.current().id === id) {
      throw new CancelledError();
    }
  }

  private async understand(found: Found, signal: AbortSignal): Promise<void> {
    const { engine, model } = await this.parts.inspector.ready(signal);
    const { heldOut, seed } = this.parts.split();
    const preview = await trainingsOf(engine).previewTraining(
      { model: model.summary.id, data: found.data, heldOut, seed },
      { signal },
    );
    const { data, source, places } = found;
    this.data = { data, source, places, preview, readFor: this.parts.models.current().id };
  }

  /** What was read before stays where this fails. */
  private async work(read: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.reading?.abort();
    const abort = new AbortController();
    this.reading = abort;
    this.failure = undefined;
    this.parts.beforeReading();
    this.parts.changed();
    try {
      await read(abort.signal);
    } catch (error) {
      if (this.reading === abort && !isCancelled(error)) {
        logError(this.parts.log, 'Reading training data', error);
        this.failure = error;
      }
    } finally {
      if (this.reading === abort) {
        this.reading = undefined;
        this.parts.changed();
      }
    }
  }
}

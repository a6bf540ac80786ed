// The translation that the side bar shows: takes what is selected, keeps session, places and settings together, writes back.
import * as vscode from 'vscode';
import { CancelledError, UserError } from '../../shared/errors';
import type { PanelError } from '../../shared/protocol';
import type { Decoding } from '../../shared/translation';
import type { SentenceTranslation, TranslationProgress } from '../../shared/translationPage';
import { logError, panelError } from '../errorReport';
import type { Inspector } from '../inspector';
import type { Models } from '../models';
import { readSettings, writeSetting } from '../settings';
import { cannot, checkTranslatable, modeOf, shippedFor } from './modeChoice';
import type { Mode } from './modeChoice';
import type { SelectedPlaces } from './selectedPlaces';
import { placesAt, selectedPlaces } from './selectedPlaces';
import type { TranslationSubject } from './sessionParts';
import { SavedPlaces } from './savedPlaces';
import { TrackedPlaces } from './trackedPlaces';
import { TranslationSession } from './translationSession';
import { insertBehind, insertBelow, readOnlyError, replacePlaces } from './writeTranslation';

/** After a reload longer texts wait until somebody asks for their translation, in UTF-16 units. */
const AT_ONCE = 2_000;

/** What is new: everything, or some sentences. */
export type TranslationNews =
  undefined | { readonly sentences: readonly SentenceTranslation[]; readonly progress: TranslationProgress };

export class TranslationCenter implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<TranslationNews>();
  readonly onDidChange = this.changed.event;
  readonly session: TranslationSession;
  private tracked: TrackedPlaces | undefined;
  private settled: string;
  /** Settings that belong together are being written, and some have changed already. */
  private writing = 0;
  private heldBack: { readonly visible: boolean } | undefined;
  private readonly saved: SavedPlaces;
  /** Documents that took no changes although VS Code says that they are no read-only files, by their addresses. */
  private readonly locked = new Set<string>();
  private readonly unlocking: vscode.Disposable;

  constructor(
    private readonly inspector: Inspector,
    private readonly models: Models,
    memory: vscode.Memento,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.saved = new SavedPlaces(memory);
    this.unlocking = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      // Somebody typed: the lock is off. A clean document was only read again from its file.
      if (document.isDirty && contentChanges.length > 0) {
        this.unlock(document.uri);
      }
    });
    this.settled = this.settings();
    this.session = new TranslationSession({
      ready: async (signal, onProgress) => {
        const { engine, model } = await inspector.ready(signal, onProgress);
        return { engine, model: model.summary };
      },
      settings: () => readSettings().translation,
      notes: {
        cutOff: vscode.l10n.t('It was cut off at the greatest length.'),
        codeMissing: vscode.l10n.t('Code of the sentence is missing in it.'),
        marksMissing: vscode.l10n.t('Emphasis or links of the sentence are missing in it.'),
        tooLong: vscode.l10n.t('It is longer than the model reads.'),
        doubts: {
          unsure: vscode.l10n.t('The model was unsure of all of it: it may be made up.'),
          long: vscode.l10n.t('It is far longer than its source: some of it may be made up.'),
          empty: vscode.l10n.t('The model found no words for it: the document keeps its own.'),
        },
      },
      check: (model, subject, sentences) =>
        checkTranslatable(model, subject, sentences, readSettings().translation.language),
      failed: (error) => this.failed(error),
      show: () => this.changed.fire(undefined),
      update: (change) => this.changed.fire(change),
    });
  }

  /** Where the translated text is; undefined before the first. */
  get places(): TrackedPlaces | undefined {
    return this.tracked;
  }

  /** Whether what is selected is what the view shows now, well translated or not. */
  shows(document: vscode.TextDocument, ranges: readonly vscode.Range[]): boolean {
    const { tracked, session } = this;
    return tracked?.are(document, ranges) === true && !session.isEmpty && !session.isUntouched;
  }

  /**
   * Translates, or continues, what is selected.
   * @param wanted Undefined leaves it to the model.
   * @param followed The editor whose selection is followed; without it the user asks for what is selected in the active one.
   */
  async translateSelection(wanted: Mode | undefined, followed?: vscode.TextEditor): Promise<void> {
    const editor = followed ?? vscode.window.activeTextEditor;
    if (!followed && editor) {
      // VS Code does not say when a lock is off: who asks again gets the buttons again.
      this.locked.delete(editor.document.uri.toString());
    }
    let selected: SelectedPlaces;
    try {
      selected = await selectedPlaces(editor);
    } catch (error) {
      this.refuse(error);
      return;
    }
    if (wanted && !(await this.agreeOn(wanted))) {
      return;
    }
    await this.translate(selected);
  }

  /** Translates what stands at the places now. */
  async translateAgain(): Promise<void> {
    const document = this.tracked?.document;
    if (document && this.tracked) {
      await this.translate(await placesAt(document, this.tracked.current()));
    }
  }

  /** Comes back with what was translated before the window was reloaded, unless there is something else already. */
  async restore(): Promise<void> {
    const found = this.session.isEmpty ? await this.saved.find() : undefined;
    if (!found || !this.session.isEmpty) {
      return;
    }
    const selected = await placesAt(found.document, found.ranges);
    const length = selected.places.reduce((sum, { text }) => sum + text.length, 0);
    if (length <= AT_ONCE) {
      await this.translate(selected);
    } else {
      this.track(selected);
      this.session.offer(this.subjectOf(selected));
    }
  }

  /** Over the original, as one edit. @throws UserError when the text or the document does not allow it */
  async replace(): Promise<void> {
    const texts = this.session.composed();
    await this.write((places) => replacePlaces(places, texts));
  }

  /** Below the original; a continuation behind it. @throws UserError as {@link replace} */
  async insertBelow(): Promise<void> {
    const { continuations } = this.session;
    await this.write((places) =>
      continuations ? insertBehind(places, continuations) : insertBelow(places, this.session.composed()),
    );
  }

  /** @throws UserError `emptyText` where there is nothing to copy. */
  async copy(): Promise<void> {
    this.checkTranslated('part');
    const texts = this.session.continuations ?? this.session.composed(true);
    await vscode.env.clipboard.writeText(texts.join('\n'));
  }

  /** Makes settings the user's. VS Code writes them one by one; the translation follows once, when all of them are there. */
  async setDecoding(change: Partial<Decoding>): Promise<void> {
    this.writing++;
    try {
      for (const [key, value] of Object.entries(change) as [keyof Decoding, Decoding[keyof Decoding]][]) {
        await writeSetting(`translation.${key}`, value);
      }
    } finally {
      this.writing--;
      if (this.writing === 0 && this.heldBack) {
        const { visible } = this.heldBack;
        this.heldBack = undefined;
        void this.settingsChanged(visible);
      }
    }
  }

  /** Takes over settings that may have changed; while nobody looks, the translation waits. */
  async settingsChanged(visible: boolean): Promise<void> {
    if (this.writing > 0) {
      this.heldBack = { visible };
      return;
    }
    if (this.settled === this.settings() || this.session.isEmpty) {
      this.settled = this.settings();
      this.session.refresh();
    } else if (visible) {
      this.settled = this.settings();
      await this.session.restart();
    } else {
      this.session.stop();
    }
  }

  dispose(): void {
    this.unlocking.dispose();
    this.session.dispose();
    this.tracked?.dispose();
    this.changed.dispose();
  }

  private async translate(selected: SelectedPlaces): Promise<void> {
    this.track(selected);
    this.keep(this.saved.save(selected.uri, selected.places));
    await this.session.translate(this.subjectOf(selected));
  }

  private subjectOf({ uri, subject }: SelectedPlaces): TranslationSubject {
    const { source } = subject;
    const writable = source.writable && !this.locked.has(uri.toString());
    return { ...subject, source: { ...source, writable } };
  }

  private unlock(uri: vscode.Uri): void {
    const key = uri.toString();
    if (this.locked.delete(key) && this.tracked?.uri.toString() === key) {
      this.session.setWritable(true);
    }
  }

  private track({ uri, places }: SelectedPlaces): void {
    this.tracked?.dispose();
    this.tracked = new TrackedPlaces(uri, places);
    this.settled = this.settings();
  }

  private keep(written: Promise<void>): void {
    written.catch((error: unknown) => logError(this.log, 'Saving what is translated', error));
  }

  /** Whether the model can do what is wanted, by itself or because the user takes a shipped one instead. */
  private async agreeOn(wanted: Mode): Promise<boolean> {
    const model = await this.inspector.ready().then(
      (ready) => ready.model,
      () => undefined, // the view will say why
    );
    if (!model || modeOf(model.summary.family) === wanted) {
      return true;
    }
    const other = shippedFor(wanted);
    const use = vscode.l10n.t('Use {0}', other.name);
    const pressed = await vscode.window.showWarningMessage(cannot(model.summary, wanted), use);
    if (pressed === use) {
      await this.models.choose(other.id);
      return true;
    }
    return false;
  }

  /** Remembers a document that turns out to be read-only: nothing is offered to be written there again. */
  private async write(work: (places: TrackedPlaces) => Promise<void>): Promise<void> {
    const places = this.writable();
    try {
      await work(places);
    } catch (error) {
      if (error instanceof UserError && error.details.readOnly === 1) {
        this.locked.add(places.uri.toString());
        this.session.setWritable(false);
      }
      throw error;
    }
  }

  private writable(): TrackedPlaces {
    this.checkTranslated();
    const { tracked, session } = this;
    const source = session.source;
    if (!tracked || !source) {
      throw new CancelledError();
    }
    if (!source.writable) {
      throw readOnlyError(source.document);
    }
    return tracked;
  }

  private checkTranslated(what: 'translation' | 'part' = 'translation'): void {
    if (!this.session.has(what)) {
      throw new UserError(
        'emptyText',
        vscode.l10n.t('There is no translation yet. Select text and translate it.'),
      );
    }
  }

  /** What cannot be translated takes the place of what is shown; a selection that is not there does not. */
  private refuse(error: unknown): void {
    if (error instanceof UserError && error.code === 'emptyText') {
      void vscode.window.showInformationMessage(error.message);
      return;
    }
    this.forget();
    this.session.refuse(error);
  }

  private forget(): void {
    this.tracked?.dispose();
    this.tracked = undefined;
    this.keep(this.saved.forget());
  }

  private failed(error: unknown): PanelError {
    logError(this.log, 'Translating', error);
    return panelError(error);
  }

  /** The settings that a translation depends on. */
  private settings(): string {
    const { model, backend, threads, translation } = readSettings();
    return JSON.stringify([model, backend, threads, translation.language, translation.decoding]);
  }
}

// The Translation view in the side bar: ties its page to the translation, with a line of progress while one is running.
import * as vscode from 'vscode';
import type { TranslationHost, TranslationPage } from '../../shared/translationPage';
import type { Connection } from '../../shared/rpc';
import { SideView } from '../sideView';
import { PageNews } from './pageNews';
import type { TranslationCenter, TranslationNews } from './translationCenter';
import { followSelection } from './followSelection';
import type { SourceMarks } from './sourceMarks';

export const TRANSLATION_VIEW = 'transformerExplorer.translation';

export class TranslationView implements vscode.Disposable {
  private readonly side: SideView<TranslationPage, TranslationHost>;
  private readonly subscriptions: vscode.Disposable;
  private readonly news = new PageNews();
  private busy = false;

  constructor(
    extension: vscode.Uri,
    host: TranslationHost,
    private readonly center: TranslationCenter,
    marks: SourceMarks,
    log: vscode.LogOutputChannel,
  ) {
    const title = vscode.l10n.t('Translation');
    const side = new SideView<TranslationPage, TranslationHost>({
      id: TRANSLATION_VIEW,
      kind: 'translation',
      title,
      extension,
      host: { ...host, ready: async () => this.news.all(center.session.state()) },
      log,
    });
    this.side = side;
    this.subscriptions = vscode.Disposable.from(
      side,
      center.onDidChange((change) => {
        side.tell((page) => this.tell(page, change));
        if (!change) {
          this.showProgress();
          const { status } = center.session.state();
          void vscode.commands.executeCommand(
            'setContext',
            'transformerExplorer.hasTranslation',
            status !== 'empty',
          );
        }
      }),
      side.onDidChangeVisibility((visible) => {
        if (visible) {
          void center.settingsChanged(true);
          void center.restore();
        } else {
          marks.clear();
        }
      }),
      followSelection(center, side, log),
    );
  }

  get visible(): boolean {
    return this.side.visible;
  }

  /** Whether the page has asked for its state. */
  get isReady(): boolean {
    return this.side.isReady;
  }

  /** Brings the view up without taking the focus from the editor. */
  reveal(): Promise<void> {
    return this.side.reveal();
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private tell(page: Connection<TranslationPage>, change: TranslationNews): Promise<void> {
    if (change) {
      return page.update(this.news.ofSentences(change.sentences, change.progress));
    }
    const news = this.news.of(this.center.session.state());
    return news.what === 'all' ? page.show(news.state) : page.update(news.change);
  }

  private showProgress(): void {
    const { session } = this.center;
    if (this.busy || !session.isRunning) {
      return;
    }
    this.busy = true;
    void vscode.window.withProgress({ location: { viewId: TRANSLATION_VIEW } }, async () => {
      await session.idle();
      this.busy = false;
    });
  }
}

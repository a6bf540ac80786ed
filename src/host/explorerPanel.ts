// The explorer's editor tab: one webview, restored after a reload, that sees the exploration and asks the engine through it.
import * as vscode from 'vscode';
import { DisposableStore } from '../shared/disposable';
import { CancelledError, isCancelled } from '../shared/errors';
import type { Panel, PanelHost, TokenRef } from '../shared/protocol';
import type { Connection } from '../shared/rpc';
import { connect, serve } from '../shared/rpc';
import { logError } from './errorReport';
import { createNonce, panelHtml } from './panelHtml';
import { webviewChannel } from './webviewChannel';

export const VIEW_TYPE = 'transformerExplorer.explorer';

interface Open {
  readonly panel: vscode.WebviewPanel;
  readonly remote: Connection<Panel>;
  readonly store: DisposableStore;
  /** Whether the page has asked for its state; what is sent before would be lost. */
  ready: boolean;
}

export class ExplorerPanel implements vscode.Disposable {
  private readonly closed = new vscode.EventEmitter<void>();
  /** Fires when the user closed the tab. */
  readonly onDidClose = this.closed.event;
  private readonly shown = new vscode.EventEmitter<void>();
  /** Fires when the page has asked for its state, first or anew. */
  readonly onDidGetReady = this.shown.event;
  private open: Open | undefined;

  constructor(
    private readonly extension: vscode.Uri,
    private readonly host: PanelHost,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  get isOpen(): boolean {
    return this.open !== undefined;
  }

  get visible(): boolean {
    return this.open?.panel.visible === true;
  }

  /** Brings the tab up beside the editor, without taking the focus. */
  show(): void {
    if (this.open) {
      this.open.panel.reveal(undefined, true);
      return;
    }
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    this.adopt(
      vscode.window.createWebviewPanel(
        VIEW_TYPE,
        vscode.l10n.t('Transformer Explorer'),
        column,
        this.options(),
      ),
    );
  }

  /** Takes over a tab that VS Code restored. */
  adopt(panel: vscode.WebviewPanel): void {
    this.close();
    const store = new DisposableStore();
    const channel = webviewChannel(panel.webview);
    const remote = connect<Panel>(channel);
    const open: Open = { panel, remote, store, ready: false };
    const ready: PanelHost['ready'] = async (request, call) => {
      open.ready = true;
      setTimeout(() => this.shown.fire());
      return this.host.ready(request, call);
    };
    store.add(serve<PanelHost>(channel, { ...this.host, ready }));
    store.add({ dispose: () => remote.dispose() });
    store.add(
      panel.onDidDispose(() => {
        store.dispose();
        if (this.open === open) {
          this.open = undefined;
          this.closed.fire();
        }
      }),
    );
    store.add(
      panel.onDidChangeViewState(() => {
        // A hidden page is thrown away; it asks for its state when it is shown again.
        open.ready &&= panel.visible;
      }),
    );
    this.open = open;
    panel.iconPath = {
      light: vscode.Uri.joinPath(this.extension, 'media', 'explorer-light.svg'),
      dark: vscode.Uri.joinPath(this.extension, 'media', 'explorer-dark.svg'),
    };
    panel.webview.options = this.options();
    panel.webview.html = this.page(panel.webview);
  }

  /** Tells the page something, if there is one that listens. */
  tell(say: (panel: Panel) => Promise<void>): void {
    if (this.open?.ready) {
      say(this.open.remote).catch((error: unknown) => {
        if (!isCancelled(error)) {
          logError(this.log, 'Updating the explorer', error);
        }
      });
    }
  }

  /**
   * Asks the page something; it is brought up first where it is closed or hidden, because a hidden page is thrown away.
   * @throws UserError `cancelled` when the page goes away; whatever it answers with.
   */
  async ask<T>(question: (panel: Panel) => Promise<T>): Promise<T> {
    if (!this.open?.ready) {
      const ready = new Promise<void>((resolve) => {
        const listening = this.shown.event(() => {
          listening.dispose();
          resolve();
        });
      });
      this.show();
      await ready;
    }
    if (!this.open) {
      throw new CancelledError();
    }
    return question(this.open.remote);
  }

  /** Shows in the page which word is meant; undefined for none. */
  follow(token: TokenRef | undefined, moved: boolean): void {
    this.tell((panel) => panel.follow({ token, moved }));
  }

  close(): void {
    this.open?.panel.dispose();
  }

  dispose(): void {
    this.open?.store.dispose();
    this.closed.dispose();
    this.shown.dispose();
  }

  private options(): vscode.WebviewOptions & vscode.WebviewPanelOptions {
    const roots = ['dist', 'media'].map((folder) => vscode.Uri.joinPath(this.extension, folder));
    return { enableScripts: true, enableFindWidget: true, localResourceRoots: roots };
  }

  private page(webview: vscode.Webview): string {
    const resource = (file: string) =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.extension, 'dist', 'webview', file)).toString();
    return panelHtml({
      kind: 'explorer',
      title: vscode.l10n.t('Transformer Explorer'),
      language: vscode.env.language,
      script: resource('explorer.js'),
      style: resource('explorer.css'),
      cspSource: webview.cspSource,
      nonce: createNonce(),
    });
  }
}

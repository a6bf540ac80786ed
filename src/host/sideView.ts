// A webview in the side bar: its page is made when it is first shown, thrown away while hidden, and asks for its state when it is back.
import * as vscode from 'vscode';
import { DisposableStore } from '../shared/disposable';
import { isCancelled } from '../shared/errors';
import type { Connection, Contract } from '../shared/rpc';
import { connect, serve } from '../shared/rpc';
import { logError } from './errorReport';
import type { PanelPage } from './panelHtml';
import { createNonce, panelHtml } from './panelHtml';
import { webviewChannel } from './webviewChannel';

/** What differs between one side view and another. */
export interface SideViewParts<Host> {
  /** As package.json names it. */
  readonly id: string;
  /** Names script and style sheet in `dist/webview`. */
  readonly kind: PanelPage['kind'];
  readonly title: string;
  /** Where the extension's own files are. */
  readonly extension: vscode.Uri;
  readonly host: Host;
  readonly log: vscode.LogOutputChannel;
}

interface Open<Page> {
  readonly view: vscode.WebviewView;
  readonly remote: Connection<Page>;
  /** Whether the page has asked for its state; what is sent before would be lost. */
  ready: boolean;
}

export class SideView<Page extends Contract<Page>, Host extends Contract<Host>>
  implements vscode.WebviewViewProvider, vscode.Disposable
{
  private readonly changed = new vscode.EventEmitter<boolean>();
  /** Fires with whether the view is visible, when that has changed. */
  readonly onDidChangeVisibility = this.changed.event;
  private readonly store = new DisposableStore();
  private open: Open<Page> | undefined;

  constructor(private readonly parts: SideViewParts<Host & { ready: (...of: never[]) => Promise<unknown> }>) {
    this.store.add(this.changed);
    this.store.add(vscode.window.registerWebviewViewProvider(parts.id, this));
  }

  get visible(): boolean {
    return this.open?.view.visible === true;
  }

  /** Whether a page listens. */
  get isReady(): boolean {
    return this.open?.ready === true;
  }

  /** Brings the view up without taking the focus. */
  async reveal(): Promise<void> {
    if (this.open) {
      this.open.view.show(true);
    } else {
      await vscode.commands.executeCommand(`${this.parts.id}.focus`, { preserveFocus: true });
    }
  }

  /** Tells the page something, if there is one that listens. */
  tell(say: (page: Connection<Page>) => Promise<void>): void {
    if (this.open?.ready) {
      say(this.open.remote).catch((error: unknown) => {
        if (!isCancelled(error)) {
          logError(this.parts.log, `Updating ${this.parts.id}`, error);
        }
      });
    }
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { host } = this.parts;
    const store = new DisposableStore();
    const channel = webviewChannel(view.webview);
    const remote = connect<Page>(channel);
    const open: Open<Page> = { view, remote, ready: false };
    const ready = async (...request: never[]): Promise<unknown> => {
      open.ready = true;
      return host.ready(...request);
    };
    store.add(serve<Host>(channel, { ...host, ready }));
    store.add({ dispose: () => remote.dispose() });
    store.add(
      view.onDidChangeVisibility(() => {
        // A hidden page is thrown away.
        open.ready &&= view.visible;
        this.changed.fire(view.visible);
      }),
    );
    view.onDidDispose(() => {
      store.dispose();
      if (this.open === open) {
        this.open = undefined;
        this.changed.fire(false);
      }
    });
    this.open = open;
    view.webview.options = {
      enableScripts: true,
      localResourceRoots: ['dist', 'media'].map((folder) =>
        vscode.Uri.joinPath(this.parts.extension, folder),
      ),
    };
    view.webview.html = this.page(view.webview);
    this.changed.fire(view.visible);
  }

  dispose(): void {
    this.store.dispose();
  }

  private page(webview: vscode.Webview): string {
    const { kind, title, extension } = this.parts;
    const resource = (file: string) =>
      webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist', 'webview', file)).toString();
    return panelHtml({
      kind,
      title,
      language: vscode.env.language,
      script: resource(`${kind}.js`),
      style: resource(`${kind}.css`),
      cspSource: webview.cspSource,
      nonce: createNonce(),
    });
  }
}

// The workbench's half of the loopback file system: `loopback://host:port/path` is a file that the page's own server holds.
import * as vscode from 'vscode';

interface Stat {
  readonly folder: boolean;
  readonly size: number;
  readonly changed: number;
}

class LoopbackFs implements vscode.FileSystemProvider {
  private readonly changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changes.event;

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { folder, size, changed }: Stat = await (await ask(uri, '?stat')).json();
    const type = folder ? vscode.FileType.Directory : vscode.FileType.File;
    return { type, size, ctime: changed, mtime: changed };
  }

  async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    const entries: [string, boolean][] = await (await ask(uri, '?list')).json();
    return entries.map(([name, folder]) => [name, folder ? vscode.FileType.Directory : vscode.FileType.File]);
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return new Uint8Array(await (await ask(uri)).arrayBuffer());
  }

  async createDirectory(uri: vscode.Uri): Promise<void> {
    await ask(uri, '?folder', { method: 'PUT' });
    this.changed(vscode.FileChangeType.Created, uri);
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    await ask(uri, '', { method: 'PUT', body: new Uint8Array(content) });
    this.changed(vscode.FileChangeType.Changed, uri);
  }

  async delete(uri: vscode.Uri): Promise<void> {
    await ask(uri, '', { method: 'DELETE' });
    this.changed(vscode.FileChangeType.Deleted, uri);
  }

  async rename(from: vscode.Uri, to: vscode.Uri): Promise<void> {
    await ask(from, `?to=${encodeURIComponent(to.path)}`, { method: 'POST' });
    this.changed(vscode.FileChangeType.Deleted, from);
    this.changed(vscode.FileChangeType.Created, to);
  }

  private changed(type: vscode.FileChangeType, uri: vscode.Uri): void {
    this.changes.fire([{ type, uri }]);
  }
}

/** @throws FileSystemError when the server refuses. */
async function ask(uri: vscode.Uri, query = '', init?: RequestInit): Promise<Response> {
  const response = await fetch(`http://${uri.authority}/workspace${encodeURI(uri.path)}${query}`, init);
  if (response.status === 404) {
    throw vscode.FileSystemError.FileNotFound(uri);
  }
  if (!response.ok) {
    throw vscode.FileSystemError.Unavailable(`${uri.path}: ${await response.text()}`);
  }
  return response;
}

/** Called by VS Code. */
export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(
    vscode.workspace.registerFileSystemProvider('loopback', new LoopbackFs(), { isCaseSensitive: true }),
  );
}

// Shows what a model is: its own README.md, or what is known of it where it has none.
import * as vscode from 'vscode';
import type { Models } from '../models';
import type { ListedModel } from './modelItem';
import { detailsOf } from './modelItem';
import { formatBytes } from '../../shared/formatBytes';

const SCHEME = 'transformer-explorer-card';
const CARD = 'README.md';
const PREVIEW = 'markdown.showPreview';

export class ModelCards implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  private readonly texts = new Map<string, string>();

  constructor(private readonly models: Models) {}

  /** @throws UserError `modelMissing` */
  async show(model: ListedModel): Promise<void> {
    const { folder } = await this.models.locate(model.id);
    const own = vscode.Uri.joinPath(folder, CARD);
    // The card of the model that was trained says nothing about what it was trained with.
    const exists = await vscode.workspace.fs.stat(own).then(
      () => true,
      () => false,
    );
    const card = exists && model.tunedFrom === undefined ? own : await this.written(model);
    const known = await vscode.commands.getCommands(true);
    // Markdown is drawn by an extension of VS Code's, which may be off.
    if (known.includes(PREVIEW)) {
      await vscode.commands.executeCommand(PREVIEW, card);
    } else {
      await vscode.window.showTextDocument(card);
    }
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.query) ?? '';
  }

  dispose(): void {
    this.registration.dispose();
  }

  private async written(model: ListedModel): Promise<vscode.Uri> {
    const sizes = await this.models.sizes(await this.models.locate(model.id));
    const plain = (text: string) => text.replace(/[\\`*_{}[\]<>#|]/gu, '\\$&');
    const text = [
      `# ${plain(model.name)}`,
      vscode.l10n.t('This model comes without a card. What is known of it:'),
      detailsOf(model)
        .map((line) => `- ${plain(line)}`)
        .join('\n'),
      `| ${vscode.l10n.t('file')} | ${vscode.l10n.t('size')} |\n|---|---|\n${Object.entries(sizes)
        .map(([path, bytes]) => `| ${plain(path)} | ${formatBytes(bytes)} |`)
        .join('\n')}`,
    ].join('\n\n');
    this.texts.set(model.id, text);
    return vscode.Uri.from({
      scheme: SCHEME,
      path: `/${model.name.replace(/\W+/gu, '-')}.md`,
      query: model.id,
    });
  }
}

// The Models view in the side bar: the shipped models, those that the user added, and which one is in use.
import * as vscode from 'vscode';
import { messageOf } from '../../shared/errors';
import type { Inspector } from '../inspector';
import type { Models } from '../models';
import { totalOf } from '../modelSize';
import { SHIPPED_MODELS } from '../shippedModels';
import { isTuned } from '../training/tunedId';
import type { ListedModel } from './modelItem';
import { treeItemOf } from './modelItem';

export const MODELS_VIEW = 'transformerExplorer.models';

export class ModelsView implements vscode.TreeDataProvider<ListedModel>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly tree: vscode.TreeView<ListedModel>;
  private readonly subscriptions: readonly vscode.Disposable[];
  private busy = false;

  constructor(
    private readonly models: Models,
    private readonly inspector: Inspector,
  ) {
    this.tree = vscode.window.createTreeView(MODELS_VIEW, { treeDataProvider: this });
    this.subscriptions = [
      this.changed,
      this.tree,
      models.memory.onDidChange(() => this.refresh()),
      inspector.onDidChange(() => {
        this.refresh();
        this.showLoading();
      }),
    ];
  }

  /** The model that a command from the keyboard is about. */
  get selected(): ListedModel | undefined {
    return this.tree.selection[0];
  }

  refresh(): void {
    this.changed.fire();
  }

  async getChildren(parent?: ListedModel): Promise<ListedModel[]> {
    return parent ? [] : Promise.all(this.models.choices().map((choice) => this.listed(choice)));
  }

  getTreeItem(model: ListedModel): vscode.TreeItem {
    return treeItemOf(model);
  }

  dispose(): void {
    this.subscriptions.forEach((subscription) => subscription.dispose());
  }

  private async listed({ id, name }: { readonly id: string; readonly name: string }): Promise<ListedModel> {
    const shipped = SHIPPED_MODELS.some((model) => model.id === id);
    const inUse = this.models.current().id === id;
    const found = await this.bytesOf(id);
    return {
      id,
      name,
      shipped,
      inUse,
      isDefault: id === SHIPPED_MODELS[0].id,
      place: shipped || isTuned(id) ? undefined : placeOf(vscode.Uri.parse(id)),
      bytes: found.bytes,
      tunedFrom: this.models.tuned(id)?.baseName,
      facts: this.models.memory.facts(id),
      problem: found.problem ?? (inUse ? this.inspector.problem?.message : undefined),
    };
  }

  private async bytesOf(id: string): Promise<{ readonly bytes?: number; readonly problem?: string }> {
    try {
      const bytes = totalOf(await this.models.sizes(await this.models.locate(id)));
      return { bytes: this.models.tuned(id)?.bytes ?? bytes };
    } catch (error) {
      return { problem: messageOf(error) };
    }
  }

  /** A moving line below the view's title while a model is being loaded. */
  private showLoading(): void {
    if (this.busy || !this.inspector.isLoading || !this.tree.visible) {
      return;
    }
    this.busy = true;
    void vscode.window.withProgress(
      { location: { viewId: MODELS_VIEW } },
      () =>
        new Promise<void>((resolve) => {
          const subscription = this.inspector.onDidChange(() => {
            if (!this.inspector.isLoading) {
              subscription.dispose();
              this.busy = false;
              resolve();
            }
          });
        }),
    );
  }
}

/** Relative to the workspace where it is inside. */
function placeOf(uri: vscode.Uri): string {
  return uri.scheme === 'file' ? vscode.workspace.asRelativePath(uri) : uri.toString(true);
}

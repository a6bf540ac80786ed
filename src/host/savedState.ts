// Keeps the exploration over a reload of the window: VS Code restores the tab, this restores what it showed.
import * as vscode from 'vscode';
import type { Exploration } from './exploration';
import type { ExplorerPanel } from './explorerPanel';
import { VIEW_TYPE } from './explorerPanel';
import type { SavedExploration } from './subject';

const KEY = 'exploration';
/** Milliseconds in which changes of the view are collected before they are written. */
const PAUSE = 250;

/** Saves in the workspace's memory whenever something changed, and answers VS Code when it restores the tab. */
export class SavedState implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private readonly subscriptions: readonly vscode.Disposable[];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly memory: vscode.Memento,
    private readonly panel: ExplorerPanel,
    private readonly exploration: Exploration,
  ) {
    this.subscriptions = [
      vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, this),
      exploration.onDidChange(() => this.schedule()),
      panel.onDidClose(() => void this.memory.update(KEY, undefined)),
    ];
  }

  async deserializeWebviewPanel(restored: vscode.WebviewPanel): Promise<void> {
    const saved = this.memory.get<SavedExploration>(KEY);
    this.panel.adopt(restored);
    if (saved) {
      await this.exploration.restore(saved);
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscriptions.forEach((subscription) => subscription.dispose());
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.panel.isOpen) {
        void this.memory.update(KEY, this.exploration.save());
      }
    }, PAUSE);
  }
}

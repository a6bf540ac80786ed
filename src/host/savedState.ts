// Keeps the exploration over a reload of the window: VS Code restores the tab, this restores what it showed.
import * as vscode from 'vscode';
import { logError } from './errorReport';
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
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.subscriptions = [
      vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, this),
      exploration.onDidChange(() => this.schedule()),
      panel.onDidClose(() => this.write(undefined)),
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

  private write(saved: SavedExploration | undefined): void {
    this.memory.update(KEY, saved).then(undefined, (error: unknown) => {
      logError(this.log, 'Saving the exploration', error);
    });
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.panel.isOpen) {
        this.write(this.exploration.save());
      }
    }, PAUSE);
  }
}

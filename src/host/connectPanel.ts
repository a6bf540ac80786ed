// Ties the explorer's tab to the exploration: what it shows, when it is busy, and when the engine may rest after it was closed.
import * as vscode from 'vscode';
import type { Exploration } from './exploration';
import type { ExplorerPanel } from './explorerPanel';
import type { Highlights } from './highlights';
import type { Inspector } from './inspector';
import type { OtherRuns } from './otherRuns';
import { readSettings } from './settings';

/** Milliseconds that the engine outlives the tab: it may only be moved, or opened again. */
const LINGER = 60_000;

export function connectPanel(parts: {
  readonly panel: ExplorerPanel;
  readonly exploration: Exploration;
  readonly inspector: Inspector;
  readonly highlights: Highlights;
  readonly others: OtherRuns;
  /** Whether something besides the tab needs the engine. */
  readonly inUse: () => boolean;
}): vscode.Disposable {
  const { panel, exploration, inspector, highlights, others, inUse } = parts;
  let resting: ReturnType<typeof setTimeout> | undefined;
  const rest = () => {
    if (!panel.isOpen && !readSettings().hover.enabled && !exploration.view.heat) {
      exploration.release();
      if (!inUse()) {
        inspector.stop();
      }
    }
  };
  return vscode.Disposable.from(
    exploration.onDidChange((what) => {
      if (what === 'run') {
        panel.tell((page) => page.show(exploration.state()));
      }
    }),
    exploration.onDidProgress((progress) => panel.tell((page) => page.busy({ progress }))),
    panel.onDidGetReady(() => {
      const { progress } = exploration;
      if (progress) {
        panel.tell((page) => page.busy({ progress }));
      }
    }),
    panel.onDidClose(() => {
      exploration.cancel();
      void others.release();
      highlights.clear();
      clearTimeout(resting);
      resting = setTimeout(rest, LINGER);
    }),
    { dispose: () => clearTimeout(resting) },
  );
}

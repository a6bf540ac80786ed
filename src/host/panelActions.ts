// What the buttons beside an error do, in the explorer and in notifications alike.
import type * as vscode from 'vscode';
import type { PanelAction } from '../shared/protocol';
import { chooseModel } from './chooseModel';
import { logError, showError } from './errorReport';
import type { Exploration } from './exploration';
import type { Inspector } from './inspector';
import type { Models } from './models';
import { askForFile } from './modelsView/addModel';

export function panelActions(parts: {
  readonly exploration: Exploration;
  readonly inspector: Inspector;
  readonly models: Models;
  readonly log: vscode.LogOutputChannel;
}): (action: PanelAction) => void {
  const { exploration, inspector, models, log } = parts;
  const run = async (action: PanelAction): Promise<void> => {
    switch (action) {
      case 'retry':
        return exploration.rerun();
      case 'showLog':
        return log.show();
      case 'exploreFirstPart':
        return exploration.exploreFirstPart();
      case 'chooseModel': {
        const before = models.current().id;
        // Another model runs by itself when the setting changes; the same one is tried again.
        if ((await chooseModel(models)) && models.current().id === before) {
          await exploration.rerun();
        }
        return;
      }
      case 'loadAnyway':
        models.agree(models.current().id);
        return exploration.rerun();
      case 'chooseTokenizer':
      case 'chooseConfig': {
        const file = action === 'chooseConfig' ? 'config.json' : 'tokenizer.json';
        if (await askForFile(models, models.current().id, file)) {
          // The loaded model has been built without the file.
          inspector.stop();
          await exploration.rerun();
        }
        return;
      }
      default:
        action satisfies never;
    }
  };
  const act = (action: PanelAction): void => {
    run(action).catch((error: unknown) => {
      logError(log, action, error);
      showError(error, act);
    });
  };
  return act;
}

// What the Fine-tuning view may ask of the host; failures are told to the user here.
import * as vscode from 'vscode';
import { UserError } from '../../shared/errors';
import type { PanelAction } from '../../shared/protocol';
import type { TrainingHost } from '../../shared/trainingPage';
import { logError, showError } from '../errorReport';
import type { CompareTunedParts } from './compareTuned';
import { compareTuned } from './compareTuned';
import type { FineTuning } from './fineTuning';
import { trainingText } from './trainingText';
import { storedId } from './tunedId';
import type { TunedModels } from './tunedModels';

export interface TrainingHostParts extends CompareTunedParts {
  readonly training: FineTuning;
  readonly tuned: TunedModels;
  readonly log: vscode.LogOutputChannel;
  readonly act: (action: PanelAction) => void;
}

export function trainingHost(parts: TrainingHostParts): TrainingHost {
  const { training, tuned, models, log } = parts;
  const act = (action: PanelAction): void => {
    if (action === 'retry') {
      void told(() => retry(training));
    } else {
      parts.act(action);
    }
  };
  const told = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      logError(log, 'Fine-tuning', error);
      showError(error, act);
    }
  };
  /** Begun, and not waited for: the page hears of it by its state. */
  const begun = async (work: () => Promise<void>): Promise<void> => void told(work);
  return {
    ready: async () => training.state(),
    readSelection: () => told(() => training.read(trainingText(...editors()))),
    setData: (change) => told(() => training.setData(change)),
    setOptions: (change) => told(() => training.setOptions(change)),
    resetOptions: () => told(() => training.setOptions(undefined)),
    start: () => begun(() => training.start()),
    pause: () => told(() => training.pause()),
    resume: () => begun(() => training.resume()),
    stop: () => told(() => training.stop()),
    undo: () => told(() => tuned.undo()),
    use: ({ id }) => told(() => tuned.use(id)),
    rename: ({ id }) => told(() => tuned.rename(id)),
    delete: ({ id }) => told(() => tuned.delete(id).then(() => undefined)),
    export: ({ id }) => told(() => tuned.export(id)),
    continueFrom: ({ id }) => begun(() => training.continueFrom(storedId(id))),
    showTraining: ({ id }) => told(() => training.showStored(storedId(id))),
    compare: (request) => told(() => compareTuned({ ...parts, models }, request, training.places)),
    reveal: ({ line }) => told(() => reveal(training, line)),
    act: async ({ action }) => act(action),
    log: async ({ level, message }) => {
      if (level === 'error') {
        logError(log, 'Fine-tuning page', message);
      } else {
        log.info(`Fine-tuning page: ${message}`);
      }
    },
  };
}

/** The editor with the focus, or while a view has it, any that is seen; and all that are seen. */
export function editors(): [vscode.TextEditor | undefined, readonly vscode.TextEditor[]] {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  const isText = ({ document }: vscode.TextEditor) => document.uri.scheme !== 'output';
  const visible = visibleTextEditors.filter(isText);
  return [activeTextEditor && isText(activeTextEditor) ? activeTextEditor : visible.at(0), visible];
}

/** Goes on with the training, or reads the data again where there was none yet. */
async function retry(training: FineTuning): Promise<void> {
  const { status } = training.state();
  if (status === 'failed' || status === 'paused') {
    await training.resume();
  } else {
    await training.read(trainingText(...editors()));
  }
}

/** Shows a line of the data in its document. */
async function reveal({ places }: FineTuning, line: number): Promise<void> {
  const place = places.at(0);
  if (!place) {
    return;
  }
  let document: vscode.TextDocument;
  try {
    document = await vscode.workspace.openTextDocument(vscode.Uri.parse(place.uri));
  } catch (error) {
    const message = vscode.l10n.t('The document that the data came from cannot be opened any more.');
    throw new UserError('badRequest', message, { uri: place.uri }, { cause: error });
  }
  const at = document.validatePosition(new vscode.Position(place.line + line, 0));
  const range = document.lineAt(at.line).range;
  await vscode.window.showTextDocument(document, { selection: range, preserveFocus: true });
}

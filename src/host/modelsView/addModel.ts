// Adds a model of the user's: asks for a folder or a file, and for a tokenizer or configuration that it lacks.
import * as vscode from 'vscode';
import { askWhich } from '../ask';
import type { ExtraFile } from '../modelMemory';
import type { Models } from '../models';
import { titleOf } from '../modelLocation';

/** Lets the user choose a folder or an `.onnx` file. */
export async function askForModel(): Promise<vscode.Uri | undefined> {
  const folder = {
    label: vscode.l10n.t('$(folder) Folder…'),
    detail: vscode.l10n.t(
      'In the layout of Hugging Face and transformers.js: config.json, tokenizer.json, onnx/*.onnx',
    ),
  };
  const file = {
    label: vscode.l10n.t('$(file) .onnx File…'),
    detail: vscode.l10n.t('With tokenizer.json and config.json beside it, or asked for'),
  };
  const picked = await askWhich([folder, file], { title: vscode.l10n.t('Add Model') });
  if (!picked) {
    return undefined;
  }
  const kind =
    picked === folder
      ? { canSelectFolders: true, canSelectFiles: false }
      : { canSelectFiles: true, filters: { [vscode.l10n.t('ONNX models')]: ['onnx'] } };
  const [uri] =
    (await vscode.window.showOpenDialog({ ...kind, openLabel: vscode.l10n.t('Add Model') })) ?? [];
  return uri;
}

/**
 * Adds a model, makes it the current one, and asks for what it lacks.
 *
 * @throws UserError `modelMissing` when there is no ONNX file: nothing is added then.
 */
export async function addModel(models: Models, uri: vscode.Uri): Promise<void> {
  await models.locate(uri.toString());
  await models.add(uri);
  void offerMissingFiles(models, uri);
}

/** Lets the user name a file that a model lacks. Answers whether one was chosen. */
export async function askForFile(models: Models, id: string, file: ExtraFile): Promise<boolean> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: true,
      filters: { JSON: ['json'] },
      title: vscode.l10n.t('The {0} of this model', file),
      openLabel: vscode.l10n.t('Choose {0}', file),
    })) ?? [];
  if (!uri) {
    return false;
  }
  await models.memory.setExtraFile(id, file, uri);
  return true;
}

async function offerMissingFiles(models: Models, uri: vscode.Uri): Promise<void> {
  const id = uri.toString();
  for (const file of await models.lacking(id)) {
    const choose = vscode.l10n.t('Choose {0}…', file);
    const why =
      file === 'tokenizer.json'
        ? vscode.l10n.t('Without it the model cannot read text.')
        : vscode.l10n.t('Without it the start and end of its output may be unknown.');
    const pressed = await vscode.window.showInformationMessage(
      `${vscode.l10n.t('{0} has no {1}.', titleOf(uri), file)} ${why}`,
      choose,
    );
    if (pressed === choose) {
      await askForFile(models, id, file);
    }
  }
}

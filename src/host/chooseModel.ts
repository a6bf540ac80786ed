// The quick pick that chooses the model: shipped, used before, a folder, or one .onnx file.
import * as vscode from 'vscode';
import { createList } from './ask';
import type { Models } from './models';
import { isTuned } from './training/tunedId';

interface ModelItem extends vscode.QuickPickItem {
  readonly run: () => Promise<boolean>;
  /** Set for entries that can be taken off the list. */
  readonly forget?: () => Promise<void>;
}

/** Lets the user choose. Answers whether a model was chosen. */
export async function chooseModel(models: Models): Promise<boolean> {
  const pick = createList<ModelItem>();
  pick.title = vscode.l10n.t('Choose Model');
  pick.placeholder = vscode.l10n.t('A folder needs an .onnx file and a tokenizer.json');
  pick.matchOnDescription = true;
  pick.items = itemsOf(models);
  pick.onDidTriggerItemButton(async ({ item }) => {
    await item.forget?.();
    pick.items = itemsOf(models);
  });
  const picked = await new Promise<ModelItem | undefined>((resolve) => {
    pick.onDidAccept(() => resolve(pick.selectedItems[0]));
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  });
  pick.dispose();
  return picked ? picked.run() : false;
}

function itemsOf(models: Models): ModelItem[] {
  const current = models.current().id;
  const remove = { iconPath: new vscode.ThemeIcon('close'), tooltip: vscode.l10n.t('Remove from this list') };
  const known = models.choices().map(({ id, name }): ModelItem => {
    const shipped = id.startsWith('shipped:');
    const own = !shipped && !isTuned(id);
    return {
      label: `${id === current ? '$(check) ' : ''}${name}`,
      description: shipped
        ? vscode.l10n.t('shipped')
        : own
          ? vscode.Uri.parse(id).fsPath
          : vscode.l10n.t('fine-tuned from {0}', models.tuned(id)?.baseName ?? '?'),
      ...(!own || id === current ? {} : { buttons: [remove], forget: () => models.remove(id) }),
      run: async () => {
        await models.choose(id);
        return true;
      },
    };
  });
  return [
    ...known,
    { label: '', kind: vscode.QuickPickItemKind.Separator, run: async () => false },
    {
      label: vscode.l10n.t('$(folder) Folder…'),
      run: () => browse(models, { canSelectFolders: true, canSelectFiles: false }),
    },
    {
      label: vscode.l10n.t('$(file) .onnx File…'),
      run: () =>
        browse(models, {
          canSelectFiles: true,
          canSelectFolders: false,
          filters: { [vscode.l10n.t('ONNX models')]: ['onnx'] },
        }),
    },
  ];
}

async function browse(models: Models, options: vscode.OpenDialogOptions): Promise<boolean> {
  const [uri] =
    (await vscode.window.showOpenDialog({ ...options, openLabel: vscode.l10n.t('Choose Model') })) ?? [];
  if (!uri) {
    return false;
  }
  await models.add(uri);
  return true;
}

// What can be done with the models of the Models view and with `.onnx` files in the Explorer.
import * as vscode from 'vscode';
import type { Inspector } from '../inspector';
import { folderOf } from '../modelLocation';
import type { Models } from '../models';
import { addModel, askForFile, askForModel } from './addModel';
import type { ModelCards } from './modelCard';
import type { ListedModel } from './modelItem';
import type { ModelsView } from './modelsView';
import { isTuned } from '../training/tunedId';
import type { TunedModels } from '../training/tunedModels';

/** What the commands act on. */
export interface ModelCommandParts {
  readonly models: Models;
  readonly inspector: Inspector;
  readonly view: ModelsView;
  readonly cards: ModelCards;
  readonly tuned: Pick<TunedModels, 'rename' | 'delete' | 'export'>;
}

type Run = (argument?: unknown) => Promise<unknown>;

/** The commands by the id that package.json names. Those about one model take its line, or the selected one. */
export function modelCommands({
  models,
  inspector,
  view,
  cards,
  tuned,
}: ModelCommandParts): Readonly<Record<string, Run>> {
  const about =
    (run: (model: ListedModel) => Promise<unknown>): Run =>
    async (argument) => {
      const wanted = isListed(argument) ? argument.id : view.selected?.id;
      const model = (await view.getChildren()).find(({ id }) => id === wanted);
      return model && run(model);
    };
  return {
    'transformerExplorer.addModel': async (argument) => {
      const uri = argument instanceof vscode.Uri ? argument : await askForModel();
      if (uri) {
        await addModel(models, uri);
      }
    },
    'transformerExplorer.exploreWithModel': async (argument) => {
      if (argument instanceof vscode.Uri) {
        await addModel(models, argument);
        await vscode.commands.executeCommand('transformerExplorer.models.focus');
        await inspector.ready();
      }
    },
    'transformerExplorer.useModel': about(({ id }) => models.choose(id)),
    'transformerExplorer.removeModel': about((model) =>
      isTuned(model.id) ? tuned.delete(model.id) : remove(models, model),
    ),
    'transformerExplorer.renameModel': about(({ id }) => tuned.rename(id)),
    'transformerExplorer.exportModel': about(({ id }) => tuned.export(id)),
    'transformerExplorer.showModelCard': about((model) => cards.show(model)),
    'transformerExplorer.revealModel': about(({ id }) =>
      Promise.resolve(vscode.commands.executeCommand('revealFileInOS', folderOf(vscode.Uri.parse(id)))),
    ),
    'transformerExplorer.copyModelPath': about(({ id }) => {
      const uri = vscode.Uri.parse(id);
      return Promise.resolve(
        vscode.env.clipboard.writeText(uri.scheme === 'file' ? uri.fsPath : uri.toString()),
      );
    }),
    'transformerExplorer.locateModel': about(async ({ id }) => {
      const uri = await askForModel();
      if (uri) {
        await addModel(models, uri);
        await models.memory.remove(id);
      }
    }),
    'transformerExplorer.chooseTokenizer': about(async ({ id, inUse }) => {
      if ((await askForFile(models, id, 'tokenizer.json')) && inUse) {
        inspector.stop();
      }
    }),
    'transformerExplorer.refreshModels': async () => view.refresh(),
  };
}

async function remove(models: Models, { id, name, shipped, inUse }: ListedModel): Promise<void> {
  if (shipped) {
    return;
  }
  await models.remove(id);
  const undo = vscode.l10n.t('Undo');
  const message = vscode.l10n.t('{0} is off the list. Its files were left alone.', name);
  void vscode.window.showInformationMessage(message, undo).then(async (pressed) => {
    if (pressed === undo) {
      await models.memory.add(vscode.Uri.parse(id));
      if (inUse) {
        await models.choose(id);
      }
    }
  });
}

function isListed(value: unknown): value is Pick<ListedModel, 'id'> {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string';
}

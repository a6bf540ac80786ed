// Opens the explorer's comparison by model: what was trained from, and what came of it, on one text.
import * as vscode from 'vscode';
import { UserError } from '../../shared/errors';
import { textEditor } from '../compareCommand';
import type { Exploration } from '../exploration';
import type { ExplorerPanel } from '../explorerPanel';
import type { Models } from '../models';
import { selectedTexts } from '../selectedTexts';
import type { StoredData } from './tunedManifest';

export interface CompareTunedParts {
  readonly exploration: Exploration;
  readonly panel: ExplorerPanel;
  readonly models: Models;
}

/**
 * Explores the text (where none is given, what is selected; where nothing is, what was explored last, or the sentence at
 * the cursor) with the model in use, and runs the tuned one beside it. Where that is the one in use, its base runs beside it;
 * where a model of another kind is in use, the tuned one takes its place.
 * @param places Where the training data are: a text from there is shown in its document.
 */
export async function compareTuned(
  { exploration, panel, models }: CompareTunedParts,
  { id, text }: { readonly id: string; readonly text?: string },
  places: StoredData['places'],
): Promise<void> {
  const tuned = models.tuned(id);
  if (!tuned) {
    throw new UserError('modelMissing', vscode.l10n.t('These weights have not been finished yet.'), { id });
  }
  const current = models.current().id;
  // Other weights of the same base stay in use: Undo may just have brought them back.
  const isRelated = current === tuned.base || models.tuned(current)?.base === tuned.base;
  if (!isRelated) {
    await models.choose(id);
  }
  const view = { ...exploration.view, view: 'compare' } as const;
  exploration.setView(view);
  panel.show();
  const editor = textEditor(exploration);
  const selected = editor?.selections.some((selection) => !selection.isEmpty) === true;
  if (text !== undefined) {
    await exploration.explore({ ...(await placed(text, places)), decoderText: undefined });
  } else if (selected || !exploration.shown) {
    if (!editor) {
      throw new UserError('emptyText', vscode.l10n.t('Open a text document and select some text.'));
    }
    const uri = editor.document.uri;
    await exploration.explore({ uri, texts: selectedTexts(editor), decoderText: undefined });
  } else if (exploration.state().model?.id !== models.current().id) {
    // What is shown was run by another model, be it that another was put to use, or taken back, while the panel was closed.
    await exploration.rerun();
  }
  if (exploration.shown) {
    // What was trained from is A, whichever of the two is in use.
    const swapped = models.current().id === id;
    const model = swapped ? tuned.base : id;
    await panel.ask((page) => page.compareWith({ side: { by: 'model', model }, swapped }));
  }
}

/** The text where it stands in the data, else in a document of its own. */
async function placed(text: string, places: StoredData['places']) {
  for (const { uri } of places) {
    const document = await Promise.resolve(vscode.workspace.openTextDocument(vscode.Uri.parse(uri))).catch(
      () => undefined, // closed for good, or never saved
    );
    const start = document?.getText().indexOf(text) ?? -1;
    if (document && start >= 0) {
      return { uri: document.uri, texts: [{ text, start }] };
    }
  }
  const { uri } = await vscode.workspace.openTextDocument({ content: text });
  return { uri, texts: [{ text, start: 0 }] };
}

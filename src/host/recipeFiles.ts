// Interventions as a file of the user's: a recipe in JSON, chosen with VS Code's own dialogs.
import * as vscode from 'vscode';
import type { Intervention, Recipe } from '../shared/intervention';
import { RECIPE_VERSION } from '../shared/intervention';
import { parseRecipe, writeRecipe } from '../shared/interventionRecipe';
import type { Exploration } from './exploration';

const filters = (): Record<string, string[]> => ({ [vscode.l10n.t('Recipes')]: ['json'] });

/** Asks where, and writes the list there. Does nothing when the user gives up. */
export async function saveRecipe(
  exploration: Exploration,
  interventions: readonly Intervention[],
): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = 'interventions.json';
  const uri = await vscode.window.showSaveDialog({
    filters: filters(),
    saveLabel: vscode.l10n.t('Save Recipe'),
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, name) }),
  });
  if (uri) {
    const model = exploration.state().model?.name;
    const recipe: Recipe = {
      version: RECIPE_VERSION,
      name: uri.path.split('/').pop() ?? name,
      ...(model !== undefined && { model }),
      interventions,
    };
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(writeRecipe(recipe)));
  }
}

/** Asks for a file. Answers undefined when the user gives up. @throws UserError `badRequest` */
export async function openRecipe(): Promise<Recipe | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: true,
      filters: filters(),
      openLabel: vscode.l10n.t('Open Recipe'),
    })) ?? [];
  return uri && parseRecipe(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
}

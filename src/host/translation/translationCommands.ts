// The commands of the Translation view.
import type * as vscode from 'vscode';
import type { PanelAction } from '../../shared/protocol';
import type { TranslationCenter } from './translationCenter';
import { tellFailure } from './translationHost';
import type { TranslationView } from './translationView';

/** What the commands act on. */
export interface TranslationCommandParts {
  readonly translation: { readonly center: TranslationCenter; readonly view: TranslationView };
  readonly log: vscode.LogOutputChannel;
  readonly act: (action: PanelAction) => void;
}

export function translationCommands({
  translation: { center, view },
  log,
  act,
}: TranslationCommandParts): Readonly<Record<string, () => Promise<void>>> {
  const write = (work: () => Promise<void>) => () => tellFailure({ center, log, act }, work);
  return {
    'transformerExplorer.translateSelection': async () => {
      await view.reveal();
      await center.translateSelection('translate');
    },
    'transformerExplorer.continueSelection': async () => {
      await view.reveal();
      await center.translateSelection('continue');
    },
    'transformerExplorer.replaceWithTranslation': write(() => center.replace()),
    'transformerExplorer.insertTranslationBelow': write(() => center.insertBelow()),
    'transformerExplorer.copyTranslation': write(() => center.copy()),
  };
}

// What the Translation view's page may ask of the host.
import * as vscode from 'vscode';
import type { PanelAction } from '../../shared/protocol';
import type { TranslationHost } from '../../shared/translationPage';
import { isCancelled, messageOf, UserError } from '../../shared/errors';
import { logError, showError } from '../errorReport';
import { writeSetting } from '../settings';
import type { OpenStepParts } from './openStep';
import { openStep } from './openStep';
import type { SourceMarks } from './sourceMarks';

export interface TranslationHostParts extends OpenStepParts {
  readonly marks: SourceMarks;
  readonly log: vscode.LogOutputChannel;
  readonly act: (action: PanelAction) => void;
}

export function translationHost(parts: TranslationHostParts): TranslationHost {
  const { center, marks, log, act } = parts;
  const { session } = center;
  const told = (work: () => Promise<void>): Promise<void> => tellFailure(parts, work);
  return {
    ready: async () => session.state(),
    setLanguage: ({ language }) => told(() => writeSetting('targetLanguage', language)),
    setSourceLanguage: async ({ language }) => void session.setSourceLanguage(language),
    setFollow: ({ follow }) => told(() => writeSetting('translation.followSelection', follow)),
    setDecoding: (change) => told(() => center.setDecoding(change)),
    setHeads: async (heads) => session.setHeads(heads),
    explain: ({ sentence }, call) => session.explain(sentence, call),
    tree: ({ sentence }) => session.tree(sentence),
    choose: async ({ sentence, hypothesis }) => session.choose(sentence, hypothesis),
    force: ({ sentence, step, id }) => told(() => session.force(sentence, step, id)),
    unforce: async ({ sentence }) => session.unforce(sentence),
    replace: () => told(() => center.replace()),
    insertBelow: () => told(() => center.insertBelow()),
    copy: () => told(() => center.copy()),
    stop: async () => session.stop(),
    translateSelection: () => told(() => center.translateSelection(undefined)),
    act: async ({ action }) => {
      if (action !== 'retry') {
        act(action);
      }
      if (action === 'retry' || action === 'loadAnyway') {
        void session.resume();
      }
    },
    hover: async ({ sentence, words }) => marks.show(sentence, words),
    openInExplorer: ({ sentence, step }) => told(() => openStep(parts, sentence, step)),
    log: async ({ level, message }) => {
      if (level === 'error') {
        logError(log, 'Translation page', message);
      } else {
        log.info(`Translation page: ${message}`);
      }
    },
  };
}

/** Tells the user of a failure; one of a text that has changed comes with a button that translates it again, one of a document that is read-only with one that copies. */
export async function tellFailure(
  { center, log, act }: Pick<TranslationHostParts, 'center' | 'log' | 'act'>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    logError(log, 'A request of the Translation view', error);
    if (isCancelled(error)) {
      return;
    }
    const details = error instanceof UserError ? error.details : {};
    const offer =
      details.changed === 1
        ? { title: vscode.l10n.t('Translate Again'), work: () => center.translateAgain() }
        : details.readOnly === 1
          ? { title: vscode.l10n.t('Copy'), work: () => center.copy() }
          : undefined;
    if (!offer) {
      showError(error, act);
      return;
    }
    void vscode.window.showWarningMessage(messageOf(error), offer.title).then((pressed) => {
      if (pressed === offer.title) {
        void tellFailure({ center, log, act }, offer.work);
      }
    });
  }
}

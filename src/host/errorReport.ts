// Tells the user about a failure once, with the buttons that help; everything goes to the log with its stack.
import * as vscode from 'vscode';
import type { ErrorCode } from '../shared/errors';
import { isCancelled, messageOf, UserError } from '../shared/errors';
import type { PanelAction, PanelError } from '../shared/protocol';

/** What can be done about each kind of failure. */
const ACTIONS: Readonly<Record<ErrorCode, readonly PanelAction[]>> = {
  emptyText: [],
  textTooLong: ['exploreFirstPart'],
  modelMissing: ['chooseModel', 'retry'],
  modelCorrupt: ['chooseModel', 'showLog'],
  modelUnsupported: ['chooseModel', 'showLog'],
  modelTooLarge: ['chooseModel', 'showLog'],
  tokenizerMissing: ['chooseTokenizer', 'chooseModel', 'retry'],
  tokenizerUnsupported: ['chooseModel', 'showLog'],
  noAttention: ['chooseModel'],
  languageUnknown: ['retry'],
  traceGone: ['retry'],
  backendFailed: ['retry', 'showLog'],
  outOfMemory: ['chooseModel', 'showLog'],
  engineCrashed: ['retry', 'showLog'],
  badRequest: ['showLog'],
  cancelled: ['retry'],
  internal: ['retry', 'showLog'],
};

/** Writes a failure to the log: cancelled work as a trace, a user's error as a warning, a bug as an error with its stack. */
export function logError(log: vscode.LogOutputChannel, what: string, error: unknown): void {
  if (isCancelled(error)) {
    log.trace(`${what}: cancelled`);
  } else if (error instanceof UserError && error.code !== 'internal') {
    log.warn(
      `${what}: ${error.code}: ${error.message} ${JSON.stringify(error.details)}\n${error.stack ?? ''}`,
    );
  } else {
    log.error(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

/** A failure as the panel shows it. What is no user's error gets a general sentence; its details are in the log. */
export function panelError(error: unknown): PanelError {
  const code = error instanceof UserError ? error.code : 'internal';
  return { code, message: sentence(error), actions: [...furtherActions(error), ...ACTIONS[code]] };
}

/** A button of a notification that no action stands for. */
export interface ErrorButton {
  readonly title: string;
  readonly run: () => void;
}

/** Shows a failure as a notification and runs what the pressed button stands for. Cancelled work shows nothing. */
export function showError(
  error: unknown,
  act: (action: PanelAction) => void,
  ...first: readonly ErrorButton[]
): void {
  if (isCancelled(error)) {
    return;
  }
  const { message, actions } = panelError(error);
  const titles = actionTitles();
  const items: readonly ErrorButton[] = [
    ...first,
    ...actions.map((action) => ({ title: titles[action], run: () => act(action) })),
  ];
  void vscode.window.showErrorMessage(message, ...items).then((pressed) => {
    pressed?.run();
  });
}

/** What can be done about this failure, but not about every one of its kind. */
function furtherActions(error: unknown): readonly PanelAction[] {
  if (!(error instanceof UserError)) {
    return [];
  }
  const { confirm, lacks } = error.details;
  return [
    ...(confirm === 1 ? (['loadAnyway'] as const) : []),
    ...(lacks === 'config.json' ? (['chooseConfig'] as const) : []),
  ];
}

function actionTitles(): Readonly<Record<PanelAction, string>> {
  return {
    retry: vscode.l10n.t('Retry'),
    showLog: vscode.l10n.t('Show Log'),
    chooseModel: vscode.l10n.t('Choose Model'),
    exploreFirstPart: vscode.l10n.t('Explore First Part'),
    loadAnyway: vscode.l10n.t('Load Anyway'),
    chooseTokenizer: vscode.l10n.t('Choose {0}…', 'tokenizer.json'),
    chooseConfig: vscode.l10n.t('Choose {0}…', 'config.json'),
  };
}

function sentence(error: unknown): string {
  return error instanceof UserError && error.code !== 'internal'
    ? error.message
    : vscode.l10n.t('Something went wrong: {0} The log has the details.', messageOf(error));
}

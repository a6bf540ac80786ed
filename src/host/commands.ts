// The extension's commands, by the id that package.json names; each says what it does in one line and leaves the work to others.
import * as vscode from 'vscode';
import { isCancelled } from '../shared/errors';
import type { ModelSummary } from '../shared/modelSummary';
import type { PanelAction, ViewState } from '../shared/protocol';
import { chooseModel } from './chooseModel';
import { compareCommands } from './compareCommand';
import type { CursorFollower } from './cursorFollower';
import { wordTokenAt } from './cursorFollower';
import type { EngineProcess } from './engineProcess';
import { logError, showError } from './errorReport';
import type { Exploration } from './exploration';
import type { ExplorerPanel } from './explorerPanel';
import type { Highlights } from './highlights';
import { exportCommands } from './exportCommand';
import { findHeadCommands } from './findHead';
import type { Heat } from './heat';
import { heatCommands, isOpenWord, placeOf, showCardAgain } from './heatCommands';
import { CARD_COMMANDS } from './hoverCard';
import type { Inspector } from './inspector';
import type { Models } from './models';
import type { ModelCards } from './modelsView/modelCard';
import { modelCommands } from './modelsView/modelCommands';
import type { ModelsView } from './modelsView/modelsView';
import { openViewCommands } from './openView';
import { selectedTexts, sentenceAround, sourceAndDecoderTexts } from './selectedTexts';
import { readSettings, writeSetting } from './settings';
import { showStatusActions, STATUS_COMMAND } from './statusBar';
import { stepHead, stepLayer } from './viewState';
import { UserError } from '../shared/errors';
import type { TrainingCommandParts } from './training/trainingCommands';
import { trainingCommands } from './training/trainingCommands';
import type { TranslationCommandParts } from './translation/translationCommands';
import { translationCommands } from './translation/translationCommands';

/** What the commands act on. */
export interface CommandParts extends TranslationCommandParts, TrainingCommandParts {
  readonly exploration: Exploration;
  readonly panel: ExplorerPanel;
  readonly follower: CursorFollower;
  readonly inspector: Inspector;
  readonly jobs: EngineProcess;
  readonly models: Models;
  readonly view: ModelsView;
  readonly cards: ModelCards;
  readonly highlights: Highlights;
  readonly heat: Heat;
  /** Where the extension's own files are. */
  readonly extension: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly act: (action: PanelAction) => void;
}

export function registerCommands(parts: CommandParts): vscode.Disposable {
  const { exploration, inspector, jobs, models, highlights, log } = parts;
  const commands: Readonly<Record<string, (argument?: unknown) => unknown>> = {
    'transformerExplorer.explore': () => exploreSelection(parts),
    'transformerExplorer.exploreWithDecoderInput': () => exploreWithDecoderInput(parts),
    'transformerExplorer.toggleHover': () => toggleHover(),
    'transformerExplorer.chooseModel': () => chooseModel(models),
    'transformerExplorer.nextHead': (word) => moveHead(parts, 1, word),
    'transformerExplorer.previousHead': (word) => moveHead(parts, -1, word),
    'transformerExplorer.nextLayer': () => move(parts, (view, model) => stepLayer(view, model, 1)),
    'transformerExplorer.previousLayer': () => move(parts, (view, model) => stepLayer(view, model, -1)),
    'transformerExplorer.showLog': () => log.show(),
    'transformerExplorer.restartEngine': async () => {
      jobs.stop();
      inspector.stop();
      await exploration.rerun();
    },
    'transformerExplorer.clearHighlights': () => highlights.clear(),
    [CARD_COMMANDS.open]: (word) => openWord(parts, word),
    [STATUS_COMMAND]: () => showStatusActions(inspector, models),
    ...heatCommands(parts),
    ...findHeadCommands(parts),
    ...openViewCommands(parts),
    ...compareCommands(parts),
    ...exportCommands(parts),
    ...modelCommands(parts),
    ...translationCommands(parts),
    ...trainingCommands(parts),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([id, run]) =>
      vscode.commands.registerCommand(id, async (argument?: unknown) => {
        try {
          await run(argument);
        } catch (error) {
          logError(log, id, error);
          if (!isCancelled(error)) {
            showError(error, parts.act);
          }
        }
      }),
    ),
  );
}

async function exploreSelection({ exploration, panel }: CommandParts): Promise<void> {
  const editor = activeEditor();
  const texts = selectedTexts(editor);
  panel.show();
  await exploration.explore({ uri: editor.document.uri, texts, decoderText: undefined });
}

async function exploreWithDecoderInput({ exploration, panel }: CommandParts): Promise<void> {
  const editor = activeEditor();
  const { source, decoder } = sourceAndDecoderTexts(editor);
  panel.show();
  await exploration.explore({
    uri: editor.document.uri,
    texts: [source],
    decoderText: decoder,
    decoder: { from: 'selection', language: exploration.state().decoder.language, text: decoder.text },
  });
}

async function toggleHover(): Promise<void> {
  const enabled = !readSettings().hover.enabled;
  await writeSetting('hover.enabled', enabled);
  const message = enabled
    ? vscode.l10n.t('Attention Hover is on: hover a word to see what it attends to.')
    : vscode.l10n.t('Attention Hover is off.');
  vscode.window.setStatusBarMessage(message, 4_000);
}

async function move(
  { exploration, panel, inspector }: CommandParts,
  step: (view: ViewState, model: ModelSummary) => ViewState,
): Promise<void> {
  const { model } = await inspector.ready();
  exploration.setView({ ...step(exploration.view, model.summary), pinned: undefined });
  panel.tell((page) => page.show(exploration.state()));
}

/** The next or previous head; from a hover card, with the card shown again for that head. */
async function moveHead(parts: CommandParts, by: number, word: unknown): Promise<void> {
  await move(parts, (view, model) => stepHead(view, model, by));
  if (isOpenWord(word)) {
    await showCardAgain(word);
  }
}

/** Opens the explorer on a word of a document: on the shown run if it holds the word, else on the word's sentence. */
async function openWord({ exploration, panel, follower }: CommandParts, argument: unknown): Promise<void> {
  const word = placeOf(argument);
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(word.uri));
  const position = new vscode.Position(word.line, word.character);
  panel.show();
  if (!wordTokenAt(exploration, document, position)) {
    const sentence = sentenceAround(document, position);
    if (sentence) {
      await exploration.explore({ uri: document.uri, texts: [sentence], decoderText: undefined });
    }
  }
  follower.point(wordTokenAt(exploration, document, position));
}

/** @throws UserError `badRequest` when no text document has the focus. */
function activeEditor(): vscode.TextEditor {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    throw new UserError(
      'emptyText',
      vscode.l10n.t('Open a text document first, and select text or put the cursor into a sentence.'),
    );
  }
  return editor;
}

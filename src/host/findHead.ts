// The command Find Head: a question, the heads ranked by it on the explored text, and the explorer on the one that is chosen.
import * as vscode from 'vscode';
import { askWhich } from './ask';
import { isCancelled } from '../shared/errors';
import type { HeadQuestion, RankedHead } from '../shared/insight';
import type { AttentionSummary } from '../shared/modelSummary';
import type { Exploration } from './exploration';
import type { ExplorerPanel } from './explorerPanel';
import { sequences } from './highlights';
import { kindName } from './hoverCard';
import { selectedTexts } from './selectedTexts';
import { attentionOf } from './viewState';
import { sidesOf } from '../shared/attentionSides';
import { rankPair } from '../shared/rankPair';

/** Characters of the bar that stands for a score of 1. */
const BAR = 16;

/** What the command acts on. */
export interface FindHeadParts {
  readonly exploration: Exploration;
  readonly panel: ExplorerPanel;
}

export function findHeadCommands(parts: FindHeadParts): Readonly<Record<string, () => Promise<void>>> {
  return { 'transformerExplorer.findHead': () => findHead(parts) };
}

/** Runs the model first where nothing has been explored; does nothing more once the user gives up. */
async function findHead({ exploration, panel }: FindHeadParts): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!exploration.shown && editor) {
    await exploration.explore({
      uri: editor.document.uri,
      texts: selectedTexts(editor),
      decoderText: undefined,
    });
  }
  const { model } = exploration.state();
  const attention = model && attentionOf(model, exploration.view.attention);
  if (!exploration.shown || !attention) {
    panel.show(); // it says why there is no run
    return;
  }
  const pair = pinnedPair(exploration, attention);
  const asked = await askWhich(questions(pair), {
    title: vscode.l10n.t('Find a head: rank the heads of {0} attention by', kindName(attention)),
    matchOnDetail: true,
  });
  if (!asked) {
    return;
  }
  const items = async (): Promise<readonly HeadItem[]> =>
    headItems(exploration, await rankedHeads(exploration, attention, asked.question));
  const chosen = await askWhich<HeadItem>(items(), {
    title: vscode.l10n.t('Find a head: {0}', asked.label),
    placeHolder: asked.detail,
  });
  if (chosen) {
    const { attention: name, head } = chosen.ranked;
    exploration.setView({ ...exploration.view, view: 'attention', attention: name, head, mean: false });
    panel.show();
    panel.tell((page) => page.show(exploration.state()));
  }
}

/** The ranking; asked once more where the run had to be made again because the engine had lost it. */
async function rankedHeads(
  exploration: Exploration,
  attention: AttentionSummary,
  question: HeadQuestion,
): Promise<readonly RankedHead[]> {
  try {
    return await askForHeads(exploration, attention, question);
  } catch (error) {
    if (!isCancelled(error)) {
      throw error;
    }
    await exploration.idle();
    return askForHeads(exploration, attention, question);
  }
}

async function askForHeads(
  exploration: Exploration,
  { kind }: AttentionSummary,
  question: HeadQuestion,
): Promise<readonly RankedHead[]> {
  const { shown, view } = exploration;
  const { model } = exploration.state();
  if (!shown || !model) {
    return [];
  }
  const run = { trace: shown.trace.id, kind, batch: view.batch };
  if (question !== 'pair' || !view.pinned) {
    return exploration.slice(run.trace, (engine) => engine.heads({ ...run, question }));
  }
  // The pinned pair may be two words: their weight is not that of two pieces.
  const pair = { ...run, unit: view.unit, ...view.pinned };
  const weights = await exploration.slice(run.trace, (engine) => engine.pair(pair));
  return rankPair(weights, model, kind);
}

interface QuestionItem extends vscode.QuickPickItem {
  readonly question: HeadQuestion;
  readonly detail: string;
}

function questions(pair: string | undefined): readonly QuestionItem[] {
  const items: readonly QuestionItem[] = [
    {
      question: 'previous',
      label: vscode.l10n.t('Previous token'),
      detail: vscode.l10n.t('Mean weight on the token before, over all tokens that have one.'),
    },
    {
      question: 'next',
      label: vscode.l10n.t('Next token'),
      detail: vscode.l10n.t(
        'Mean weight on the token after, over all tokens that have one; 0 where the mask hides it.',
      ),
    },
    {
      question: 'itself',
      label: vscode.l10n.t('Itself'),
      detail: vscode.l10n.t('Mean weight of a token on itself.'),
    },
    {
      question: 'sameWord',
      label: vscode.l10n.t('Same word'),
      detail: vscode.l10n.t('Mean weight on other tokens of the same word, here or elsewhere in the text.'),
    },
    {
      question: 'delimiter',
      label: vscode.l10n.t('Delimiters'),
      detail: vscode.l10n.t('Mean weight on punctuation and special tokens such as </s>.'),
    },
    {
      question: 'sharpest',
      label: vscode.l10n.t('Sharpest'),
      detail: vscode.l10n.t(
        '1 − H ÷ ln n, with H the entropy of a row over its n keys: 1 looks at one token only.',
      ),
    },
    {
      question: 'even',
      label: vscode.l10n.t('Most even'),
      detail: vscode.l10n.t(
        'H ÷ ln n, with H the entropy of a row over its n keys: 1 looks at all tokens alike.',
      ),
    },
  ];
  return pair === undefined
    ? items
    : [{ question: 'pair', label: pair, detail: vscode.l10n.t('Weight of the pinned pair.') }, ...items];
}

interface HeadItem extends vscode.QuickPickItem {
  readonly ranked: RankedHead;
}

function headItems(exploration: Exploration, ranked: readonly RankedHead[]): readonly HeadItem[] {
  const { model } = exploration.state();
  const { view } = exploration;
  return ranked.flatMap((each) => {
    const found = model?.attentions.find(({ name }) => name === each.attention);
    const here = view.attention === each.attention && view.head === each.head && !view.mean;
    return found
      ? [
          {
            ranked: each,
            label: vscode.l10n.t('Layer {0}, head {1}', found.layer + 1, each.head + 1),
            description: `${each.score.toFixed(3)} ${barOf(each.score)}${here ? ` ${vscode.l10n.t('shown now')}` : ''}`,
          },
        ]
      : [];
  });
}

function barOf(score: number): string {
  return '▪'.repeat(Math.round(Math.min(1, Math.max(0, score)) * BAR));
}

/** `it → animal`; undefined while no pair is pinned. */
function pinnedPair({ shown, view }: Exploration, { kind }: AttentionSummary): string | undefined {
  if (!shown || !view.pinned) {
    return undefined;
  }
  const sides = sidesOf(kind);
  const label = (side: 'query' | 'key', index: number) => {
    const sequence = sequences(shown.trace, sides[side])[view.batch];
    return (view.unit === 'words' ? sequence?.words : sequence?.tokens)?.[index]?.label.trim();
  };
  const [query, key] = [label('query', view.pinned.query), label('key', view.pinned.key)];
  return query === undefined || key === undefined ? undefined : `${query} → ${key}`;
}

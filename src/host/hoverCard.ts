// The hover's card as Markdown: bold words, two pictures of bars with alternative text, rules, and command links.
import * as vscode from 'vscode';
import type { LabelScores } from '../shared/labels';
import type { AttentionSummary } from '../shared/modelSummary';
import type { Bar, ThemeKind } from './barChart';
import { barChart, chartHeight, CHART_WIDTH, dataUri } from './barChart';
import type { HoverAttention } from './hoverAttention';
import type { RankedWeights } from './wordWeights';

/** The commands a card may run; nothing else in it is trusted. */
export const CARD_COMMANDS = {
  open: 'transformerExplorer.openWord',
  previousHead: 'transformerExplorer.previousHead',
  nextHead: 'transformerExplorer.nextHead',
  keepHeat: 'transformerExplorer.keepHeat',
} as const;

/** What the {@link CARD_COMMANDS} are given: the word that the card is about. */
export interface OpenWord {
  readonly uri: string;
  /** Of the word, in the document. */
  readonly line: number;
  readonly character: number;
}

/** Everything a card shows. */
export interface CardContent {
  readonly word: string;
  /** What a text classifier says of the text that the word is in; undefined for other models. */
  readonly labels: (LabelScores & { readonly of: 'selection' | 'sentence' }) | undefined;
  readonly shown: HoverAttention;
  /** Undefined for a word that is only a key. */
  readonly attendsTo: RankedWeights | undefined;
  /** Undefined for a word that is only a query. */
  readonly attendedBy: RankedWeights | undefined;
  readonly open: OpenWord;
  readonly theme: ThemeKind;
  /** Whether heat follows the cursor already. */
  readonly heat: boolean;
}

export function hoverCard(content: CardContent): vscode.MarkdownString {
  const { word, labels, shown, attendsTo, attendedBy, open, theme, heat } = content;
  const card = new vscode.MarkdownString();
  card.isTrusted = { enabledCommands: Object.values(CARD_COMMANDS) };
  if (labels) {
    section(card, [labelLine(labels)]);
  }
  if (shown.instead) {
    section(card, [escaped(insteadSentence(shown.instead, shown.attention))]);
  }
  if (attendsTo) {
    const entropy = vscode.l10n.t('Entropy {0} bits.', attendsTo.entropy.toFixed(2));
    section(card, [
      heading(word, vscode.l10n.t('attends to'), headName(shown)),
      chart(attendsTo, theme),
      escaped(`${moreWords(attendsTo)}${entropy}`),
    ]);
  }
  if (attendedBy) {
    // A column of the matrix: nothing makes it sum to 1, so its normalisation is that of the rows it is read from.
    const how = vscode.l10n.t('each word gives out 1; mean over its pieces');
    const title =
      shown.role === 'key'
        ? vscode.l10n.t("is attended by the decoder's words")
        : vscode.l10n.t('is attended by');
    section(card, [
      heading(word, title, attendsTo ? how : `${headName(shown)}; ${how}`),
      chart(attendedBy, theme),
      attendsTo ? '' : escaped(moreWords(attendedBy)),
    ]);
  }
  card.appendMarkdown(
    [
      link(vscode.l10n.t('Open in Explorer'), CARD_COMMANDS.open, open),
      link(vscode.l10n.t('Previous head'), CARD_COMMANDS.previousHead, open),
      link(vscode.l10n.t('Next head'), CARD_COMMANDS.nextHead, open),
      heat
        ? link(vscode.l10n.t('Show its heat'), CARD_COMMANDS.keepHeat, open)
        : link(vscode.l10n.t('Keep heat on'), CARD_COMMANDS.keepHeat, open),
    ].join(' &nbsp; '),
  );
  return card;
}

/** E.g. `encoder self, layer 5, head 3; words`; layers and heads count from 1. */
export function headName({ attention, head }: Pick<HoverAttention, 'attention' | 'head'>): string {
  const kind = kindName(attention);
  const layer = attention.layer + 1;
  return head === 'mean'
    ? vscode.l10n.t('{0}, layer {1}, mean of {2} heads; words', kind, layer, attention.heads)
    : vscode.l10n.t('{0}, layer {1}, head {2}; words', kind, layer, head + 1);
}

/** E.g. `encoder self`, in the user's language. */
export function kindName({ kind }: AttentionSummary): string {
  return {
    encoderSelf: vscode.l10n.t('encoder self'),
    decoderSelf: vscode.l10n.t('decoder self'),
    cross: vscode.l10n.t('cross'),
  }[kind];
}

/** Labels below the likeliest one that are named: a hover is small. */
const MORE_LABELS = 2;

/** E.g. `**good** 0.934 · bad 0.066 · label of this sentence`. */
function labelLine({ scores, of }: NonNullable<CardContent['labels']>): string {
  const shown = scores.slice(0, 1 + MORE_LABELS).map(({ label, probability }, index) => {
    const name = escaped(label);
    return `${index === 0 ? `**${name}**` : name} ${probability.toFixed(3)}`;
  });
  const what =
    of === 'selection'
      ? vscode.l10n.t('label of the explored text')
      : vscode.l10n.t('label of this sentence');
  return [...shown, escaped(what)].join(' · ');
}

function insteadSentence(chosen: AttentionSummary, shown: AttentionSummary): string {
  return vscode.l10n.t(
    'The chosen attention ({0}) does not read this text. Shown is {1}.',
    `${kindName(chosen)}, ${vscode.l10n.t('layer {0}', chosen.layer + 1)}`,
    `${kindName(shown)}, ${vscode.l10n.t('layer {0}', shown.layer + 1)}`,
  );
}

function moreWords({ more }: RankedWeights): string {
  const sum = more.sum.toFixed(3);
  if (more.count === 0) {
    return '';
  }
  return more.count === 1
    ? vscode.l10n.t('1 more word: {0}. ', sum)
    : vscode.l10n.t('{0} more words: {1}. ', more.count, sum);
}

function heading(word: string, does: string, where: string): string {
  return `**${escaped(word)}** ${escaped(does)} · ${escaped(where)}`;
}

function chart({ top }: RankedWeights, theme: ThemeKind): string {
  const bars: readonly Bar[] = top.map(({ word, weight }) => ({ label: word.label, weight }));
  const alternative = bars.map(({ label, weight }) => `${label} ${weight.toFixed(3)}`).join(', ');
  const size = `width=${CHART_WIDTH},height=${chartHeight(bars.length)}`;
  return `![${escaped(alternative)}](${dataUri(barChart(bars, theme))}|${size})`;
}

/** Lines of one paragraph and a rule below it: paragraphs of their own would be too far apart for a hover. */
function section(card: vscode.MarkdownString, lines: readonly string[]): void {
  card.appendMarkdown(`${lines.filter((line) => line.trim() !== '').join('  \n')}\n\n---\n\n`);
}

function link(title: string, command: string, argument?: OpenWord): string {
  const query = argument ? `?${encodeURIComponent(JSON.stringify([argument]))}` : '';
  return `[${escaped(title)}](command:${command}${query})`;
}

/** Text as Markdown that shows exactly it, on one line. */
export function escaped(text: string): string {
  return text.replace(/\s+/gu, ' ').replace(/[\\`*_{}[\]()#+\-!~<>&|$]/gu, (c) => `&#${c.charCodeAt(0)};`);
}

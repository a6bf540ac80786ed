// The status bar item of heat: whose attention colours the text, and the legend as its tooltip. A click turns heat off.
import * as vscode from 'vscode';
import type { ThemeKind } from './barChart';
import { dataUri } from './barChart';
import { heatLegend, LEGEND_SIZE } from './heatLegend';
import { escaped, headName } from './hoverCard';
import type { HoverAttention } from './hoverAttention';

/** What the heat shows, or why it shows nothing. */
export type HeatAnswer =
  | { readonly is: 'off' }
  | { readonly is: 'nothing'; readonly why: 'noRun' | 'noWord' | 'textChanged' }
  | {
      readonly is: 'word';
      readonly word: string;
      readonly shown: HoverAttention;
      /** False where the words that would be coloured are in no document. */
      readonly hasText: boolean;
      /** What the weights of tokens without text add up to, and the one that has most; for a row of the attention. */
      readonly without: { readonly label: string; readonly sum: number } | undefined;
    };

export class HeatStatus implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'transformerExplorer.heat',
    vscode.StatusBarAlignment.Left,
    49,
  );

  constructor() {
    this.item.name = vscode.l10n.t('Transformer Explorer: Heat');
    this.item.command = 'transformerExplorer.toggleHeat';
  }

  /** The text and the tooltip shown, for those who cannot read the screen; both empty while heat is off. */
  get shown(): { readonly text: string; readonly tooltip: string } {
    const { text, tooltip } = this.item;
    return { text, tooltip: typeof tooltip === 'string' ? tooltip : (tooltip?.value ?? '') };
  }

  update(answer: HeatAnswer, theme: ThemeKind, threshold: number): void {
    if (answer.is === 'off') {
      this.item.text = '';
      this.item.tooltip = '';
      this.item.hide();
      return;
    }
    this.item.text =
      answer.is === 'word'
        ? vscode.l10n.t('heat: {0}', shorten(answer.word))
        : vscode.l10n.t('heat: no word');
    this.item.tooltip = tooltipOf(answer, theme, threshold);
    this.item.show();
  }

  dispose(): void {
    this.item.dispose();
  }
}

function tooltipOf(
  answer: Exclude<HeatAnswer, { readonly is: 'off' }>,
  theme: ThemeKind,
  threshold: number,
): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString();
  const lines = answer.is === 'word' ? wordLines(answer) : [escaped(reasons()[answer.why])];
  const legend = `![${escaped(legendText(threshold))}](${dataUri(heatLegend(theme, threshold))}|width=${LEGEND_SIZE.width},height=${LEGEND_SIZE.height})`;
  const about = escaped(
    vscode.l10n.t('Words below {0} stay uncoloured. The text colour never changes.', threshold),
  );
  return tooltip.appendMarkdown(
    [lines.join('  \n'), legend, about, escaped(vscode.l10n.t('Click to turn heat off.'))].join('\n\n'),
  );
}

function wordLines({
  word,
  shown,
  hasText,
  without,
}: Extract<HeatAnswer, { readonly is: 'word' }>): string[] {
  const bold = `**${escaped(word)}**`;
  const title =
    shown.role === 'key'
      ? vscode.l10n.t('Heat: which words attend to {0}', bold)
      : vscode.l10n.t('Heat: what {0} attends to', bold);
  const absent =
    shown.role === 'key'
      ? vscode.l10n.t(
          'These words are in the decoder, which reads no text of a document, so there is nothing to colour. Explore with a second selection as decoder input, or choose a self-attention.',
        )
      : vscode.l10n.t('These words are in no document that is open, so there is nothing to colour.');
  const instead = vscode.l10n.t('The chosen attention does not read this text.');
  return [
    title,
    escaped(headName(shown)),
    ...(shown.instead ? [escaped(instead)] : []),
    ...(hasText ? [] : [escaped(absent)]),
    ...(hasText && without
      ? [
          escaped(
            vscode.l10n.t(
              '{0} goes to tokens that are no text, most of it to {1}.',
              without.sum.toFixed(3),
              without.label,
            ),
          ),
        ]
      : []),
  ];
}

function reasons(): Readonly<Record<Extract<HeatAnswer, { readonly is: 'nothing' }>['why'], string>> {
  return {
    noRun: vscode.l10n.t('Heat is on. Explore some text, and it is coloured.'),
    noWord: vscode.l10n.t('Heat is on. Put the cursor into a word of the explored text.'),
    textChanged: vscode.l10n.t(
      'Heat is on. The text has been changed since it was explored: explore it again.',
    ),
  };
}

function legendText(threshold: number): string {
  return vscode.l10n.t(
    'Legend: the darker and the thicker underlined, the larger the weight, {0} to 1',
    threshold,
  );
}

function shorten(word: string): string {
  const letters = [...word.replace(/\s+/gu, ' ').trim()];
  return letters.length > 20 ? `${letters.slice(0, 19).join('')}…` : letters.join('');
}

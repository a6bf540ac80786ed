// How one model is listed: name, what it is, its size, whether it is in use, and what is wrong with it.
import * as vscode from 'vscode';
import type { Family } from '../../shared/modelSummary';
import type { ModelFacts } from '../modelMemory';
import { isTuned } from '../training/tunedId';
import { formatBytes } from '../../shared/formatBytes';

/** One line of the Models view. */
export interface ListedModel {
  readonly id: string;
  readonly name: string;
  readonly shipped: boolean;
  readonly inUse: boolean;
  readonly isDefault: boolean;
  /** The model's folder or file; undefined for shipped models, whose place says nothing to anybody. */
  readonly place: string | undefined;
  /** Bytes of all files; 0 where the file system does not tell sizes, undefined where the files cannot be found. */
  readonly bytes: number | undefined;
  readonly facts: ModelFacts | undefined;
  /** Of fine-tuned weights: the name of the model they were trained from. */
  readonly tunedFrom: string | undefined;
  /** Why it cannot be used. */
  readonly problem: string | undefined;
}

export function familyText(family: Family): string {
  switch (family) {
    case 'encoder-decoder':
      return vscode.l10n.t('encoder-decoder');
    case 'encoder-only':
      return vscode.l10n.t('encoder');
    case 'decoder-only':
      return vscode.l10n.t('decoder');
    default:
      return family satisfies never;
  }
}

/** `6 + 6 layers × 8 heads` */
export function shapeText({ layers, heads }: Pick<ModelFacts, 'layers' | 'heads'>): string {
  const counts = [layers.encoder, layers.decoder].filter((count) => count > 0).join(' + ');
  return vscode.l10n.t('{0} layers × {1} heads', counts || '0', heads);
}

/** What stands behind the name. */
export function descriptionOf({ facts, bytes, problem, tunedFrom }: ListedModel): string {
  if (problem !== undefined && bytes === undefined) {
    return vscode.l10n.t('not found');
  }
  return [
    ...(tunedFrom !== undefined
      ? [vscode.l10n.t('fine-tuned from {0}', tunedFrom)]
      : facts
        ? [familyText(facts.family), shapeText(facts)]
        : []),
    ...(bytes ? [formatBytes(bytes)] : []),
  ].join(' · ');
}

/** Everything known, a line each. */
export function detailsOf(model: ListedModel): readonly string[] {
  const { facts, bytes, place, problem, isDefault, tunedFrom } = model;
  const numbers = new Intl.NumberFormat(vscode.env.language);
  return [
    ...(problem === undefined ? [] : [problem]),
    ...(tunedFrom === undefined ? [] : [vscode.l10n.t('Fine-tuned from {0}.', tunedFrom)]),
    ...(isDefault ? [vscode.l10n.t('The model of a new installation.')] : []),
    ...(facts
      ? [
          `${familyText(facts.family)}, ${shapeText(facts)}, ${vscode.l10n.t('{0} attentions', facts.attentions)}`,
          vscode.l10n.t(
            'd_model {0}, vocabulary {1}, {2} parameters',
            facts.width === 0 ? '?' : facts.width,
            numbers.format(facts.vocabulary),
            numbers.format(facts.parameters),
          ),
        ]
      : [vscode.l10n.t('What is in it is known once it has been loaded.')]),
    ...(bytes
      ? [
          tunedFrom === undefined
            ? vscode.l10n.t('{0} of files', formatBytes(bytes))
            : vscode.l10n.t('{0} of changed weights', formatBytes(bytes)),
        ]
      : []),
    ...(place === undefined ? [] : [place]),
    ...(facts?.notFound.map((line) => vscode.l10n.t('Not found: {0}', line)) ?? []),
  ];
}

export function treeItemOf(model: ListedModel): vscode.TreeItem {
  const { id, name, shipped, inUse, bytes, problem, tunedFrom } = model;
  const item = new vscode.TreeItem(name);
  item.id = id;
  item.description = descriptionOf(model);
  item.iconPath =
    problem !== undefined
      ? new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'))
      : new vscode.ThemeIcon(
          inUse ? 'pass-filled' : tunedFrom === undefined ? 'circle-large-outline' : 'tools',
        );
  const tooltip = new vscode.MarkdownString();
  tooltip.appendMarkdown('**');
  tooltip.appendText(name);
  tooltip.appendMarkdown('**\n\n');
  for (const line of detailsOf(model)) {
    tooltip.appendText(line);
    tooltip.appendMarkdown('\n\n');
  }
  item.tooltip = tooltip;
  const state = inUse ? vscode.l10n.t('in use') : '';
  item.accessibilityInformation = {
    label: [name, state, item.description, problem].filter(Boolean).join(', '),
  };
  item.contextValue = [
    shipped ? 'shipped' : isTuned(id) ? 'tuned' : 'added',
    ...(inUse ? ['inUse'] : []),
    ...(bytes === undefined ? ['missing'] : []),
  ].join(' ');
  item.command = {
    command: 'transformerExplorer.useModel',
    title: vscode.l10n.t('Use This Model'),
    arguments: [{ id }],
  };
  return item;
}

// Asks what is to be saved: a picture or matrix and its format, the run as tensors and which, or the whole panel.
import * as vscode from 'vscode';
import { askWhich, askWhichOnes } from './ask';
import type { ExportFormat, ExportOffer } from '../shared/exporting';
import type { TracePart } from './exportRun';

/** What the user wants. */
export type ExportChoice =
  | { readonly what: 'offer'; readonly offer: ExportOffer; readonly format: ExportFormat }
  | { readonly what: 'trace'; readonly format: 'safetensors' | 'npz' }
  | { readonly what: 'page' };

interface ChoiceItem extends vscode.QuickPickItem {
  readonly choice?: ExportChoice | { readonly what: 'format'; readonly offer: ExportOffer };
}

/** One list, and a second one for the format where there are several. Undefined when the user gave up. */
export async function exportChoice(offers: readonly ExportOffer[]): Promise<ExportChoice | undefined> {
  const pictures = offers.filter(({ formats }) => formats.includes('svg'));
  const tables = offers.filter(({ formats }) => formats.includes('csv'));
  const items: readonly ChoiceItem[] = [
    heading(vscode.l10n.t('The whole panel and its run')),
    {
      label: vscode.l10n.t('Panel as a web page'),
      description: vscode.l10n.t('one HTML file that opens offline'),
      choice: { what: 'page' },
    },
    {
      label: vscode.l10n.t('Run as .safetensors'),
      description: vscode.l10n.t('weights and tokens; on request scores, Q, K, V, states and logits'),
      choice: { what: 'trace', format: 'safetensors' },
    },
    {
      label: vscode.l10n.t('Run as .npz'),
      description: vscode.l10n.t('the same for NumPy'),
      choice: { what: 'trace', format: 'npz' },
    },
    heading(vscode.l10n.t('Pictures')),
    ...pictures.map((offer): ChoiceItem => ({
      label: offer.title,
      description: offer.detail,
      choice: { what: 'format', offer },
    })),
    heading(vscode.l10n.t('Matrices as CSV')),
    ...tables.map((offer): ChoiceItem => ({
      label: offer.title,
      description: offer.detail,
      choice: { what: 'offer', offer, format: 'csv' },
    })),
  ];
  const picked = await askWhich(items, {
    title: vscode.l10n.t('Export'),
    matchOnDescription: true,
  });
  const choice = picked?.choice;
  return choice?.what === 'format' ? pictureFormat(choice.offer) : choice;
}

async function pictureFormat(offer: ExportOffer): Promise<ExportChoice | undefined> {
  const details: Readonly<Record<'svg' | 'png', string>> = {
    svg: vscode.l10n.t('vectors, sharp at every size'),
    png: vscode.l10n.t('pixels, at twice the size'),
  };
  const picked = await askWhich(
    (['svg', 'png'] as const).map((format) => ({
      label: format.toUpperCase(),
      description: details[format],
      format,
    })),
    { title: vscode.l10n.t('Export {0}', offer.title) },
  );
  return picked && { what: 'offer', offer, format: picked.format };
}

/** Which tensors the file holds; the weights are chosen to begin with. `sizeOf` says how large they are. */
export async function partsChoice(
  sizeOf: (parts: readonly TracePart[]) => string,
): Promise<readonly TracePart[] | undefined> {
  const labels: readonly (readonly [TracePart, string])[] = [
    ['weights', vscode.l10n.t('Attention weights')],
    ['scores', vscode.l10n.t('Scores q·k')],
    ['scaled', vscode.l10n.t('Scaled scores')],
    ['masked', vscode.l10n.t('Scores as they enter the softmax')],
    ['query', vscode.l10n.t('Queries Q')],
    ['key', vscode.l10n.t('Keys K')],
    ['value', vscode.l10n.t('Values V')],
    ['context', vscode.l10n.t('Weights · V')],
    ['layers', vscode.l10n.t('States after the embedding and after every layer')],
    ['inside', vscode.l10n.t('States inside the layers: sub-layers, norms, feed-forward units')],
    ['logits', vscode.l10n.t('Logits')],
  ];
  const picked = await askWhichOnes(
    labels.map(([part, label]) => ({
      label,
      description: sizeOf([part]),
      picked: part === 'weights',
      part,
    })),
    { title: vscode.l10n.t('Export the run: which tensors'), matchOnDescription: true },
  );
  return picked && picked.length > 0 ? picked.map(({ part }) => part) : undefined;
}

function heading(label: string): ChoiceItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

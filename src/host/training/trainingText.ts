// Which text of the editors is to be learned from: a selection, two that belong together, or a document that is made for it.
import * as vscode from 'vscode';
import { UserError } from '../../shared/errors';
import type { TrainingText } from '../../shared/training';
import { labelOf } from '../subject';
import type { StoredData } from './tunedManifest';

/** The texts, and where they begin. */
export type ReadTraining = Pick<StoredData, 'source' | 'places'> & {
  readonly data: Pick<TrainingText, 'text' | 'second'>;
};

interface Part {
  readonly document: vscode.TextDocument;
  readonly text: string;
  /** From 0. */
  readonly line: number;
}

/** Documents that hold nothing but data. */
const DATA_FILE = /\.(?:tsv|jsonl|txt|tab)$/iu;
/** Lines that are looked at to see whether a text is data. */
export const LOOKED_AT = 200;

/**
 * One selection; two as parallel texts, the one that was made first is the source; one in each of two editors, the left one
 * is the source. Where nothing is selected, the whole document if it is data, or two such documents of as many lines.
 *
 * @throws UserError `emptyText` where it would be a guess, `badRequest` for more than two selections or binary data.
 */
export function trainingText(
  active: vscode.TextEditor | undefined,
  visible: readonly vscode.TextEditor[],
): ReadTraining {
  if (!active) {
    throw new UserError(
      'emptyText',
      vscode.l10n.t(
        'Open a document with examples first: a source and its target per line, with a tab between.',
      ),
    );
  }
  const parts = partsOf(active, visible);
  if (parts.some(({ text }) => text.includes('\0'))) {
    throw new UserError('badRequest', vscode.l10n.t('The selection holds binary data, not text.'));
  }
  const [first, second] = parts;
  return {
    data: { text: first.text, ...(second && { second: second.text }) },
    source: {
      documents: [...new Set(parts.map(({ document }) => labelOf(document.uri)))],
      line: first.line + 1,
    },
    places: parts.map(({ document, line }) => ({ uri: document.uri.toString(), line })),
  };
}

/** One part, or two that are parallel. */
function partsOf(active: vscode.TextEditor, visible: readonly vscode.TextEditor[]): readonly Part[] {
  const selected = selectedIn(active);
  if (selected.length > 2) {
    throw new UserError(
      'badRequest',
      vscode.l10n.t(
        '{0} places are selected. Select one, or two that belong together line by line.',
        selected.length,
      ),
    );
  }
  const others = visible.filter(({ document }) => document !== active.document);
  if (selected.length > 0) {
    const beside = others.map(selectedIn).filter((parts) => parts.length === 1);
    return selected.length === 1 && beside.length === 1 && ![...selected, ...beside[0]].some(isPaired)
      ? inColumns(active, others, selected[0], beside[0][0])
      : selected;
  }
  const whole = wholeOf(active);
  const parallel = others.map(wholeOf).filter((part) => isParallel(whole, part));
  if (parallel.length === 1) {
    return inColumns(active, others, whole, parallel[0]);
  }
  if (whole.text.trim() === '') {
    throw new UserError('emptyText', vscode.l10n.t('The document is empty.'));
  }
  if (!DATA_FILE.test(active.document.uri.path) && !isPaired(whole)) {
    throw new UserError(
      'emptyText',
      vscode.l10n.t(
        'Select what is to be learned: lines with a source, a tab and its target, or running text.',
      ),
    );
  }
  return [whole];
}

function selectedIn({ document, selections }: vscode.TextEditor): readonly Part[] {
  return selections.flatMap((selection) => {
    const text = document.getText(selection);
    return text.trim() === '' ? [] : [{ document, text, line: selection.start.line }];
  });
}

const wholeOf = ({ document }: vscode.TextEditor): Part => ({ document, text: document.getText(), line: 0 });

/** Whether most lines hold both sides already: two columns, or JSON. */
export function isPaired({ text }: Pick<TrainingText, 'text'>): boolean {
  const lines = text.split(/\r\n|[\r\n]/u, LOOKED_AT).filter((line) => line.trim() !== '');
  return 2 * lines.filter((line) => /\t/u.test(line) || /^\s*\{/u.test(line)).length > lines.length;
}

/** Two documents that are data of one side each, and have as many lines. */
function isParallel(a: Part, b: Part): boolean {
  const count = ({ text }: Part) => text.trimEnd().split(/\r\n|[\r\n]/u).length;
  return (
    [a, b].every(
      (part) => DATA_FILE.test(part.document.uri.path) && part.text.trim() !== '' && !isPaired(part),
    ) &&
    count(a) > 1 &&
    count(a) === count(b)
  );
}

/** The left one first. */
function inColumns(
  active: vscode.TextEditor,
  others: readonly vscode.TextEditor[],
  mine: Part,
  other: Part,
): readonly Part[] {
  const column = others.find(({ document }) => document === other.document)?.viewColumn ?? 0;
  return column !== 0 && column < (active.viewColumn ?? 0) ? [other, mine] : [mine, other];
}

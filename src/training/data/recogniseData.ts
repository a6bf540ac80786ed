// Recognises what kind of training data a text is, and reads its examples. Does not tokenise: see readExamples.ts.
import type { Family } from '../../shared/modelSummary';
import type { DataForm, Example, Layout, Skipped, SkipReason, Task, TrainingData } from './example';
import { trainingData } from './example';
import type { PairLanguages } from './jsonLine';
import { jsonFields } from './jsonLine';
import type { Line } from './lines';
import { fieldOf, linesOf } from './lines';

/** What the caller knows beside the text. */
export interface DataHints {
  /** The second of two parallel texts. */
  readonly second?: string;
  /** Decides where the text could be read in several ways. */
  readonly task?: Task;
  readonly languages?: PairLanguages;
}

/** More labels than this share of the lines are no labels. */
const MOST_LABELS = 0.5;
/** See {@link SkipReason}. With the flag u, a surrogate that is part of a pair is none. */
const BROKEN = /[\p{Surrogate}\uFFFD]/u;

/**
 * Reads a text as training data for a model of a family. The layout is that of most of its lines; what to learn follows
 * from the layout and from what the model can do:
 * - encoder-decoder: pairs, from tabs, JSON or two parallel texts
 * - decoder-only: running text; labelled text where JSON has labels, or the task is asked for
 * - encoder-only: labelled text where the first column has few values or JSON has labels; else masked words of running text
 *
 * Running text is cut where a line is blank, so that a paragraph is an example.
 */
export function recogniseData(text: string, family: Family, hints: DataHints = {}): TrainingData {
  const lines = linesOf(text);
  const form = formOf(lines, family, hints);
  const read = new Examples(form);
  if (form.layout === 'plain') {
    paragraphs(lines, (first, last) => read.add(first, { source: text.slice(first.start, last.end) }, last));
    return read.finish();
  }
  const others = hints.second === undefined ? [] : linesOf(hints.second);
  for (const line of lines) {
    const fields = fieldsOf(line, form, others[line.number], hints.languages ?? {});
    if (typeof fields === 'string') {
      read.skip(line, fields);
    } else {
      read.add(line, fields);
    }
  }
  for (const line of form.layout === 'parallel' ? others.slice(lines.length) : []) {
    read.skip(line, line.text.trim() === '' ? 'empty' : 'oneSided');
  }
  return read.finish();
}

type Fields = Pick<Example, 'source' | 'target' | 'label'>;

/** Collects examples, and leaves out what is empty, one-sided or there already. */
class Examples {
  readonly #examples: Example[] = [];
  readonly #skipped: Skipped[] = [];
  readonly #seen = new Set<string>();

  constructor(private readonly form: DataForm) {}

  add({ number, start, end }: Line, fields: Fields, last?: Line): void {
    const { source, target, label } = fields;
    const sides = [source, target, label].filter((side) => side !== undefined);
    const all = sides.join('\u0000');
    // A text that had another label before would teach both.
    const key = label === undefined ? all : source;
    const filled = sides.filter((side) => side.trim() !== '').length;
    if (filled < sides.length) {
      this.#skipped.push({ line: number, reason: filled === 0 ? 'empty' : 'oneSided' });
    } else if (BROKEN.test(all)) {
      this.#skipped.push({ line: number, reason: 'broken' });
    } else if (this.#seen.has(key)) {
      this.#skipped.push({ line: number, reason: 'duplicate' });
    } else {
      this.#seen.add(key);
      this.#examples.push({ line: number, start, end: last?.end ?? end, ...fields });
    }
  }

  skip({ number }: Line, reason: SkipReason): void {
    this.#skipped.push({ line: number, reason });
  }

  finish(): TrainingData {
    return trainingData(this.form, this.#examples, this.#skipped);
  }
}

function formOf(lines: readonly Line[], family: Family, { second, task }: DataHints): DataForm {
  const layout: Layout = second === undefined ? layoutOf(lines) : 'parallel';
  if (task) {
    const needsFields = task === 'translation' || task === 'classification';
    return {
      task,
      layout: layout === 'plain' && needsFields ? 'tabs' : needsFields ? layout : noTabs(layout),
    };
  }
  if (family === 'encoder-decoder') {
    // Lines without a tab are then counted as such: plain text cannot teach a translator.
    return { task: 'translation', layout: layout === 'plain' ? 'tabs' : layout };
  }
  const isLabelled =
    layout === 'jsonl' ? hasJsonLabels(lines) : hasLabels(lines) && family === 'encoder-only';
  if ((layout === 'tabs' || layout === 'jsonl') && isLabelled) {
    return { task: 'classification', layout };
  }
  return { task: family === 'encoder-only' ? 'masked' : 'causal', layout: noTabs(layout) };
}

const noTabs = (layout: Layout): Layout => (layout === 'jsonl' ? layout : 'plain');

/** That of more than half of the lines that are not blank. */
function layoutOf(lines: readonly Line[]): Layout {
  const filled = lines.filter(({ text }) => text.trim() !== '');
  const isMost = (test: (text: string) => boolean): boolean =>
    2 * filled.filter(({ text }) => test(text)).length > filled.length;
  if (isMost((text) => text.trimStart().startsWith('{'))) {
    return 'jsonl';
  }
  return isMost((text) => text.includes('\t')) ? 'tabs' : 'plain';
}

/** Whether the first columns are few enough to be labels. */
function hasLabels(lines: readonly Line[]): boolean {
  const first = lines
    .flatMap(({ text }) => (text.includes('\t') ? [fieldOf(text.split('\t', 1)[0])] : []))
    .filter((label) => label !== '');
  return first.length > 1 && new Set(first).size <= Math.max(2, MOST_LABELS * first.length);
}

function hasJsonLabels(lines: readonly Line[]): boolean {
  const kinds = lines.map(({ text }) => jsonFields(text, {})).filter((fields) => typeof fields !== 'string');
  return 2 * kinds.filter(({ kind }) => kind === 'labelled').length > kinds.length;
}

/** The fields of a line, or why it has none. */
function fieldsOf(
  { text }: Line,
  { task, layout }: DataForm,
  other: Line | undefined,
  languages: PairLanguages,
): Fields | SkipReason {
  if (layout === 'parallel') {
    return { source: text.trim(), target: other?.text.trim() ?? '' };
  }
  if (text.trim() === '') {
    return 'empty';
  }
  if (layout === 'jsonl') {
    const fields = jsonFields(text, languages);
    return typeof fields === 'string' ? fields : forTask(fields, task);
  }
  const columns = text.split('\t');
  if (columns.length !== 2) {
    return 'tabs';
  }
  const [first, second] = columns.map(fieldOf);
  return task === 'classification' ? { label: first, source: second } : { source: first, target: second };
}

type Known = Exclude<ReturnType<typeof jsonFields>, string>;

function forTask(fields: Known, task: Task): Fields | SkipReason {
  switch (task) {
    case 'translation':
      return fields.kind === 'pair' ? { source: fields.source, target: fields.target } : 'fields';
    case 'classification':
      return fields.kind === 'labelled' ? { source: fields.text, label: fields.label } : 'fields';
    case 'causal':
    case 'masked':
      return fields.kind === 'pair' ? 'fields' : { source: fields.text };
    default:
      return task satisfies never;
  }
}

/** First and last line of each run of lines that are not blank. */
function paragraphs(lines: readonly Line[], found: (first: Line, last: Line) => void): void {
  let first: Line | undefined;
  let last: Line | undefined;
  for (const line of lines) {
    if (line.text.trim() !== '') {
      first ??= line;
      last = line;
    } else if (first && last) {
      found(first, last);
      first = undefined;
    }
  }
  if (first && last) {
    found(first, last);
  }
}

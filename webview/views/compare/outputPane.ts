// What A and B say after the same tokens: the texts of their decoders with marks, and a table of likeliest tokens with KL.
import type { AlignedItem, OutputContrast, OutputPlace } from '../../../src/shared/contrast';
import type { Candidate } from '../../../src/shared/insight';
import type { LabelScores } from '../../../src/shared/labels';
import type { TokenSequence } from '../../../src/shared/tokens';
import { element, setText } from '../../dom';
import { formatToken, formatWeight } from '../../format';
import { compareStrings as strings } from '../../strings/compareStrings';
import { labelStrings } from '../../strings/labelStrings';
import { formatMeasured as measured } from '../experiments/sentence';
import { apartText } from './apartText';

export interface OutputPaneInput {
  readonly key: string;
  readonly output: OutputContrast;
  /** Of encoder-decoders: what the two decoders read. */
  readonly decoders:
    | {
        readonly a: TokenSequence;
        readonly b: TokenSequence;
        /** In pieces or words; undefined where they were not aligned. */
        readonly items: readonly AlignedItem[];
      }
    | undefined;
  /** Models that fill in predict the token at the place itself. */
  readonly masked: boolean;
}

/** Candidates of each side in a cell; the others are in its tooltip. */
const shown = 3;
/** Labels of each side. */
const shownLabels = 4;

export class OutputPane {
  readonly element: HTMLElement;
  private readonly caption = element('p', { class: 'pane-text', 'data-role': 'compare-output-summary' });
  private readonly why = element('p', { class: 'missing', 'data-role': 'compare-output-missing' });
  private readonly texts = element('div', { class: 'pane-text compare-texts' });
  private readonly labels = element('div', {
    class: 'pane-text compare-texts',
    'data-role': 'compare-labels',
  });
  private readonly rows = element('div', { class: 'compare-output', tabindex: 0, 'data-keys': true });
  private shown = '';

  constructor() {
    this.element = element(
      'section',
      { class: 'pane', 'data-role': 'compare-output-pane' },
      element('div', { class: 'pane-header' }, element('h2', { class: 'pane-title' }, strings.output)),
      this.labels,
      this.texts,
      this.caption,
      this.why,
      this.rows,
    );
  }

  update({ key, output, decoders, masked }: OutputPaneInput): void {
    if (key === this.shown) {
      return;
    }
    this.shown = key;
    const { places, why, labels } = output;
    this.labels.hidden = !labels;
    this.labels.replaceChildren(...(labels ? labelsOf(labels) : []));
    this.texts.hidden = !decoders;
    this.texts.replaceChildren(...(decoders ? this.textsOf(decoders) : []));
    this.why.hidden = why === undefined && places.length > 0;
    setText(this.why, why ?? strings.noPlaces);
    setText(this.caption, places.length > 0 ? outputSummary(places) : '');
    this.caption.hidden = places.length === 0;
    this.rows.hidden = places.length === 0;
    this.rows.replaceChildren(...(places.length > 0 ? [tableOf(places, masked)] : []));
  }

  private textsOf({ a, b, items }: NonNullable<OutputPaneInput['decoders']>): HTMLElement[] {
    return [
      element('h3', { class: 'caption' }, strings.decoders),
      element('div', { class: 'compare-text' }, element('strong', {}, strings.a), apartText(a, items, 'a')),
      element('div', { class: 'compare-text' }, element('strong', {}, strings.b), apartText(b, items, 'b')),
    ];
  }
}

/** A line for each side: its likeliest labels. */
function labelsOf({ a, b }: NonNullable<OutputContrast['labels']>): HTMLElement[] {
  const said = (side: LabelScores | undefined) =>
    side
      ? side.scores
          .slice(0, shownLabels)
          .map(({ label, probability }) => strings.said(formatToken(label), formatWeight(probability)))
          .join(' · ')
      : labelStrings.none;
  return [
    element('h3', { class: 'caption' }, labelStrings.change),
    element('div', { class: 'compare-text' }, element('strong', {}, strings.a), said(a)),
    element('div', { class: 'compare-text' }, element('strong', {}, strings.b), said(b)),
  ];
}

/** How far the outputs are apart, over all places. */
export function outputSummary(places: readonly OutputPlace[]): string {
  const flipped = places.filter(
    ({ likeliestA, likeliestB }) => likeliestA.at(0)?.piece !== likeliestB.at(0)?.piece,
  ).length;
  const counted = strings.outputSummary(flipped, places.length);
  const known = places.flatMap(({ kl, a }) => (kl ? [{ value: kl.ab, label: a.label }] : []));
  if (known.length === 0) {
    return counted;
  }
  const mean = known.reduce((sum, { value }) => sum + value, 0) / known.length;
  const most = known.reduce((best, each) => (each.value > best.value ? each : best), known[0]);
  const kl = strings.outputKl(measured(mean), measured(most.value), formatToken(most.label).trim());
  return `${kl}; ${counted}`;
}

function tableOf(places: readonly OutputPlace[], masked: boolean): HTMLElement {
  const { outputColumns: columns } = strings;
  const hasKl = places.some(({ kl }) => kl !== undefined);
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, masked ? strings.outputMasked : columns.token),
    ...(hasKl
      ? [columns.kl, columns.back].map((name) => element('th', { scope: 'col', class: 'number' }, name))
      : []),
    ...[columns.a, columns.b].map((name) => element('th', { scope: 'col' }, name)),
  );
  const rows = places.map(({ a, kl, likeliestA, likeliestB }) =>
    element(
      'tr',
      {
        'data-position': a.last,
        'data-kl': kl?.ab,
        class: likeliestA.at(0)?.piece === likeliestB.at(0)?.piece ? undefined : 'flipped',
      },
      element('th', { scope: 'row', class: 'token' }, formatToken(a.label).trim()),
      ...(hasKl
        ? [kl?.ab, kl?.ba].map((value) =>
            element('td', { class: 'number' }, value === undefined ? strings.absent : measured(value)),
          )
        : []),
      candidates(likeliestA),
      candidates(likeliestB),
    ),
  );
  return element(
    'table',
    { 'data-role': 'compare-output-table', 'aria-label': strings.output },
    element('thead', {}, head),
    element('tbody', {}, ...rows),
  );
}

function candidates(all: readonly Candidate[]): HTMLElement {
  const said = ({ piece, probability }: Candidate) =>
    strings.said(formatToken(piece), formatWeight(probability));
  return element(
    'td',
    { class: 'said', title: all.map(said).join('\n') },
    all.slice(0, shown).map(said).join(' · '),
  );
}

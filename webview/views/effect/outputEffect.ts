// What became of the output: KL position by position, the likeliest tokens of one position, the translation with marks.
import type { Comparison, OutputChange } from '../../../src/shared/comparison';
import type { TraceSummary } from '../../../src/shared/trace';
import { element, setAttributes, setText } from '../../dom';
import { arrows } from '../../explorer/keys';
import { axisOf, sequencesOf } from '../../explorer/sequences';
import { formatToken, formatWeight } from '../../format';
import { effectStrings as strings } from '../../strings/effectStrings';
import { markedText } from '../experiments/markedText';
import { formatMeasured } from '../experiments/sentence';
import { ChangeTable } from './changeTable';
import { LabelEffect } from './labelEffect';
import { candidateChanges, mostMovedPosition } from './effectFacts';

export interface OutputEffectInput {
  readonly comparison: Comparison;
  readonly before: TraceSummary;
  readonly after: TraceSummary;
  readonly batch: number;
}

export class OutputEffect {
  readonly element: HTMLElement;
  private readonly summary = element('p', { class: 'caption pane-text', 'data-role': 'effect-kl' });
  private readonly list = element('div', { class: 'kl-list', role: 'list', 'data-role': 'effect-positions' });
  private readonly tokenTitle = element('h4', { class: 'pane-text tokens', 'data-role': 'effect-position' });
  private readonly tokens = new ChangeTable('effect-tokens', strings.token);
  private readonly output: HTMLElement;
  private readonly none = element('p', { class: 'caption pane-text' }, strings.noOutput);
  private readonly labels = new LabelEffect();
  private readonly translation = element('section', { class: 'pane', 'data-role': 'effect-translation' });
  private shown: OutputEffectInput | undefined;
  /** The position that the user chose, for this comparison only. */
  private chosen: number | undefined;

  constructor() {
    this.list.addEventListener('keydown', (event) => this.step(event));
    this.output = element('div', {}, this.summary, this.list, this.tokenTitle, this.tokens.element);
    this.element = element(
      'div',
      {},
      this.labels.element,
      element(
        'section',
        { class: 'pane' },
        element(
          'div',
          { class: 'pane-header' },
          element('h3', { class: 'pane-title' }, strings.output),
          element('span', { class: 'caption' }, strings.outputCaption),
        ),
        this.none,
        this.output,
      ),
      this.translation,
    );
  }

  update(input: OutputEffectInput): void {
    const { comparison, before, batch } = input;
    if (this.shown?.comparison === comparison && this.shown.batch === batch) {
      return;
    }
    this.shown = input;
    this.chosen = undefined;
    const { output } = comparison;
    this.labels.update(comparison.labels);
    this.none.hidden = output !== undefined || comparison.labels !== undefined;
    this.output.hidden = output === undefined;
    if (output) {
      setText(this.summary, strings.mean(formatMeasured(output.meanKl), formatMeasured(output.largestKl)));
      const most = Math.max(output.largestKl, 1e-9);
      const labels = labelsOf(before, batch);
      this.list.replaceChildren(...output.positions.map((each) => this.row(each, labels, most)));
      this.showTokens();
    }
    this.translate(input);
  }

  private row(change: OutputChange, labels: readonly string[], most: number): HTMLElement {
    const { position, kl } = change;
    const first = (which: 'before' | 'after') => formatToken(change[which].at(0)?.piece ?? '');
    const label = labels[position] ?? String(position + 1);
    const bar = element('span', { class: 'bar-value' });
    bar.style.width = `${((100 * kl) / most).toFixed(1)}%`;
    const button = element(
      'button',
      {
        class: 'bar-row kl-row',
        'data-position': position,
        'data-kl': kl,
        'aria-label': strings.klRow(label, formatMeasured(kl), first('before'), first('after')),
      },
      element('span', { class: 'token' }, label),
      element('span', { class: 'bar', 'aria-hidden': 'true' }, bar),
      element('span', { class: 'number' }, formatMeasured(kl)),
      element('span', { class: 'kl-said' }, strings.said(first('before'), first('after'))),
    );
    button.addEventListener('click', () => {
      this.chosen = position;
      this.showTokens();
    });
    return element('div', { role: 'listitem' }, button);
  }

  /** One row of the list can be reached by Tab; arrows go on from there. */
  private step(event: KeyboardEvent): void {
    const rows = [...this.list.querySelectorAll<HTMLElement>('.kl-row')];
    const here = rows.findIndex((row) => row === document.activeElement);
    const next = rows.at(here + (arrows[event.key]?.[0] ?? 0));
    if (here >= 0 && next && next !== rows[here] && here + (arrows[event.key]?.[0] ?? 0) >= 0) {
      this.chosen = Number(next.dataset['position']);
      this.showTokens();
      next.focus();
      event.preventDefault();
    }
  }

  private showTokens(): void {
    const { shown } = this;
    const position = this.chosen ?? (shown && mostMovedPosition(shown.comparison));
    const change = shown?.comparison.output?.positions.find((each) => each.position === position);
    for (const row of this.list.querySelectorAll('.kl-row')) {
      const on = row.getAttribute('data-position') === String(position);
      row.classList.toggle('marked', on);
      setAttributes(row, { 'aria-current': String(on), tabindex: on ? 0 : -1 });
    }
    if (!shown || !change) {
      return;
    }
    const label = labelsOf(shown.before, shown.batch)[change.position] ?? '';
    setText(this.tokenTitle, strings.position(label));
    const written = (value: number | { readonly below: number }) =>
      typeof value === 'number' ? formatWeight(value) : strings.below(formatWeight(value.below));
    this.tokens.update(
      candidateChanges(change).map(({ id, piece, before, after }) => ({
        name: formatToken(piece),
        before: written(before),
        after: written(after),
        change: typeof before === 'number' && typeof after === 'number' ? after - before : undefined,
        role: id,
      })),
    );
  }

  private translate({ comparison: { translation }, before, after, batch }: OutputEffectInput): void {
    this.translation.hidden = translation === undefined;
    if (!translation) {
      return;
    }
    const both = { before: before.decoder[batch], after: after.decoder[batch] };
    const isSame = translation.changed === 0 && translation.added === 0;
    const said = (side: 'before' | 'after') => [
      element('h4', { class: 'pane-text caption' }, strings[side]),
      element('div', { class: 'pane-text' }, markedText(both, translation.tokens, side)),
    ];
    this.translation.replaceChildren(
      element(
        'div',
        { class: 'pane-header' },
        element('h3', { class: 'pane-title' }, strings.translation),
        element(
          'span',
          { class: 'caption' },
          isSame ? '' : strings.changedTokens(translation.changed, translation.of, translation.added),
        ),
      ),
      ...(isSame
        ? [
            element('div', { class: 'pane-text' }, markedText(both, translation.tokens, 'after')),
            element('p', { class: 'caption pane-text' }, strings.sameTranslation),
          ]
        : [
            ...said('before'),
            ...said('after'),
            element('p', { class: 'caption pane-text' }, strings.comparedOver),
          ]),
    );
  }
}

/** The tokens of the side that has an output. */
function labelsOf(trace: TraceSummary, batch: number): readonly string[] {
  const side = trace.decoder.length > 0 ? 'decoder' : 'encoder';
  return axisOf(sequencesOf(trace, side)[batch], 'pieces').map(({ label }) => label);
}

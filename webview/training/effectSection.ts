// What training has changed: the numbers before and now, and what the model said to the examples then and says today.
import type { BeforeAfter } from '../../src/shared/training';
import type { TrainingState } from '../../src/shared/trainingPage';
import { element, setText } from '../dom';
import { trainingStrings as strings } from '../strings/trainingStrings';
import { effectRows } from './effectRows';
import { Pager } from './pager';
import type { TrainingStore } from './trainingStore';

const examplesPerPage = 3;

export class EffectSection {
  readonly element: HTMLElement;
  private readonly none = element('p', { class: 'caption' });
  private readonly measuring = element('p', { class: 'caption', role: 'status' });
  private readonly onTrain = element('p', { class: 'caption' }, strings.onTrain);
  private readonly share = element('p', { class: 'caption', 'data-role': 'strength-note' });
  private readonly body = element('tbody');
  private readonly table;
  private readonly examples = element('ul', { class: 'changes', 'aria-label': strings.examples });
  private readonly pager = new Pager(examplesPerPage, () => this.drawExamples());
  private shown = '';

  constructor(private readonly store: TrainingStore) {
    const column = (name: string) => element('th', { scope: 'col', class: 'number' }, name);
    this.table = element(
      'table',
      { class: 'effect', 'data-role': 'effect-table' },
      element(
        'thead',
        {},
        element('tr', {}, element('td'), column(strings.before), column(strings.now), column(strings.change)),
      ),
      this.body,
    );
    this.element = element(
      'div',
      {},
      ...[this.none, this.measuring, this.table, this.onTrain, this.share, this.examples, this.pager.element],
    );
  }

  update(state: TrainingState): void {
    const { effect, measuring, status, preview, options } = state;
    this.none.hidden = effect !== undefined || measuring;
    setText(this.none, status === 'done' ? strings.effectMissing : strings.effectNone);
    this.measuring.hidden = !measuring;
    setText(this.measuring, preview ? strings.measuring[preview.task] : '');
    this.share.hidden = effect === undefined || options.strength >= 1;
    setText(this.share, strings.strengthNote(options.strength));
    this.table.hidden = this.examples.hidden = effect === undefined;
    this.onTrain.hidden = effect?.on !== 'train';
    const key = JSON.stringify([effect, state.result?.id, state.preview?.language]);
    if (key === this.shown) {
      return;
    }
    this.shown = key;
    this.body.replaceChildren(
      ...(effect ? effectRows(effect) : []).map(({ measure, before, now, change, worse }) =>
        element(
          'tr',
          { title: strings.measureHints[measure], 'data-measure': measure },
          element('th', { scope: 'row' }, strings.measures[measure]),
          element('td', { class: 'number' }, before),
          element('td', { class: 'number' }, now),
          element(
            'td',
            { class: worse ? 'number worse' : 'number' },
            change,
            // Not by colour alone.
            ...(worse ? [element('span', { class: 'spoken' }, ` ${strings.worse}`)] : []),
          ),
        ),
      ),
    );
    this.pager.toFirst();
    this.drawExamples();
  }

  /** Stands in the section's header. */
  caption({ effect, preview }: TrainingState): string {
    return effect && preview ? strings.effectCaption(effect, preview.task) : '';
  }

  private drawExamples(): void {
    const all = this.store.state?.effect?.examples ?? [];
    const { from, to } = this.pager.update(all.length);
    this.examples.replaceChildren(...all.slice(from, to).map((example) => this.change(example)));
  }

  private change({ source, wanted, before, now, heldOut }: BeforeAfter): HTMLElement {
    const { result, preview, effect } = this.store.state ?? {};
    const lang = preview?.task === 'translation' ? preview.language : undefined;
    const row = (name: string, text: string | Node, note = '') => [
      element('dt', {}, name),
      element(
        'dd',
        { lang },
        text,
        ...(note === '' ? [] : [element('span', { class: 'caption' }, ` ${note}`)]),
      ),
    ];
    const right = wanted !== '' && now === wanted;
    const same = before === now;
    const id = result?.id;
    return element(
      'li',
      { class: 'change' },
      element(
        'div',
        { class: 'dim' },
        source,
        // Where there are both kinds, these are the ones that the numbers above are not of.
        ...(effect?.on === 'heldOut' && !heldOut
          ? [element('span', { class: 'caption' }, ` ${strings.learnedFrom}`)]
          : []),
      ),
      element(
        'dl',
        {},
        ...(same ? [] : row(strings.before, element('del', {}, before))),
        ...row(strings.now, now, right ? strings.asWanted : same ? strings.unchanged : ''),
        ...(right || wanted === '' ? [] : row(strings.wanted, wanted)),
      ),
      ...(id === undefined
        ? []
        : [link(strings.compare, () => this.store.tell((host) => host.compare({ id, text: source })))]),
    );
  }
}

function link(label: string, pressed: () => void): HTMLElement {
  const made = element('button', { class: 'link', type: 'button', 'data-control': 'compare' }, label);
  made.addEventListener('click', pressed);
  return made;
}

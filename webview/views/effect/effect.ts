// What a change does, for every bench: one head's weights before and after, a row of it, the output, the translation, the heads most changed.
import type { Comparison } from '../../../src/shared/comparison';
import type { AttentionSummary } from '../../../src/shared/modelSummary';
import type { TraceSummary } from '../../../src/shared/trace';
import type { CellPosition } from '../../draw/cells';
import { cssOf, signedPixel } from '../../draw/colour';
import { element, setText, showEither } from '../../dom';
import type { Slices } from '../../explorer/slices';
import { formatWeight } from '../../format';
import { effectStrings as strings } from '../../strings/effectStrings';
import { labelStrings } from '../../strings/labelStrings';
import type { Theme } from '../../theme';
import { button } from '../../toolkit';
import { labelMove } from '../experiments/effects';
import { formatMeasured } from '../experiments/sentence';
import { PagedTable } from '../pagedTable';
import type { ViewStatus } from '../view';
import { ChangeTable } from './changeTable';
import { keyChanges, mostMovedHeads, mostMovedRow, ROUNDING } from './effectFacts';
import { describeCell, EffectPanes, signedWeight } from './effectPanes';
import type { EffectPlace, EffectScene } from './effectScene';
import { effectScene, placeKey, placeName } from './effectScene';
import { OutputEffect } from './outputEffect';

const shownKeys = 6;
const shownHeads = 5;
/** What the column beside the pictures takes, and where it stands below them, as the style sheet says too. */
const sideWidth = 330;
const sideBelow = '(max-width: 899px)';

export interface EffectInput {
  /** The run as the model was loaded. */
  readonly before: TraceSummary;
  /** The run under the interventions; undefined where none is in effect. */
  readonly after: TraceSummary | undefined;
  /** Another change is on its way: what is shown is of the one before. */
  readonly pending: boolean;
  /** Why the interventions are not in effect. */
  readonly problem: string | undefined;
  readonly attention: AttentionSummary;
  readonly head: number | 'mean';
  readonly batch: number;
  readonly theme: Theme;
  readonly width: number;
  readonly table: boolean;
  /** What to do first, said while nothing is changed. */
  readonly empty: string;
}

export interface EffectActions {
  readonly go: (attention: string, head: number) => void;
  readonly retry: () => void;
  readonly redraw: () => void;
}

const settled: ViewStatus = { loading: false, failed: undefined };
const tables = ['before', 'after', 'difference'] as const;

export class Effect {
  readonly element: HTMLElement;
  private readonly caption = element('span', { class: 'caption', 'data-role': 'effect-of' });
  private readonly note = element('p', { class: 'pane-text', role: 'status', 'data-role': 'effect-note' });
  private readonly retry;
  private readonly panes: EffectPanes;
  private readonly reading = element('p', { class: 'caption reading', 'data-role': 'effect-reading' });
  private readonly finding = element('p', { class: 'pane-text', 'data-role': 'effect-rows' });
  private readonly rowTitle = element('h3', { class: 'pane-title tokens', 'data-role': 'effect-row' });
  private readonly rowCaption = element('span', { class: 'caption' });
  private readonly row = new ChangeTable('effect-keys', strings.key);
  private readonly output = new OutputEffect();
  private readonly heads = element('div', { role: 'list', 'data-role': 'effect-heads' });
  private readonly pictures: HTMLElement;
  private readonly tableOf = {
    before: new PagedTable('effect-before-table'),
    after: new PagedTable('effect-after-table'),
    difference: new PagedTable('effect-difference-table'),
  };
  private readonly tables = element(
    'div',
    { class: 'table-view', 'data-keys': true },
    ...tables.map((part) => this.tableOf[part].element),
  );
  private readonly body: HTMLElement;
  /** The effect in a few words, for where it is caused; a click goes to the rest. */
  readonly headline = element('button', {
    class: 'link headline vacant',
    'data-role': 'effect-headline',
    title: strings.headlineHint,
  });
  private scene: EffectScene | undefined;
  private spot: CellPosition | undefined;
  private picked: number | undefined;
  private headsShown = '';

  constructor(
    private readonly slices: Slices,
    private readonly actions: EffectActions,
  ) {
    this.panes = new EffectPanes(
      (cell) => {
        this.spot = cell;
        this.actions.redraw();
      },
      (row) => {
        this.picked = row;
        this.actions.redraw();
      },
      () => this.actions.redraw(),
    );
    this.retry = button(strings.retry, () => this.actions.retry());
    this.retry.dataset['control'] = 'effect-retry';
    this.pictures = element('div', {}, this.panes.element, this.reading);
    const pane = (header: readonly (Node | string)[], ...content: readonly Node[]) =>
      element('section', { class: 'pane' }, element('div', { class: 'pane-header' }, ...header), ...content);
    const side = element(
      'div',
      { class: 'effect-side' },
      pane([this.rowTitle, this.rowCaption], this.row.element),
      this.output.element,
      pane(
        [
          element('h3', { class: 'pane-title' }, strings.heads),
          element('span', { class: 'caption' }, strings.headsCaption),
        ],
        this.heads,
      ),
    );
    this.body = element(
      'div',
      { class: 'effect-body' },
      element('div', { class: 'effect-main' }, this.pictures, this.tables, this.finding),
      side,
    );
    this.headline.addEventListener('click', () => {
      this.element.scrollIntoView({ block: 'start' });
      this.element.focus({ preventScroll: true });
    });
    this.element = element(
      'section',
      {
        tabindex: -1,
        class: 'pane effect',
        'data-role': 'effect',
        'aria-label': strings.title,
      },
      element(
        'div',
        { class: 'pane-header' },
        element('h2', { class: 'pane-title' }, strings.title),
        this.caption,
      ),
      this.note,
      this.retry,
      this.body,
    );
  }

  update(input: EffectInput): ViewStatus {
    const { before, after, pending, problem, attention, head, batch } = input;
    this.retry.hidden = problem === undefined || pending;
    const { diverging } = input.theme;
    this.element.style.setProperty('--lower', cssOf(signedPixel(diverging, -0.75, 1)));
    this.element.style.setProperty('--higher', cssOf(signedPixel(diverging, 0.75, 1)));
    // It keeps its room, so that the first change moves nothing.
    this.headline.classList.toggle('vacant', !after && !pending);
    if (!after) {
      setText(this.headline, strings.runningFirst);
      setText(this.caption, '');
      this.say(
        pending ? strings.runningFirst : problem === undefined ? input.empty : strings.failed(problem),
      );
      this.body.hidden = true;
      return settled;
    }
    const place: EffectPlace = { before, after, attention, head, batch };
    const at = { attention: attention.name, head, batch, unit: 'pieces' } as const;
    const weights = this.slices.matrix.want({ trace: before.id, stage: 'weights', ...at });
    const difference = this.slices.effectDifference.want({ trace: before.id, after: after.id, ...at });
    const comparison = this.slices.effectComparison.want({ trace: before.id, after: after.id, batch });
    if (weights.status === 'ready' && difference.status === 'ready' && this.scene?.key !== placeKey(place)) {
      this.scene = effectScene(place, weights.value, difference.value);
      this.spot = undefined;
      this.picked =
        this.picked !== undefined && this.picked < this.scene.before.rows ? this.picked : undefined;
    }
    const isReady =
      this.scene?.key === placeKey(place) &&
      comparison.status === 'ready' &&
      !pending &&
      problem === undefined;
    const active = after.interventions?.filter(({ enabled }) => enabled).length ?? 0;
    setText(this.caption, strings.of(placeName(place), active));
    this.say(problem !== undefined ? strings.failed(problem) : isReady ? '' : strings.running);
    this.body.hidden = !this.scene;
    this.body.classList.toggle('stale', !isReady);
    this.body.setAttribute('aria-busy', String(!isReady));
    if (this.scene) {
      this.showWeights(this.scene, input);
    }
    setText(
      this.headline,
      isReady && comparison.status === 'ready' ? headlineOf(comparison.value) : strings.runningFirst,
    );
    if (comparison.status === 'ready') {
      this.output.update({ comparison: comparison.value, before, after, batch });
      this.listHeads(mostMovedHeads(comparison.value, shownHeads));
    }
    const all = [weights, difference, comparison];
    const failed = all.find((each) => each.status === 'failed');
    return {
      loading: all.some((each) => each.status === 'loading'),
      failed: failed?.status === 'failed' ? failed.message : undefined,
    };
  }

  private say(note: string): void {
    this.note.hidden = note === '';
    setText(this.note, note);
  }

  private showWeights(scene: EffectScene, { theme, width, table }: EffectInput): void {
    const row = this.picked ?? mostMovedRow(scene.variations, scene.queries) ?? 0;
    const spot =
      this.spot && this.spot.row < scene.before.rows && this.spot.column < scene.before.columns
        ? this.spot
        : undefined;
    if (table) {
      this.tabulate(scene);
    } else {
      const room = width - 24 - (window.matchMedia(sideBelow).matches ? 0 : sideWidth);
      this.panes.update({ scene, theme, width: room, spot, row });
      setText(this.reading, spot ? describeCell(scene, spot) : strings.hint);
    }
    showEither(this.pictures, this.tables, table);
    const { before, after, difference, variations: moved, queries, keys } = scene;
    const own = moved.filter((_, index) => queries[index]?.padding === false);
    const changed = own.filter((variation) => variation > ROUNDING).length;
    const most = mostMovedRow(moved, queries);
    setText(
      this.finding,
      most === undefined
        ? strings.noRows
        : strings.rows(changed, own.length, queries[most]?.label ?? '', formatMeasured(moved[most])),
    );
    const shownRow = spot?.row ?? row;
    setText(this.rowTitle, strings.row(queries[shownRow]?.label ?? ''));
    setText(this.rowCaption, strings.rowVariation(formatMeasured(moved[shownRow] ?? 0)));
    const isHidden = (at: number) => before.masked[at] === 1 && after.masked[at] === 1;
    this.row.update(
      keyChanges(before, difference, shownRow, shownKeys, isHidden).map((each) => {
        const at = shownRow * before.columns + each.key;
        return {
          name: keys[each.key]?.label ?? '',
          before: before.masked[at] === 1 ? strings.masked : formatWeight(each.before),
          after: after.masked[at] === 1 ? strings.masked : formatWeight(each.after),
          change: each.change,
          role: each.key,
        };
      }),
    );
  }

  private tabulate(scene: EffectScene): void {
    for (const part of tables) {
      const matrix = scene[part];
      const masked = part === 'difference' ? undefined : scene[part].masked;
      const at = (row: number, column: number) => row * matrix.columns + column;
      this.tableOf[part].update({
        key: scene.key,
        caption: strings.tables[part],
        corner: '',
        rows: scene.queries.map(({ label }) => label),
        columns: scene.keys.map(({ label }) => label),
        isMasked: (row, column) => masked?.[at(row, column)] === 1,
        cell: (row, column) =>
          masked?.[at(row, column)] === 1
            ? strings.masked
            : part === 'difference'
              ? signedWeight(matrix.data[at(row, column)])
              : formatWeight(matrix.data[at(row, column)]),
      });
    }
  }

  private listHeads(heads: ReturnType<typeof mostMovedHeads>): void {
    const key = JSON.stringify(heads);
    if (key === this.headsShown) {
      return;
    }
    this.headsShown = key;
    const most = Math.max(...heads.map(({ largest }) => largest), 1e-9);
    this.heads.replaceChildren(
      ...heads.map(({ attention, head, largest }) => {
        const name = `${attention}[${head}]`;
        const bar = element('span', { class: 'bar-value' });
        bar.style.width = `${((100 * largest) / most).toFixed(1)}%`;
        const row = element(
          'button',
          { class: 'bar-row kl-row', 'data-head': name, title: strings.goTo(name) },
          element('span', { class: 'token link' }, name),
          element('span', { class: 'bar', 'aria-hidden': 'true' }, bar),
          element('span', { class: 'number' }, formatWeight(largest)),
        );
        row.addEventListener('click', () => this.actions.go(attention, head));
        return element('div', { role: 'listitem' }, row);
      }),
      ...(heads.length === 0 ? [element('p', { class: 'caption pane-text' }, strings.noHeads)] : []),
    );
  }
}

/** `good 0.934 → 0.412, KL 0.21 nats ↓`, `KL 1.03 nats, 9 of 18 tokens translated otherwise ↓` */
function headlineOf({ output, translation, labels }: Comparison): string {
  const same = translation?.changed === 0 && translation.added === 0;
  const label = labels && labelMove(labels);
  return strings.headline([
    ...(label
      ? [labelStrings.headline(label.label, formatWeight(label.before), formatWeight(label.after))]
      : []),
    ...(output ? [strings.headlineKl(formatMeasured(output.meanKl))] : []),
    ...(translation
      ? [same ? strings.headlineSame : strings.headlineTokens(translation.changed, translation.of)]
      : []),
  ]);
}

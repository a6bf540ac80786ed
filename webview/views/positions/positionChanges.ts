// Changed positions: the bench's choice as an entry of the list of interventions, its effect, all modes compared, the permutation experiment.
import type { Intervention, ModelControls, PositionChange } from '../../../src/shared/intervention';
import type { Side } from '../../../src/shared/modelSummary';
import type { Positions, TraceSummary } from '../../../src/shared/trace';
import { element } from '../../dom';
import type { Intervened } from '../../explorer/intervened';
import { axisOf, sequencesOf } from '../../explorer/sequences';
import type { Slices } from '../../explorer/slices';
import type { ExplorerStore } from '../../explorer/store';
import { atHead } from '../../explorer/viewState';
import { positionBenchStrings as strings } from '../../strings/positionBenchStrings';
import { Effect } from '../effect/effect';
import { explanation } from '../explanation';
import { rowNorms } from '../positionNumbers';
import type { ViewInput, ViewStatus } from '../view';
import { ModeComparison } from './modeComparison';
import { PermutationPane } from './permutationPane';
import { firstAmounts, PositionBench } from './positionBench';
import { changeOf, modeOf, otherPositionEdits, positionEditIn, withPositionChange } from './positionChoice';
import { randomTable } from './randomTable';

/** Milliseconds without another digit before the text is run again. */
const resting = 300;
/** Rows of a random table beyond the text: a translation may be longer than the one before. */
const spareRows = 16;
const randomSeed = 1;

export class PositionChanges {
  private readonly bench: PositionBench;
  private readonly effect: Effect;
  private readonly permutation: PermutationPane;
  private readonly modes: ModeComparison;
  /** A number that is being typed. */
  private draft: { readonly side: Side; readonly change: PositionChange } | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private known: { readonly model: string; readonly controls: ModelControls } | undefined;
  private shown: { readonly side: Side; readonly positions: Positions; readonly tokens: number } | undefined;
  readonly above: HTMLElement;
  readonly below: HTMLElement;
  readonly beside: HTMLElement;

  constructor(
    private readonly store: ExplorerStore,
    private readonly slices: Slices,
    private readonly intervened: Intervened,
  ) {
    const redraw = () => this.store.set({});
    this.effect = new Effect(slices, {
      go: (attention, head) => this.go(attention, head),
      retry: () => intervened.retry(),
      redraw,
    });
    this.bench = new PositionBench(
      {
        set: (change, typed) => this.put(change, typed),
        setEnabled: (on) => this.setEnabled(on),
        random: () => this.random(),
      },
      this.effect.headline,
    );
    this.permutation = new PermutationPane(slices, redraw);
    this.modes = new ModeComparison(store.host, redraw);
    this.above = this.bench.element;
    this.below = element(
      'div',
      {},
      this.effect.element,
      this.permutation.element,
      explanation(strings.explain, strings.explanation),
    );
    this.beside = this.modes.element;
  }

  /** What the positions of a side become, as far as it is switched on. */
  changeOn(side: Side): PositionChange | undefined {
    const own = positionEditIn(this.intervened.list, side);
    return this.draft?.side === side ? this.draft.change : own?.enabled ? own.change : undefined;
  }

  /** `base` is the run of the model as it was loaded. */
  update(input: ViewInput, base: TraceSummary, side: Side, positions: Positions | undefined): ViewStatus {
    const { summary, view } = input;
    if (this.draft && this.draft.side !== side) {
      this.apply();
    }
    const wanted = this.slices.controls.want({ model: summary.id });
    if (wanted.status === 'ready') {
      this.known = { model: summary.id, controls: wanted.value };
    }
    const controls = this.known?.model === summary.id ? this.known.controls : undefined;
    this.above.hidden = !controls || !positions;
    this.beside.hidden = this.above.hidden;
    if (controls && positions) {
      const tokens = axisOf(sequencesOf(base, side)[view.batch], 'pieces').length;
      this.shown = { side, positions, tokens };
      this.choose(base, side, positions, controls, view.batch);
    }
    const isBusy = this.permutation.update({
      trace: base,
      batch: view.batch,
      obstacle: controls && obstacleOf(base, controls),
    });
    const effect = this.compare(input, base);
    return {
      loading: wanted.status === 'loading' || isBusy || effect.loading,
      failed: wanted.status === 'failed' ? wanted.message : effect.failed,
    };
  }

  private choose(
    base: TraceSummary,
    side: Side,
    positions: Positions,
    controls: ModelControls,
    batch: number,
  ): void {
    const { list } = this.intervened;
    const can = controls.positions.find((each) => each.side === side)?.can ?? [];
    const own = positionEditIn(list, side);
    const change = this.draft?.change ?? own?.change;
    this.bench.update({
      positions,
      can,
      change,
      enabled: this.draft !== undefined || own?.enabled === true,
      others: otherPositionEdits(list, side),
    });
    this.modes.update({
      trace: base,
      batch,
      side,
      changes: this.tried(can, change),
      list,
      current: change,
    });
  }

  /** One change per mode; the numbers are those that are chosen, or the first ones. */
  private tried(can: readonly PositionChange['to'][], change: PositionChange | undefined): PositionChange[] {
    const mode = modeOf(change);
    const numbered = (['shift', 'shuffle', 'scale'] as const).flatMap((each) => {
      const made = mode === each ? change : changeOf(each, firstAmounts[each]);
      return made && can.includes(each) ? [made] : [];
    });
    return [
      ...(can.includes('remove') ? ([{ to: 'remove' }] as const) : []),
      ...numbered,
      ...(can.includes('multiply') ? ([{ to: 'multiply' }] as const) : []),
      ...(can.includes('sinusoidal') ? ([{ to: 'sinusoidal' }] as const) : []),
      ...(can.includes('table') ? [change?.to === 'table' ? change : this.random()] : []),
    ];
  }

  private compare({ trace, view, theme, attention }: ViewInput, base: TraceSummary): ViewStatus {
    return this.effect.update({
      before: base,
      after: trace.id === base.id ? undefined : trace,
      pending: this.draft !== undefined || this.intervened.busy,
      problem: this.intervened.problem,
      attention,
      head: view.mean ? 'mean' : view.head,
      batch: view.batch,
      theme,
      width: this.below.clientWidth,
      table: view.table,
      empty: strings.empty,
    });
  }

  private put(change: PositionChange | undefined, typed: boolean): void {
    const { shown } = this;
    if (!shown) {
      return;
    }
    clearTimeout(this.timer);
    this.draft = undefined;
    if (typed && change) {
      this.draft = { side: shown.side, change };
      this.timer = setTimeout(() => this.apply(), resting);
      this.store.set({});
    } else {
      this.set(withPositionChange(this.intervened.list, shown.side, change));
    }
  }

  private apply(): void {
    clearTimeout(this.timer);
    const { draft } = this;
    this.draft = undefined;
    if (draft) {
      this.set(withPositionChange(this.intervened.list, draft.side, draft.change));
    }
  }

  private setEnabled(enabled: boolean): void {
    this.apply();
    const own = this.shown && positionEditIn(this.intervened.list, this.shown.side);
    if (own) {
      this.set(this.intervened.list.map((each) => (each === own ? { ...own, enabled } : each)));
    }
  }

  private set(list: readonly Intervention[]): void {
    this.intervened.set(list);
  }

  /** As long as the text and as wide as the model, its rows as long as the model's own. */
  private random(): PositionChange {
    const { positions, tokens } = this.shown ?? {};
    const table = positions?.table;
    const norms = table ? rowNorms(table) : [];
    const norm = norms.reduce((sum, each) => sum + each, 0) / Math.max(1, norms.length);
    return randomTable((tokens ?? 0) + spareRows, table?.columns ?? 0, norm, randomSeed);
  }

  private go(attention: string, head: number): void {
    const { view, state } = this.store.model;
    if (view && state?.model) {
      this.store.setView(atHead(view, state.model, attention, head));
    }
  }
}

function obstacleOf(base: TraceSummary, { positions }: ModelControls): string | undefined {
  const encoder = positions.find(({ side }) => side === 'encoder');
  if (base.encoder.length === 0 || !encoder) {
    return strings.noEncoder;
  }
  return encoder.can.includes('remove') ? undefined : strings.cannotRemove;
}

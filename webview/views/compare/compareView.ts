// The Compare view: the shown run (A) beside another text, other settings or another model (B), token by token and head by head.
import type { Contrast, HeadContrast, OtherRun, OtherSide, TwoRuns } from '../../../src/shared/contrast';
import { messageOf } from '../../../src/shared/errors';
import { element, setText } from '../../dom';
import type { EditorHighlight } from '../../explorer/editorHighlight';
import type { Intervened } from '../../explorer/intervened';
import { explorationOf, type OtherChoice, otherOf, withOther } from '../../explorer/otherSides';
import { sequencesOf } from '../../explorer/sequences';
import type { Slices } from '../../explorer/slices';
import type { ExplorerStore } from '../../explorer/store';
import { atHead } from '../../explorer/viewState';
import { panelStrings } from '../../strings';
import { compareStrings as strings } from '../../strings/compareStrings';
import { explanation } from '../explanation';
import type { ExplorerViewPart, ViewInput, ViewStatus } from '../view';
import { afterSwitch } from './afterSwitch';
import { ComparedPair } from './comparedPair';
import { DistanceGrid } from './distanceGrid';
import { choicesFor, counterpart, type HeadChoice, kindOf, ownChoice } from './linkedHead';
import { OtherRunner } from './otherRunner';
import { OutputPane } from './outputPane';
import { SideHeader } from './sideHeader';
import { StatesPane } from './statesPane';
import { swappedContrast, swappedHeads } from './swapped';
import { countItems, tokenRows } from './tokenRows';
import { sidesOf } from '../../../src/shared/attentionSides';

/** Everything that is drawn when both runs are there. */
interface Shown {
  readonly input: ViewInput;
  readonly run: OtherRun;
  readonly swapped: boolean;
  readonly place: TwoRuns;
  /** As the engine answers: A is the shown run. */
  readonly contrast: Contrast;
}

export class CompareView implements ExplorerViewPart {
  readonly centre: HTMLElement;
  readonly inspector: HTMLElement;
  private readonly header: SideHeader;
  private readonly runner: OtherRunner;
  private readonly tokensCaption = element('span', { class: 'caption', 'data-role': 'compare-counts' });
  private readonly tokens = element('div', { class: 'pane-text', 'data-role': 'compare-tokens' });
  private readonly pair: ComparedPair;
  private readonly output = new OutputPane();
  private readonly states = new StatesPane();
  private readonly body: HTMLElement;
  private readonly grid: DistanceGrid;
  private readonly gridMissing = element('p', { class: 'missing', 'data-role': 'compare-grid-missing' });
  private readonly notes = element('ul', { class: 'compare-notes', 'data-role': 'compare-notes' });
  private readonly notesPane: HTMLElement;
  private readonly swappedMemo = new Map<object, unknown>();
  private linked = true;
  private own: HeadChoice | undefined;
  private layersFrom: TwoRuns['layersFrom'] = 'bottom';
  private shownTokens = '';
  private shown: Shown | undefined;
  private heads: HeadContrast | undefined;
  private problem = '';
  /** The texts that were drawn last, and the model that ran them. */
  private drawn: { readonly of: string; readonly model: string } | undefined;

  constructor(
    private readonly store: ExplorerStore,
    private readonly slices: Slices,
    private readonly highlight: EditorHighlight,
    private readonly intervened: Intervened,
  ) {
    this.runner = new OtherRunner(
      store.host,
      () => this.redraw(),
      (message) => store.log(message),
    );
    this.header = new SideHeader({
      compare: (side) => this.choose(side),
      editor: () => this.ask(async () => ({ by: 'text', ...(await store.host.editorText()) })),
      listed: () => this.choose({ by: 'interventions', interventions: this.listed() }),
      recipe: () =>
        this.ask(async () => {
          const recipe = await store.host.openRecipe();
          return recipe && { by: 'interventions', interventions: recipe.interventions };
        }),
      swap: () => this.swap(),
      clear: () => this.choose(undefined),
      stop: () => this.runner.stop(),
      again: () => {
        this.runner.retry();
        this.redraw();
      },
    });
    this.pair = new ComparedPair({
      link: (on) => this.link(on),
      choose: (choice) => {
        this.own = choice;
        this.redraw();
      },
      countLayers: (from) => {
        this.layersFrom = from;
        this.redraw();
      },
      point: (cell) => this.point(cell),
    });
    this.grid = new DistanceGrid((attention, head) => this.go(attention, head));
    this.body = element(
      'div',
      { class: 'compare-body' },
      element(
        'section',
        { class: 'pane' },
        element(
          'div',
          { class: 'pane-header' },
          element('h2', { class: 'pane-title' }, strings.tokens),
          this.tokensCaption,
        ),
        this.tokens,
      ),
      this.pair.element,
      this.output.element,
      this.states.element,
    );
    this.centre = element(
      'div',
      { class: 'view compare-view', tabindex: 0, 'data-keys': true, 'aria-label': strings.label },
      this.header.element,
      this.body,
      explanation(strings.explain, strings.explanation),
    );
    this.notesPane = element(
      'section',
      { class: 'pane' },
      element('div', { class: 'pane-header' }, element('h3', { class: 'pane-title' }, strings.notes)),
      this.notes,
    );
    this.inspector = element(
      'div',
      { class: 'inspector-content', 'data-role': 'compare-inspector' },
      this.grid.element,
      this.gridMissing,
      this.notesPane,
    );
  }

  /** Compares with this side, whatever was chosen before. */
  compareWith(side: OtherSide, swapped = false): void {
    this.choose(side, swapped);
  }

  update(input: ViewInput): ViewStatus {
    const { trace, view, summary } = input;
    const exploration = explorationOf(trace);
    const choice = this.choiceFor(input, exploration);
    const { interventions, language, decoder } = trace;
    const content = [summary.id, exploration, interventions, language, decoder.map(({ text }) => text)];
    const status = this.runner.want(
      JSON.stringify(content),
      choice && { trace: trace.id, batch: view.batch, side: choice.side },
    );
    const run = status.status === 'ready' ? status.run : undefined;
    this.header.update({
      input,
      status,
      side: choice?.side,
      swapped: choice?.swapped ?? false,
      listed: this.intervened.list.length,
      problem: this.problem,
    });
    const result = run && this.show(input, run, choice?.swapped ?? false);
    // What is drawn stays while more is asked of the same two runs, and not a moment longer.
    const drawn = this.shown?.place;
    const ready = run !== undefined && drawn?.trace === trace.id && drawn.other === run.trace.id;
    this.body.hidden = !ready;
    this.grid.element.hidden ||= !ready;
    this.gridMissing.hidden ||= !ready;
    this.notesPane.hidden ||= !ready;
    if (!ready) {
      this.shown = undefined;
      this.heads = undefined;
      this.pair.clear();
      this.highlight.show([]);
    }
    return result ?? { loading: false, failed: undefined };
  }

  private show(input: ViewInput, run: OtherRun, swapped: boolean): ViewStatus {
    const { trace, view } = input;
    const place: TwoRuns = {
      trace: trace.id,
      batch: view.batch,
      other: run.trace.id,
      otherBatch: run.batch,
      unit: view.unit,
      layersFrom: this.layersFrom,
    };
    const wanted = this.slices.contrast.want(place);
    if (wanted.status !== 'ready') {
      return {
        loading: wanted.status === 'loading',
        failed: wanted.status === 'failed' ? wanted.message : undefined,
      };
    }
    const shown: Shown = { input, run, swapped, place, contrast: wanted.value };
    this.shown = shown;
    const display = swapped ? this.memo(wanted.value, swappedContrast) : wanted.value;
    this.showTokens(shown, display);
    const heads = this.showHeads(shown);
    this.showGrid(shown);
    this.showOutput(shown, display);
    this.showStates(shown, display);
    return heads;
  }

  private showTokens({ place, swapped }: Shown, { sides }: Contrast): void {
    const key = JSON.stringify([place, swapped]);
    const all = sides.flatMap(({ items }) => items);
    setText(this.tokensCaption, strings.tokensCaption(...countItems(all)));
    if (key !== this.shownTokens) {
      this.shownTokens = key;
      this.tokens.replaceChildren(
        ...sides.flatMap(({ a, b, items }) => {
          const title = strings.side(panelStrings.sides[a], panelStrings.sides[b]);
          const rows = tokenRows(title, items);
          return sides.length > 1 ? [element('h3', { class: 'caption' }, title), rows] : [rows];
        }),
      );
    }
  }

  private showHeads({ input, run, swapped, place, contrast }: Shown): ViewStatus {
    const { attention, view, theme } = input;
    const kind = kindOf(contrast, attention);
    const head: number | 'mean' = view.mean ? 'mean' : view.head;
    const partner = counterpart(kind, run.summary, attention, head);
    const choice = this.linked ? partner : ownChoice(kind, run.summary, attention.layer, this.own ?? partner);
    const request = choice && {
      ...place,
      attention: attention.name,
      head,
      otherAttention: choice.attention,
      otherHead: choice.head,
    };
    const wanted = request && this.slices.contrastHeads.want(request);
    const value = wanted?.status === 'ready' ? wanted.value : undefined;
    const heads = value && swapped ? this.memo(value, swappedHeads) : value;
    this.heads = heads ?? (wanted?.status === 'loading' ? this.heads : undefined);
    const own = strings.headName(attention.name, head);
    const other = choice ? strings.headName(choice.attention, choice.head) : '';
    const layers = kind?.layers.length;
    const choices = choicesFor(kind, run.summary);
    this.pair.update({
      key: JSON.stringify([request, swapped]),
      heads,
      loading: wanted?.status === 'loading',
      names: swapped ? { a: other, b: own } : { a: own, b: other },
      theme,
      width: this.centre.clientWidth,
      table: view.table,
      note: choice ? undefined : kind?.b ? strings.noCounterpart(own) : (kind?.why ?? strings.noKind),
      linked: this.linked,
      choices,
      choice,
      layersFrom: layers === choices.length ? undefined : this.layersFrom,
    });
    return {
      loading: wanted?.status === 'loading',
      failed: wanted?.status === 'failed' ? wanted.message : undefined,
    };
  }

  private showGrid({ input, place, contrast }: Shown): void {
    const { attention, view, theme } = input;
    const kind = kindOf(contrast, attention);
    const heads = kind?.heads ?? [];
    this.grid.element.hidden = heads.length === 0;
    this.gridMissing.hidden = heads.length > 0;
    setText(this.gridMissing, kind?.why ?? strings.noKind);
    if (heads.length > 0) {
      this.grid.update({
        key: JSON.stringify([place, attention.kind]),
        heads,
        theme,
        width: this.inspector.clientWidth || 260,
        chosen: { attention: attention.name, head: view.mean ? 'mean' : view.head },
        table: view.table,
      });
    }
    this.notesPane.hidden = contrast.notes.length === 0;
    if (this.notes.textContent !== contrast.notes.join('')) {
      this.notes.replaceChildren(...contrast.notes.map((note) => element('li', {}, note)));
    }
  }

  private showOutput({ input, run, swapped, place }: Shown, { output, sides }: Contrast): void {
    const { trace, view, summary } = input;
    const own = trace.encoder.length > 0 ? trace.decoder.at(view.batch) : undefined;
    const other = run.trace.encoder.length > 0 ? run.trace.decoder.at(run.batch) : undefined;
    const items = sides.find(({ a, b }) => a === 'decoder' && b === 'decoder')?.items ?? [];
    const decoders = own && other && (swapped ? { a: other, b: own, items } : { a: own, b: other, items });
    const key = JSON.stringify([place, swapped]);
    this.output.update({ key, output, decoders, masked: summary.family === 'encoder-only' });
  }

  private showStates({ input, place, swapped, contrast }: Shown, display: Contrast): void {
    const { attention, theme, view } = input;
    const { query } = sidesOf(attention.kind);
    const index = contrast.sides.findIndex(({ a }) => a === query);
    const states = display.states.at(Math.max(0, index));
    this.states.element.hidden = !states;
    if (states) {
      this.states.update({
        key: JSON.stringify([place, swapped, index]),
        contrast: states,
        items: display.sides[Math.max(0, index)].items,
        theme,
        width: this.centre.clientWidth,
        table: view.table,
      });
    }
  }

  private listed() {
    return this.intervened.list.map((each) => ({ ...each, enabled: true }));
  }

  /** What is compared, after a look at which model has been put to use since the last time. */
  private choiceFor({ summary, model }: ViewInput, of: string): OtherChoice | undefined {
    const choice = otherOf(model.others, of);
    const offered = (model.state?.models ?? []).map(({ id }) => id);
    const before = this.drawn?.of === of ? this.drawn.model : undefined;
    const kept = choice && afterSwitch(choice, { before, now: summary.id, offered });
    this.drawn = { of, model: summary.id };
    if (kept !== choice) {
      queueMicrotask(() => this.remember(kept));
    }
    return kept;
  }

  private choose(side: OtherSide | undefined, swapped = false): void {
    this.problem = '';
    if (side) {
      // Chosen once more, what failed is tried again.
      this.runner.retry();
    }
    this.remember(side && { side, swapped });
  }

  /** What is chosen belongs to the texts that are shown now, whether this view is open or not. */
  private remember(choice: Omit<OtherChoice, 'of'> | undefined): void {
    const { others, state } = this.store.model;
    if (state?.trace) {
      this.store.set({ others: withOther(others, explorationOf(state.trace), choice) });
    }
  }

  /** For sides that the host has to be asked for; undefined where the user gave up. */
  private ask(question: () => Promise<OtherSide | undefined>): void {
    this.problem = '';
    question().then(
      (side) => side && this.choose(side),
      (error: unknown) => {
        this.problem = messageOf(error);
        this.redraw();
      },
    );
  }

  private swap(): void {
    const { others, state } = this.store.model;
    const choice = state?.trace && otherOf(others, explorationOf(state.trace));
    this.remember(choice && { side: choice.side, swapped: !choice.swapped });
  }

  private link(on: boolean): void {
    this.linked = on;
    this.own = undefined;
    this.redraw();
  }

  private go(attention: string, head: number): void {
    const { view, state } = this.store.model;
    if (view && state?.model) {
      this.store.setView(atHead(view, state.model, attention, head));
    }
  }

  /** Marks in the editor the tokens of the shown run that a cell is about. */
  private point(cell: { readonly row: number; readonly column: number } | undefined): void {
    const { shown, heads } = this;
    if (!shown || !heads || !cell) {
      this.highlight.show([]);
      return;
    }
    const { input, swapped } = shown;
    const sides = sidesOf(input.attention.kind);
    const own = swapped ? 'b' : 'a';
    const places = [
      { side: sides.query, part: heads.queries.at(cell.row)?.[own] },
      { side: sides.key, part: heads.keys.at(cell.column)?.[own] },
    ];
    this.highlight.show(
      places.flatMap(({ side, part }) => {
        const { batch } = input.view;
        const tokens = sequencesOf(input.trace, side).at(batch)?.tokens;
        const hasText = part && (tokens?.[part.first]?.start ?? -1) >= 0;
        return hasText ? [{ side, batch, first: part.first, last: part.last }] : [];
      }),
    );
  }

  /** A swapped answer is made once for every answer. */
  private memo<T extends object>(value: T, make: (value: T) => T): T {
    const known = this.swappedMemo.get(value);
    if (known !== undefined) {
      return known as T;
    }
    const made = make(value);
    // Only the latest few are drawn again.
    if (this.swappedMemo.size > 8) {
      this.swappedMemo.clear();
    }
    this.swappedMemo.set(value, made);
    return made;
  }

  /** The picture follows by the same way as every other change. */
  private redraw(): void {
    this.store.set({});
  }
}

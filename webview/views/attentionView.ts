// The Attention view: thumbnails of all heads, one head as lines and matrix or as a table, and the inspector beside it.
import type { Cell, HeadRef } from '../../src/shared/trace';
import type { Matrix } from '../../src/shared/tensor';
import { element, icon, icons, setText, showEither } from '../dom';
import { thumbnailGrid, cellsPerThumbnail } from '../draw/thumbnails';
import { toggleLines, toggleMatrix } from '../explorer/keys';
import type { Aim, HeadScene } from '../explorer/scene';
import { aimOf, targetOfToken, tokensOf } from '../explorer/scene';
import { axisOf, sequencesOf, tokenRef } from '../explorer/sequences';
import type { Slices } from '../explorer/slices';
import type { ExplorerStore, Target } from '../explorer/store';
import type { Pair } from '../explorer/viewState';
import { withHead } from '../explorer/viewState';
import type { Announcer } from '../explorer/announcer';
import type { EditorHighlight } from '../explorer/editorHighlight';
import { formatWeight } from '../format';
import { attentionStrings as strings, panelStrings } from '../strings';
import type { Toggle } from '../toolkit';
import { toggle } from '../toolkit';
import { attentionFacts } from './attentionFacts';
import { FactList } from './factList';
import { HeadFinder } from './headFinder';
import { panesBesideHeads } from './headFinderSwitch';
import { HeadFooter } from './headFooter';
import { HeadsGrid } from './headsGrid';
import { headsTable } from './headsTable';
import { HeadStage } from './headStage';
import { describePair, Inspector, pairOf } from './inspector';
import type { ExplorerViewPart, ViewInput, ViewStatus } from './view';
import type { TableContent } from './pagedTable';
import { PagedTable } from './pagedTable';
import { sidesOf } from '../../src/shared/attentionSides';

const nothing: Aim = { by: 'nothing' };

export class AttentionView implements ExplorerViewPart {
  readonly centre: HTMLElement;
  readonly inspector: HTMLElement;
  private readonly gridCaption = element('span', { class: 'caption' });
  private readonly grid: HeadsGrid;
  private readonly gridTable = element('div', { class: 'table-view heads-table', 'data-keys': true });
  private readonly facts = new FactList('attention-facts');
  private readonly finder: HeadFinder;
  private readonly title = element('h2', { class: 'pane-title', 'data-role': 'head-title' });
  private readonly name = element('code', { class: 'tensor-name', 'data-role': 'head-name' });
  private readonly toggles: Readonly<Record<'lines' | 'matrix' | 'table', Toggle>>;
  private readonly stage: HeadStage;
  private readonly table = new PagedTable('weight-table');
  private readonly tableHost = element('div', { class: 'table-view', 'data-keys': true }, this.table.element);
  private readonly footer: HeadFooter;
  private readonly details: Inspector;
  private scene: HeadScene | undefined;
  private aim = nothing;
  private aimKey = '';

  constructor(
    private readonly store: ExplorerStore,
    private readonly slices: Slices,
    private readonly announcer: Announcer,
    private readonly highlight: EditorHighlight,
  ) {
    this.grid = new HeadsGrid((layer, head) => this.choose(layer, head));
    this.stage = new HeadStage(
      {
        hover: (target) => this.hover(target),
        pin: (pair) => this.pin(pair),
        compare: (pair) => this.compare(pair),
        release: () => this.release(),
        token: (axis, index) => this.pickToken(axis, index),
      },
      (count, layout) => this.footer.place(count, layout),
    );
    // The first click of the two has pinned the cell.
    this.stage.element.addEventListener('dblclick', () => {
      if (this.store.model.view?.pinned) {
        this.store.patchView({ view: 'inside' });
      }
    });
    this.footer = new HeadFooter((threshold) => this.store.patchView({ threshold }));
    this.details = new Inspector({
      hover: (pair) => this.hover(pair),
      pin: (pair) => this.pin(pair),
      head: (layer, head) => this.choose(layer, head),
    });
    this.inspector = this.details.element;
    this.finder = new HeadFinder(store, slices, announcer);
    const change = (next: typeof toggleLines) => () => {
      const { view } = this.store.model;
      if (view) {
        this.store.setView(next(view));
      }
    };
    this.toggles = {
      lines: toggle('lines', strings.showLines, icon(icons.lines), change(toggleLines)),
      matrix: toggle('matrix', strings.showMatrix, icon(icons.matrix), change(toggleMatrix)),
      table: toggle(
        'table',
        strings.showTable,
        icon(icons.table),
        change((view) => ({ ...view, table: !view.table })),
      ),
    };
    this.centre = this.layOut();
  }

  update(input: ViewInput): ViewStatus {
    const { model, view, summary, attention } = input;
    this.toggles.lines.update(view.lines && !view.table);
    this.toggles.matrix.update(view.matrix && !view.table);
    this.toggles.table.update(view.table);
    const overview = this.updateGrid(input);
    const wanted = this.slices.matrix.want({ ...headRef(input), stage: 'weights', unit: view.unit });
    const stale = wanted.status !== 'ready';
    if (wanted.status === 'ready') {
      this.scene = this.sceneOf(input, wanted.value);
    }
    const { scene } = this;
    if (scene) {
      this.aimAt(scene, model.hovered, view.pinned, model.followed);
      const second = stale ? undefined : model.second;
      this.updateHead(input, scene, stale, second);
      this.updateInspector(input, scene, stale, second);
      this.highlight.show(tokensOf(scene, stale ? undefined : model.hovered));
    }
    this.finder.update(input);
    this.facts.update(
      attentionFacts(summary, attention, scene?.queries.length ?? 0, scene?.keys.length ?? 0),
    );
    return {
      loading: wanted.status === 'loading' || overview.loading,
      failed: wanted.status === 'failed' ? wanted.message : overview.failed,
    };
  }

  private updateGrid({ attention, summary, trace, view, theme }: ViewInput): ViewStatus {
    const layers = summary.attentions.filter(({ kind }) => kind === attention.kind).length;
    const { height } = this.gridSpace();
    const width = this.grid.element.parentElement?.clientWidth ?? 0;
    const grid = thumbnailGrid(layers, attention.heads, Math.max(width, 1), height);
    this.grid.element.style.height = `${grid.height}px`;
    const request = {
      trace: trace.id,
      kind: attention.kind,
      batch: view.batch,
      unit: view.unit,
      maxCells: cellsPerThumbnail(grid, window.devicePixelRatio || 1),
    };
    const wanted = this.slices.overview.want(request);
    if (wanted.status === 'ready') {
      const { value } = wanted;
      const kind = panelStrings.kinds[attention.kind];
      const caption =
        strings.headsCaption(kind, value.layers, value.heads) +
        (value.block > 1 ? strings.headsBlock(value.block) : '');
      setText(this.gridCaption, caption);
      this.gridCaption.title = caption;
      this.grid.update({
        key: JSON.stringify(request),
        overview: value,
        theme,
        layer: attention.layer,
        head: view.head,
        mean: view.mean,
        label: strings.headsGrid(kind),
      });
      if (view.table) {
        headsTable(this.gridTable, JSON.stringify(request), value, (layer, head) => this.choose(layer, head));
      }
      showEither(this.grid.element, this.gridTable, view.table);
    }
    return {
      loading: wanted.status === 'loading',
      failed: wanted.status === 'failed' ? wanted.message : undefined,
    };
  }

  /** Thumbnails may take less than half of the height; the head itself is what people look at. */
  private gridSpace(): { height: number } {
    const available = window.innerHeight - 100;
    return { height: Math.max(90, Math.min(450, available * 0.45 - 26)) };
  }

  private sceneOf({ attention, view, trace }: ViewInput, matrix: HeadScene['matrix']): HeadScene {
    const head = view.mean ? 'mean' : view.head;
    const key = [trace.id, attention.name, head, view.batch, view.unit].join('/');
    if (this.scene?.key === key && this.scene.matrix === matrix) {
      return this.scene;
    }
    const sides = sidesOf(attention.kind);
    return {
      key,
      trace: trace.id,
      attention,
      head,
      batch: view.batch,
      unit: view.unit,
      matrix,
      queries: axisOf(sequencesOf(trace, sides.query)[view.batch], view.unit),
      keys: axisOf(sequencesOf(trace, sides.key)[view.batch], view.unit),
    };
  }

  /** Keeps the same object while nothing changed, so that the picture can tell. */
  private aimAt(
    scene: HeadScene,
    ...by: [Target | undefined, Pair | undefined, Parameters<typeof aimOf>[3]]
  ): void {
    const aim = aimOf(scene, ...by);
    const key = JSON.stringify(aim);
    if (key !== this.aimKey) {
      this.aimKey = key;
      this.aim = aim;
    }
  }

  private updateHead({ view, theme }: ViewInput, scene: HeadScene, stale: boolean, second?: Pair): void {
    const name = headName(scene);
    setText(this.title, name);
    setText(this.name, tensorName(scene));
    this.footer.element.hidden = view.table;
    if (view.table) {
      this.table.update(weightTable(scene, name));
    }
    showEither(this.stage.element, this.tableHost, view.table);
    if (view.table) {
      return;
    }
    this.stage.update({
      scene,
      theme,
      lines: view.lines,
      matrix: view.matrix,
      threshold: view.threshold,
      aim: this.aim,
      pins: stale ? [] : [view.pinned, second].filter((pair): pair is Pair => pair !== undefined),
      stale,
      label: strings.matrixLabel(name, scene.queries.length, scene.keys.length),
      describe: (pair) => describePair(scene, pair),
    });
    this.footer.update(view.threshold, theme);
  }

  private updateInspector(input: ViewInput, scene: HeadScene, stale: boolean, second?: Pair): void {
    const { summary, attention, theme, trace, view } = input;
    const pair = stale ? undefined : pairOf(scene, this.aim);
    this.details.update({
      scene,
      aim: this.aim,
      second: this.aim.by === 'pin' ? second : undefined,
      cell: this.cellOf(input, scene, pair, 'cell'),
      secondCell: this.cellOf(input, scene, second, 'secondCell'),
      everyHead: this.everyHead(pair, {
        trace: trace.id,
        kind: attention.kind,
        batch: view.batch,
        unit: view.unit,
      }),
      layers: summary.attentions.filter(({ kind }) => kind === attention.kind).length,
      theme,
      table: view.table,
    });
  }

  /** The numbers of one cell; only single pieces of a single head have them. */
  private cellOf(
    input: ViewInput,
    scene: HeadScene,
    pair: Pair | undefined,
    slot: 'cell' | 'secondCell',
  ): Cell | undefined {
    const query = pair && scene.queries[pair.query];
    const key = pair && scene.keys[pair.key];
    if (!query || !key || query.first !== query.last || key.first !== key.last || scene.head === 'mean') {
      this.slices[slot].rest();
      return undefined;
    }
    const state = this.slices[slot].want({ ...headRef(input), query: query.first, key: key.first });
    return state.status === 'ready' ? state.value : undefined;
  }

  private everyHead(
    pair: Pair | undefined,
    rest: Omit<Parameters<Slices['pair']['want']>[0], 'query' | 'key'>,
  ): Matrix | undefined {
    if (!pair) {
      this.slices.pair.rest();
      return undefined;
    }
    const state = this.slices.pair.want({ ...rest, ...pair });
    return state.status === 'ready' ? state.value : undefined;
  }

  private hover(target: Target | undefined): void {
    const { hovered } = this.store.model;
    if (hovered?.query !== target?.query || hovered?.key !== target?.key) {
      this.store.set({ hovered: target });
    }
  }

  private pin(pair: Pair): void {
    if (this.scene) {
      this.store.set({ second: undefined });
      this.store.patchView({ pinned: pair });
      this.announcer.say(strings.announcePin(describePair(this.scene, pair), headName(this.scene)));
    }
  }

  private compare(pair: Pair): void {
    if (this.scene) {
      this.store.set({ second: pair });
      this.announcer.say(strings.announcePin(describePair(this.scene, pair), headName(this.scene)));
    }
  }

  private release(): void {
    const { view } = this.store.model;
    this.store.set({ second: undefined, hovered: undefined, followed: undefined });
    if (view?.pinned) {
      this.store.patchView({ pinned: undefined });
      this.announcer.say(strings.released);
    }
  }

  /** A clicked token is shown in the editor and becomes what is looked at. */
  private pickToken(axis: 'query' | 'key', index: number): void {
    const { scene } = this;
    const item = scene && (axis === 'query' ? scene.queries : scene.keys)[index];
    if (!scene || !item) {
      return;
    }
    const token = tokenRef(sidesOf(scene.attention.kind)[axis], scene.batch, item);
    if (targetOfToken(scene, token)) {
      this.store.set({ followed: token, second: undefined });
      this.store.patchView({ pinned: undefined });
    }
    if (item.hasText) {
      this.store.tell((host) => host.reveal(token));
    }
  }

  private choose(layer: number, head: number): void {
    const { view, state } = this.store.model;
    if (view && state?.model) {
      this.store.setView(withHead(view, state.model, layer, head));
    }
  }

  private layOut(): HTMLElement {
    const actions = element(
      'div',
      { class: 'actions' },
      this.toggles.lines.element,
      this.toggles.matrix.element,
      this.toggles.table.element,
    );
    const heads = element(
      'section',
      { class: 'pane heads' },
      element(
        'div',
        { class: 'pane-header' },
        element('h2', { class: 'pane-title' }, strings.heads),
        this.gridCaption,
      ),
      this.grid.element,
      this.gridTable,
    );
    const facts = element(
      'section',
      { class: 'pane selected' },
      element('div', { class: 'pane-header' }, element('h2', { class: 'pane-title' }, strings.selected)),
      this.facts.element,
    );
    const beside = panesBesideHeads(facts, this.finder.element, () => this.store.set({}));
    const head = element(
      'section',
      { class: 'pane head' },
      element('div', { class: 'pane-header tall' }, this.title, this.name, actions),
      this.stage.element,
      this.footer.element,
      this.tableHost,
    );
    return element(
      'div',
      { class: 'view attention-view' },
      element('div', { class: 'band' }, heads, beside),
      head,
    );
  }
}

function headRef({ trace, attention, view }: ViewInput): HeadRef {
  return {
    trace: trace.id,
    attention: attention.name,
    head: view.mean ? 'mean' : view.head,
    batch: view.batch,
  };
}

/** The weights as a table; masked cells say so instead of a number. */
function weightTable({ key, matrix, queries, keys }: HeadScene, name: string): TableContent {
  const isMasked = (row: number, column: number) => matrix.masked[row * matrix.columns + column] === 1;
  return {
    key,
    caption: strings.tableCaption(name),
    corner: strings.query,
    rows: queries.map(({ label }) => label),
    columns: keys.map(({ label }) => label),
    isMasked,
    cell: (row, column) =>
      isMasked(row, column) ? strings.masked : formatWeight(matrix.data[row * matrix.columns + column]),
  };
}

/** `Layer 5, head 3`: counted from 1. */
function headName({ attention, head }: HeadScene): string {
  return head === 'mean'
    ? strings.meanName(attention.layer + 1)
    : strings.headName(attention.layer + 1, head + 1);
}

/** `encoder.4.self[2]`: counted from 0. */
function tensorName({ attention, head }: HeadScene): string {
  return head === 'mean' ? attention.name : `${attention.name}[${head}]`;
}

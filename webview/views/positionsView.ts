// The Positions view: the model's positions as pictures, a bench to change them, and what the change does.
import type { ModelSummary, Side } from '../../src/shared/modelSummary';
import type { Positions } from '../../src/shared/trace';
import { element, setText, showEither } from '../dom';
import type { AxisItem } from '../explorer/sequences';
import { axisOf, sequencesOf, tokenRef } from '../explorer/sequences';
import type { Slices } from '../explorer/slices';
import type { EditorHighlight } from '../explorer/editorHighlight';
import type { Intervened } from '../explorer/intervened';
import type { ExplorerModel, ExplorerStore } from '../explorer/store';
import { isInPage } from '../export/savedViews';
import { formatNumber } from '../format';
import { positionStrings as strings } from '../strings';
import { DimensionList } from './dimensionList';
import type { Fact } from './factList';
import { FactList } from './factList';
import type { Spot } from './heatPane';
import { PagedTable } from './pagedTable';
import { positionFacts } from './positionFacts';
import { dimensionsOf, rowNorms } from './positionNumbers';
import { PositionChanges } from './positions/positionChanges';
import { positionUse } from './positions/positionUse';
import { PositionTable } from './positionTable';
import { readSimilarity } from './similarity';
import { SimilarityPane } from './similarityPane';
import type { ExplorerViewPart, ViewInput, ViewStatus } from './view';
import { WavesPane } from './wavesPane';

/** Positions drawn at least, so that slow waves can be seen. */
const leastRows = 64;

/** One side's positions with the text that uses them. */
export interface PositionScene {
  readonly key: string;
  readonly positions: Positions;
  readonly dimensions: readonly number[];
  readonly items: readonly AxisItem[];
}

export class PositionsView implements ExplorerViewPart {
  readonly centre: HTMLElement;
  readonly inspector: HTMLElement;
  private readonly table: PositionTable;
  private readonly dimensions: DimensionList;
  private readonly waves: WavesPane;
  private readonly similarity: SimilarityPane;
  private readonly values = new PagedTable('position-values');
  private readonly similarities = new PagedTable('similarity-values');
  private readonly tables = element(
    'div',
    { class: 'table-view', 'data-keys': true },
    this.values.element,
    this.similarities.element,
  );
  private readonly pictures: HTMLElement;
  private readonly facts = new FactList('position-facts');
  private readonly evidence = element('p', { class: 'caption evidence', 'data-role': 'position-evidence' });
  private readonly hereTitle = element('h3', { class: 'pane-title tokens' });
  private readonly here = new FactList('position-here');
  /** A saved page has nothing that could run again. */
  private readonly changes: PositionChanges | undefined;
  private scene: PositionScene | undefined;
  private spot: Spot = {};

  constructor(
    private readonly store: ExplorerStore,
    private readonly slices: Slices,
    private readonly highlight: EditorHighlight,
    private readonly intervened: Intervened,
  ) {
    this.changes = isInPage('experiments') ? new PositionChanges(store, slices, intervened) : undefined;
    const point = (spot: Spot) => this.point(spot);
    this.table = new PositionTable(point);
    this.dimensions = new DimensionList((dimensions) => this.store.set({ dimensions }));
    this.waves = new WavesPane((row) => this.point(row === undefined ? {} : { row }));
    this.similarity = new SimilarityPane((row) => this.point(row === undefined ? {} : { row }));
    this.table.element.append(this.dimensions.element);
    this.pictures = element(
      'div',
      { class: 'position-pictures' },
      this.table.pane,
      element('div', { class: 'position-row' }, this.waves.element, this.similarity.element),
    );
    this.centre = element(
      'div',
      { class: 'view positions-view' },
      ...(this.changes ? [this.changes.above] : []),
      this.pictures,
      this.tables,
      ...(this.changes ? [this.changes.below] : []),
    );
    this.inspector = element(
      'div',
      { class: 'inspector-content', 'data-role': 'positions-inspector' },
      element(
        'section',
        { class: 'pane' },
        element('div', { class: 'pane-header' }, element('h2', { class: 'pane-title' }, strings.facts)),
        this.facts.element,
        this.evidence,
      ),
      element(
        'section',
        { class: 'pane' },
        element('div', { class: 'pane-header' }, this.hereTitle),
        this.here.element,
      ),
      ...(this.changes ? [this.changes.beside] : []),
    );
  }

  update(input: ViewInput): ViewStatus {
    const { model, summary, view, attention } = input;
    // The pictures are of the model as it was loaded; what is changed is said beside them.
    const trace = this.intervened.trace ?? input.trace;
    const side = sideOf(summary, model.side);
    const items = axisOf(sequencesOf(trace, side)[view.batch], 'pieces');
    const request = {
      model: summary.id,
      side,
      rows: rowsOf(summary, side, items.length),
      ...(isLayered(model) && { layer: attention.layer, head: view.head }),
    };
    const wanted = this.slices.positions.want(request);
    if (wanted.status === 'ready') {
      const dimensions = dimensionsOf(model.dimensions, wanted.value);
      const key = JSON.stringify([request, trace.id, view.batch, dimensions]);
      if (this.scene?.key !== key || this.scene.positions !== wanted.value) {
        this.spot = this.scene?.key === key ? this.spot : {};
        this.scene = { key, positions: wanted.value, dimensions, items };
      }
      this.show(this.scene, input, this.aim(model, side, view.batch));
      const pointed = this.spot.row === undefined ? undefined : items[this.spot.row];
      this.highlight.show(pointed?.hasText ? [tokenRef(side, view.batch, pointed)] : []);
    }
    const shown = this.scene?.positions.side === side ? this.scene.positions : undefined;
    const changed = this.changes?.update(input, trace, side, shown);
    return {
      loading: wanted.status === 'loading' || changed?.loading === true,
      failed: wanted.status === 'failed' ? wanted.message : changed?.failed,
    };
  }

  private show(scene: PositionScene, { theme, summary, view }: ViewInput, spot: Spot): void {
    const { positions, items, dimensions } = scene;
    if (view.table) {
      this.tabulate(scene);
    }
    showEither(this.pictures, this.tables, view.table);
    if (!view.table) {
      const width = this.centre.clientWidth;
      const change = this.changes?.changeOn(positions.side);
      const use = positionUse(change, items.length, positions.table?.rows ?? 0, positions.available);
      this.table.update({ scene, use, theme, spot, width });
      this.dimensions.update(scene, theme, spot.row ?? 0);
      this.waves.update({ scene, theme, position: spot.row });
      this.similarity.update({ scene, theme, row: spot.row });
    }
    this.facts.update(positionFacts(positions, summary, items.length));
    setText(this.evidence, positions.evidence);
    const row = spot.row ?? 0;
    setText(this.hereTitle, positions.table ? strings.here(row, items[row]?.label ?? '') : '');
    this.here.update(factsHere(positions, dimensions, row));
  }

  private tabulate({ key, positions, items }: PositionScene): void {
    const { table, similarity, kind, evidence } = positions;
    const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));
    this.values.update({
      key,
      caption: !table ? strings.noPositions(evidence) : kind === 'rotary' ? strings.angles : strings.table,
      corner: strings.position,
      rows: numbers(table?.rows ?? 0).map((row, index) =>
        items[index] ? `${row} ${items[index].label}` : row,
      ),
      columns: numbers(table?.columns ?? 0),
      cell: (row, column) => formatNumber(table?.data[row * table.columns + column] ?? 0),
    });
    const shown = similarity && readSimilarity(similarity, kind);
    this.similarities.update({
      key,
      caption: shown ? `${shown.title}, ${shown.caption}` : strings.noSimilarity,
      corner: strings.position,
      rows: numbers(shown?.matrix.rows ?? 0),
      columns: numbers(shown?.matrix.columns ?? 0),
      cell: (row, column) => formatNumber(shown?.matrix.data[row * shown.matrix.columns + column] ?? 0),
    });
  }

  /** The pointer before the word at the editor's cursor. */
  private aim({ followed }: ExplorerModel, side: Side, batch: number): Spot {
    if (this.spot.row !== undefined) {
      return this.spot;
    }
    return followed && followed.side === side && followed.batch === batch ? { row: followed.first } : {};
  }

  private point(spot: Spot): void {
    if (spot.row !== this.spot.row || spot.column !== this.spot.column) {
      this.spot = spot;
      this.store.set({});
    }
  }
}

/** The side that is shown: the chosen one where the model has both. */
export function sideOf({ family }: ModelSummary, chosen: Side): Side {
  switch (family) {
    case 'encoder-only':
      return 'encoder';
    case 'decoder-only':
      return 'decoder';
    case 'encoder-decoder':
      return chosen;
    default:
      return family satisfies never;
  }
}

/** Whether the positions are those of one layer and head: a relative bias or ALiBi. */
export function isLayered({ state, side }: ExplorerModel): boolean {
  const summary = state?.model;
  const shown = summary && sideOf(summary, side);
  const kind = summary?.positions.find((positions) => positions.side === shown)?.kind;
  return kind === 'relative' || kind === 'alibi';
}

/** As many positions as the text uses and at least 64, but not more than there are. */
function rowsOf({ positions }: ModelSummary, side: Side, used: number): number {
  const available = positions.find((each) => each.side === side)?.table?.positions ?? Infinity;
  return Math.min(available, Math.max(leastRows, used));
}

/** The numbers of one position: its norm and its value in each drawn dimension. */
function factsHere({ table, kind }: Positions, dimensions: readonly number[], row: number): Fact[] {
  if (!table || row >= table.rows) {
    return [];
  }
  const norm = rowNorms({
    ...table,
    rows: 1,
    data: table.data.slice(row * table.columns, (row + 1) * table.columns),
  });
  return [
    ...(kind === 'rotary' ? [] : [{ name: strings.norm, value: formatNumber(norm[0]) }]),
    ...dimensions.map((dimension) => ({
      name: strings.value(dimension),
      value: formatNumber(table.data[row * table.columns + dimension]),
    })),
  ];
}

// All pictures of one head in their places, with arrows, numbers under them, the comparison without scale and the residual stream.
import type { HeadStages } from '../../src/shared/headStages';
import type { CellPosition } from '../draw/cells';
import { divergingPixel, heatPixels, symmetricRange, weightPixel } from '../draw/heatPixels';
import { CellPicture } from '../draw/surface';
import { element, setText } from '../dom';
import type { Pair } from '../explorer/viewState';
import { formatMask, formatNumber, formatScientific, formatWeight } from '../format';
import { insideStrings as strings } from '../strings/insideStrings';
import type { Theme } from '../theme';
import { themeKey } from './headPainter';
import { chartHeight, InsideChart } from './insideChart';
import { InsideCompared } from './insideCompared';
import type { InsideLayout, StageName } from './insideLayout';
import { insideLayout, stageNames, windowFor } from './insideLayout';
import { InsideLegends } from './insideLegends';
import { hasBias, scaleEffect } from './insideNumbers';
import { InsidePicture } from './insidePicture';
import { InsideResidual } from './insideResidual';
import type { InsideScene } from './insideScene';
import { columnsAreKeys, rowsAreKeys, whyMissing } from './insideScene';
import type { HeadStats, StageStats } from './insideStats';
import { drawnMatrix, headStats, keptRange, rowStats } from './insideStats';
import { InsideWires } from './insideWires';

export interface BoardEvents {
  readonly point: (cell: Partial<Pair> | undefined) => void;
  /** Undefined pins the outlined cell. */
  readonly pin: (cell: Partial<Pair> | undefined) => void;
  readonly release: () => void;
  /** Moves by queries and keys. */
  readonly step: (queries: number, keys: number) => void;
}

export interface BoardInput {
  readonly scene: InsideScene;
  readonly cell: Pair;
  /** Whether the cell must be visible: it was chosen, not pointed at. */
  readonly reveal: boolean;
  readonly theme: Theme;
  readonly width: number;
}

const withStats = ['scores', 'scaled', 'masked', 'weights', 'context', 'output'] as const;

interface StatsPart {
  readonly element: HTMLElement;
  readonly chart: InsideChart;
  readonly lines: readonly (readonly [HTMLElement, HTMLElement])[];
}

export class InsideBoard {
  readonly element: HTMLElement;
  private readonly pictures: Readonly<Record<StageName, InsidePicture>>;
  private readonly stats = Object.fromEntries(withStats.map((name) => [name, statsPart(name)])) as Readonly<
    Record<(typeof withStats)[number], StatsPart>
  >;
  private readonly wires = new InsideWires();
  private readonly compared = new InsideCompared();
  private readonly residual = new InsideResidual();
  private readonly legends = new InsideLegends();
  private readonly pages = element('p', { class: 'caption inside-pages', 'data-role': 'inside-pages' });
  private readonly layer;
  private readonly drawn = new Map<
    StageName,
    { readonly key: string; readonly stages: HeadStages; readonly picture: CellPicture }
  >();
  private head: { readonly scene: InsideScene; readonly stats: HeadStats } | undefined;
  private first = { scene: '', query: 0, key: 0 };
  private input: BoardInput | undefined;
  private layout: InsideLayout | undefined;

  constructor(private readonly events: BoardEvents) {
    const picture = (name: StageName): InsidePicture =>
      new InsidePicture(name, {
        point: (at) => this.events.point(at && this.pairOf(name, at)),
        pin: (at) => this.events.pin(at && this.pairOf(name, at)),
        release: () => this.events.release(),
        step: (rows, columns) => this.step(name, rows, columns),
        scroll: (rows, columns) => this.scroll(name, rows, columns),
      });
    this.pictures = Object.fromEntries(stageNames.map((name) => [name, picture(name)])) as Record<
      StageName,
      InsidePicture
    >;
    this.layer = element(
      'div',
      { class: 'inside-layer' },
      this.wires.element,
      ...stageNames.map((name) => this.pictures[name].element),
      ...withStats.map((name) => this.stats[name].element),
    );
    this.element = element(
      'div',
      { class: 'inside-board', 'data-role': 'inside-board' },
      this.layer,
      this.pages,
      this.compared.element,
      this.residual.element,
      this.legends.element,
    );
  }

  update(input: BoardInput): void {
    this.input = input;
    const { scene, cell, theme } = input;
    const { stages, attention } = scene;
    const layout = insideLayout({
      width: input.width,
      queries: scene.queries.length,
      keys: scene.keys.length,
      headSize: stages.query?.columns ?? (attention.headSize || 1),
      valueSize: stages.value?.columns ?? stages.context?.columns ?? (attention.headSize || 1),
      model: stages.output?.columns ?? stages.projected?.columns ?? 1,
    });
    this.layout = layout;
    this.moveWindow(input, layout);
    for (const name of stageNames) {
      this.drawPicture(name, input, layout);
    }
    this.drawStats(input, layout);
    this.arrange(layout);
    this.wires.update(layout, theme);
    this.legends.update(theme);
    const token = scene.queries[cell.query]?.label ?? '';
    this.compared.update(token, scene.scale, scaleEffect(stages, cell.query));
    const width = layout.residual?.width ?? stackedWidth(input.width);
    const { head, attention: heads } = scene;
    this.residual.update({ stages, query: cell.query, head, heads: heads.heads, width, theme });
    setText(this.pages, this.pageText(scene, layout));
    this.pages.hidden = this.pages.textContent === '';
  }

  /** Keeps the rows and columns that were scrolled to, until another cell is chosen or another head comes. */
  private moveWindow({ scene, cell, reveal }: BoardInput, { visible }: InsideLayout): void {
    const shape = `${scene.queries.length}×${scene.keys.length}`;
    const start = this.first.scene === shape ? this.first : { query: 0, key: 0 };
    const { queries, keys } = scene;
    const chosen = (index: number): number | undefined => (reveal ? index : undefined);
    this.first = {
      scene: shape,
      query: windowFor(start.query, visible.queries, queries.length, chosen(cell.query)),
      key: windowFor(start.key, visible.keys, keys.length, chosen(cell.key)),
    };
  }

  private drawPicture(name: StageName, { scene, cell, theme }: BoardInput, layout: InsideLayout): void {
    const place = layout.places[name];
    const matrix = scene.stages[name];
    const byKey = rowsAreKeys(name);
    const rows = byKey ? scene.keys : scene.queries;
    const row = byKey ? cell.key : cell.query;
    const spoken = this.spoken(name, scene, cell);
    this.pictures[name].update({
      title: titleOf(name, scene),
      caption: captionOf(name, scene, place.block, layout),
      place,
      theme,
      picture: this.pictureOf(name, scene, place.block, theme),
      why: whyMissing(scene, name),
      firstRow: byKey ? this.first.key : this.first.query,
      firstColumn: columnsAreKeys(name) ? this.first.key : 0,
      row,
      column: columnsAreKeys(name) ? cell.key : undefined,
      label: strings.pictureLabel(strings.spokenStages[name], rows.length, matrix?.columns ?? 0),
      spoken,
    });
  }

  private spoken(name: StageName, scene: InsideScene, { query, key }: Pair): string | undefined {
    const matrix = scene.stages[name];
    if (!matrix) {
      return undefined;
    }
    const [from, to] = [scene.queries[query]?.label ?? '', scene.keys[key]?.label ?? ''];
    const stage = strings.spokenStages[name];
    if (!columnsAreKeys(name)) {
      return `${rowsAreKeys(name) ? to : from}, ${stage}`;
    }
    const at = query * matrix.columns + key;
    const removed = scene.stages.removed[at] === 1 && (name === 'masked' || name === 'weights');
    const value = matrix.data[at];
    const text = removed ? strings.removed : name === 'weights' ? formatWeight(value) : formatNumber(value);
    return strings.cell(from, to, stage, text);
  }

  private pictureOf(
    name: StageName,
    scene: InsideScene,
    block: number,
    theme: Theme,
  ): CellPicture | undefined {
    const key = `${scene.key}|${block}|${themeKey(theme)}`;
    const known = this.drawn.get(name);
    if (known?.key === key && known.stages === scene.stages) {
      return known.picture;
    }
    const matrix = drawnMatrix(scene, name, block);
    if (!matrix) {
      return undefined;
    }
    const { removed } = scene.stages;
    const masked = name === 'masked' || name === 'weights' ? removed : undefined;
    const range = columnsAreKeys(name) ? keptRange(matrix, removed) : symmetricRange(matrix.data);
    const pixel = name === 'weights' ? weightPixel(theme.sequential) : divergingPixel(theme.diverging, range);
    const pixels = heatPixels(matrix, pixel, masked, theme.maskPixel);
    const picture = new CellPicture(pixels, matrix.rows, matrix.columns, masked);
    this.drawn.set(name, { key, stages: scene.stages, picture });
    return picture;
  }

  private drawStats({ scene, cell, theme }: BoardInput, layout: InsideLayout): void {
    if (this.head?.scene.stages !== scene.stages) {
      this.head = { scene, stats: headStats(scene) };
    }
    const { stats } = this.head;
    for (const name of withStats) {
      const place = layout.places[name];
      const own =
        name === 'weights' || name === 'context' || name === 'output'
          ? rowStats(scene, name, cell)
          : stats[name];
      const part = this.stats[name];
      part.element.hidden = !own;
      const width = name === 'output' ? place.width : Math.max(place.width, name === 'weights' ? 104 : 90);
      part.element.style.left = `${place.x}px`;
      part.element.style.top = `${place.y + place.height + 8}px`;
      part.element.style.width = `${width}px`;
      part.chart.update(own?.chart, name === 'context' ? place.width : width, theme);
      showLines(part, own);
    }
  }

  private arrange(layout: InsideLayout): void {
    const wide = layout.mode === 'wide';
    this.element.classList.toggle('stacked', !wide);
    this.layer.style.height = `${layout.height}px`;
    for (const [part, place] of [
      [this.compared.element, layout.compared],
      [this.residual.element, layout.residual],
    ] as const) {
      part.style.left = place ? `${place.x}px` : '';
      part.style.top = place ? `${place.y}px` : '';
      part.style.width = place ? `${place.width}px` : '';
    }
  }

  private pairOf(name: StageName, { row, column }: CellPosition): Partial<Pair> {
    if (columnsAreKeys(name)) {
      return { query: row, key: column };
    }
    return rowsAreKeys(name) ? { key: row } : { query: row };
  }

  private step(name: StageName, rows: number, columns: number): void {
    if (columnsAreKeys(name)) {
      this.events.step(rows, columns);
    } else if (rowsAreKeys(name)) {
      this.events.step(0, rows);
    } else {
      this.events.step(rows, 0);
    }
  }

  private scroll(name: StageName, rows: number, columns: number): void {
    const { input, layout, first } = this;
    if (!input || !layout) {
      return;
    }
    const { queries, keys } = input.scene;
    const byKey = rowsAreKeys(name);
    const query = windowFor(
      first.query + (byKey ? 0 : rows),
      layout.visible.queries,
      queries.length,
      undefined,
    );
    const key = windowFor(first.key + (byKey ? rows : columns), layout.visible.keys, keys.length, undefined);
    this.first = { ...first, query, key };
    this.update({ ...input, reveal: false });
  }

  private pageText({ queries, keys }: InsideScene, { visible }: InsideLayout): string {
    const { query, key } = this.first;
    const parts = [
      ...(visible.queries < queries.length
        ? [strings.queriesShown(query + 1, query + visible.queries, queries.length)]
        : []),
      ...(visible.keys < keys.length ? [strings.keysShown(key + 1, key + visible.keys, keys.length)] : []),
    ];
    return parts.length === 0 ? '' : `${parts.join(', ')}: ${strings.scrollHint}`;
  }
}

function titleOf(name: StageName, { scale, stages }: InsideScene): string {
  const { titles } = strings;
  if (name === 'scaled') {
    return scale?.title ?? titles.scaled;
  }
  return name === 'masked' && hasBias(stages) ? titles.maskedWithBias : titles[name];
}

/** `−1e9`, `−∞`: in a title there is no room for more. */
function shortMask(value: number): string {
  return Number.isFinite(value) && Math.abs(value) >= 1e6 ? formatScientific(value) : formatMask(value);
}

function captionOf(
  name: StageName,
  scene: InsideScene,
  block: number,
  { places, mode }: InsideLayout,
): string {
  const matrix = scene.stages[name];
  if (!matrix || name === 'scaled' || name === 'weights') {
    return '';
  }
  if (name === 'masked') {
    const { mask, removed } = scene.stages;
    const value = mask?.data.find((_, cell) => removed[cell] === 1);
    return value === undefined ? '' : shortMask(value);
  }
  const size = `${matrix.rows} × ${matrix.columns}`;
  const blocks = block > 1 ? `, ${strings.blocks(block)}` : '';
  if (name !== 'output') {
    return size + blocks;
  }
  return mode === 'wide' && places.output.room > 200
    ? strings.share(matrix.rows, matrix.columns) + blocks
    : strings.shareShort + blocks;
}

function statsPart(name: string): StatsPart {
  const chart = new InsideChart(chartHeight);
  const lines = [0, 1, 2].map(() => [element('span'), element('span', { class: 'number' })] as const);
  return {
    chart,
    lines,
    element: element(
      'div',
      { class: 'inside-stats', 'data-role': `inside-stats-${name}` },
      chart.element,
      ...lines.map((pair) => element('div', { class: 'caption stat' }, ...pair)),
    ),
  };
}

function showLines({ lines }: StatsPart, own: StageStats | undefined): void {
  lines.forEach(([name, value], index) => {
    const [label = '', text = ''] = own?.lines[index] ?? [];
    setText(name, label);
    setText(value, text);
  });
}

/** Without a place of its own, the residual stream stands beside the comparison, or below it. */
function stackedWidth(width: number): number {
  return Math.min(360, width >= 560 ? Math.floor((width - 28 - 24) / 2) : width - 28);
}

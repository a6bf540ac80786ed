// One head on the screen: the painted picture, its scrolling, and what pointer and keyboard do with it.
import type { Disposable } from '../../src/shared/disposable';
import { cellAt } from '../draw/cells';
import type { HeadLayout } from '../draw/headLayout';
import { headLayout, matrixGrid, stripItemAt } from '../draw/headLayout';
import { oncePerFrame } from '../draw/surface';
import { element, setAttributes } from '../dom';
import { arrows } from '../explorer/keys';
import type { Aim, HeadScene } from '../explorer/scene';
import type { Target } from '../explorer/store';
import type { Pair } from '../explorer/viewState';
import type { Theme } from '../theme';
import { HeadPainter } from './headPainter';
import { SpokenCell } from './spokenCell';

/** What the user does with the picture. */
export interface StageActions {
  hover(target: Target | undefined): void;
  pin(pair: Pair): void;
  /** The second pin. */
  compare(pair: Pair): void;
  release(): void;
  /** A token of one of the strips or above the matrix was clicked. */
  token(axis: 'query' | 'key', index: number): void;
}

/** What to show. */
export interface StageInput {
  readonly scene: HeadScene;
  readonly theme: Theme;
  readonly lines: boolean;
  readonly matrix: boolean;
  readonly threshold: number;
  readonly aim: Aim;
  readonly pins: readonly Pair[];
  /** The picture is of something no longer wanted: it can be looked at, but not pointed at. */
  readonly stale: boolean;
  readonly label: string;
  readonly describe: (pair: Pair) => string;
}

export class HeadStage implements Disposable {
  readonly element: HTMLElement;
  private readonly painter = new HeadPainter();
  private readonly scroller = element('div', { class: 'scroller', 'data-area': 'matrix', 'data-keys': true });
  private readonly spacer = element('div', { class: 'spacer' });
  private readonly spoken: SpokenCell;
  private readonly resize: ResizeObserver;
  private readonly ruler = document.createElement('canvas').getContext('2d');
  private input: StageInput | undefined;
  private layout: HeadLayout | undefined;
  private widths: { key: string; queries: number; keys: number } | undefined;
  private readonly repaint = oncePerFrame(() => this.paint());

  constructor(
    private readonly actions: StageActions,
    private readonly painted: (count: { drawn: number; pairs: number }, layout: HeadLayout) => void,
  ) {
    this.spoken = new SpokenCell(this.scroller, 'matrix');
    this.scroller.append(this.spacer);
    this.element = element(
      'div',
      { class: 'stage', 'data-role': 'head-stage' },
      ...this.painter.canvases,
      this.scroller,
    );
    this.resize = new ResizeObserver(() => this.repaint());
    this.resize.observe(this.element);
    this.scroller.addEventListener('scroll', this.repaint);
    this.scroller.addEventListener('pointermove', (event) => this.actions.hover(this.targetAt(event)));
    this.scroller.addEventListener('pointerleave', () => this.actions.hover(undefined));
    this.scroller.addEventListener('blur', () => this.actions.hover(undefined));
    this.scroller.addEventListener('click', (event) => this.click(event));
    this.scroller.addEventListener('keydown', (event) => this.key(event));
  }

  update(input: StageInput): void {
    const moved = this.input?.aim !== input.aim;
    this.input = input;
    const { scene, aim, describe, label } = input;
    this.spoken.label(label, scene.queries.length, scene.keys.length);
    const { query, key } = aim;
    this.spoken.say(
      query === undefined || key === undefined
        ? undefined
        : { row: query, column: key, text: describe({ query, key }) },
    );
    if (moved && aim.by === 'follow') {
      this.reveal(aim);
    }
    this.repaint();
  }

  dispose(): void {
    this.resize.disconnect();
  }

  private paint(): void {
    const { input } = this;
    const width = this.element.clientWidth;
    const height = this.element.clientHeight;
    if (!input || width === 0 || height === 0) {
      return;
    }
    const { scene, theme, lines, matrix, threshold, aim, pins } = input;
    const widths = this.labelWidths(scene, theme);
    const content = {
      width,
      queries: scene.queries.length,
      keys: scene.keys.length,
      lines,
      matrix,
      queryLabels: widths.queries,
      keyLabels: widths.keys,
    };
    this.layout = headLayout({ ...content, height });
    // In a narrow panel the style sheet gives the picture the height at which only the width limits its cells.
    const ideal = headLayout({ ...content, height: Infinity }).contentHeight;
    this.element.style.setProperty('--ideal-height', `${ideal + 4}px`);
    this.spacer.style.width = `${this.layout.contentWidth}px`;
    this.spacer.style.height = `${this.layout.contentHeight}px`;
    const { scrollLeft, scrollTop } = this.scroller;
    const done = this.painter.paint({
      scene,
      layout: this.layout,
      theme,
      threshold,
      aim,
      pins,
      scrollX: scrollLeft,
      scrollY: scrollTop,
    });
    setAttributes(this.element, {
      'data-cell-size': this.layout.cell,
      'data-origin-x': this.layout.matrix?.x,
      'data-origin-y': this.layout.top,
    });
    this.painted(this.painter.count, this.layout);
    if (!done) {
      this.repaint();
    }
  }

  /** The widest label of each side, measured once for a scene. */
  private labelWidths(scene: HeadScene, theme: Theme): { queries: number; keys: number } {
    const key = `${scene.key}|${theme.fontFamily}`;
    if (this.widths?.key !== key) {
      const { ruler } = this;
      if (ruler) {
        ruler.font = `12px ${theme.fontFamily}`;
      }
      const widest = (labels: readonly { label: string }[]) =>
        labels.reduce((most, { label }) => Math.max(most, ruler?.measureText(label).width ?? 0), 0);
      this.widths = { key, queries: widest(scene.queries), keys: widest(scene.keys) };
    }
    return this.widths;
  }

  private targetAt(event: MouseEvent): Target | undefined {
    const { input, layout } = this;
    if (!input || !layout || input.stale) {
      return undefined;
    }
    const { scrollLeft, scrollTop } = this.scroller;
    const box = this.element.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const { queries, keys } = input.scene;
    const grid = matrixGrid(layout, queries.length, keys.length, scrollLeft, scrollTop);
    const cell = grid && cellAt(grid, x, y);
    if (cell) {
      return { query: cell.row, key: cell.column };
    }
    const above =
      grid && y < grid.y ? cellAt({ ...grid, y: 0, height: grid.y, scrollY: 0 }, x, 0) : undefined;
    if (above) {
      return { key: above.column };
    }
    const query = stripItemAt(layout, layout.queryStrip, queries.length, scrollTop, x, y);
    if (query !== undefined) {
      return { query };
    }
    const key = stripItemAt(layout, layout.keyStrip, keys.length, scrollTop, x, y);
    return key === undefined ? undefined : { key };
  }

  private click(event: MouseEvent): void {
    const { query, key } = this.targetAt(event) ?? {};
    if (query !== undefined && key !== undefined) {
      const pair = { query, key };
      if ((event.ctrlKey || event.metaKey) && (this.input?.pins.length ?? 0) > 0) {
        this.actions.compare(pair);
      } else {
        this.actions.pin(pair);
      }
    } else if (query !== undefined) {
      this.actions.token('query', query);
    } else if (key !== undefined) {
      this.actions.token('key', key);
    }
  }

  private key(event: KeyboardEvent): void {
    const { input } = this;
    if (!input || input.stale) {
      return;
    }
    const { query, key } = input.aim;
    if (event.key === 'Escape') {
      this.actions.release();
    } else if (event.key === 'Enter') {
      if (query !== undefined && key !== undefined) {
        this.actions[event.ctrlKey || event.metaKey ? 'compare' : 'pin']({ query, key });
      }
    } else {
      const next = moved(event, input);
      if (!next) {
        return;
      }
      // Keys may come faster than frames: the next one starts from here.
      this.input = { ...input, aim: { ...next, by: 'hover' } };
      this.actions.hover(next);
      this.reveal(next);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** Scrolls so that a row and a column can be seen. */
  private reveal({ query, key }: Target): void {
    const { layout, scroller } = this;
    if (!layout) {
      return;
    }
    if (query !== undefined) {
      scroller.scrollTop = scrollTo(scroller.scrollTop, query * layout.cell, layout.cell, layout.rowsHeight);
    }
    if (key !== undefined && layout.matrix) {
      scroller.scrollLeft = scrollTo(
        scroller.scrollLeft,
        key * layout.cell,
        layout.cell,
        layout.matrix.width,
      );
    }
  }
}

/** The cell that an arrow key, Home or End leads to; undefined for other keys. */
function moved(event: KeyboardEvent, { scene, aim }: StageInput): Pair | undefined {
  const last = { query: scene.queries.length - 1, key: scene.keys.length - 1 };
  const here = { query: aim.query ?? 0, key: aim.key ?? 0 };
  const step = arrows[event.key];
  if (step) {
    if (aim.query === undefined && aim.key === undefined) {
      return here;
    }
    return {
      query: Math.min(last.query, Math.max(0, here.query + step[0])),
      key: Math.min(last.key, Math.max(0, here.key + step[1])),
    };
  }
  switch (event.key) {
    case 'Home':
      return { query: event.ctrlKey ? 0 : here.query, key: 0 };
    case 'End':
      return { query: event.ctrlKey ? last.query : here.query, key: last.key };
    default:
      return undefined;
  }
}

/** The scroll position nearest to the present one at which `[start, start + size)` is visible. */
export function scrollTo(present: number, start: number, size: number, viewport: number): number {
  return Math.max(Math.min(present, start), start + size - viewport);
}

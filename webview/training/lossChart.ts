// The curve of a training with its legend: pointer and arrow keys read single steps, L switches the logarithm, T the table.
import type { TrainingPoint } from '../../src/shared/training';
import type { TrainingState } from '../../src/shared/trainingPage';
import { element, icon, icons, setAttributes, showEither } from '../dom';
import { oncePerFrame, Surface } from '../draw/surface';
import { trainingStrings as strings } from '../strings/trainingStrings';
import { onThemeChange, readTheme } from '../theme';
import { toggle } from '../toolkit';
import type { ChartLayout } from './chartLayout';
import { chartLayout } from './chartLayout';
import { ChartLegend, valuesAt } from './chartLegend';
import { chartColours, paintChart } from './chartPainter';
import { nearestPoint } from './curve';
import { PointTable } from './pointTable';
import type { TrainingStore } from './trainingStore';

const height = 130;
const logDrawing = 'M2.5 2.5v11h11M4 5c1.5 5 4.5 6.5 9 6.5';
const moves: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageDown: -10,
  PageUp: 10,
  Home: -Infinity,
  End: Infinity,
};

export class LossChart {
  readonly element: HTMLElement;
  private readonly surface = new Surface('loss-curve');
  private readonly stage;
  private readonly empty = element('p', { class: 'caption' }, strings.chartEmpty);
  private readonly legend = new ChartLegend();
  private readonly table = new PointTable();
  private readonly picture;
  private readonly logToggle;
  private readonly tableToggle;
  private readonly draw = oncePerFrame(() => this.paint());
  private layout: ChartLayout | undefined;
  private theme = readTheme();
  private state: TrainingState | undefined;
  /** Index of the point that is looked at. */
  private looked: number | undefined;

  constructor(private readonly store: TrainingStore) {
    this.stage = element(
      'div',
      { class: 'curve', tabindex: 0, role: 'slider', 'aria-label': strings.chartLabel, 'data-role': 'curve' },
      this.surface.canvas,
    );
    this.picture = element('div', { class: 'chart-picture' }, this.stage);
    this.logToggle = toggle('log', strings.logarithm, icon(logDrawing), () => this.switchLog());
    this.tableToggle = toggle('table', strings.table, icon(icons.table), () => this.switchTable());
    this.element = element(
      'div',
      { class: 'loss-chart' },
      this.picture,
      this.empty,
      this.table.element,
      element(
        'div',
        { class: 'chart-foot' },
        this.legend.element,
        this.logToggle.element,
        this.tableToggle.element,
      ),
    );
    this.element.addEventListener('keydown', (event) => this.key(event));
    this.stage.addEventListener('pointermove', (event) => this.point(event.offsetX));
    this.stage.addEventListener('pointerleave', () => this.look(undefined));
    this.stage.addEventListener('blur', () => this.look(undefined));
    new ResizeObserver(() => this.draw()).observe(this.stage);
    onThemeChange((theme) => {
      this.theme = theme;
      this.draw();
    });
  }

  update(state: TrainingState): void {
    const again = state.points.length < (this.state?.points.length ?? 0);
    this.state = state;
    const { log, table } = this.store.view;
    const some = state.points.length > 0;
    if (again || (this.looked ?? 0) >= state.points.length) {
      this.looked = undefined;
    }
    this.logToggle.update(log);
    this.tableToggle.update(table);
    showEither(this.picture, this.table.element, table && some);
    this.picture.hidden ||= !some && state.planned.length === 0;
    this.empty.hidden = some;
    this.table.update(table && some ? state.points : []);
    this.draw();
  }

  private paint(): void {
    const { state } = this;
    const width = this.stage.clientWidth;
    if (!state) {
      return;
    }
    const { points, planned, options, step, status } = state;
    const at = this.looked ?? points.length - 1;
    const values = points.length > 0 ? valuesAt(points, at) : undefined;
    this.legend.update(values, this.looked !== undefined);
    const looked: TrainingPoint | undefined = this.looked === undefined ? undefined : points[this.looked];
    setAttributes(this.stage, {
      'aria-valuemin': points[0]?.step ?? 0,
      'aria-valuemax': points.at(-1)?.step ?? 0,
      'aria-valuenow': points[at]?.step ?? 0,
      'aria-valuetext': values ? this.legend.spoken(values) : strings.chartEmpty,
      'data-points': points.length,
    });
    if (width === 0) {
      return;
    }
    const size = { width, height };
    this.layout = chartLayout({ points, planned, steps: options.steps, log: this.store.view.log, ...size });
    const context = this.surface.begin(width, height);
    const colours = chartColours(this.theme);
    this.legend.colour(colours);
    const now = status === 'ready' || step >= options.steps || points.length === 0 ? undefined : step;
    paintChart(context, this.layout, size, this.theme, colours, { now, looked });
  }

  private point(x: number): void {
    if (this.state && this.layout && this.state.points.length > 0) {
      this.look(nearestPoint(this.state.points, this.layout.stepAt(x)));
    }
  }

  private look(index: number | undefined): void {
    if (index !== this.looked) {
      this.looked = index;
      this.draw();
    }
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const count = this.state?.points.length ?? 0;
    const by = event.target === this.stage ? moves[event.key] : undefined;
    if (by !== undefined && count > 0) {
      const from = this.looked ?? count - 1;
      const wide = event.shiftKey && Math.abs(by) === 1 ? 10 : 1;
      this.look(Math.max(0, Math.min(count - 1, from + by * wide)));
    } else if (event.key === 'Escape' && this.looked !== undefined) {
      this.look(undefined);
    } else if (event.key.toLowerCase() === 'l') {
      this.switchLog();
    } else if (event.key.toLowerCase() === 't') {
      this.switchTable();
    } else {
      return;
    }
    event.preventDefault();
  }

  private switchLog(): void {
    this.store.setView({ log: !this.store.view.log });
  }

  private switchTable(): void {
    this.store.setView({ table: !this.store.view.table });
  }
}

// The Attribution view: attention of a layer, rollout, leave-one-out and gradients side by side, and how far they rank tokens alike.
import type { Matrix } from '../../../src/shared/tensor';
import type { CellPosition } from '../../draw/cells';
import { element, setText, showEither } from '../../dom';
import type { EditorHighlight } from '../../explorer/editorHighlight';
import { attentionAt, axisOf, sequencesOf, tokenRef } from '../../explorer/sequences';
import type { Slices } from '../../explorer/slices';
import type { ExplorerStore } from '../../explorer/store';
import { panelStrings } from '../../strings';
import { attributionStrings as strings } from '../../strings/attributionStrings';
import { button } from '../../toolkit';
import { explanation } from '../explanation';
import type { Spot } from '../heatPane';
import type { ExplorerViewPart, ViewInput, ViewStatus } from '../view';
import { transposed, type Attribution } from './agreement';
import { AgreementSection } from './agreementSection';
import type { Ends, GradientId, GradientParts, MethodId, Scene } from './attributionScene';
import { endsOf, gradientIds, labelsOf, methodIds, nameOf, sceneOf, textAt } from './attributionScene';
import { AttributionTables } from './attributionTables';
import { AttributionPane } from './attributionPane';
import { GradientBar } from './gradientBar';
import { PartLoader, stacked, type PartsState } from './partLoader';
import { TargetInspector } from './targetInspector';

/** Texts of up to so many tokens are left out token by token without being asked. */
const unasked = 40;
/** Source tokens that are left out in one request. */
const chunk = 8;
const gap = 16;
const largestCell = 20;
const smallestCell = 5;
/** Below this, panes in a row would be too small to point at. */
const smallestInRow = 7;
/** Room that a pane needs beside its cells. */
const paneEdge = 6;
const labelRoom = 76;
/** Panes of a row. */
const inRowCount = 3;
const plainIds = ['attention', 'rollout', 'leaveOneOut'] as const;

/** Which tokens a picture has in its columns: those of the text, or those that the decoder reads. */
type Tokens = 'source' | 'prefix';

interface Place {
  readonly trace: string;
  readonly batch: number;
}

export class AttributionView implements ExplorerViewPart {
  readonly centre: HTMLElement;
  readonly inspector: HTMLElement;
  private readonly panes: Readonly<Record<MethodId, AttributionPane>>;
  private readonly prefixPanes: Readonly<Record<GradientId, AttributionPane>>;
  private readonly paneRow = element('div', { class: 'attribution-panes' });
  private readonly gradientRow = element('div', { class: 'attribution-panes' });
  private readonly prefixRow = element('div', { class: 'attribution-panes' });
  private readonly prefixTitle = element('h3', { class: 'pane-title' }, strings.prefix);
  private readonly pictures = element('div', { class: 'attribution-pictures' });
  private readonly tables = new AttributionTables();
  private readonly reading = element('p', { class: 'caption reading', 'data-role': 'attribution-reading' });
  private readonly cost = element('p', { class: 'caption' });
  private readonly start = button('', () => this.leaveOut());
  private readonly stop = button(strings.stop, () => this.loader.stop());
  private readonly slot = element('div', { class: 'attribution-start' }, this.cost, this.start, this.stop);
  private readonly agreement = new AgreementSection();
  private readonly inspected = new TargetInspector();
  private readonly loader: PartLoader<Place, Matrix>;
  private readonly gradients: GradientBar;
  private scene: Scene | undefined;
  private parts: GradientParts | undefined;
  private target = 0;
  private spot: Spot & { readonly of?: Tokens } = {};
  private pointed = '';
  private asked = '';
  private followed = '';
  private place: Place = { trace: '', batch: 0 };

  constructor(
    private readonly store: ExplorerStore,
    private readonly slices: Slices,
    private readonly highlight: EditorHighlight,
  ) {
    this.loader = new PartLoader(
      async (place, first, count, call) =>
        (await store.host.leaveOneOut({ ...place, first, count }, call)).drops,
      chunk,
      () => this.redraw(),
    );
    this.gradients = new GradientBar(
      store.host,
      () => this.target,
      () => this.redraw(),
    );
    const pane = (id: string, of: Tokens, slot?: HTMLElement) =>
      new AttributionPane(
        id,
        (cell) => this.point(id, of, cell),
        () => this.keep(),
        slot,
      );
    this.panes = {
      attention: pane('attention', 'source'),
      rollout: pane('rollout', 'source'),
      leaveOneOut: pane('leaveOneOut', 'source', this.slot),
      saliency: pane('saliency', 'source'),
      gradientInput: pane('gradientInput', 'source'),
      integrated: pane('integrated', 'source'),
    };
    this.prefixPanes = {
      saliency: pane('saliency-prefix', 'prefix'),
      gradientInput: pane('gradientInput-prefix', 'prefix'),
      integrated: pane('integrated-prefix', 'prefix'),
    };
    this.start.dataset['control'] = 'leave-one-out';
    this.stop.dataset['control'] = 'stop-leave-one-out';
    this.paneRow.append(...plainIds.map((id) => this.panes[id].element));
    this.gradientRow.append(...gradientIds.map((id) => this.panes[id].element));
    this.prefixRow.append(...gradientIds.map((id) => this.prefixPanes[id].element));
    this.pictures.append(this.paneRow, this.gradientRow, this.prefixTitle, this.prefixRow);
    const header = (title: string, caption: string) =>
      element(
        'div',
        { class: 'pane-header' },
        element('h2', { class: 'pane-title' }, title),
        element('span', { class: 'caption' }, caption),
      );
    this.centre = element(
      'div',
      { class: 'view attribution-view' },
      header(strings.title, strings.caption),
      this.pictures,
      this.tables.element,
      this.reading,
      this.gradients.element,
      this.agreement.element,
      explanation(strings.explain, strings.explanation),
    );
    this.inspector = this.inspected.element;
  }

  update(input: ViewInput): ViewStatus {
    const { trace, view, summary, attention, theme } = input;
    const ends = endsOf(summary);
    const layer = attentionAt(summary, ends.kind, attention.layer)?.layer ?? 0;
    this.place = { trace: trace.id, batch: view.batch };
    const raw = this.slices.attribution.want({ ...this.place, method: { by: 'attention', layer } });
    const rolled = this.slices.rollout.want({ ...this.place, method: { by: 'rollout' } });
    const left = this.loader.want(this.place);
    const sources = axisOf(sequencesOf(trace, ends.source)[view.batch], 'pieces');
    const targets = axisOf(sequencesOf(trace, ends.target)[view.batch], 'pieces');
    this.leaveOutUnasked(left, sources.length);
    const gradients = this.gradients.update(this.place, targets.length);
    if (raw.status === 'ready' && rolled.status === 'ready') {
      const { saliency, integrated } = gradients;
      const key = JSON.stringify([this.place, layer, left.status === 'ready', !saliency, integrated?.size]);
      if (this.scene?.key !== key || this.parts !== gradients) {
        this.parts = gradients;
        const drops = left.status === 'ready' ? transposed(stacked(left.parts)) : undefined;
        this.scene = sceneOf({ key, ends, sources, targets }, raw.value, rolled.value, drops, gradients);
      }
    }
    this.follow(input, ends);
    const { scene } = this;
    const titles: Readonly<Record<MethodId, string>> = {
      ...strings.methods,
      attention: strings.methods.attention(panelStrings.kinds[ends.kind], layer + 1),
    };
    // The old picture stays while a new one is under way, but never under the title of the new one.
    const current = raw.status === 'ready' && rolled.status === 'ready';
    if (!scene) {
      plainIds.forEach((id) => this.panes[id].update(titles[id], undefined));
      gradientIds.forEach((id) => (this.panes[id].element.hidden = true));
      [this.prefixTitle, this.prefixRow].forEach((each) => (each.hidden = true));
    } else if (current) {
      this.target = Math.min(this.target, scene.targets.length - 1);
      this.show(scene, titles, theme, view.table);
    }
    this.showStart(left, sources.length);
    const wanted = [raw, rolled];
    const failed = wanted.find((slot) => slot.status === 'failed');
    return {
      loading: wanted.some(({ status }) => status === 'loading'),
      failed: failed?.status === 'failed' ? failed.message : undefined,
    };
  }

  private show(
    scene: Scene,
    titles: Readonly<Record<MethodId, string>>,
    theme: ViewInput['theme'],
    asTables: boolean,
  ): void {
    const { cell, width, inRow } = this.layout(scene);
    const [targets, sources] = [labelsOf(scene.targets), labelsOf(scene.sources)];
    showEither(this.pictures, this.tables.element, asTables);
    const { row = this.target, column, of } = this.spot;
    const draw = (
      pane: AttributionPane,
      id: MethodId,
      attribution: Attribution | undefined,
      tokens: Tokens,
      hasLabels: boolean,
    ): void => {
      const columns = tokens === 'source' ? sources : targets;
      pane.update(
        titles[id],
        attribution && {
          key: `${scene.key}|${pane.id}`,
          attribution,
          title: titles[id],
          unit: strings.units[id],
          targets,
          sources: columns,
          spot: { row, ...(column !== undefined && of === tokens && { column }) },
          theme,
          cell,
          labels: !inRow || hasLabels ? labelRoom : 0,
          width: tokens === 'source' ? width : Math.min(width, columns.length * cell + paneEdge),
        },
      );
    };
    for (const id of plainIds) {
      draw(this.panes[id], id, scene.columns[id], 'source', id === 'attention');
    }
    const rows = [
      { of: 'source', row: this.gradientRow, panes: this.panes, found: scene.columns },
      { of: 'prefix', row: this.prefixRow, panes: this.prefixPanes, found: scene.prefix },
    ] as const;
    for (const { of: tokens, row: host, panes, found } of rows) {
      const shown = gradientIds.filter((id) => found[id]);
      host.hidden = shown.length === 0;
      for (const id of gradientIds) {
        panes[id].element.hidden = !found[id];
        draw(panes[id], id, found[id], tokens, id === shown[0]);
      }
    }
    this.prefixTitle.hidden = this.prefixRow.hidden;
    [this.paneRow, this.gradientRow, this.prefixRow].forEach((host) =>
      host.classList.toggle('in-row', inRow),
    );
    this.tables.update(scene, titles);
    this.agreement.update(scene);
    this.inspected.update(scene, row, of === 'prefix' ? undefined : column, this.agreement.comparisons);
    this.read(scene);
    const side = of === 'prefix' ? scene.ends.target : scene.ends.source;
    const items = of === 'prefix' ? scene.targets : scene.sources;
    const marked = [
      { item: scene.targets.at(row), side: scene.ends.target },
      ...(column === undefined ? [] : [{ item: items.at(column), side }]),
    ];
    this.highlight.show(
      this.spot.row === undefined
        ? []
        : marked.flatMap(({ item, side: at }) =>
            item?.hasText ? [tokenRef(at, this.place.batch, item)] : [],
          ),
    );
  }

  private read(scene: Scene): void {
    const { row, column, of } = this.spot;
    const items = of === 'prefix' ? scene.targets : scene.sources;
    if (row === undefined || column === undefined || column >= items.length) {
      setText(this.reading, strings.hint);
      return;
    }
    const found: Partial<Record<MethodId, Attribution>> = of === 'prefix' ? scene.prefix : scene.columns;
    const numbers = methodIds.flatMap((id) =>
      found[id] ? [`${strings.short[id]} ${textAt(found[id], row, column)}`] : [],
    );
    setText(this.reading, strings.cell(nameOf(scene, row), items[column].label, numbers.join(' · ')));
  }

  private showStart(left: PartsState<Matrix>, count: number): void {
    const running = left.status === 'running';
    const text = running ? strings.running(left.done, left.total) : strings.cost(count);
    setText(this.cost, left.status === 'failed' ? left.message : text);
    setText(this.start, strings.start(count));
    this.start.hidden = running;
    this.stop.hidden = !running;
  }

  /** Short texts are not worth a question; what was stopped is not begun again by itself. */
  private leaveOutUnasked(left: PartsState<Matrix>, count: number): void {
    const key = JSON.stringify(this.place);
    if (left.status === 'idle' && count <= unasked && key !== this.asked) {
      this.asked = key;
      // Not while drawing: it changes what is drawn.
      queueMicrotask(() => this.leaveOut());
    }
  }

  private leaveOut(): void {
    const { trace } = this.store.model.state ?? {};
    const { model } = this.store.model.state ?? {};
    if (trace && model && trace.id === this.place.trace) {
      const count = sequencesOf(trace, endsOf(model).source)[this.place.batch].tokens.length;
      void this.loader.start(this.place, count);
    }
  }

  /** The editor's cursor chooses the target of its word. */
  private follow({ model, view }: ViewInput, ends: Ends): void {
    const key = JSON.stringify(model.followed);
    if (key !== this.followed) {
      this.followed = key;
      const { followed } = model;
      if (followed?.side === ends.target && followed.batch === view.batch) {
        this.target = followed.first;
      }
    }
  }

  /** The panes stand in a row that shares its labels where the cells stay large enough, else below each other. */
  private layout(scene: Scene): { readonly cell: number; readonly width: number; readonly inRow: boolean } {
    const room = Math.max(240, this.centre.clientWidth - 24);
    const count = Math.max(1, scene.sources.length);
    const three = Math.floor((room - labelRoom - inRowCount * paneEdge - 2 * gap) / inRowCount / count);
    const inRow = three >= smallestInRow;
    const cell = inRow
      ? Math.min(largestCell, three)
      : Math.max(smallestCell, Math.min(largestCell, Math.floor((room - labelRoom - paneEdge) / count)));
    return { cell, width: Math.min(room, count * cell + paneEdge), inRow };
  }

  /** A pane that loses the focus to another one takes nothing away from it. */
  private point(id: string, of: Tokens, cell: CellPosition | undefined): void {
    const own = cell !== undefined || this.pointed === id;
    const isOther = cell?.row !== this.spot.row || cell?.column !== this.spot.column;
    if (own && (isOther || (cell && of !== this.spot.of))) {
      this.pointed = id;
      this.spot = cell ? { row: cell.row, column: cell.column, of } : {};
      this.redraw();
    }
  }

  private keep(): void {
    if (this.spot.row !== undefined) {
      this.target = this.spot.row;
      this.redraw();
    }
  }

  /** The picture follows by the same way as every other change. */
  private redraw(): void {
    this.store.set({});
  }
}

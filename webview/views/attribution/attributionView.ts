// The Attribution view: attention of a layer, rollout and leave-one-out side by side, and how far they rank tokens alike.
import type { AttentionKind, ModelSummary, Side } from '../../../src/shared/modelSummary';
import type { Matrix } from '../../../src/shared/tensor';
import type { CellPosition } from '../../draw/cells';
import { element, setText, showEither } from '../../dom';
import type { EditorHighlight } from '../../explorer/editorHighlight';
import { attentionAt, axisOf, sequencesOf, tokenRef, type AxisItem } from '../../explorer/sequences';
import type { Slices } from '../../explorer/slices';
import type { ExplorerStore } from '../../explorer/store';
import { formatNumber, formatWeight } from '../../format';
import { panelStrings } from '../../strings';
import { attributionStrings as strings } from '../../strings/attributionStrings';
import { button } from '../../toolkit';
import { explanation } from '../explanation';
import { FactList } from '../factList';
import type { Spot } from '../heatPane';
import { NumberTable } from '../numberTable';
import { PagedTable } from '../pagedTable';
import type { ExplorerViewPart, ViewInput, ViewStatus } from '../view';
import { agreementOf, transposed, verdictOf, type Agreement, type Attribution } from './agreement';
import { AttributionPane } from './attributionPane';
import { LeftOutLoader, type LeftOutState } from './leftOutLoader';

/** Texts of up to so many tokens are left out token by token without being asked. */
const unasked = 40;
const gap = 16;
const largestCell = 20;
const smallestCell = 5;
/** Below this, panes in a row would be too small to point at. */
const smallestInRow = 7;
/** Room that a pane needs beside its cells. */
const paneEdge = 6;
const labelRoom = 76;
const ids = ['attention', 'rollout', 'leaveOneOut'] as const;
type Id = (typeof ids)[number];

/** What is read and who reads it: the tokens of the first stack, the positions of the last. */
interface Ends {
  readonly kind: AttentionKind;
  readonly source: Side;
  readonly target: Side;
}

/** The numbers that are shown, of one run. */
interface Scene {
  readonly key: string;
  readonly ends: Ends;
  readonly sources: readonly AxisItem[];
  readonly targets: readonly AxisItem[];
  readonly columns: Readonly<Record<Id, Attribution | undefined>>;
  /** `[target, source]` of the rollout: above 0 where a target can read a source through the layers. */
  readonly reach: Matrix;
}

export class AttributionView implements ExplorerViewPart {
  readonly centre: HTMLElement;
  readonly inspector: HTMLElement;
  private readonly panes: Readonly<Record<Id, AttributionPane>>;
  private readonly paneRow = element('div', { class: 'attribution-panes' });
  private readonly tables: Readonly<Record<Id, PagedTable>> = {
    attention: new PagedTable('attention-scores'),
    rollout: new PagedTable('rollout-scores'),
    leaveOneOut: new PagedTable('leave-one-out-scores'),
  };
  private readonly tableHost = element(
    'div',
    { class: 'table-view', 'data-keys': true },
    ...ids.map((id) => this.tables[id].element),
  );
  private readonly reading = element('p', { class: 'caption reading', 'data-role': 'attribution-reading' });
  private readonly cost = element('p', { class: 'caption' });
  private readonly start = button('', () => this.leaveOut());
  private readonly stop = button(strings.stop, () => this.loader.stop());
  private readonly slot = element('div', { class: 'attribution-start' }, this.cost, this.start, this.stop);
  private readonly comparison = new NumberTable('attribution-agreement', strings.corner, strings.columns);
  private readonly finding = element('p', { class: 'finding', 'data-role': 'attribution-finding' });
  private readonly targetTitle = element('h3', { class: 'pane-title tokens' });
  private readonly facts = new FactList('attribution-facts');
  private readonly sources = new NumberTable('attribution-sources', strings.source, [
    ...ids.map((id) => strings.columnHeads[id]),
  ]);
  private readonly loader: LeftOutLoader;
  private scene: Scene | undefined;
  private agreements: readonly {
    readonly name: string;
    readonly agreement: Agreement;
    readonly withAttention: boolean;
  }[] = [];
  private compared: Scene | undefined;
  private target = 0;
  private spot: Spot = {};
  private pointed: Id | undefined;
  private asked = '';
  private followed = '';
  private place = { trace: '', batch: 0 };

  constructor(
    private readonly store: ExplorerStore,
    private readonly slices: Slices,
    private readonly highlight: EditorHighlight,
  ) {
    this.loader = new LeftOutLoader(store.host.leaveOneOut, () => this.redraw());
    const pane = (id: Id, slot?: HTMLElement) =>
      new AttributionPane(
        id,
        (cell) => this.point(id, cell),
        () => this.keep(),
        slot,
      );
    this.panes = {
      attention: pane('attention'),
      rollout: pane('rollout'),
      leaveOneOut: pane('leaveOneOut', this.slot),
    };
    this.start.dataset['control'] = 'leave-one-out';
    this.stop.dataset['control'] = 'stop-leave-one-out';
    this.paneRow.append(...ids.map((id) => this.panes[id].element));
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
      this.paneRow,
      this.tableHost,
      this.reading,
      element(
        'section',
        { class: 'pane' },
        header(strings.compare, strings.compareCaption),
        this.finding,
        this.comparison.element,
      ),
      explanation(strings.explain, strings.explanation),
    );
    this.inspector = element(
      'div',
      { class: 'inspector-content', 'data-role': 'attribution-inspector' },
      element(
        'section',
        { class: 'pane' },
        element('div', { class: 'pane-header' }, this.targetTitle),
        this.facts.element,
        this.sources.element,
      ),
    );
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
    if (raw.status === 'ready' && rolled.status === 'ready') {
      const key = JSON.stringify([this.place, layer, left.status === 'ready']);
      if (this.scene?.key !== key) {
        this.scene = sceneOf({ key, ends, sources, targets }, raw.value, rolled.value, left);
      }
    }
    this.follow(input, ends);
    const { scene } = this;
    const titles: Readonly<Record<Id, string>> = {
      ...strings.methods,
      attention: strings.methods.attention(panelStrings.kinds[ends.kind], layer + 1),
    };
    // The old picture stays while a new one is under way, but never under the title of the new one.
    const current = raw.status === 'ready' && rolled.status === 'ready';
    if (!scene) {
      ids.forEach((id) => this.panes[id].update(titles[id], undefined));
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
    titles: Readonly<Record<Id, string>>,
    theme: ViewInput['theme'],
    asTables: boolean,
  ): void {
    const { cell, width, inRow } = this.layout(scene);
    this.paneRow.classList.toggle('in-row', inRow);
    const [targets, sources] = [labelsOf(scene.targets), labelsOf(scene.sources)];
    showEither(this.paneRow, this.tableHost, asTables);
    for (const id of ids) {
      const attribution = scene.columns[id];
      const { row = this.target, column } = this.spot;
      this.panes[id].update(
        titles[id],
        attribution && {
          key: `${scene.key}|${id}`,
          attribution,
          title: titles[id],
          unit: strings.units[id],
          targets,
          sources,
          spot: { row, ...(column !== undefined && { column }) },
          theme,
          cell,
          labels: !inRow || id === 'attention' ? labelRoom : 0,
          width,
        },
      );
      this.tables[id].element.hidden = !attribution;
      if (attribution) {
        const { data, columns } = attribution.scores;
        this.tables[id].update({
          key: `${scene.key}|${id}`,
          caption: titles[id],
          corner: '',
          rows: targets,
          columns: sources,
          cell: (row, column) => numberText(attribution, data[row * columns + column]),
          isMasked: (row, column) => !Number.isFinite(data[row * columns + column]),
        });
      }
    }
    this.showAgreement(scene);
    this.showTarget(scene);
    this.read(scene);
    const { row = this.target, column } = this.spot;
    const marked = [
      { item: scene.targets.at(row), side: scene.ends.target },
      ...(column === undefined ? [] : [{ item: scene.sources.at(column), side: scene.ends.source }]),
    ];
    this.highlight.show(
      this.spot.row === undefined
        ? []
        : marked.flatMap(({ item, side }) => (item?.hasText ? [tokenRef(side, this.place.batch, item)] : [])),
    );
  }

  private showAgreement(scene: Scene): void {
    if (this.compared !== scene) {
      this.compared = scene;
      this.agreements = comparisons(scene);
    }
    const at = (found: Agreement['lowest']) =>
      found ? strings.at(formatNumber(found.correlation), scene.targets[found.target].label) : strings.none;
    this.comparison.update(
      this.agreements.map(({ name, agreement }) => ({
        name,
        role: name,
        values: [
          agreement.mean === undefined ? strings.none : formatNumber(agreement.mean),
          at(agreement.lowest),
          at(agreement.highest),
          strings.of(agreement.sameStrongest, agreement.targets.length),
        ],
      })),
    );
    const sentences = this.agreements.flatMap(({ name, agreement, withAttention }) =>
      withAttention && agreement.mean !== undefined
        ? [
            strings.finding(
              name,
              verdictOf(agreement.mean),
              formatNumber(agreement.mean),
              agreement.targets.length,
              agreement.sameStrongest,
            ),
          ]
        : [],
    );
    setText(this.finding, sentences.length > 0 ? sentences.join(' ') : strings.tooFew);
  }

  private showTarget(scene: Scene): void {
    const target = this.spot.row ?? this.target;
    setText(this.targetTitle, this.nameOf(scene, target));
    this.facts.update(
      this.agreements.flatMap(({ name, agreement, withAttention }) => {
        const found = agreement.targets.find((each) => each.target === target);
        const value = found ? formatNumber(found.correlation) : strings.none;
        return withAttention ? [{ name: strings.rho(name), value }] : [];
      }),
    );
    const { columns } = scene;
    const at = (attribution: Attribution | undefined, source: number) =>
      attribution
        ? numberText(attribution, attribution.scores.data[target * attribution.scores.columns + source])
        : strings.none;
    const weight = (source: number) =>
      columns.attention?.scores.data[target * scene.sources.length + source] ?? 0;
    const order = scene.sources
      .map((_, source) => source)
      .filter((source) => isSeen(scene, target, source))
      .sort((a, b) => weight(b) - weight(a));
    this.sources.update(
      order.map((source) => ({
        name: scene.sources[source].label,
        role: String(source),
        marked: source === this.spot.column,
        values: ids.map((id) => at(columns[id], source)),
      })),
    );
  }

  private read(scene: Scene): void {
    const { row, column } = this.spot;
    if (row === undefined || column === undefined) {
      setText(this.reading, strings.hint);
      return;
    }
    const numbers = ids.flatMap((id) => {
      const attribution = scene.columns[id];
      const value = attribution?.scores.data[row * scene.sources.length + column];
      return attribution && value !== undefined
        ? [`${strings.short[id]} ${numberText(attribution, value)}`]
        : [];
    });
    setText(
      this.reading,
      strings.cell(this.nameOf(scene, row), scene.sources[column].label, numbers.join(' · ')),
    );
  }

  /** A decoder's position predicts the token after it, an encoder's its own. */
  private nameOf(scene: Scene, target: number): string {
    const label = scene.targets[target].label;
    if (scene.ends.target === 'encoder') {
      return strings.own(label);
    }
    const next = scene.targets.at(target + 1);
    return next && !next.padding && target + 1 < scene.targets.length
      ? strings.predicts(label, next.label)
      : label;
  }

  private showStart(left: LeftOutState, count: number): void {
    const running = left.status === 'running';
    const text = running ? strings.running(left.done, left.total) : strings.cost(count);
    setText(this.cost, left.status === 'failed' ? left.message : text);
    setText(this.start, strings.start(count));
    this.start.hidden = running;
    this.stop.hidden = !running;
  }

  /** Short texts are not worth a question; what was stopped is not begun again by itself. */
  private leaveOutUnasked(left: LeftOutState, count: number): void {
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
    const three = Math.floor((room - labelRoom - ids.length * paneEdge - 2 * gap) / ids.length / count);
    const inRow = three >= smallestInRow;
    const cell = inRow
      ? Math.min(largestCell, three)
      : Math.max(smallestCell, Math.min(largestCell, Math.floor((room - labelRoom - paneEdge) / count)));
    return { cell, width: Math.min(room, count * cell + paneEdge), inRow };
  }

  /** A pane that loses the focus to another one takes nothing away from it. */
  private point(id: Id, cell: CellPosition | undefined): void {
    const own = cell !== undefined || this.pointed === id;
    if (own && (cell?.row !== this.spot.row || cell?.column !== this.spot.column)) {
      this.pointed = id;
      this.spot = cell ? { row: cell.row, column: cell.column } : {};
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

function endsOf({ family }: ModelSummary): Ends {
  switch (family) {
    case 'encoder-decoder':
      return { kind: 'cross', source: 'encoder', target: 'decoder' };
    case 'encoder-only':
      return { kind: 'encoderSelf', source: 'encoder', target: 'encoder' };
    case 'decoder-only':
      return { kind: 'decoderSelf', source: 'decoder', target: 'decoder' };
    default:
      return family satisfies never;
  }
}

function sceneOf(
  place: Pick<Scene, 'key' | 'ends' | 'sources' | 'targets'>,
  attention: Matrix,
  rollout: Matrix,
  left: LeftOutState,
): Scene {
  const drops = left.status === 'ready' ? transposed(left.drops) : undefined;
  return {
    ...place,
    reach: rollout,
    columns: {
      attention: { id: 'attention', name: strings.short.attention, scores: attention, signed: false },
      rollout: { id: 'rollout', name: strings.short.rollout, scores: rollout, signed: false },
      leaveOneOut: drops && {
        id: 'leaveOneOut',
        name: strings.short.leaveOneOut,
        scores: drops,
        signed: true,
      },
    },
  };
}

/** Every further method with attention, and leave-one-out with the rollout. */
function comparisons(scene: Scene) {
  const { attention, rollout, leaveOneOut } = scene.columns;
  const seen = (target: number, source: number) => isSeen(scene, target, source);
  const pair = (one: Attribution | undefined, other: Attribution | undefined, name: string) =>
    one && other
      ? [{ name, agreement: agreementOf(one, other, seen), withAttention: one === attention }]
      : [];
  return [
    ...pair(attention, rollout, strings.short.rollout),
    ...pair(attention, leaveOneOut, strings.short.leaveOneOut),
    ...pair(rollout, leaveOneOut, strings.between),
  ];
}

function isSeen({ sources, targets, reach }: Scene, target: number, source: number): boolean {
  return (
    !targets[target].padding && !sources[source].padding && reach.data[target * reach.columns + source] > 0
  );
}

function labelsOf(items: readonly AxisItem[]): string[] {
  return items.map(({ label }) => label);
}

function numberText({ signed }: Attribution, value: number): string {
  if (!Number.isFinite(value)) {
    return strings.none;
  }
  return signed ? formatNumber(value) : formatWeight(value);
}

// The Layers view: the residual stream, what each sub-layer adds to it, what the norm does, and which units speak.
import type { SubLayerFlow } from '../../../src/shared/insight';
import type { FeedForwardBlock, ModelStructure, StackStructure } from '../../../src/shared/modelStructure';
import type { Side } from '../../../src/shared/modelSummary';
import type { Matrix } from '../../../src/shared/tensor';
import type { CellPosition } from '../../draw/cells';
import { element, setText } from '../../dom';
import type { EditorHighlight } from '../../explorer/editorHighlight';
import type { AxisItem } from '../../explorer/sequences';
import { axisOf, sequencesOf, tokenRef } from '../../explorer/sequences';
import type { Slices } from '../../explorer/slices';
import type { ExplorerStore } from '../../explorer/store';
import { withHead } from '../../explorer/viewState';
import { layersStrings as strings } from '../../strings/layersStrings';
import { explanation } from '../explanation';
import { NumberTable } from '../numberTable';
import type { ExplorerViewPart, ViewInput, ViewStatus } from '../view';
import { batchFinding, batchRows, flowRows } from './layerNumbers';
import { describeLength, StreamPane } from './streamPane';
import { UnitsPane } from './unitsPane';
import { sidesOf } from '../../../src/shared/attentionSides';

const strongestUnits = 8;

export class LayersView implements ExplorerViewPart {
  readonly centre: HTMLElement;
  readonly inspector: HTMLElement;
  private readonly stream: StreamPane;
  private readonly reading = element('p', { class: 'caption reading', 'data-role': 'stream-reading' });
  private readonly flowTitle = element('h2', { class: 'pane-title tokens', 'data-role': 'flow-title' });
  private readonly flowCaption = element('span', { class: 'caption' });
  private readonly flow = new NumberTable('flow', strings.columns.subLayer, [
    strings.columns.input,
    strings.columns.branch,
    strings.columns.cosine,
    strings.columns.sum,
    strings.columns.before,
    strings.columns.after,
  ]);
  private readonly batchTitle = element('h2', { class: 'pane-title' });
  private readonly batchCaption = element('span', { class: 'caption' });
  private readonly finding = element('p', { class: 'finding', 'data-role': 'batch-finding' });
  private readonly batch = new NumberTable('batch', strings.batchColumns.token, [
    strings.batchColumns.own,
    strings.batchColumns.batch,
    strings.batchColumns.cosine,
    strings.batchColumns.distance,
  ]);
  private readonly batchPane: HTMLElement;
  private readonly units: UnitsPane;
  private token = 0;
  private pointed: CellPosition | undefined;
  private followed = '';
  private run = '';

  constructor(
    private readonly store: ExplorerStore,
    private readonly slices: Slices,
    private readonly highlight: EditorHighlight,
  ) {
    this.stream = new StreamPane(
      (cell) => this.point(cell),
      (cell) => this.choose(cell),
    );
    this.units = new UnitsPane((token) => {
      this.token = token;
      this.redraw();
    });
    const header = (...parts: HTMLElement[]) => element('div', { class: 'pane-header' }, ...parts);
    this.batchPane = element(
      'section',
      { class: 'pane' },
      header(this.batchTitle, this.batchCaption),
      this.finding,
      this.batch.element,
    );
    this.centre = element(
      'div',
      { class: 'view layers-view' },
      element(
        'section',
        { class: 'pane' },
        header(
          element('h2', { class: 'pane-title' }, strings.stream),
          element('span', { class: 'caption' }, strings.streamCaption),
        ),
        this.stream.element,
        this.reading,
      ),
      element('section', { class: 'pane' }, header(this.flowTitle, this.flowCaption), this.flow.element),
      this.batchPane,
      explanation(strings.explain, strings.explanation),
    );
    this.inspector = element(
      'div',
      { class: 'inspector-content', 'data-role': 'layers-inspector' },
      this.units.element,
    );
  }

  update(input: ViewInput): ViewStatus {
    const { trace, view, attention, summary, theme } = input;
    const side = sidesOf(attention.kind).query;
    const items = axisOf(sequencesOf(trace, side)[view.batch], 'pieces');
    this.follow(input, side, items);
    const place = { trace: trace.id, side, batch: view.batch };
    const norms = this.slices.residualNorms.want(place);
    const structure = this.slices.structure.want({ model: summary.id });
    const flows = this.slices.subLayers.want({ ...place, layer: attention.layer });
    const stack = structure.status === 'ready' ? stackOf(structure.value, side) : undefined;
    const block = stack && feedForwardOf(stack, attention.layer);
    const units =
      block &&
      this.slices.units.want({
        trace: trace.id,
        batch: view.batch,
        feedForward: block.name,
        count: strongestUnits,
      });
    if (norms.status === 'ready') {
      const key = JSON.stringify(place);
      const spot = this.pointed ?? { row: attention.layer + 1, column: this.token };
      this.stream.update({ key, norms: norms.value, items, theme, spot, width: this.centre.clientWidth });
      this.read(norms.value, items);
    }
    if (flows.status === 'ready' && stack) {
      this.showFlow(flows.value, stack, items, attention.layer);
    }
    this.units.update({
      block,
      units: units?.status === 'ready' ? units.value : undefined,
      known: structure.status === 'ready',
      items,
      token: this.token,
    });
    const item = items.at(this.pointed?.column ?? this.token);
    this.highlight.show(this.pointed && item?.hasText ? [tokenRef(side, view.batch, item)] : []);
    const wanted = [norms, structure, flows, ...(units ? [units] : [])];
    const failed = wanted.find((slot) => slot.status === 'failed');
    return {
      loading: wanted.some(({ status }) => status === 'loading'),
      failed: failed?.status === 'failed' ? failed.message : undefined,
    };
  }

  private showFlow(
    flows: readonly SubLayerFlow[],
    { normPlacement }: StackStructure,
    items: readonly AxisItem[],
    layer: number,
  ): void {
    const label = items[this.token]?.label ?? '';
    setText(this.flowTitle, strings.flow(layer + 1, label));
    const captions = { post: strings.flowPost, pre: strings.flowPre, none: strings.flowNone };
    setText(this.flowCaption, captions[normPlacement]);
    this.flow.update(flowRows(flows, this.token));
    const normed = flows.findLast(({ tokens }) => tokens.some(({ batchNorm }) => batchNorm));
    this.batchPane.hidden = !normed;
    if (normed) {
      const real = items.flatMap(({ padding }, index) => (padding ? [] : [index]));
      setText(this.batchTitle, normed.norm === 'rms' ? strings.rms : strings.batch);
      setText(this.batchCaption, strings.batchCaption(normed.name, real.length));
      setText(this.finding, batchFinding(normed, real));
      this.batch.update(batchRows(normed, items, real, this.token));
    }
  }

  private follow({ model, trace, view }: ViewInput, side: Side, items: readonly AxisItem[]): void {
    const run = `${trace.id}/${side}/${view.batch}`;
    if (run !== this.run) {
      this.run = run;
      this.pointed = undefined;
      this.token = Math.min(this.token, Math.max(0, items.length - 1));
    }
    const { followed } = model;
    const key = JSON.stringify(followed);
    if (key !== this.followed) {
      this.followed = key;
      if (followed?.side === side && followed.batch === view.batch && followed.first < items.length) {
        this.token = followed.first;
      }
    }
  }

  private read(norms: Matrix, items: readonly AxisItem[]): void {
    setText(this.reading, this.pointed ? describeLength(norms, items, this.pointed) : strings.hint);
  }

  private point(cell: CellPosition | undefined): void {
    if (cell?.row !== this.pointed?.row || cell?.column !== this.pointed?.column) {
      this.pointed = cell;
      this.redraw();
    }
  }

  private choose({ row, column }: CellPosition): void {
    const { view, state } = this.store.model;
    this.token = column;
    if (view && state?.model && row > 0) {
      this.store.setView(withHead(view, state.model, row - 1, view.head));
    }
    this.redraw();
  }

  /** The picture follows by the same way as every other change. */
  private redraw(): void {
    this.store.set({});
  }
}

function stackOf({ stacks }: ModelStructure, side: Side): StackStructure | undefined {
  return stacks.find((stack) => stack.side === side);
}

function feedForwardOf({ subLayers }: StackStructure, layer: number): FeedForwardBlock | undefined {
  return subLayers.find(
    (block): block is FeedForwardBlock => block.what === 'feedForward' && block.layer === layer,
  );
}

// The Masks view: the model's mask in parts, a bench to edit what enters the softmax, and what the edit changes.
import type { ModelControls } from '../../src/shared/intervention';
import type { AttentionSummary } from '../../src/shared/modelSummary';
import type { TokenRef } from '../../src/shared/protocol';
import type { Masks, MaskStage, TraceSummary } from '../../src/shared/trace';
import type { CellPosition } from '../draw/cells';
import { element, setText } from '../dom';
import type { Announcer } from '../explorer/announcer';
import type { EditorHighlight } from '../explorer/editorHighlight';
import type { Intervened } from '../explorer/intervened';
import { axisOf, batchSize, sequencesOf, tokenRef } from '../explorer/sequences';
import type { Slices } from '../explorer/slices';
import type { ExplorerStore } from '../explorer/store';
import { atHead } from '../explorer/viewState';
import { isInPage } from '../export/savedViews';
import { maskStrings as strings } from '../strings';
import { maskBenchStrings as bench } from '../strings/maskBenchStrings';
import { Effect } from './effect/effect';
import { explanation } from './explanation';
import { FactList } from './factList';
import { editedStage, ownGrid } from './masks/editedStage';
import { MaskBench } from './masks/maskBench';
import type { MaskGrid } from './masks/maskEdit';
import type { EditorNews } from './masks/maskEditor';
import { MaskEditor } from './masks/maskEditor';
import { MaskMatrices } from './masks/maskMatrices';
import { emptiedNote, totalCaption } from './masks/maskNotes';
import { maskFacts, maskReasons } from './maskFacts';
import type { MaskScene } from './maskPane';
import type { ExplorerViewPart, ViewInput, ViewStatus } from './view';
import { sidesOf } from '../../src/shared/attentionSides';

/** The masks with the attention and run they are of, so that an edit never lands on another one. */
interface BenchScene extends MaskScene {
  readonly attention: AttentionSummary;
  readonly batch: number;
  readonly run: TraceSummary;
  /** The model's own mask. */
  readonly own: MaskGrid;
  readonly realKeys: readonly boolean[];
}

export class MasksView implements ExplorerViewPart {
  readonly inspector = undefined;
  readonly centre: HTMLElement;
  /** A saved page has nothing that could run again. */
  private readonly canRun = isInPage('experiments');
  private readonly matrices: MaskMatrices;
  private readonly editor: MaskEditor;
  private readonly bench: MaskBench;
  private readonly effect: Effect;
  private readonly note = element('p', { class: 'pane-text bench-note', 'data-role': 'mask-note' });
  private readonly facts = new FactList('mask-facts');
  private scene: BenchScene | undefined;
  private spot: CellPosition | undefined;
  /** What the bench makes of the mask, made anew with another edit only. */
  private edited:
    | {
        readonly grid: MaskGrid;
        readonly masks: Masks;
        readonly stage: MaskStage;
        readonly caption: string;
        readonly isOther: boolean;
        readonly note: string;
      }
    | undefined;
  /** What can be changed; kept over the runs, so that the bench does not come and go. */
  private known: { readonly model: string; readonly controls: ModelControls } | undefined;

  constructor(
    private readonly store: ExplorerStore,
    private readonly slices: Slices,
    private readonly announcer: Announcer,
    private readonly highlight: EditorHighlight,
    private readonly intervened: Intervened,
  ) {
    const redraw = () => this.store.set({});
    this.editor = new MaskEditor(intervened, { redraw, say: (news) => this.say(news) });
    this.effect = new Effect(slices, {
      go: (attention, head) => this.go(attention, head),
      retry: () => intervened.retry(),
      redraw,
    });
    this.bench = new MaskBench(this.editor, (sentence) => announcer.say(sentence), this.effect.headline);
    this.matrices = new MaskMatrices((cell) => this.point(cell), this.canRun ? this.editor : undefined);
    this.centre = element(
      'div',
      { class: 'view masks-view' },
      this.bench.element,
      this.matrices.element,
      this.note,
      this.effect.element,
      element(
        'section',
        { class: 'pane mask-facts' },
        element('div', { class: 'pane-header' }, element('h2', { class: 'pane-title' }, strings.facts)),
        this.facts.element,
        explanation(bench.explain, bench.explanation),
      ),
    );
    this.effect.element.hidden = !this.canRun;
  }

  update(input: ViewInput): ViewStatus {
    const { attention, view } = input;
    // The parts are the model's own, whatever is in effect: the bench shows what is made of them.
    const base = this.intervened.trace ?? input.trace;
    const { batch } = view;
    const wanted = this.slices.masks.want({ trace: base.id, attention: attention.name, batch });
    const key = [base.id, attention.name, batch].join('/');
    if (wanted.status === 'ready' && (this.scene?.key !== key || this.scene.masks !== wanted.value)) {
      // A run under another edit is of the same cells: whoever edits by keyboard stays where they are.
      this.spot = this.scene?.key === key ? this.spot : undefined;
      const sides = sidesOf(attention.kind);
      const queries = axisOf(sequencesOf(base, sides.query)[batch], 'pieces');
      const keys = axisOf(sequencesOf(base, sides.key)[batch], 'pieces');
      this.scene = {
        key,
        masks: wanted.value,
        queries,
        keys,
        attention,
        batch,
        run: base,
        own: ownGrid(wanted.value.total, queries.length, keys.length),
        realKeys: keys.map(({ padding }) => !padding),
      };
    }
    const { id } = input.summary;
    const controls = this.canRun ? this.slices.controls.want({ model: id }) : undefined;
    if (controls?.status === 'ready') {
      this.known = { model: id, controls: controls.value };
    }
    const own = this.known?.model === id ? this.known.controls.attentions : [];
    const canMask = own.some((each) => each.attention === attention.name && each.can.includes('mask'));
    let effect: ViewStatus = { loading: false, failed: undefined };
    if (this.scene?.key === key) {
      this.show(this.scene, input, canMask);
      this.effect.element.hidden = !this.canRun;
      if (this.canRun) {
        effect = this.compare(input, base);
      }
    } else {
      this.editor.leave();
    }
    this.bench.element.inert = this.scene?.key !== key;
    this.bench.element.hidden = !canMask;
    if (own.length > 0 && !canMask) {
      this.tell(bench.cannot(attention.name));
    }
    const failed = [wanted, ...(controls ? [controls] : [])].find((each) => each.status === 'failed');
    return {
      loading: wanted.status === 'loading' || controls?.status === 'loading' || effect.loading,
      failed: failed?.status === 'failed' ? failed.message : effect.failed,
    };
  }

  private show(scene: BenchScene, input: ViewInput, canMask: boolean): void {
    const { masks, keys, queries, attention, batch, run } = scene;
    const { theme, view, summary } = input;
    const padded = keys.some(({ padding }) => padding);
    this.editor.update({
      run: run.id,
      attention,
      head: view.head,
      batch,
      texts: batchSize(run),
      own: scene.own,
      realKeys: scene.realKeys,
    });
    this.bench.update({ head: view.head, layer: attention.layer, isCausal: masks.causal !== undefined });
    const grid = canMask ? this.editor.grid : undefined;
    const { edit, others } = this.editor;
    if (grid && (this.edited?.grid !== grid || this.edited.masks !== masks)) {
      const made = editedStage(masks.total, grid);
      const isOther = masks.total ? made !== masks.total : made.removed > 0;
      const stage = this.kept(made);
      const note = emptiedNote(grid, queries, masks);
      this.edited = { grid, masks, stage, note, isOther, caption: totalCaption(grid, edit.cells) };
    }
    const edited = grid && this.edited;
    this.matrices.update({
      scene,
      reasons: maskReasons(masks, batchSize(run), padded),
      edited: edited && {
        stage: edited.stage,
        caption: edited.caption,
        cells: edit.cells,
        isOther: edited.isOther,
      },
      spot: this.spot,
      theme,
      width: this.centre.clientWidth,
      table: view.table,
    });
    const notes = [edited?.note ?? '', others > 0 ? bench.otherMasks(others) : ''];
    this.tell(notes.filter((note) => note !== '').join(' '));
    this.highlight.show(this.pointedAt(scene));
    this.facts.update(maskFacts(masks, attention, summary, run, keys.length));
  }

  private compare({ trace, view, theme, attention }: ViewInput, base: TraceSummary): ViewStatus {
    return this.effect.update({
      before: base,
      after: trace.id === base.id ? undefined : trace,
      pending: this.editor.pending || this.intervened.busy,
      problem: this.intervened.problem,
      attention,
      head: view.mean ? 'mean' : view.head,
      batch: view.batch,
      theme,
      width: this.centre.clientWidth,
      table: view.table,
      empty: bench.empty,
    });
  }

  /** The same object while the numbers are the same: pictures and tables are made anew for another one. */
  private kept(stage: MaskStage): MaskStage {
    const before = this.edited?.stage;
    const same =
      before?.matrix.columns === stage.matrix.columns &&
      before.matrix.data.length === stage.matrix.data.length &&
      before.matrix.data.every((value, at) => value === stage.matrix.data[at]);
    return same && before ? before : stage;
  }

  private tell(note: string): void {
    this.note.hidden = note === '';
    setText(this.note, note);
  }

  /** The words of the cell under the pointer. */
  private pointedAt({ queries, keys, attention, batch }: BenchScene): TokenRef[] {
    const { spot } = this;
    const sides = sidesOf(attention.kind);
    const query = spot && queries[spot.row];
    const key = spot && keys[spot.column];
    return [
      ...(query?.hasText ? [tokenRef(sides.query, batch, query)] : []),
      ...(key?.hasText ? [tokenRef(sides.key, batch, key)] : []),
    ];
  }

  private point(cell: CellPosition | undefined): void {
    if (cell?.row !== this.spot?.row || cell?.column !== this.spot?.column) {
      this.spot = cell;
      // The picture follows the pointer by the same way as every other change.
      this.store.set({});
    }
  }

  private go(attention: string, head: number): void {
    const { view, state } = this.store.model;
    if (view && state?.model) {
      this.store.setView(atHead(view, state.model, attention, head));
    }
  }

  private say(news: EditorNews): void {
    switch (news.did) {
      case 'cell': {
        const { queries, keys } = this.scene ?? { queries: [], keys: [] };
        const [query, key] = [queries[news.row]?.label ?? '', keys[news.column]?.label ?? ''];
        this.announcer.say(bench.announceCell(query, key, news.keep));
        break;
      }
      case 'undo':
        this.announcer.say(bench.announceUndone);
        break;
      case 'redo':
        this.announcer.say(bench.announceRedone);
        break;
      case 'reset':
        this.announcer.say(bench.announceReset);
        break;
      default:
        news satisfies never;
    }
  }
}

// The Inside view: the model's structure, every stage of one head, and the arithmetic of one of its cells.
import type { CellTerms } from '../../src/shared/insight';
import { messageOf } from '../../src/shared/errors';
import { element, setText, showEither } from '../dom';
import type { Announcer } from '../explorer/announcer';
import type { EditorHighlight } from '../explorer/editorHighlight';
import { sequencesOf } from '../explorer/sequences';
import type { Slices } from '../explorer/slices';
import type { ExplorerStore } from '../explorer/store';
import type { Pair } from '../explorer/viewState';
import { convertPair } from '../explorer/viewState';
import { formatWeight } from '../format';
import { insideStrings as strings } from '../strings/insideStrings';
import { explanation } from './explanation';
import { InsideBoard } from './insideBoard';
import { softmaxRow } from './insideNumbers';
import { InsideRow } from './insideRow';
import type { InsideScene } from './insideScene';
import { headTitle, insideCell, insideScene, tokensOfCell } from './insideScene';
import { InsideStepList } from './insideStepList';
import { cellSteps } from './insideSteps';
import { InsideTables } from './insideTables';
import { InsideTerms } from './insideTerms';
import { arithmeticText } from './insideText';
import { StructureColumn } from './structureColumn';
import type { ExplorerViewPart, ViewInput, ViewStatus } from './view';
import { sidesOf } from '../../src/shared/attentionSides';

/** Below this width the structure becomes a menu above the stages. */
const columnFrom = 700;

export class InsideView implements ExplorerViewPart {
  readonly inspector = undefined;
  readonly centre: HTMLElement;
  private readonly structure: StructureColumn;
  private readonly board: InsideBoard;
  private readonly tables = new InsideTables();
  private readonly terms = new InsideTerms();
  private readonly steps: InsideStepList;
  private readonly row: InsideRow;
  private readonly head = element('code', { class: 'tensor-name', 'data-role': 'head-name' });
  private readonly looked = element('span', { class: 'caption', 'data-role': 'inside-cell' });
  private readonly note = element('p', { class: 'caption inside-note', 'data-role': 'inside-note' });
  private readonly arithmetic: HTMLElement;
  private readonly main: HTMLElement;
  private scene: InsideScene | undefined;
  private hovered: Partial<Pair> | undefined;
  private byKeyboard = false;
  /** The cell as it was drawn last, for Enter and for copying. */
  private cell: Pair = { query: 0, key: 0 };
  private cellTerms: CellTerms | undefined;

  constructor(
    private readonly store: ExplorerStore,
    private readonly slices: Slices,
    private readonly announcer: Announcer,
    private readonly highlight: EditorHighlight,
  ) {
    this.structure = new StructureColumn(
      {
        attention: (name) => this.choose(name),
        open: (view, attention, side) => {
          this.store.set({ side });
          this.store.patchView({ view, ...(attention !== undefined && { attention }) });
        },
      },
      () => this.store.set({}),
    );
    this.board = new InsideBoard({
      point: (cell) => this.point(cell, false),
      pin: (cell) => this.pin(cell),
      release: () => this.release(),
      step: (queries, keys) => this.step(queries, keys),
    });
    this.row = new InsideRow(
      (key) => this.pin({ key }),
      (key) => this.point(key === undefined ? undefined : { key }, false),
    );
    const copy = element('button', { class: 'link', 'data-control': 'copy-arithmetic' }, strings.copy);
    copy.addEventListener('click', () => void this.copy());
    const masks = element('button', { class: 'link' }, strings.openMasks);
    masks.addEventListener('click', () => this.store.patchView({ view: 'masks' }));
    this.steps = new InsideStepList(copy, masks);
    this.arithmetic = element(
      'div',
      { class: 'inside-arithmetic' },
      this.terms.element,
      this.steps.element,
      this.row.element,
    );
    this.main = element('div', { class: 'inside-main' });
    this.centre = this.layOut();
  }

  update(input: ViewInput): ViewStatus {
    const { view, summary, attention, trace, theme } = input;
    const head = Math.min(view.head, attention.heads - 1);
    const wanted = this.slices.headStages.want({
      trace: trace.id,
      attention: attention.name,
      head,
      batch: view.batch,
    });
    if (wanted.status === 'ready' && this.scene?.stages !== wanted.value) {
      this.scene = insideScene(trace, attention, head, view.batch, wanted.value);
    }
    const sides = sidesOf(attention.kind);
    const structure = this.slices.structure.want({ model: summary.id });
    this.structure.place(this.centre.clientWidth >= columnFrom);
    this.structure.update(
      input,
      structure.status === 'ready' ? structure.value : undefined,
      {
        queries: sequencesOf(trace, sides.query)[view.batch]?.tokens.length ?? 0,
        keys: sequencesOf(trace, sides.key)[view.batch]?.tokens.length ?? 0,
      },
      structure.status === 'failed' ? structure.message : undefined,
    );
    const stale = wanted.status !== 'ready';
    this.main.hidden = !this.scene;
    if (this.scene) {
      this.show(this.scene, input, stale);
    }
    this.board.element.classList.toggle('stale', stale);
    this.arithmetic.classList.toggle('stale', stale);
    if (view.table && this.scene) {
      // Filled before it is shown: the focus goes to its first table.
      this.tables.update(this.scene);
    }
    showEither(this.board.element, this.tables.element, view.table);
    if (!view.table && this.scene) {
      this.board.update({
        scene: this.scene,
        cell: this.cell,
        reveal: this.hovered === undefined || this.byKeyboard,
        theme,
        width: this.main.clientWidth,
      });
    }
    return {
      loading: wanted.status === 'loading' || structure.status === 'loading',
      failed:
        wanted.status === 'failed'
          ? wanted.message
          : structure.status === 'failed'
            ? structure.message
            : undefined,
    };
  }

  /** Everything but the pictures. */
  private show(scene: InsideScene, input: ViewInput, stale: boolean): void {
    const { model } = input;
    const pinned = pinnedPiece(input);
    this.cell = insideCell(scene, {
      hovered: stale ? undefined : this.hovered,
      pinned,
      followed: model.followed,
    });
    const { query, key } = this.cell;
    const [from, to] = [scene.queries[query]?.label ?? '', scene.keys[key]?.label ?? ''];
    setText(this.head, `${scene.attention.name}[${scene.head}]`);
    this.look(from, to);
    setText(this.note, noteOf(input));
    this.note.hidden = this.note.textContent === '';
    this.showTerms(scene, input, stale, from, to);
    const row = softmaxRow(scene.stages, query);
    this.steps.update(from, to, cellSteps(scene.stages, { query, key, keyLabel: to }, scene.scale), '');
    this.row.update({
      name: `${scene.key}/${query}/${key}`,
      query: from,
      key,
      labels: scene.keys.map(({ label }) => label),
      row,
      why: strings.missingWhy.masked,
    });
    this.highlight.show(stale || !this.hovered ? [] : tokensOfCell(scene, this.cell));
  }

  private showTerms(scene: InsideScene, input: ViewInput, stale: boolean, from: string, to: string): void {
    const { query, key } = this.cell;
    const { stages } = scene;
    const there = stages.query !== undefined && stages.key !== undefined;
    if (!there || stale) {
      this.slices.cellTerms.rest();
    }
    const wanted =
      there && !stale
        ? this.slices.cellTerms.want({
            trace: input.trace.id,
            attention: scene.attention.name,
            head: scene.head,
            batch: scene.batch,
            query,
            key,
          })
        : undefined;
    this.cellTerms = wanted?.status === 'ready' ? wanted.value : undefined;
    this.terms.update({
      query: from,
      key: to,
      terms: this.cellTerms,
      score: stages.scores?.data[query * stages.scores.columns + key],
      why: !there ? strings.noTerms : wanted?.status === 'failed' ? wanted.message : undefined,
      theme: input.theme,
    });
  }

  /** `the outlined row is es, the outlined cell es → Tier`; the tokens stand out. */
  private look(from: string, to: string): void {
    const key = `${from}\n${to}`;
    if (this.looked.dataset['shown'] !== key) {
      this.looked.dataset['shown'] = key;
      this.looked.replaceChildren(
        strings.legendRow,
        element('b', {}, from),
        strings.legendCell,
        element('b', {}, strings.pair(from, to)),
      );
    }
  }

  private point(cell: Partial<Pair> | undefined, byKeyboard: boolean): void {
    const { hovered } = this;
    if (hovered?.query !== cell?.query || hovered?.key !== cell?.key || this.byKeyboard !== byKeyboard) {
      this.hovered = cell;
      this.byKeyboard = byKeyboard;
      this.store.set({});
    }
  }

  /** A pin belongs to the tokens of its kind of attention. */
  private choose(name: string): void {
    const { view, state } = this.store.model;
    const next = state?.model?.attentions.find((each) => each.name === name);
    const now = state?.model?.attentions.find((each) => each.name === view?.attention);
    if (view && next) {
      this.store.setView({
        ...view,
        attention: name,
        head: Math.min(view.head, next.heads - 1),
        pinned: next.kind === now?.kind ? view.pinned : undefined,
      });
    }
  }

  private step(queries: number, keys: number): void {
    const { scene } = this;
    if (scene) {
      const move = (from: number, by: number, count: number): number =>
        Math.max(0, Math.min(count - 1, from + by));
      this.cell = {
        query: move(this.cell.query, queries, scene.queries.length),
        key: move(this.cell.key, keys, scene.keys.length),
      };
      this.point(this.cell, true);
    }
  }

  private pin(cell: Partial<Pair> | undefined): void {
    const { scene } = this;
    const { view } = this.store.model;
    if (!scene || !view) {
      return;
    }
    const pinned = { ...this.cell, ...cell };
    this.store.set({ second: undefined });
    // Stages are per piece: a pinned piece would be lost among words.
    this.store.patchView({ unit: 'pieces', pinned });
    const { weights } = scene.stages;
    const pair = strings.pair(scene.queries[pinned.query]?.label ?? '', scene.keys[pinned.key]?.label ?? '');
    const weight = weights ? formatWeight(weights.data[pinned.query * weights.columns + pinned.key]) : '';
    this.announcer.say(strings.announcePin(pair, weight, headTitle(scene)));
  }

  private release(): void {
    const { view } = this.store.model;
    this.hovered = undefined;
    this.store.set({ second: undefined, followed: undefined });
    if (view?.pinned) {
      this.store.patchView({ pinned: undefined });
      this.announcer.say(strings.released);
    }
  }

  private async copy(): Promise<void> {
    const { scene } = this;
    if (!scene) {
      return;
    }
    const { query, key } = this.cell;
    const keyLabels = scene.keys.map(({ label }) => label);
    const text = arithmeticText({
      head: `${headTitle(scene)} (${scene.attention.name}[${scene.head}])`,
      query: scene.queries[query]?.label ?? '',
      key: keyLabels[key] ?? '',
      terms: this.cellTerms,
      steps: cellSteps(scene.stages, { query, key, keyLabel: keyLabels[key] ?? '' }, scene.scale),
      row: softmaxRow(scene.stages, query),
      keyLabels,
    });
    try {
      await navigator.clipboard.writeText(text);
      this.announcer.say(strings.copied);
    } catch (error) {
      this.announcer.say(strings.notCopied);
      this.store.log(`${strings.notCopied} ${messageOf(error)}`);
    }
  }

  private layOut(): HTMLElement {
    this.main.append(
      element(
        'div',
        { class: 'pane-header tall' },
        element('h2', { class: 'pane-title' }, strings.stages),
        this.head,
        this.looked,
        element('span', { class: 'caption every-picture' }, strings.everyPicture),
      ),
      this.note,
      this.board.element,
      this.tables.element,
      this.arithmetic,
      explanation(strings.explanationTitle, strings.explanation),
    );
    return element('div', { class: 'view inside-view' }, this.structure.element, this.main);
  }
}

/** What the reader must know about this head. */
function noteOf({ view, summary, attention }: ViewInput): string {
  const { query } = sidesOf(attention.kind);
  const turned = summary.positions.some(({ side, kind }) => side === query && kind === 'rotary');
  return [
    ...(view.unit === 'words' ? [strings.perPiece] : []),
    ...(view.mean ? [strings.oneHead] : []),
    ...(turned && attention.kind !== 'cross' ? [strings.rotary] : []),
    ...(attention.keyValueHeads < attention.heads ? [strings.shared(attention.keyValueHeads)] : []),
  ].join(' ');
}

/** The pinned cell in pieces: of a pinned word, its first piece. */
function pinnedPiece({ view, summary, trace }: ViewInput): Pair | undefined {
  const { pinned } = view;
  return pinned && convertPair(pinned, view, { ...view, unit: 'pieces' }, summary, trace);
}

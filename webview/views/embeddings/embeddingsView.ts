// The Embeddings view: from a token's id to the vector that the first layer reads, its neighbours, and its way through the layers.
import type { EmbeddingBlock, StackStructure } from '../../../src/shared/modelStructure';
import type { StateProjection } from '../../../src/shared/insight';
import { PROJECTED_STATES } from '../../../src/shared/insight';
import type { Side } from '../../../src/shared/modelSummary';
import type { Token, TokenSequence } from '../../../src/shared/tokens';
import type { TraceSummary } from '../../../src/shared/trace';
import { symmetricRange } from '../../draw/heatPixels';
import { element, setText, showEither } from '../../dom';
import type { EditorHighlight } from '../../explorer/editorHighlight';
import { axisOf, sequencesOf, tokenRef } from '../../explorer/sequences';
import type { Slices } from '../../explorer/slices';
import type { ExplorerStore } from '../../explorer/store';
import { formatCount, formatFactor, formatNumber, formatToken } from '../../format';
import { embeddingsStrings as strings } from '../../strings/embeddingsStrings';
import type { Theme } from '../../theme';
import { dropdown } from '../../toolkit';
import { explanation } from '../explanation';
import { FactList } from '../factList';
import { PagedTable } from '../pagedTable';
import { sideOf } from '../positionsView';
import type { ExplorerViewPart, ViewInput, ViewStatus } from '../view';
import { NeighbourList } from './neighbourList';
import { PlanePane, type PlaneToken } from './planePane';
import { VectorStrip } from './vectorStrip';

const shownNeighbours = 12;

export class EmbeddingsView implements ExplorerViewPart {
  readonly centre: HTMLElement;
  readonly inspector: HTMLElement;
  private readonly lookUpCaption = element('span', { class: 'caption' });
  private readonly strips: readonly VectorStrip[];
  private readonly stripBody = element('div', { class: 'strips' });
  private readonly reading = element('p', { class: 'caption reading', 'data-role': 'strip-reading' });
  private readonly missing = element('p', { class: 'missing' }, strings.missing);
  private readonly planeCaption = element('span', { class: 'caption', 'data-role': 'plane-caption' });
  private readonly layer;
  private readonly centredBox = checkbox('centred', strings.centred, strings.centredHint, (on) => {
    this.centred = on;
    this.redraw();
  });
  private readonly pathsBox = checkbox('paths', strings.paths, strings.pathsHint, (on) => {
    this.paths = on;
    this.redraw();
  });
  private readonly some = element('p', { class: 'caption', 'data-role': 'plane-some' });
  private readonly texts = element('span', { class: 'plane-texts', 'data-role': 'plane-texts' });
  private readonly same = element('p', { class: 'caption pane-text', 'data-role': 'same-word' });
  private readonly plane: PlanePane;
  private readonly planeTable = new PagedTable('plane-table');
  private readonly planeTableHost = element(
    'div',
    { class: 'table-view', 'data-keys': true },
    this.planeTable.element,
  );
  private readonly tokenTitle = element('h3', { class: 'pane-title tokens' });
  private readonly facts = new FactList('embedding-facts');
  private readonly neighbours = new NeighbourList();
  private readonly neighboursNote = element('p', { class: 'caption pane-text' }, strings.noTable);
  private position = 0;
  private hovered: number | undefined;
  private dimension: number | undefined;
  private state = 0;
  private centred = true;
  private paths = false;
  private followed = '';
  private run = '';
  private shownTokens: readonly PlaneToken[] = [];

  constructor(
    private readonly store: ExplorerStore,
    private readonly slices: Slices,
    private readonly highlight: EditorHighlight,
  ) {
    const point = (dimension: number | undefined) => {
      if (dimension !== this.dimension) {
        this.dimension = dimension;
        this.redraw();
      }
    };
    this.strips = ['row', 'position', 'sum'].map((role) => new VectorStrip(`strip-${role}`, point));
    this.stripBody.append(...this.strips.map((strip) => strip.element));
    this.layer = dropdown(
      'plane-layer',
      strings.after,
      (state) => {
        this.state = Number(state);
        this.redraw();
      },
      true,
    );
    this.plane = new PlanePane(
      (token) => this.hover(token),
      (token) => this.chooseShown(token),
    );
    const header = (title: string, ...parts: HTMLElement[]) =>
      element('div', { class: 'pane-header' }, element('h2', { class: 'pane-title' }, title), ...parts);
    this.centre = element(
      'div',
      { class: 'view embeddings-view' },
      element(
        'section',
        { class: 'pane' },
        header(strings.lookUp, this.lookUpCaption),
        this.missing,
        this.stripBody,
        this.reading,
      ),
      element(
        'section',
        { class: 'pane plane-section' },
        header(strings.plane, this.planeCaption),
        element(
          'div',
          { class: 'plane-controls' },
          this.layer.element,
          this.centredBox.element,
          this.pathsBox.element,
          this.texts,
          this.some,
        ),
        this.same,
        this.plane.element,
        this.planeTableHost,
      ),
      explanation(strings.explain, strings.explanation),
    );
    this.inspector = element(
      'div',
      { class: 'inspector-content', 'data-role': 'embeddings-inspector' },
      element(
        'section',
        { class: 'pane' },
        element('div', { class: 'pane-header' }, this.tokenTitle),
        this.facts.element,
      ),
      element(
        'section',
        { class: 'pane' },
        element(
          'div',
          { class: 'pane-header' },
          element('h3', { class: 'pane-title' }, strings.neighbours),
          element('span', { class: 'caption' }, strings.neighboursCaption),
        ),
        this.neighbours.element,
        this.neighboursNote,
      ),
    );
  }

  update(input: ViewInput): ViewStatus {
    const { model, summary, trace, view } = input;
    const side = sideOf(summary, model.side);
    const sequence = sequencesOf(trace, side)[view.batch];
    this.follow(input, side, sequence);
    const structure = this.slices.structure.want({ model: summary.id });
    const stack =
      structure.status === 'ready' ? structure.value.stacks.find((each) => each.side === side) : undefined;
    const token = sequence.tokens[this.position];
    const lookUp = stack && this.showLookUp(input, side, stack, token);
    const plane = stack && this.showPlane(input, side, stack);
    this.showToken(token, stack, lookUp?.scale);
    const wantsNeighbours = stack?.embedding !== undefined;
    const neighbours = wantsNeighbours
      ? this.slices.neighbours.want({ model: summary.id, id: token.id, count: shownNeighbours })
      : undefined;
    if (neighbours?.status === 'ready') {
      this.neighbours.update(neighbours.value);
    }
    // A table in a file that was not given is no failure of the view.
    this.neighboursNote.hidden = neighbours?.status !== 'failed';
    this.neighbours.element.hidden = neighbours?.status !== 'ready';
    const item = this.hovered === undefined ? undefined : axisOf(sequence, 'pieces').at(this.hovered);
    this.highlight.show(item?.hasText ? [tokenRef(side, view.batch, item)] : []);
    const failed = [structure, ...(lookUp?.slots ?? []), ...(plane ? [plane] : [])].find(
      (slot) => slot.status === 'failed',
    );
    const all = [
      structure,
      ...(lookUp?.slots ?? []),
      ...(plane ? [plane] : []),
      ...(neighbours ? [neighbours] : []),
    ];
    return {
      loading: all.some(({ status }) => status === 'loading'),
      failed: failed?.status === 'failed' ? failed.message : undefined,
    };
  }

  private showLookUp(
    { trace, view, theme }: ViewInput,
    side: Side,
    { embedding }: StackStructure,
    token: Token,
  ) {
    this.missing.hidden = embedding !== undefined;
    this.stripBody.hidden = embedding === undefined;
    this.reading.hidden = embedding === undefined;
    if (!embedding) {
      setText(this.lookUpCaption, '');
      return undefined;
    }
    setText(this.lookUpCaption, strings.lookUpCaption(formatCount(embedding.vocabulary), embedding.width));
    const place = { trace: trace.id, batch: view.batch, first: this.position, last: this.position };
    const want = (slot: 'tokenRows' | 'positionRows' | 'inputRows', part: string) =>
      this.slices[slot].want({ ...place, state: `${side}.embedding.${part}` });
    const slots = [
      want('tokenRows', 'tokens'),
      ...(embedding.added === undefined ? [] : [want('positionRows', 'positions')]),
      ...(embedding.output === undefined ? [] : [want('inputRows', 'output')]),
    ];
    const vectors = slots.map((slot) => (slot.status === 'ready' ? slot.value : undefined));
    const names = namesOf(embedding, token.id, this.position);
    const width = Math.max(200, this.centre.clientWidth - 24);
    this.strips.forEach((strip, index) => {
      const vector = vectors.at(index);
      strip.element.hidden = index >= slots.length;
      if (vector) {
        strip.update({
          key: JSON.stringify([place, index]),
          name: names[index],
          vector,
          range: symmetricRange(vector.data),
          theme,
          width,
          dimension: this.dimension,
        });
      }
    });
    const { dimension } = this;
    const read = vectors.flatMap((vector, index) =>
      vector && dimension !== undefined
        ? [strings.stripCell(names[index], dimension, formatNumber(vector.data[dimension]))]
        : [],
    );
    setText(this.reading, read.length > 0 ? read.join(' · ') : strings.hint);
    return { slots, scale: embedding.scale };
  }

  private showToken(token: Token, stack: StackStructure | undefined, scale: number | undefined): void {
    const vocabulary = formatCount(stack?.embedding?.vocabulary ?? 0);
    setText(this.tokenTitle, formatToken(token.piece));
    this.facts.update([
      { name: strings.id, value: String(token.id) },
      { name: strings.oneHot, value: strings.oneHotText(String(token.id), vocabulary) },
      ...(scale === undefined ? [] : [{ name: strings.scale, value: formatFactor(scale) }]),
    ]);
  }

  private showPlane({ trace, view, theme }: ViewInput, side: Side, { layers }: StackStructure) {
    const tokens = shownTokens(trace, side, view.batch, this.position, layers + 1);
    const wanted = this.slices.projection.want({
      trace: trace.id,
      side,
      tokens: tokens.map(({ batch, position }) => ({ batch, position })),
      centred: this.centred,
    });
    this.centredBox.update(this.centred);
    this.pathsBox.update(this.paths);
    if (wanted.status === 'ready') {
      const { value } = wanted;
      this.state = Math.min(this.state, value.states.length - 1);
      this.layer.update(
        value.states.map((_, state) => ({
          value: String(state),
          label: state === 0 ? strings.embedding : strings.layer(state),
        })),
        String(this.state),
      );
      const percent = (share: number) => `${formatNumber(100 * share)} %`;
      setText(
        this.planeCaption,
        strings.planeCaption(percent(value.explained[0]), percent(value.explained[1])),
      );
      const isHere = (position: number | undefined) => (token: PlaneToken) =>
        token.batch === view.batch && token.position === position;
      const found = (position: number | undefined) => {
        const index = tokens.findIndex(isHere(position));
        return index < 0 ? undefined : index;
      };
      this.showTexts(trace.encoder.length || trace.decoder.length, theme);
      const same = sameWord(value, tokens, found(this.position), this.state);
      this.same.hidden = same === undefined;
      setText(this.same, same ?? '');
      this.plane.update({
        projection: value,
        tokens,
        state: this.state,
        chosen: found(this.position),
        hovered: found(this.hovered),
        paths: this.paths,
        theme,
        label: strings.planeLabel,
        width: this.centre.clientWidth - 24,
      });
      if (view.table) {
        this.tabulate(
          value,
          tokens,
          JSON.stringify([trace.id, side, this.centred, this.state, tokens.length]),
        );
      }
      showEither(this.plane.element, this.planeTableHost, view.table);
      const all = sequencesOf(trace, side).reduce(
        (sum, sequence) => sum + sequence.tokens.filter(({ padding }) => !padding).length,
        0,
      );
      this.some.hidden = tokens.length === all;
      setText(this.some, strings.onlySome(tokens.length, all));
    }
    this.shownTokens = tokens;
    return wanted;
  }

  /** Which colour is which text. */
  private showTexts(count: number, { charts }: Theme): void {
    this.texts.hidden = count < 2;
    this.texts.replaceChildren(
      ...Array.from({ length: count < 2 ? 0 : count }, (_, text) => {
        const dot = element('span', { class: 'plane-dot', 'aria-hidden': 'true' });
        dot.style.background = charts[text % charts.length];
        return element('span', {}, dot, strings.text(text + 1));
      }),
    );
  }

  private tabulate({ points }: StateProjection, tokens: readonly PlaneToken[], key: string): void {
    this.planeTable.update({
      key,
      caption: strings.plane,
      corner: strings.table.token,
      rows: tokens.map(({ label, batch }) => (batch > 0 ? `${label} (${strings.text(batch + 1)})` : label)),
      columns: [strings.table.x, strings.table.y],
      cell: (row, column) => formatNumber(points[this.state][row][column === 0 ? 'x' : 'y']),
    });
  }

  private follow({ model, trace, view }: ViewInput, side: Side, { tokens }: TokenSequence): void {
    const run = `${trace.id}/${side}/${view.batch}`;
    if (run !== this.run) {
      this.run = run;
      this.hovered = undefined;
      this.position = Math.min(this.position, tokens.length - 1);
    }
    const { followed } = model;
    const key = JSON.stringify(followed);
    if (key !== this.followed) {
      this.followed = key;
      if (followed?.side === side && followed.batch === view.batch && followed.first < tokens.length) {
        this.position = followed.first;
      }
    }
  }

  private hover(index: number | undefined): void {
    const token = index === undefined ? undefined : this.shownTokens[index];
    const position = token?.batch === this.store.model.view?.batch ? token?.position : undefined;
    if (position !== this.hovered) {
      this.hovered = position;
      this.redraw();
    }
  }

  private chooseShown(index: number): void {
    const { batch, position } = this.shownTokens[index];
    this.position = position;
    this.store.patchView({ batch });
    this.redraw();
  }

  /** The picture follows by the same way as every other change. */
  private redraw(): void {
    this.store.set({});
  }
}

/** What the strips show, in the order of the sum. */
function namesOf({ scale, norm, added }: EmbeddingBlock, id: number, position: number): string[] {
  const scaled = strings.scaledRow(formatFactor(scale));
  const sum = added === undefined ? strings.alone(scaled) : strings.sum(scaled, strings.position(position));
  return [
    strings.row(String(id)),
    ...(added === undefined ? [] : [strings.position(position)]),
    norm ? strings.normed(sum) : sum,
  ];
}

/** How alike the chosen token's states are to those of the same word in another text: what context has made of it. */
export function sameWord(
  { cosines }: StateProjection,
  tokens: readonly PlaneToken[],
  chosen: number | undefined,
  state: number,
): string | undefined {
  const here = chosen === undefined ? undefined : tokens[chosen];
  const other = tokens.findIndex(({ label, batch }) => label === here?.label && batch !== here.batch);
  if (chosen === undefined || !here || other < 0) {
    return undefined;
  }
  const at = (index: number) => {
    const { data, columns } = cosines[index];
    return formatNumber(data[chosen * columns + other]);
  };
  return strings.sameWord(here.label, tokens[other].batch + 1, at(0), at(state), at(cosines.length - 1));
}

/** All tokens of all texts where they are few enough, else those around the chosen one. */
export function shownTokens(
  trace: TraceSummary,
  side: Side,
  batch: number,
  position: number,
  states: number,
): PlaneToken[] {
  const most = Math.max(1, Math.floor(PROJECTED_STATES / states));
  const all = sequencesOf(trace, side).flatMap(({ tokens }, text) =>
    tokens.flatMap(({ label, padding }, index) =>
      padding ? [] : [{ label: formatToken(label), batch: text, position: index }],
    ),
  );
  if (all.length <= most) {
    return all;
  }
  const here = all.findIndex((token) => token.batch === batch && token.position === position);
  const first = Math.max(0, Math.min(here - Math.floor(most / 2), all.length - most));
  return all.slice(first, first + most);
}

function checkbox(name: string, label: string, hint: string, changed: (on: boolean) => void) {
  const input = element('input', { type: 'checkbox', 'data-control': name });
  input.addEventListener('change', () => changed(input.checked));
  return {
    element: element('label', { class: 'checkbox', title: hint }, input, label),
    update: (on: boolean) => {
      input.checked = on;
    },
  };
}

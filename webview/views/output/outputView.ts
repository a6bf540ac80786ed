// The Output view: what the model says at every position, what its earlier layers would have said, and the distribution at one.
import type { DistributionSettings, LensCell } from '../../../src/shared/insight';
import { LENS_POSITIONS } from '../../../src/shared/insight';
import type { Side } from '../../../src/shared/modelSummary';
import { element, setText } from '../../dom';
import type { EditorHighlight } from '../../explorer/editorHighlight';
import type { AxisItem } from '../../explorer/sequences';
import { axisOf, sequencesOf, tokenRef } from '../../explorer/sequences';
import type { Slices } from '../../explorer/slices';
import type { ExplorerStore } from '../../explorer/store';
import { formatCount, formatNumber, formatScientific, formatToken, formatWeight } from '../../format';
import { labelStrings } from '../../strings/labelStrings';
import { outputStrings as strings } from '../../strings/outputStrings';
import { radioButtons } from '../../toolkit';
import { explanation } from '../explanation';
import type { Fact } from '../factList';
import { FactList } from '../factList';
import type { ExplorerViewPart, ViewInput, ViewStatus } from '../view';
import { CandidateList } from './candidateList';
import { LabelPane } from './labelPane';
import { DecodingControls, plainDecoding } from './decodingControls';
import type { LensScene, LensSpot } from './lensTable';
import { LensTable, stateName } from './lensTable';

const shownCandidates = 20;
const lensCandidates = 5;

export class OutputView implements ExplorerViewPart {
  readonly centre: HTMLElement;
  private readonly side: HTMLElement;
  private readonly labels = new LabelPane();
  /** What there is for models that say something at every position. */
  private readonly positions: HTMLElement;
  private readonly wordless = element('p', { class: 'caption pane-text' }, labelStrings.noVocabulary);
  private readonly lens: LensTable;
  private readonly reading = element('p', { class: 'caption reading', 'data-role': 'lens-reading' });
  private readonly error = element('p', { class: 'caption', 'data-role': 'lens-error' });
  private readonly range = element('span', { class: 'caption' });
  private readonly earlier = element('button', { class: 'link', 'data-control': 'earlier' }, strings.earlier);
  private readonly later = element('button', { class: 'link', 'data-control': 'later' }, strings.later);
  private readonly pages = element('div', { class: 'lens-pages' }, this.range, this.earlier, this.later);
  private readonly explanations = element('div', {});
  private readonly title = element('h3', { class: 'pane-title tokens', 'data-role': 'distribution-title' });
  private readonly caption = element('span', { class: 'caption' });
  private readonly hiding;
  private readonly controls: DecodingControls;
  private readonly candidates = new CandidateList(shownCandidates);
  private readonly facts = new FactList('distribution-facts');
  private settings: DistributionSettings = plainDecoding;
  private hide = false;
  private position = 0;
  private spot: LensSpot | undefined;
  private scene: LensScene | undefined;
  /** The word of the editor that the position was taken from, so that a click is not undone by it. */
  private followed = '';
  private shown = '';

  constructor(
    private readonly store: ExplorerStore,
    private readonly slices: Slices,
    private readonly highlight: EditorHighlight,
  ) {
    this.lens = new LensTable(
      (spot) => this.point(spot),
      (position) => this.choose(position),
    );
    this.hiding = radioButtons('hide', strings.hide, (value) => {
      this.hide = value === 'hidden';
      this.redraw();
    });
    this.controls = new DecodingControls((settings) => {
      this.settings = settings;
      this.redraw();
    });
    this.earlier.addEventListener('click', () => this.choose(Math.max(0, (this.scene?.first ?? 0) - 1)));
    this.later.addEventListener('click', () => this.choose((this.scene?.first ?? 0) + LENS_POSITIONS));
    this.positions = element(
      'div',
      { class: 'output-positions' },
      element(
        'div',
        { class: 'pane-header' },
        element('h2', { class: 'pane-title' }, strings.lens),
        element('span', { class: 'caption' }, strings.lensCaption),
      ),
      this.pages,
      this.lens.element,
      this.reading,
      this.error,
      this.explanations,
    );
    this.labels.element.hidden = true;
    this.wordless.hidden = true;
    this.centre = element(
      'div',
      { class: 'view output-view' },
      this.labels.element,
      this.wordless,
      this.positions,
    );
    this.side = element(
      'div',
      { class: 'inspector-content', 'data-role': 'output-inspector' },
      element(
        'section',
        { class: 'pane' },
        element('div', { class: 'pane-header' }, this.title, this.caption),
        this.hiding.element,
        this.controls.element,
        this.candidates.element,
        this.facts.element,
      ),
    );
  }

  /** A distribution over the vocabulary; a model that only labels texts has none. */
  get inspector(): HTMLElement | undefined {
    return this.positions.hidden ? undefined : this.side;
  }

  update(input: ViewInput): ViewStatus {
    const { summary, trace, view } = input;
    if (!summary.labels) {
      this.show(false, true);
      return this.updatePositions(input);
    }
    const labels = this.slices.labels.want({ trace: trace.id, batch: view.batch });
    const structure = this.slices.structure.want({ model: summary.id });
    if (labels.status === 'ready') {
      this.labels.update(labels.value);
    }
    const speaks = structure.status === 'ready' && structure.value.stacks.some(({ head }) => head);
    this.show(labels.status === 'ready', speaks);
    this.wordless.hidden = speaks || structure.status !== 'ready';
    const failed = [labels, structure].find(({ status }) => status === 'failed');
    const rest = speaks ? this.updatePositions(input) : { loading: false, failed: undefined };
    return {
      loading: rest.loading || [labels, structure].some(({ status }) => status === 'loading'),
      failed: failed?.status === 'failed' ? failed.message : rest.failed,
    };
  }

  private show(labels: boolean, positions: boolean): void {
    this.labels.element.hidden = !labels;
    this.wordless.hidden = true;
    this.positions.hidden = !positions;
  }

  private updatePositions(input: ViewInput): ViewStatus {
    const { trace, view, summary } = input;
    const side: Side = summary.family === 'encoder-only' ? 'encoder' : 'decoder';
    const items = axisOf(sequencesOf(trace, side)[view.batch], 'pieces');
    this.follow(input, side, items);
    const first = Math.floor(this.position / LENS_POSITIONS) * LENS_POSITIONS;
    const last = Math.min(items.length, first + LENS_POSITIONS) - 1;
    const place = { trace: trace.id, batch: view.batch };
    const steps = this.slices.steps.want(place);
    const lens = this.slices.logitLens.want({ ...place, first, last, count: lensCandidates });
    const masked = side === 'encoder';
    const distribution = this.slices.distribution.want({
      ...place,
      ...this.settings,
      position: this.position,
      count: shownCandidates,
      ...(masked && this.hide && { hide: true }),
    });
    this.explain(masked);
    if (steps.status === 'ready' && lens.status === 'ready') {
      const key = JSON.stringify([place, first, items.length]);
      this.scene = { key, lens: lens.value, steps: steps.value, items, first, ahead: !masked };
      setText(this.error, strings.error(formatScientific(lens.value.error)));
      setText(this.range, strings.positions(first + 1, last + 1, items.length));
      this.pages.hidden = items.length <= LENS_POSITIONS;
      this.earlier.disabled = first === 0;
      this.later.disabled = last >= items.length - 1;
    }
    for (const part of [this.lens.element, this.reading, this.error]) {
      part.hidden = !this.scene;
    }
    if (!this.scene) {
      this.pages.hidden = true;
    } else {
      // The old picture follows the theme, too, while the new one is under way.
      this.lens.update(this.scene, input.theme, this.position, this.spot);
      this.read(this.scene);
    }
    const pointed = items.at(this.spot?.position ?? this.position);
    this.highlight.show(this.spot && pointed?.hasText ? [tokenRef(side, view.batch, pointed)] : []);
    const label = items.at(this.position)?.label ?? '';
    setText(this.title, masked ? strings.inPlaceOf(label) : strings.after(label));
    const place1 = [this.position + 1, items.filter(({ padding }) => !padding).length] as const;
    setText(this.caption, masked ? strings.position(...place1) : strings.step(...place1));
    this.hiding.element.hidden = !masked;
    this.hiding.update(
      [
        { value: 'seen', label: strings.seen },
        { value: 'hidden', label: strings.hidden },
      ],
      this.hide ? 'hidden' : 'seen',
    );
    this.controls.update(this.settings);
    if (distribution.status === 'ready') {
      const { value } = distribution;
      const actual = steps.status === 'ready' ? steps.value.at(this.position)?.actual : undefined;
      this.candidates.update(value, actual?.id, this.settings !== plainDecoding);
      const name = masked ? strings.fact.original : strings.fact.next;
      const truth = actual
        ? `${formatToken(actual.piece)}  ${strings.rank(formatWeight(actual.probability), actual.rank)}`
        : strings.none;
      this.facts.update([
        { name: strings.entropy, value: strings.bits(formatNumber(value.entropy / Math.LN2)) },
        {
          name: strings.kept,
          value: strings.keptOf(formatCount(value.kept), formatCount(summary.vocabulary)),
        },
        // What it would say of a token that it does not see is in the list.
        ...(masked && this.hide ? [] : [{ name, value: truth } satisfies Fact]),
      ]);
    }
    const wanted = [steps, lens, distribution];
    const failed = wanted.find((slot) => slot.status === 'failed');
    return {
      loading: wanted.some(({ status }) => status === 'loading'),
      failed: failed?.status === 'failed' ? failed.message : undefined,
    };
  }

  /** Another run starts at its first position; the editor's cursor chooses the position of its word. */
  private follow({ model, trace, view }: ViewInput, side: Side, items: readonly AxisItem[]): void {
    const run = `${trace.id}/${view.batch}`;
    if (run !== this.shown) {
      this.shown = run;
      this.spot = undefined;
      // What another run would have said is not what this one says: better nothing until it is there.
      this.scene = undefined;
      this.position = Math.min(
        this.position,
        Math.max(0, items.filter(({ padding }) => !padding).length - 1),
      );
    }
    const { followed } = model;
    const key = JSON.stringify(followed);
    if (key !== this.followed) {
      this.followed = key;
      if (followed?.side === side && followed.batch === view.batch && followed.first < items.length) {
        this.position = followed.first;
      }
    }
  }

  private read({ lens, items, first }: LensScene): void {
    const { spot } = this;
    const cell: LensCell | undefined = spot && lens.cells.at(spot.state)?.at(spot.position - first);
    if (!spot || spot.state < 0 || !cell) {
      setText(this.reading, strings.hint);
      return;
    }
    const name = strings.cell(
      stateName(lens.states[spot.state]),
      spot.position + 1,
      items[spot.position]?.label ?? '',
    );
    const list = cell.candidates
      .map(({ piece, probability }) => strings.candidate(formatToken(piece), formatWeight(probability)))
      .join(' · ');
    const { piece, probability, rank } = cell.final;
    const final = strings.finalHere(formatToken(piece), formatWeight(probability), rank);
    setText(this.reading, `${name}: ${list}. ${final}.`);
  }

  private explain(masked: boolean): void {
    const key = String(masked);
    if (this.explanations.dataset['masked'] !== key) {
      this.explanations.dataset['masked'] = key;
      const paragraphs = [...strings.explanation, ...(masked ? [strings.explanationMasked] : [])];
      this.explanations.replaceChildren(explanation(strings.explain, paragraphs));
    }
  }

  private point(spot: LensSpot | undefined): void {
    if (spot?.state !== this.spot?.state || spot?.position !== this.spot?.position) {
      this.spot = spot;
      this.redraw();
    }
  }

  private choose(position: number): void {
    this.position = position;
    this.redraw();
  }

  /** The picture follows by the same way as every other change. */
  private redraw(): void {
    this.store.set({});
  }
}

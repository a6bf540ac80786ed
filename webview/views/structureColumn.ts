// The Structure column: the model as a figure, the facts of the selected block with links to its views, and the sizes of the model.
import type { ModelStructure } from '../../src/shared/modelStructure';
import type { AttentionSummary, Side } from '../../src/shared/modelSummary';
import type { ExplorerView } from '../../src/shared/protocol';
import { element, setText } from '../dom';
import { panelStrings } from '../strings';
import { structureStrings as strings } from '../strings/structureStrings';
import { explanation } from './explanation';
import { FactList } from './factList';
import type { RunSize } from './structureFacts';
import { blockFacts, blockName, layerOf, modelFacts } from './structureFacts';
import { StructureFigure } from './structureFigure';
import type { FigureBox, FigurePart } from './structureLayout';
import { structureLayout } from './structureLayout';
import type { ViewInput } from './view';

/** Which views say more about a kind of block; those that there are become links. */
const viewsOf: Readonly<Record<FigurePart['kind'], readonly string[]>> = {
  embedding: ['embeddings'],
  positions: ['positions'],
  attention: ['attention', 'masks'],
  feedForward: ['layers'],
  norm: ['layers'],
  add: ['layers'],
  transform: ['output'],
  linear: ['output'],
  softmax: ['output'],
};

export interface StructureEvents {
  /** Shows this attention. */
  readonly attention: (name: string) => void;
  /** Opens a view; `attention` is one of the layer that the block belongs to. */
  readonly open: (view: ExplorerView, attention: string | undefined, side: Side) => void;
}

export class StructureColumn {
  readonly element: HTMLDetailsElement;
  private readonly placement = element('span', { class: 'caption' });
  private readonly summary = element('summary', { 'data-role': 'structure-summary' });
  private readonly figure: StructureFigure;
  private readonly facts = new FactList('block-facts');
  private readonly sizes = new FactList('model-facts');
  private readonly links = element('div', { class: 'inside-links', 'data-role': 'block-links' });
  private readonly note = element('p', { class: 'note' });
  private readonly parts: HTMLElement;
  /** A block other than the attention that is shown; forgotten when another attention is shown. */
  private selected: { readonly id: string; readonly attention: string } | undefined;
  private input: { readonly view: ViewInput; readonly structure: ModelStructure } | undefined;
  private linked = '';

  /** `changed` is called when another block was selected. */
  constructor(
    private readonly events: StructureEvents,
    private readonly changed: () => void,
  ) {
    this.figure = new StructureFigure({
      select: (box) => this.select(box),
      layer: (side, layer) => this.chooseLayer(side, layer),
    });
    const header = (title: string, ...more: readonly HTMLElement[]) =>
      element('div', { class: 'pane-header' }, element('h2', { class: 'pane-title' }, title), ...more);
    this.parts = element(
      'div',
      { class: 'structure-parts' },
      element(
        'section',
        { class: 'pane structure-figure' },
        header(strings.title, this.placement),
        this.figure.element,
      ),
      element(
        'section',
        { class: 'pane structure-facts' },
        header(strings.selected),
        this.facts.element,
        this.links,
        header(strings.model),
        this.sizes.element,
        explanation(strings.explanationTitle, strings.explanation),
      ),
    );
    this.element = element(
      'details',
      { class: 'structure', 'data-role': 'structure' },
      this.summary,
      this.note,
      this.parts,
    );
  }

  /** `failed` says why there is no structure. */
  update(view: ViewInput, structure: ModelStructure | undefined, size: RunSize, failed?: string): void {
    const empty = structure?.stacks.length === 0;
    this.parts.hidden = !structure || empty;
    setText(this.note, structure ? (empty ? strings.none : '') : (failed ?? strings.loading));
    this.note.hidden = this.note.textContent === '';
    if (!structure || empty) {
      setText(this.summary, strings.title);
      return;
    }
    this.input = { view, structure };
    const { attention } = view;
    const layers = layersOf(attention);
    const figure = structureLayout(structure, layers);
    const chosen = this.selected?.attention === attention.name ? this.selected.id : attention.name;
    const box =
      figure.boxes.find(({ id }) => id === chosen) ?? figure.boxes.find(({ id }) => id === attention.name);
    this.figure.update(`${view.summary.id}|${JSON.stringify(layers)}`, figure, box?.id ?? '');
    setText(this.placement, placementText(structure));
    this.sizes.update(modelFacts(structure, view.summary));
    if (box) {
      this.facts.update(blockFacts(box, structure, view.summary, size));
      this.showLinks(box);
    }
    setText(this.summary, box ? `${strings.title}: ${spoken(box)}` : strings.title);
  }

  /** In a wide panel the column is always open; in a narrow one it is a menu. */
  place(wide: boolean): void {
    const is = this.element.classList.contains('column');
    if (wide !== is || this.element.dataset['placed'] === undefined) {
      this.element.dataset['placed'] = '';
      this.element.classList.toggle('column', wide);
      this.element.open = wide;
    }
  }

  private select(box: FigureBox): void {
    const { attention } = this.input?.view ?? {};
    if (box.part.kind === 'attention') {
      this.selected = undefined;
      this.events.attention(box.part.block.name);
    } else {
      this.selected = { id: box.id, attention: attention?.name ?? '' };
    }
    this.changed();
  }

  /** A layer of a stack: its attention of the kind that is shown, or else its self-attention. */
  private chooseLayer(side: Side, layer: number): void {
    const { view } = this.input ?? {};
    if (!view) {
      return;
    }
    const name = attentionInLayer(view, side, layer);
    if (name !== undefined) {
      this.selected = this.selected && {
        id: this.selected.id.replace(/\.\d+\./, `.${layer}.`),
        attention: name,
      };
      this.events.attention(name);
    }
  }

  private showLinks(box: FigureBox): void {
    if (this.linked === box.id) {
      return;
    }
    this.linked = box.id;
    const labels: Readonly<Record<string, string>> = panelStrings.views;
    const there = viewsOf[box.part.kind].filter((name): name is ExplorerView => name in labels);
    this.links.replaceChildren(
      ...there.map((name) => {
        const link = element('button', { class: 'link', 'data-open': name }, strings.open(labels[name]));
        link.addEventListener('click', () => {
          const layer = layerOf(box.part);
          const { view } = this.input ?? {};
          const attention =
            view && layer !== undefined ? attentionInLayer(view, box.stack.side, layer) : undefined;
          this.events.open(name, attention, box.stack.side);
        });
        return link;
      }),
    );
  }
}

/** Which layer of each stack is shown: that of the attention in both, as far as they go. */
function layersOf({ layer }: AttentionSummary): Readonly<Record<Side, number>> {
  return { encoder: layer, decoder: layer };
}

function attentionInLayer({ summary, attention }: ViewInput, side: Side, layer: number): string | undefined {
  const inLayer = summary.attentions.filter(
    (each) => each.layer === layer && (each.kind === 'encoderSelf') === (side === 'encoder'),
  );
  return (inLayer.find(({ kind }) => kind === attention.kind) ?? inLayer[0])?.name;
}

function placementText({ stacks }: ModelStructure): string {
  const [first] = stacks;
  if (!first) {
    return '';
  }
  const text = strings.placements[first.normPlacement];
  return first.subLayers.some(({ norm }) => norm?.kind === 'rms') ? strings.rms(text) : text;
}

function spoken(box: FigureBox): string {
  const layer = layerOf(box.part);
  const name = blockName(box).toLowerCase();
  const side = box.part.kind === 'attention' && !box.part.cross ? strings.sides[box.stack.side] : '';
  return strings.spoken(name, side, layer === undefined ? '' : strings.layer(layer + 1));
}

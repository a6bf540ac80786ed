// The tree of a beam search as a picture: columns of labels, lines between them; only the columns in sight are drawn.
import type { BeamTree } from '../../src/shared/translation';
import { element, setAttributes, setText } from '../dom';
import { formatNumber, formatToken, formatWeight } from '../format';
import { translationStrings as strings } from '../strings/translationStrings';
import type { BeamLayout, PlacedNode } from './beamLayout';
import { beamLayout, childrenOf, textUpTo } from './beamLayout';

const COLUMN = 74;
const LABEL = 58;
const ROW = 22;
const svgNamespace = 'http://www.w3.org/2000/svg';

export class BeamPicture {
  readonly element: HTMLElement;
  private readonly scroller: HTMLElement;
  private readonly plane = element('div', { class: 'beam-plane' });
  private readonly edges = document.createElementNS(svgNamespace, 'svg');
  private readonly nodes = element('div', { role: 'presentation' });
  private readonly reading = element('p', { class: 'caption beam-reading' });
  private tree: BeamTree = { nodes: [] };
  private layout: BeamLayout = { placed: [], columns: [], lanes: 0 };
  private drawn = '';
  private active: PlacedNode | undefined;

  constructor() {
    this.edges.setAttribute('aria-hidden', 'true');
    this.plane.append(this.edges, this.nodes);
    this.scroller = element(
      'div',
      {
        class: 'beam-scroller',
        role: 'tree',
        tabindex: 0,
        'aria-label': strings.treeLabel,
        'data-role': 'beam',
      },
      this.plane,
    );
    this.element = element('div', {}, this.scroller, this.reading);
    this.scroller.addEventListener('scroll', () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.scroller);
    this.scroller.addEventListener('keydown', (event) => this.press(event));
    this.scroller.addEventListener('focus', () => this.activate(this.active ?? this.layout.columns[0]?.[0]));
    this.scroller.addEventListener('pointerover', (event) => {
      const target =
        event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-node]') : null;
      if (target) {
        this.activate(this.layout.placed[Number(target.dataset['node'])], false);
      }
    });
  }

  /** `ids` are those of the hypothesis in the text. */
  update(tree: BeamTree, ids: readonly number[]): void {
    this.tree = tree;
    this.layout = beamLayout(tree, ids);
    this.active = undefined;
    this.drawn = '';
    this.plane.style.width = `${this.layout.columns.length * COLUMN}px`;
    this.plane.style.height = `${this.layout.lanes * ROW}px`;
    setText(this.reading, strings.treeHint);
    this.scroller.scrollLeft = 0;
    this.draw();
  }

  private draw(): void {
    const { columns } = this.layout;
    const { scrollLeft, clientWidth } = this.scroller;
    const first = Math.max(0, Math.floor(scrollLeft / COLUMN) - 1);
    const last = Math.min(columns.length - 1, Math.ceil((scrollLeft + clientWidth) / COLUMN) + 1);
    const key = `${first} ${last}`;
    if (key === this.drawn || clientWidth === 0) {
      return;
    }
    this.drawn = key;
    const seen = columns.slice(first, last + 1).flat();
    this.nodes.replaceChildren(...seen.map((place) => this.node(place)));
    setAttributes(this.edges, { width: columns.length * COLUMN, height: this.layout.lanes * ROW });
    this.edges.replaceChildren(...seen.flatMap((place) => this.edge(place)));
    this.show();
  }

  private node(place: PlacedNode): HTMLElement {
    const { index, node, column, lane, best } = place;
    const label = element(
      'div',
      {
        class: `beam-node ${node.fate}${best ? ' best' : ''}`,
        role: 'treeitem',
        id: `beam-${index}`,
        'aria-level': column + 1,
        'aria-label': this.spoken(place),
        'data-node': index,
      },
      formatToken(node.label.trim() || node.label),
    );
    label.style.left = `${column * COLUMN}px`;
    label.style.top = `${lane * ROW}px`;
    label.style.width = `${LABEL}px`;
    return label;
  }

  private edge({ node, column, lane, best }: PlacedNode): SVGElement[] {
    const parent = this.layout.placed[node.parent] as PlacedNode | undefined;
    if (!parent) {
      return [];
    }
    const line = document.createElementNS(svgNamespace, 'path');
    const [from, to] = [parent.column * COLUMN + LABEL, column * COLUMN];
    const [start, end] = [(parent.lane + 0.5) * ROW, (lane + 0.5) * ROW];
    const middle = (from + to) / 2;
    setAttributes(line, {
      d: `M${from} ${start}C${middle} ${start} ${middle} ${end} ${to} ${end}`,
      class: `beam-edge ${node.fate}${best && parent.best ? ' best' : ''}`,
    });
    return [line];
  }

  private press(event: KeyboardEvent): void {
    const at = this.active;
    if (!at || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const column = this.layout.columns[at.column];
    const next: Readonly<Record<string, PlacedNode | undefined>> = {
      ArrowLeft: this.layout.placed[at.node.parent],
      ArrowRight: childrenOf(this.layout, at)[0],
      ArrowUp: column[at.lane - 1],
      ArrowDown: column[at.lane + 1],
      Home: this.layout.columns[0][0],
    };
    if (event.key in next) {
      event.preventDefault();
      this.activate(next[event.key]);
    }
  }

  private activate(place: PlacedNode | undefined, scroll = true): void {
    if (!place) {
      return;
    }
    this.active = place;
    if (scroll) {
      const left = place.column * COLUMN;
      const { scrollLeft, clientWidth } = this.scroller;
      if (left < scrollLeft || left + COLUMN > scrollLeft + clientWidth) {
        this.scroller.scrollLeft = left - clientWidth / 2 + COLUMN / 2;
        this.draw();
      }
    }
    this.show();
    setText(this.reading, this.spoken(place));
  }

  private show(): void {
    for (const each of this.nodes.children) {
      each.classList.toggle('active', each.id === `beam-${this.active?.index}`);
    }
    setAttributes(this.scroller, {
      'aria-activedescendant': this.active && `beam-${this.active.index}`,
    });
  }

  private spoken({ index, node, best }: PlacedNode): string {
    const fate = strings.fates[node.fate];
    return strings.treeNode(
      textUpTo(this.tree.nodes, index),
      formatWeight(Math.exp(node.logProbability)),
      formatNumber(node.total),
      best ? `${fate}, ${strings.bestPath}` : fate,
    );
  }
}

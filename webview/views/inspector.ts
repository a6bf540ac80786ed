// Beside the picture of a head: everything about the cell that is pointed at or pinned, and about its row and column.
import type { Cell } from '../../src/shared/trace';
import type { Matrix } from '../../src/shared/tensor';
import { element, setText } from '../dom';
import type { Aim, HeadScene } from '../explorer/scene';
import { isMasked } from '../explorer/scene';
import type { Pair } from '../explorer/viewState';
import { formatFactor, formatMask, formatNumber, formatWeight } from '../format';
import { attentionStrings as strings } from '../strings';
import { explanationStrings } from '../strings/explanationStrings';
import type { Theme } from '../theme';
import { BarList } from './barList';
import { EveryHead } from './everyHead';
import { explanation } from './explanation';
import type { Fact } from './factList';
import { FactList } from './factList';
import { columnShares, entropyBits, rank, rankOf, rowShares, strongest } from './rowFacts';
import { isWriting, stepOf } from './writingStep';
import { sidesOf } from '../../src/shared/attentionSides';

const attendedRows = 7;
const attendingRows = 5;

/** What the user does here. */
export interface InspectorActions {
  hover(pair: Pair | undefined): void;
  pin(pair: Pair): void;
  head(layer: number, head: number): void;
}

/** What to show. Cells are undefined until the engine has answered, and where no single cell is meant. */
export interface InspectorInput {
  readonly scene: HeadScene | undefined;
  readonly aim: Aim;
  readonly second: Pair | undefined;
  readonly cell: Cell | undefined;
  readonly secondCell: Cell | undefined;
  readonly everyHead: Matrix | undefined;
  readonly layers: number;
  readonly theme: Theme;
  /** Pictures as tables. */
  readonly table: boolean;
}

export class Inspector {
  readonly element: HTMLElement;
  private readonly title = element('h3', { class: 'pane-title tokens', 'data-role': 'pair-title' });
  private readonly caption = element('span', { class: 'caption' });
  private readonly facts = new FactList('pair-facts');
  private readonly note = element('p', { class: 'caption note' });
  private readonly attended: BarList;
  private readonly attending: BarList;
  private readonly everyHead: EveryHead;
  private input: InspectorInput | undefined;

  constructor(private readonly actions: InspectorActions) {
    this.attended = new BarList(
      'attends-to',
      attendedRows,
      (key) => this.point(this.pairWithKey(key)),
      (key) => this.pin(this.pairWithKey(key)),
    );
    this.attending = new BarList(
      'attended-by',
      attendingRows,
      (query) => this.point(this.pairWithQuery(query)),
      (query) => this.pin(this.pairWithQuery(query)),
    );
    this.everyHead = new EveryHead((layer, head) => this.actions.head(layer, head));
    this.element = element(
      'div',
      { class: 'inspector-content', 'data-role': 'attention-inspector' },
      element(
        'section',
        { class: 'pane pair' },
        element('div', { class: 'pane-header' }, this.title, this.caption),
        this.facts.element,
        this.note,
      ),
      this.attended.element,
      this.attending.element,
      this.everyHead.element,
      explanation(explanationStrings.title, explanationStrings.attention),
    );
  }

  update(input: InspectorInput): void {
    this.input = input;
    const { scene, aim, second } = input;
    const pair = scene && pairOf(scene, aim);
    // Hidden, not removed: the panes keep their places.
    for (const part of [
      this.facts.element,
      this.attended.element,
      this.attending.element,
      this.everyHead.element,
    ]) {
      part.classList.toggle('aimless', !pair);
    }
    setText(this.title, pair && scene ? pairLabel(scene, pair) : '');
    setText(this.caption, pair ? this.why(input) : strings.hint);
    this.facts.update(factsOf(input, pair));
    this.note.hidden = scene?.unit !== 'words' && scene?.head !== 'mean' && !isWriting(scene);
    setText(this.note, scene ? [noteOf(input, pair), stepOf(scene, pair)].filter(Boolean).join(' ') : '');
    this.updateLists(scene, pair, second);
    this.everyHead.update({
      title: pair && scene ? strings.everyHead(pairLabel(scene, pair)) : '',
      weights: pair ? input.everyHead : undefined,
      layers: input.layers,
      heads: scene?.attention.heads ?? 0,
      layer: scene?.attention.layer ?? 0,
      head: scene?.head ?? 0,
      theme: input.theme,
      table: input.table,
    });
  }

  private updateLists(scene: HeadScene | undefined, pair: Pair | undefined, second: Pair | undefined): void {
    if (!scene || !pair) {
      const empty = { title: '', caption: '', ranking: undefined, labels: [], marked: undefined };
      this.attended.update(empty);
      this.attending.update(empty);
      return;
    }
    const { matrix, queries, keys } = scene;
    const row = rowShares(matrix, pair.query);
    const compared = second && second.query !== pair.query ? second : undefined;
    this.attended.update({
      title: strings.attendsTo(queries[pair.query].label),
      caption: strings.entropy(formatNumber(entropyBits(row))),
      ranking: rank(row, attendedRows),
      labels: keys,
      marked: pair.key,
      ticks: compared && {
        weights: rowShares(matrix, compared.query).map(({ weight }) => weight),
        of: queries[compared.query].label,
      },
    });
    const key = this.keyOfInterest(scene, pair);
    this.attending.update({
      title: strings.attendedBy(keys[key].label),
      caption: strings.attendedByHow,
      ranking: rank(columnShares(matrix, key), attendingRows),
      labels: queries,
      marked: key === pair.key ? pair.query : undefined,
    });
  }

  /** In self-attention the query is a key as well, and both lists are about it; else the second one is about the key. */
  private keyOfInterest(scene: HeadScene, pair: Pair): number {
    const { query, key } = sidesOf(scene.attention.kind);
    return query === key && this.input?.aim.query !== undefined ? pair.query : pair.key;
  }

  private why({ scene, aim, second }: InspectorInput): string {
    if (aim.query === undefined || aim.key === undefined) {
      return strings.strongest;
    }
    if (aim.by === 'pin') {
      return second && scene ? strings.comparedWith(pairLabel(scene, second)) : strings.pinned;
    }
    return '';
  }

  private pairWithKey(key: number | undefined): Pair | undefined {
    const pair = this.currentPair();
    return pair && key !== undefined ? { query: pair.query, key } : undefined;
  }

  private pairWithQuery(query: number | undefined): Pair | undefined {
    const pair = this.currentPair();
    const scene = this.input?.scene;
    return pair && scene && query !== undefined ? { query, key: this.keyOfInterest(scene, pair) } : undefined;
  }

  private currentPair(): Pair | undefined {
    const { scene, aim } = this.input ?? {};
    return scene && aim && pairOf(scene, aim);
  }

  private point(pair: Pair | undefined): void {
    this.actions.hover(pair);
  }

  private pin(pair: Pair | undefined): void {
    if (pair) {
      this.actions.pin(pair);
    }
  }
}

/** The pair that an aim means: with only a row or column, its strongest cell. */
export function pairOf(scene: HeadScene, { query, key }: Aim): Pair | undefined {
  if (query !== undefined) {
    const best = key ?? strongest(rowShares(scene.matrix, query));
    return best === undefined ? undefined : { query, key: best };
  }
  if (key === undefined) {
    return undefined;
  }
  const best = strongest(columnShares(scene.matrix, key));
  return best === undefined ? undefined : { query: best, key };
}

/** `it → animal` */
export function pairLabel(scene: HeadScene, { query, key }: Pair): string {
  return strings.pair(scene.queries[query].label, scene.keys[key].label);
}

/** A cell in words, for screen readers. */
export function describePair(scene: HeadScene, pair: Pair): string {
  const row = rowShares(scene.matrix, pair.query);
  const place = rankOf(row, pair.key);
  return strings.cell(
    scene.queries[pair.query].label,
    scene.keys[pair.key].label,
    place === undefined ? strings.masked : formatWeight(row[pair.key].weight),
    place === undefined ? '' : strings.rank(place, row.filter((share) => !share.masked).length),
  );
}

/** Always the same rows, so that nothing moves; what is not known is a dash. */
function factsOf({ scene, cell, second, secondCell }: InspectorInput, pair: Pair | undefined): Fact[] {
  const columns = (of: (scene: HeadScene, pair: Pair, cell: Cell | undefined) => string) => ({
    value: scene && pair ? of(scene, pair, cell) : '',
    ...(scene && second && { second: of(scene, second, secondCell) }),
  });
  const known = (value: number | undefined) => (value === undefined ? strings.missing : formatNumber(value));
  return [
    ...(second
      ? [
          { name: strings.weight, ...columns(weightText) },
          { name: strings.weightRank, ...columns(rankText) },
        ]
      : [{ name: strings.weight, ...columns(weightAndRank) }]),
    { name: strings.score, ...columns((_scene, _pair, of) => known(of?.score)) },
    { name: scaleName(scene), ...columns((_scene, _pair, of) => known(of?.scaled)) },
    { name: strings.mask, ...columns((_scene, _pair, of) => maskText(of)) },
    { name: strings.valueNorm, ...columns((_scene, _pair, of) => known(of?.valueNorm)) },
    {
      name: strings.contribution,
      ...columns((_scene, _pair, of) =>
        known(of?.valueNorm === undefined ? undefined : of.weight * of.valueNorm),
      ),
    },
  ];
}

function weightText(scene: HeadScene, pair: Pair): string {
  return isMasked(scene, pair)
    ? strings.masked
    : formatWeight(scene.matrix.data[pair.query * scene.matrix.columns + pair.key]);
}

function weightAndRank(scene: HeadScene, pair: Pair): string {
  const place = rankText(scene, pair);
  const weight = weightText(scene, pair);
  return place === strings.missing ? weight : `${weight}, ${place}`;
}

function rankText(scene: HeadScene, pair: Pair): string {
  const row = rowShares(scene.matrix, pair.query);
  const place = rankOf(row, pair.key);
  const of = row.filter((share) => !share.masked).length;
  return place === undefined ? strings.missing : strings.rank(place, of);
}

function maskText(cell: Cell | undefined): string {
  return cell?.mask === undefined ? strings.missing : formatMask(cell.mask);
}

/** `÷ √32` where the scale is 1/√d_k, else the factor that the graph really has. */
function scaleName(scene: HeadScene | undefined): string {
  const { scale, headSize } = scene?.attention ?? {};
  if (scale === undefined) {
    return strings.scaledUnknown;
  }
  return headSize && Math.abs(scale * Math.sqrt(headSize) - 1) < 1e-3
    ? strings.scaledByRoot(headSize)
    : strings.scaledBy(formatFactor(scale));
}

/** Why there are no stages, where there cannot be any. */
function noteOf({ scene }: InspectorInput, pair: Pair | undefined): string {
  if (!scene || !pair) {
    return '';
  }
  if (scene.head === 'mean') {
    return strings.noStages.mean;
  }
  const single = [scene.queries[pair.query], scene.keys[pair.key]].every((item) => item.first === item.last);
  return scene.unit === 'words' && !single ? strings.noStages.words : '';
}

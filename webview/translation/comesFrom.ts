// Where a word comes from, or goes to: the largest weights as bars, and the heads whose attention is looked at.
import type { HeadChoice, TranslationExplanation } from '../../src/shared/translation';
import type { TranslationState } from '../../src/shared/translationPage';
import { element, setText } from '../dom';
import { translationStrings as strings } from '../strings/translationStrings';
import type { Choice, Chooser } from '../toolkit';
import { dropdown } from '../toolkit';
import { BarList } from '../views/barList';
import { Legend } from '../views/legend';
import { rankWords, sourceWeights, targetWeights } from './alignment';
import { hasRows } from './comesFromFacts';
import type { LightScale } from './lightScale';
import type { TextSide } from './sentenceContent';
import type { WordRef } from './translationStore';

const ROWS = 6;

/** What the list tells about its rows. */
export interface RowListener {
  /** The pointer is on a word of the other side; undefined: on none. */
  hover(side: TextSide, word: number | undefined): void;
  pick(side: TextSide, word: number): void;
  setHeads(heads: HeadChoice): void;
}

export class ComesFrom {
  readonly element: HTMLElement;
  private readonly list: BarList;
  private readonly note = element('p', { class: 'caption section-note' });
  private readonly layer: Chooser;
  private readonly head: Chooser;
  private readonly choosers: HTMLElement;
  private readonly legend = new Legend('light-legend', 120);
  private heads: HeadChoice = { layer: 'all', head: 'mean' };
  /** The side that the rows belong to, and how many of them are words. */
  private rows: { readonly side: TextSide; readonly count: number } = { side: 'source', count: 0 };

  constructor(listener: RowListener) {
    this.list = new BarList(
      'comes-from-list',
      ROWS,
      (index) => listener.hover(this.rows.side, this.wordAt(index)),
      (index) => {
        const word = this.wordAt(index);
        if (word !== undefined) {
          listener.pick(this.rows.side, word);
        }
      },
    );
    this.layer = dropdown('layer', strings.layer, (value) =>
      listener.setHeads({ ...this.heads, layer: value === 'all' ? 'all' : Number(value) }),
    );
    this.head = dropdown('head', strings.head, (value) =>
      listener.setHeads({ ...this.heads, head: value === 'mean' ? 'mean' : Number(value) }),
    );
    this.choosers = element('div', { class: 'head-choosers' }, this.layer.element, this.head.element);
    this.element = element(
      'div',
      { class: 'comes-from' },
      this.list.element,
      this.note,
      this.choosers,
      this.legend.element,
    );
  }

  update(
    state: TranslationState,
    ref: WordRef | undefined,
    explanation: TranslationExplanation | undefined,
    problem: string,
  ): void {
    this.heads = state.heads;
    this.layer.update(layerChoices(state.layers), String(state.heads.layer));
    this.head.update(headChoices(state.headsPerLayer), String(state.heads.head));
    this.choosers.hidden = state.layers === 0;
    setText(this.note, ref ? problem : strings.point[state.mode]);
    this.note.hidden = this.note.textContent === '';
    const rows = hasRows(state, problem);
    this.list.element.hidden = !rows;
    this.element.classList.toggle('rowless', !rows);
    if (!ref || problem !== '' || !explanation || !explanation[ref.side].words[ref.word]) {
      this.list.update({ title: '', caption: '', ranking: undefined, labels: [], marked: undefined });
      return;
    }
    const from = ref.side === 'target';
    const words = explanation[from ? 'source' : 'target'].words;
    this.rows = { side: from ? 'source' : 'target', count: words.length };
    const weights = (from ? sourceWeights : targetWeights)(explanation, ref.word);
    this.list.update({
      title: '',
      caption: '',
      ranking: rankWords(weights, ROWS),
      labels: [...words, { label: strings.ownWords }],
      marked: undefined,
    });
  }

  /** The scale of the light on words, drawn anew for a theme. */
  setScale(scale: LightScale): void {
    const ticks = [0, 0.1, 0.5, 1].map((weight) => ({ at: Math.sqrt(weight), text: String(weight) }));
    this.legend.update((share) => scale.pixelAt(share), ticks, strings.lightLegend);
  }

  private wordAt(index: number | undefined): number | undefined {
    return index !== undefined && index < this.rows.count ? index : undefined;
  }
}

function layerChoices(layers: number): Choice[] {
  return [
    { value: 'all', label: strings.allLayers },
    ...Array.from({ length: layers }, (_, layer) => ({
      value: String(layer),
      label: strings.layerName(layer + 1),
    })),
  ];
}

function headChoices(heads: number): Choice[] {
  return [
    { value: 'mean', label: strings.meanHead },
    ...Array.from({ length: heads }, (_, head) => ({
      value: String(head),
      label: strings.headName(head + 1),
    })),
  ];
}

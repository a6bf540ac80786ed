// Find a head: the heads of the shown kind, ranked by what they do on this text; a click goes to the head.
import type { HeadQuestion, RankedHead } from '../../src/shared/insight';
import { element, setText } from '../dom';
import type { Announcer } from '../explorer/announcer';
import { axisOf, sequencesOf } from '../explorer/sequences';
import type { Slices } from '../explorer/slices';
import type { SlotState } from '../explorer/slot';
import type { ExplorerStore } from '../explorer/store';
import { withHead } from '../explorer/viewState';
import { attentionStrings } from '../strings';
import { headFinderStrings as strings, headQuestions } from '../strings/headFinderStrings';
import type { Chooser } from '../toolkit';
import { dropdown } from '../toolkit';
import { HeadRanking } from './headFinderList';
import type { ViewInput } from './view';
import { sidesOf } from '../../src/shared/attentionSides';
import { rankPair } from '../../src/shared/rankPair';

export class HeadFinder {
  readonly element: HTMLElement;
  private readonly question: Chooser;
  private readonly meaning = element('p', { class: 'caption finder-meaning' });
  private readonly note = element('p', { class: 'caption finder-note', hidden: true });
  private readonly ranking: HeadRanking;
  private asked: HeadQuestion = 'previous';

  constructor(
    private readonly store: ExplorerStore,
    private readonly slices: Slices,
    private readonly announcer: Announcer,
  ) {
    this.question = dropdown('head-question', strings.question, (value) => {
      this.asked = headQuestions.find((question) => question === value) ?? this.asked;
      store.set({});
    });
    this.ranking = new HeadRanking((head) => this.choose(head));
    this.element = element(
      'section',
      { class: 'pane finder', 'data-role': 'head-finder' },
      element(
        'div',
        { class: 'pane-header' },
        element('h2', { class: 'pane-title' }, strings.title),
        element('span', { class: 'caption' }, strings.caption),
      ),
      element('div', { class: 'finder-question' }, this.question.element),
      this.meaning,
      this.note,
      this.ranking.element,
    );
  }

  /** Nothing is asked for while the pane cannot be seen. */
  update(input: ViewInput): void {
    if (this.element.clientWidth === 0) {
      this.slices.heads.rest();
      this.slices.rankedPair.rest();
      return;
    }
    const { asked } = this;
    const { view, attention, summary } = input;
    const pair = pairName(input);
    this.question.update(
      headQuestions.map((value) => ({ value, label: strings.name(value, pair) })),
      asked,
    );
    const byPosition = ['previous', 'next', 'itself'].includes(asked) && attention.kind === 'cross';
    setText(this.meaning, strings.meaning(asked) + (byPosition ? strings.crossMeaning : ''));
    const missing = asked === 'pair' && !view.pinned;
    const wanted = missing ? undefined : this.want(input);
    // While another answer is on its way, the last one stays, dimmed.
    this.ranking.element.classList.toggle('stale', wanted?.status === 'loading');
    const failed = wanted?.status === 'failed' ? wanted.message : '';
    const heads = wanted?.status === 'ready' ? wanted.value : undefined;
    const nowhere = heads !== undefined && !heads.some(({ score }) => score > 0);
    const note = missing ? strings.noPair : nowhere ? strings.nowhere : failed;
    setText(this.note, note);
    this.note.hidden = note === '';
    this.ranking.element.hidden = missing || failed !== '';
    if (heads) {
      this.ranking.show(
        heads.flatMap(({ attention: name, head, score }) => {
          const layer = summary.attentions.find((each) => each.name === name)?.layer;
          return layer === undefined ? [] : [{ attention: name, layer, head, score }];
        }),
        strings.list(strings.name(asked, pair)),
      );
    }
    this.ranking.mark(attention.name, view.mean ? undefined : view.head);
  }

  private want(input: ViewInput): SlotState<readonly RankedHead[]> {
    const { trace, attention, view, summary } = input;
    const run = { trace: trace.id, kind: attention.kind, batch: view.batch };
    if (this.asked !== 'pair' || !view.pinned) {
      return this.slices.heads.want({ ...run, question: this.asked });
    }
    const answer = this.slices.rankedPair.want({ ...run, unit: view.unit, ...view.pinned });
    return answer.status === 'ready'
      ? { status: 'ready', value: rankPair(answer.value, summary, attention.kind) }
      : answer;
  }

  private choose({ layer, head }: { readonly layer: number; readonly head: number }): void {
    const { view, state } = this.store.model;
    if (view && state?.model) {
      this.store.setView(withHead(view, state.model, layer, head));
      this.announcer.say(strings.chosen(layer + 1, head + 1));
    }
  }
}

/** `it → animal`, while that pair is pinned. */
function pairName({ view, trace, attention }: ViewInput): string | undefined {
  if (!view.pinned) {
    return undefined;
  }
  const sides = sidesOf(attention.kind);
  const label = (side: 'query' | 'key', index: number) =>
    axisOf(sequencesOf(trace, sides[side])[view.batch], view.unit)[index]?.label;
  const [query, key] = [label('query', view.pinned.query), label('key', view.pinned.key)];
  return query === undefined || key === undefined ? undefined : attentionStrings.pair(query, key);
}

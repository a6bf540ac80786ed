// The tree of the beam search that made a sentence: asked for when the section is open, kept while the sentence is the same.
import type { SentenceRef, SentenceTranslation, TranslationState } from '../../src/shared/translationPage';
import type { BeamTree } from '../../src/shared/translation';
import type { Method } from '../../src/shared/protocol';
import { element, setText } from '../dom';
import { Slot } from '../explorer/slot';
import { translationStrings as strings } from '../strings/translationStrings';
import { button } from '../toolkit';
import { BeamPicture } from './beamPicture';
import { chosenOf } from './confidence';

/** A tree belongs to a sentence as it was decoded. */
interface TreeRequest extends SentenceRef {
  readonly key: string;
}

export class BeamTreeSection {
  readonly element: HTMLElement;
  private readonly picture = new BeamPicture();
  private readonly note = element('p', { class: 'caption section-note', role: 'status' });
  private readonly retry;
  private readonly legend;
  private readonly slot: Slot<TreeRequest, BeamTree>;
  private shown: BeamTree | undefined;
  private ids = '';

  constructor(tree: Method<SentenceRef, BeamTree>, changed: () => void) {
    this.slot = new Slot(({ sentence }, call) => tree({ sentence }, call), changed, 8, 60);
    this.retry = button(strings.retry, () => {
      this.slot.retry();
      changed();
    });
    const { fates, bestPath } = strings;
    this.legend = element(
      'div',
      { class: 'caption mark-legend' },
      element('span', { class: 'beam-key best' }, bestPath),
      element('span', { class: 'beam-key kept' }, fates.kept),
      element('span', { class: 'beam-key ended' }, fates.ended),
      element('span', { class: 'beam-key dropped' }, fates.dropped),
    );
    this.element = element(
      'div',
      { class: 'beam' },
      this.picture.element,
      this.legend,
      this.note,
      this.retry,
    );
  }

  /** Nodes of the tree that is shown; undefined while there is none. */
  update(
    state: TranslationState,
    sentence: SentenceTranslation | undefined,
    open: boolean,
  ): number | undefined {
    const hypothesis = sentence && chosenOf(sentence);
    if (!open || !sentence || !hypothesis || state.decoding.method !== 'beam') {
      this.slot.rest();
      const why = state.decoding.method !== 'beam' ? strings.treeNotBeam : strings.othersWaiting;
      this.show(undefined, why, false);
      return undefined;
    }
    const searched = sentence.hypotheses.map(({ ids }) => ids);
    const found = this.slot.want({
      sentence: sentence.sentence,
      key: JSON.stringify([sentence.source?.text, state.language, state.decoding, sentence.forced, searched]),
    });
    if (found.status !== 'ready') {
      const failed = found.status === 'failed';
      this.show(undefined, failed ? found.message : strings.treeLoading, failed);
      return undefined;
    }
    const ids = hypothesis.ids.join(' ');
    if (found.value !== this.shown || ids !== this.ids) {
      this.ids = ids;
      // Hidden elements have no width to draw for.
      this.show(found.value, '', false);
      this.picture.update(found.value, hypothesis.ids);
    }
    return found.value.nodes.length;
  }

  private show(tree: BeamTree | undefined, note: string, failed: boolean): void {
    this.shown = tree;
    this.picture.element.hidden = !tree;
    this.legend.hidden = !tree;
    setText(this.note, note);
    this.note.hidden = note === '';
    this.retry.hidden = !failed;
  }
}

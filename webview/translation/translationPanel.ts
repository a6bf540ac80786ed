// The whole view: its sections, what each of them shows of the state, and how pointer and keys go between them.
import type { TranslationState } from '../../src/shared/translationPage';
import { element } from '../dom';
import { Announcer } from '../explorer/announcer';
import { Notice } from '../explorer/statusArea';
import { formatNumber } from '../format';
import { languageName } from '../languageName';
import { Section } from '../side/section';
import { translationStrings as strings } from '../strings/translationStrings';
import { onThemeChange } from '../theme';
import { stepsOfWord } from './alignment';
import { meanProbability } from './confidence';
import { DecodingForm } from './decodingForm';
import { EmptyMessage } from './emptyMessage';
import type { Explained } from './explanations';
import { Explanations, explanationKey } from './explanations';
import { LightScale } from './lightScale';
import { Looking } from './looking';
import { MarkLegend } from './markLegend';
import { restedWord, SentenceLists } from './sentenceLists';
import { TargetActions } from './targetActions';
import { TargetNotes } from './targetNotes';
import { TargetStatus } from './targetStatus';
import { TextPair } from './textPair';
import { TopRow } from './topRow';
import type { StoreChange, TranslationStore, WordRef } from './translationStore';
import { isBusy } from './translationStore';
import { WordCardView } from './wordCard';

export class TranslationPanel {
  readonly element: HTMLElement;
  private readonly sections;
  private readonly top;
  private readonly notice;
  private readonly empty;
  private readonly actions;
  private readonly status;
  private readonly texts;
  private readonly sourceLegend = new MarkLegend(['untranslated']);
  private readonly targetLegend = new MarkLegend(['unsure', 'doubtful', 'repeated', 'forced']);
  private readonly notes;
  private readonly lists;
  private readonly form;
  private readonly card;
  private readonly looking;
  private readonly explanations;
  private readonly announcer = new Announcer();
  private scale = new LightScale();
  private before: TranslationState['status'] = 'empty';
  /** Sentences to be drawn in the next frame. */
  private readonly stale = new Set<number>();

  constructor(private readonly store: TranslationStore) {
    const { host } = store;
    this.explanations = new Explanations(host.explain, (sentence) => this.sentencesChanged([sentence]));
    this.texts = new TextPair(store, this.explanations, {
      point: (ref) => this.looking.point(ref),
      focus: (ref) => this.looking.focus(ref),
      blur: () => this.looking.point(undefined),
      pin: (ref, byKeyboard) => this.looking.pin(ref, byKeyboard),
      openInExplorer: (ref) => this.openInExplorer(ref),
      sighted: () => this.texts.suggest(),
    });
    this.card = this.makeCard();
    this.looking = new Looking(store, this.card);
    this.top = new TopRow(store);
    this.notice = new Notice((action) => store.tell(() => host.act({ action })));
    this.empty = new EmptyMessage(() => store.tell(() => host.translateSelection()));
    this.actions = new TargetActions(store);
    this.status = new TargetStatus(store);
    this.notes = new TargetNotes(store, (sentence) => this.show(sentence));
    this.lists = new SentenceLists({
      store,
      explanation: () => store.state && this.texts.explanationOf(store.activeSentence, store.state),
      want: (ref) => this.want(ref),
      hint: (side, word) => this.hint(side, word),
      pin: (ref) => this.looking.pin(ref, false),
    });
    this.form = new DecodingForm((change) => store.tell(() => host.setDecoding(change)));
    const section = (name: string, open: boolean, ...content: readonly HTMLElement[]) => {
      const made = new Section(name, store.isOpen(name, open), (now) => store.setOpen(name, now));
      made.body.append(...content);
      return made;
    };
    this.sections = {
      source: section('source', true, this.texts.source.element, this.sourceLegend.element),
      target: section(
        'target',
        true,
        ...[this.actions.element, this.status.element, this.texts.target.element],
        ...[this.targetLegend.element, this.notes.element],
      ),
      others: section('others', true, this.lists.others.element),
      comesFrom: section('comes-from', true, this.lists.comesFrom.element),
      beam: section('beam-tree', false, this.lists.beam.element),
      settings: section('settings', false, this.form.element),
    };
    this.element = element(
      'main',
      { class: 'translation', 'data-role': 'translation' },
      ...[this.top.element, this.notice.element, this.empty.element],
      ...Object.values(this.sections).map((each) => each.element),
      ...[this.card.element, this.announcer.element],
    );
    this.listen();
  }

  /** Asks the host for everything and shows it. */
  async start(): Promise<void> {
    this.setScale();
    await this.store.show(await this.store.host.ready());
  }

  private listen(): void {
    this.store.onChange((change) => this.changed(change));
    onThemeChange(() => this.setScale());
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.looking.release()) {
        event.preventDefault();
      }
    });
    document.addEventListener('pointerdown', (event) => {
      const target = event.target instanceof Element ? event.target : null;
      if (!target?.closest('.word-card, [data-word]')) {
        this.card.hide();
      }
    });
    // The card stands beside its word only as long as nothing moves.
    window.addEventListener('scroll', () => this.card.hide(), { capture: true, passive: true });
    window.addEventListener('resize', () => this.card.hide());
  }

  private setScale(): void {
    this.scale = new LightScale();
    this.lists.setScale(this.scale);
    this.drawLight();
  }

  private changed(change: StoreChange): void {
    if (change.what === 'sentences') {
      this.sentencesChanged(change.sentences);
    } else if (change.what === 'state') {
      this.draw();
    } else {
      this.drawLight();
      this.drawLists();
    }
  }

  /** What streams in is drawn once per frame. */
  private sentencesChanged(sentences: readonly number[]): void {
    if (this.stale.size === 0) {
      requestAnimationFrame(() => {
        const stale = [...this.stale];
        this.stale.clear();
        this.texts.fill(stale);
        this.drawAround();
      });
    }
    sentences.forEach((sentence) => this.stale.add(sentence));
  }

  private draw(): void {
    const { state } = this.store;
    if (!state) {
      return;
    }
    const nothing = state.status === 'empty';
    this.top.update(state);
    this.notice.update(state.error);
    this.empty.update(nothing && !state.error ? state.mode : undefined);
    const { source, target, others, comesFrom, beam } = this.sections;
    for (const each of [source, target, others, comesFrom, beam]) {
      each.element.hidden = nothing;
    }
    this.form.update(state.decoding);
    this.sections.settings.update({ title: strings.settings, caption: strings.decoding(state.decoding) });
    source.update({
      title: strings.sections[state.mode].source,
      caption: state.source && strings.source(state.source),
    });
    // What was shown before stays, dimmed, until there is something to take its place.
    const outdated = state.status === 'loading' && state.passages.length === 0;
    this.element.classList.toggle('outdated', outdated);
    this.element.dataset['status'] = state.status;
    // Whoever asks for a translation wants to see it; whoever follows the selection has scrolled to what is wanted.
    if (!outdated && this.texts.setState(state) && !state.follow) {
      window.scrollTo(0, 0);
    }
    this.texts.suggest();
    this.drawAround();
    this.announce(state);
  }

  /** Everything that depends on sentences but is not their text. */
  private drawAround(): void {
    const { state } = this.store;
    if (!state) {
      return;
    }
    const mean = meanProbability(state.sentences);
    this.sections.target.update({
      title: strings.sections[state.mode].target,
      caption: mean === undefined ? '' : strings.perToken(formatNumber(mean)),
      hint: strings.perTokenHow,
    });
    this.actions.update(state);
    this.status.update(state);
    this.notes.update(state);
    const marks = this.texts.presentMarks();
    this.sourceLegend.update(marks, state.confidence);
    this.targetLegend.update(marks, state.confidence);
    this.drawLight();
    this.drawLists();
    this.card.refresh();
  }

  private drawLight(): void {
    const { hovered, pinned } = this.store.look;
    const ref = hovered ?? this.card.open ?? pinned;
    if (ref) {
      this.want(ref);
    }
    this.texts.light(ref, this.scale);
  }

  private drawLists(): void {
    this.lists.draw(this.sections);
  }

  private want({ sentence: index }: WordRef): Explained | undefined {
    const { state } = this.store;
    const key = state && explanationKey(this.store.sentence(index), state);
    return key === undefined ? undefined : this.explanations.want(index, key);
  }

  private hint(side: WordRef['side'], word: number | undefined): void {
    const sentence = restedWord(this.store)?.sentence ?? 0;
    this.texts[side].hint(word === undefined ? undefined : { side, sentence, word });
    this.texts.highlight(sentence, side === 'source' && word !== undefined ? [word] : []);
  }

  /** Brings a sentence into sight on both sides; the lists are about it. */
  private show(sentence: number): void {
    this.looking.release();
    this.texts.source.reveal(sentence);
    this.texts.target.reveal(sentence);
    this.store.setLook({ rested: { side: 'target', sentence, word: 0 } });
  }

  private openInExplorer({ side, sentence, word }: WordRef): void {
    const { state } = this.store;
    const explanation = state && this.texts.explanationOf(this.store.sentence(sentence), state);
    if (explanation && side === 'target') {
      const step = stepsOfWord(explanation, word)[0];
      if (step !== undefined) {
        this.store.tell((host) => host.openInExplorer({ sentence, step }));
      }
    }
  }

  private makeCard(): WordCardView {
    const { store } = this;
    return new WordCardView({
      explained: (ref) => this.want(ref),
      rectsOf: (ref) => this.texts.target.rectsOf(ref),
      remarks: (ref) => this.texts.remarks(ref),
      forced: (ref) => (store.sentence(ref.sentence)?.forced ?? 0) > 0,
      force: ({ sentence }, step, id) => store.tell((host) => host.force({ sentence, step, id })),
      unforce: ({ sentence }) => store.tell((host) => host.unforce({ sentence })),
      openInExplorer: ({ sentence }, step) => store.tell((host) => host.openInExplorer({ sentence, step })),
      over: (inside) => this.looking.overCard(inside),
      close: (focused) => {
        this.looking.release();
        if (focused) {
          this.texts.target.refocus();
        }
      },
    });
  }

  /** One sentence when it is over: a translation that streams is not read out. */
  private announce({ status, mode, progress, language }: TranslationState): void {
    if (isBusy(this.before) && status === 'done') {
      const name = language === undefined ? undefined : languageName(language);
      this.announcer.say(strings.announceDone[mode](progress.of, name));
    } else if (isBusy(this.before) && status === 'stopped') {
      this.announcer.say(strings.announceStopped(progress));
    }
    this.before = status;
  }
}

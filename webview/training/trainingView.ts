// The whole view: its sections, and what is said aloud about a training.
import type { TrainingState } from '../../src/shared/trainingPage';
import { element } from '../dom';
import { Announcer } from '../explorer/announcer';
import { Notice } from '../explorer/statusArea';
import { Section } from '../side/section';
import { trainingStrings as strings } from '../strings/trainingStrings';
import { DataSection } from './dataSection';
import { EffectSection } from './effectSection';
import { milestone } from './milestones';
import { failureOf, ProgressSection } from './progressSection';
import { SettingsForm } from './settingsForm';
import type { TrainingStore } from './trainingStore';
import { WeightsSection } from './weightsSection';

interface Part {
  readonly section: Section;
  readonly open: boolean;
  readonly title: string;
  readonly content: {
    readonly element: HTMLElement;
    update(state: TrainingState): void;
    caption(state: TrainingState): string;
  };
}

export class TrainingView {
  readonly element: HTMLElement;
  private readonly notice;
  private readonly progress: ProgressSection;
  private readonly parts: readonly Part[];
  private readonly announcer = new Announcer();
  private before: TrainingState | undefined;

  constructor(private readonly store: TrainingStore) {
    this.notice = new Notice((action) => store.tell((host) => host.act({ action })));
    this.progress = new ProgressSection(store);
    this.parts = [
      this.part('data', strings.data, true, new DataSection(store)),
      this.part('settings', strings.settings, false, new SettingsForm(store)),
      this.part('training', strings.training, true, this.progress),
      this.part('effect', strings.effect, true, new EffectSection(store)),
      this.part('weights', strings.weights, true, new WeightsSection(store, () => this.goToTraining())),
    ];
    this.element = element(
      'main',
      { class: 'training', 'data-role': 'training-view', 'aria-label': strings.view },
      this.notice.element,
      ...this.parts.map(({ section }) => section.element),
      this.announcer.element,
    );
    store.onChange((state) => this.update(state));
  }

  /** Asks the host for everything and shows it. */
  async start(): Promise<void> {
    await this.store.show(await this.store.host.ready());
  }

  private update(state: TrainingState): void {
    const failure = failureOf(state);
    const hasFailed = failure !== undefined && (!this.before || failureOf(this.before) === undefined);
    if (hasFailed) {
      this.store.setOpen('training', true);
    }
    this.element.dataset['status'] = state.status;
    this.notice.update(failure ? undefined : state.error);
    for (const { section, open, title, content } of this.parts) {
      section.setOpen(this.store.isOpen(section.name, open));
      section.update({ title, caption: content.caption(state) });
      content.update(state);
    }
    const sentence = milestone(this.before, state);
    this.before = state;
    if (sentence !== undefined) {
      this.announcer.say(sentence);
    }
    if (hasFailed) {
      this.progress.showFailure();
    }
  }

  /** The curve is above the list, and may be closed or out of sight. */
  private goToTraining(): void {
    for (const name of ['training', 'effect']) {
      this.store.setOpen(name, true);
    }
    if (this.store.state) {
      this.update(this.store.state);
    }
    this.parts.find(({ section }) => section.name === 'training')?.section.focus();
  }

  private part(name: string, title: string, open: boolean, content: Part['content']): Part {
    const section = new Section(name, this.store.isOpen(name, open), (now) => {
      this.store.setOpen(name, now);
      if (this.store.state) {
        // What was hidden had no width to draw for.
        content.update(this.store.state);
      }
    });
    section.body.append(content.element);
    return { section, open, title, content };
  }
}

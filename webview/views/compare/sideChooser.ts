// The form that chooses what the shown run is compared with; offers only what this model and run allow.
import type { OtherSide } from '../../../src/shared/contrast';
import { element, setAttributes, setText } from '../../dom';
import { compareStrings as strings } from '../../strings/compareStrings';
import type { Choice, Chooser } from '../../toolkit';
import { button, dropdown } from '../../toolkit';
import { followedChoice, type Mode, type SideChoice } from './followedChoice';

/** What can be chosen. */
export interface Offers {
  readonly modes: readonly Mode[];
  readonly languages: readonly Choice[];
  readonly models: readonly Choice[];
}

export interface ChooserActions {
  readonly compare: (side: OtherSide) => void;
  /** Compares with what is selected in the editor. */
  readonly editor: () => void;
  /** Compares the interventions of the list, switched on. */
  readonly listed: () => void;
  /** Asks for a recipe and compares with it. */
  readonly recipe: () => void;
}

const beamWidths = [2, 4, 8];

export class SideChooser {
  readonly element: HTMLElement;
  private readonly mode: Chooser;
  private readonly caption = element('span', { class: 'caption', 'aria-hidden': 'true' }, strings.chooser);
  private readonly text = element('input', {
    type: 'text',
    class: 'compare-input',
    'aria-label': strings.text,
    placeholder: strings.textHint,
    'data-control': 'other-text',
  });
  private readonly language: Chooser;
  private readonly beams: Chooser;
  private readonly model: Chooser;
  private readonly start;
  private readonly editor;
  private chosen: SideChoice = {
    mode: 'text',
    language: '',
    beams: '4',
    model: '',
  };
  private offers: Offers = { modes: ['text'], languages: [], models: [] };
  /** The side that the controls were set to last, and whether it could be chosen then. */
  private followed = '';

  constructor(private readonly actions: ChooserActions) {
    const chooser = (name: keyof typeof this.chosen, label: string) =>
      dropdown(`other-${name}`, label, (value) => {
        this.chosen = { ...this.chosen, [name]: value };
        this.fill();
      });
    this.mode = chooser('mode', strings.chooser);
    this.mode.element.prepend(this.caption);
    this.language = chooser('language', strings.language);
    this.beams = chooser('beams', strings.beams);
    this.model = chooser('model', strings.model);
    this.start = button(strings.compare, () => this.take(), 'primary');
    this.start.dataset['control'] = 'compare';
    this.editor = button(strings.editor, () => this.actions.editor());
    this.editor.dataset['control'] = 'compare-editor';
    this.editor.title = strings.editorHint;
    this.text.addEventListener('input', () => this.fill());
    this.text.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') {
        this.take();
      }
    });
    this.element = element(
      'div',
      { class: 'compare-chooser', role: 'group', 'aria-label': strings.chooser },
      this.mode.element,
      this.text,
      this.language.element,
      this.beams.element,
      this.model.element,
      this.start,
      this.editor,
    );
  }

  /**
   * `side` is what the shown run is compared with, whoever chose it; the controls follow it once, and are the user's until it is
   * another one. `swapped`: what they name stands as A.
   */
  update(offers: Offers, side: OtherSide | undefined, swapped = false): void {
    this.offers = offers;
    const label = swapped ? strings.chooserSwapped : strings.chooser;
    setText(this.caption, label);
    setAttributes(this.element, { 'aria-label': label });
    const offered = side?.by === 'model' && offers.models.some(({ value }) => value === side.model);
    const key = JSON.stringify([side, offered]);
    if (side && key !== this.followed) {
      this.chosen = followedChoice(this.chosen, side, offers.modes);
      // A line break would be lost in the field, and another text compared the next time.
      this.text.value = side.by === 'text' && !/[\r\n]/u.test(side.text) ? side.text : this.text.value;
    }
    this.followed = key;
    this.fill();
  }

  private fill(): void {
    const { modes, languages, models } = this.offers;
    // What another run does not allow is replaced by the first thing that this one allows.
    const valid = (value: string, choices: readonly Choice[]) =>
      choices.some((choice) => choice.value === value) ? value : (choices.at(0)?.value ?? '');
    this.chosen = {
      mode: modes.includes(this.chosen.mode) ? this.chosen.mode : modes[0],
      language: valid(this.chosen.language, languages),
      beams: this.chosen.beams,
      model: valid(this.chosen.model, models),
    };
    const { mode, language, beams, model } = this.chosen;
    this.mode.update(
      modes.map((value) => ({ value, label: strings.modes[value] })),
      mode,
    );
    this.language.update(languages, language);
    this.beams.update(
      beamWidths.map((width) => ({ value: String(width), label: strings.settings.beams(width) })),
      beams,
    );
    this.model.update(models, model);
    this.text.hidden = mode !== 'text';
    this.editor.hidden = mode !== 'text';
    this.language.element.hidden = mode !== 'language';
    this.beams.element.hidden = mode !== 'beams';
    this.model.element.hidden = mode !== 'model';
    this.start.disabled = mode === 'text' && this.text.value.trim() === '';
  }

  private take(): void {
    const { mode, language, beams, model } = this.chosen;
    switch (mode) {
      case 'text': {
        const text = this.text.value.trim();
        if (text !== '') {
          this.actions.compare({ by: 'text', text });
        }
        return;
      }
      case 'loaded':
        this.actions.compare({ by: 'interventions', interventions: [] });
        return;
      case 'listed':
        this.actions.listed();
        return;
      case 'recipe':
        this.actions.recipe();
        return;
      case 'language':
        this.actions.compare({ by: 'language', language });
        return;
      case 'beams':
        this.actions.compare({ by: 'beams', beams: Number(beams) });
        return;
      case 'model':
        this.actions.compare({ by: 'model', model });
        return;
      default:
        mode satisfies never;
    }
  }
}

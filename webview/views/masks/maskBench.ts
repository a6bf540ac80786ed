// The controls of the masks bench: presets with their numbers, what the edit acts on, undo and redo, on and off.
import { element, setText } from '../../dom';
import { maskBenchStrings as strings } from '../../strings/maskBenchStrings';
import { button, radioButtons } from '../../toolkit';
import type { MaskEditor } from './maskEditor';
import type { Preset } from './maskEdit';
import { isEdited } from './maskEdit';
import type { Reach } from './maskScope';

type PresetName = keyof typeof strings.presets;

/** First numbers that do something on a short sentence. */
const firstPrefix = 3;
const firstWindow = 2;
const largestNumber = 4096;

export interface BenchFacts {
  readonly head: number;
  readonly layer: number;
  /** Whether the model itself hides later keys: then a window does, too, unless it is told otherwise. */
  readonly isCausal: boolean;
}

export class MaskBench {
  readonly element: HTMLElement;
  private readonly preset;
  private readonly reach;
  private readonly number = element('input', { type: 'number', min: 0, max: largestNumber, step: 1 });
  private readonly numberName = element('span', { class: 'caption' });
  private readonly numberField = element('label', { class: 'control' }, this.numberName, this.number);
  private readonly causal = element('input', { type: 'checkbox', 'data-control': 'mask-causal' });
  private readonly causalField = element(
    'label',
    { class: 'control' },
    this.causal,
    element('span', {}, strings.windowCausal),
  );
  private readonly on = element('input', { type: 'checkbox', 'data-control': 'mask-on' });
  private readonly onField = element(
    'label',
    { class: 'control' },
    this.on,
    element('span', {}, strings.inEffect),
  );
  private readonly undo;
  private readonly redo;
  private readonly reset;
  private isCausal = false;

  constructor(
    private readonly editor: MaskEditor,
    private readonly announce: (sentence: string) => void,
    headline: HTMLElement,
  ) {
    this.preset = radioButtons('mask-preset', strings.preset, (value) => this.take(value as PresetName));
    this.reach = radioButtons('mask-reach', strings.reach, (value) => editor.setReach(value as Reach));
    this.number.dataset['control'] = 'mask-number';
    this.number.addEventListener('input', () => this.setNumber());
    this.causal.addEventListener('change', () => {
      const { preset } = editor.edit;
      if (preset?.preset === 'window') {
        editor.setPreset({ ...preset, causal: this.causal.checked });
      }
    });
    this.on.addEventListener('change', () => editor.setEnabled(this.on.checked));
    this.undo = button(strings.undo, () => editor.undo());
    this.redo = button(strings.redo, () => editor.redo());
    this.reset = button(strings.reset, () => editor.reset());
    for (const [name, control] of Object.entries({ undo: this.undo, redo: this.redo, reset: this.reset })) {
      control.dataset['control'] = `mask-${name}`;
    }
    const caption = (text: string) => element('span', { class: 'caption', 'aria-hidden': 'true' }, text);
    this.element = element(
      'div',
      {
        class: 'bench',
        role: 'group',
        'aria-label': strings.bench,
        'data-role': 'mask-bench',
        'data-focus-later': true,
      },
      element(
        'span',
        { class: 'bench-part' },
        caption(strings.preset),
        this.preset.element,
        this.numberField,
        this.causalField,
      ),
      element('span', { class: 'bench-part' }, caption(strings.reach), this.reach.element),
      element('span', { class: 'bench-part' }, this.onField, this.undo, this.redo, this.reset),
      headline,
    );
  }

  update({ head, layer, isCausal }: BenchFacts): void {
    const { edit, enabled, canUndo, canRedo } = this.editor;
    this.isCausal = isCausal;
    const current = nameOf(edit.preset);
    const names = (Object.keys(strings.presets) as PresetName[]).filter(
      (name) => name !== 'rows' || current === 'rows',
    );
    this.preset.update(
      names.map((value) => ({ value, label: strings.presets[value], hint: strings.presetHints[value] })),
      current,
    );
    const { reaches } = strings;
    this.reach.update(
      [
        { value: 'head', label: reaches.head(head + 1) },
        { value: 'layer', label: reaches.layer(layer + 1) },
        { value: 'all', label: reaches.all },
      ],
      this.editor.reach,
    );
    this.showNumber(edit.preset);
    // It keeps its room: the cells must not move under a pointer that draws.
    this.onField.classList.toggle('vacant', !isEdited(edit));
    this.on.checked = enabled;
    this.undo.disabled = !canUndo;
    this.redo.disabled = !canRedo;
    this.reset.disabled = !isEdited(edit);
  }

  private showNumber(preset: Preset | undefined): void {
    const value =
      preset?.preset === 'prefix' ? preset.length : preset?.preset === 'window' ? preset.size : undefined;
    this.numberField.hidden = value === undefined;
    this.causalField.hidden = preset?.preset !== 'window';
    this.causal.checked = preset?.preset === 'window' && preset.causal === true;
    const name = preset?.preset === 'prefix' ? strings.prefixLength : strings.windowSize;
    setText(this.numberName, name);
    // What is being typed stays, even while it is no number.
    if (value !== undefined && document.activeElement !== this.number) {
      this.number.value = String(value);
    }
  }

  private take(name: PresetName): void {
    const made: Readonly<Record<PresetName, Preset | undefined>> = {
      own: undefined,
      none: { preset: 'none' },
      causal: { preset: 'causal' },
      padding: { preset: 'padding' },
      prefix: { preset: 'prefix', length: firstPrefix },
      window: { preset: 'window', size: firstWindow, causal: this.isCausal },
      rows: this.editor.edit.preset,
    };
    const preset = made[name];
    if (preset?.preset === 'prefix' || preset?.preset === 'window') {
      this.number.value = String(preset.preset === 'prefix' ? preset.length : preset.size);
    }
    this.editor.setPreset(preset);
    this.announce(strings.announcePreset(`${strings.presets[name]}, ${strings.presetHints[name]}`));
  }

  private setNumber(): void {
    const value = this.number.value.trim() === '' ? NaN : Number(this.number.value);
    const { preset } = this.editor.edit;
    if (!Number.isInteger(value) || value < 0 || value > largestNumber || !preset) {
      return; // still being typed
    }
    if (preset.preset === 'prefix') {
      this.editor.setPreset({ ...preset, length: value }, true);
    } else if (preset.preset === 'window') {
      this.editor.setPreset({ ...preset, size: value }, true);
    }
  }
}

function nameOf(preset: Preset | undefined): PresetName {
  return preset?.preset ?? 'own';
}

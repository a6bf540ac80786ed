// How to train: the method and its settings, each checked before it is sent. Shows only those that apply.
import type { TrainingOptions } from '../../src/shared/training';
import { LORA_TARGETS } from '../../src/shared/trainingDefaults';
import type { TrainingState } from '../../src/shared/trainingPage';
import { element, setAttributes } from '../dom';
import { NumberSetting } from '../side/numberSetting';
import { trainingStrings as strings } from '../strings/trainingStrings';
import type { Chooser } from '../toolkit';
import { button, checkbox, dropdown, radioButtons } from '../toolkit';
import type { NumberSetting as Setting } from './settingFields';
import { changeOf, heldOutChoices, methodChange, readSetting, settingOf, settingsOf } from './settingFields';
import { isActive } from './trainingActions';
import { formatRate } from './trainingFormat';
import type { TrainingStore } from './trainingStore';

const methods = ['full', 'lora'] as const;
const schedules = ['constant', 'linear', 'cosine', 'paper'] as const;

export class SettingsForm {
  readonly element: HTMLElement;
  private readonly fixed = element('p', { class: 'caption' }, strings.settingsFixed);
  private readonly method: Chooser;
  private readonly schedule: Chooser;
  private readonly heldOut: Chooser;
  private readonly targets;
  private readonly targetsRow;
  private readonly rows = new Map<Setting, NumberSetting>();
  private readonly before = element('div');
  private readonly after = element('div');
  private readonly reset;
  /** As the host said, or as they were changed since. */
  private options: TrainingOptions | undefined;

  constructor(private readonly store: TrainingStore) {
    this.method = radioButtons('training-method', strings.fields.method, (value) => {
      const method = methods.find((each) => each === value);
      if (method) {
        this.change((options) => methodChange(method, options));
      }
    });
    this.schedule = dropdown('schedule', strings.fields.schedule, (value) => {
      const schedule = schedules.find((each) => each === value);
      this.change((options) => (schedule && schedule !== options.schedule ? { schedule } : {}));
    });
    this.heldOut = dropdown('held-out', strings.fields.heldOut, (value) => {
      const heldOut = value === 'auto' ? value : Number(value);
      this.change((options) => (heldOut === options.heldOut ? {} : { heldOut }));
    });
    this.targets = LORA_TARGETS.map((target) => ({
      target,
      box: checkbox(`target-${target}`, strings.targets[target], (on) =>
        this.change(({ lora }) => ({
          lora: {
            ...lora,
            targets: LORA_TARGETS.filter((each) => (each === target ? on : lora.targets.includes(each))),
          },
        })),
      ),
    }));
    this.targetsRow = element(
      'div',
      { class: 'targets', role: 'group', 'aria-label': strings.fields.targets, title: strings.hints.targets },
      element('span', { class: 'setting-name', 'aria-hidden': 'true' }, strings.fields.targets),
      ...this.targets.map(({ box }) => box.element),
    );
    this.reset = button(strings.reset, () => {
      this.rows.forEach((row) => row.forget());
      store.tell((host) => host.resetOptions());
    });
    this.reset.dataset['control'] = 'reset-settings';
    this.element = element(
      'div',
      { class: 'training-settings' },
      this.fixed,
      this.method.element,
      this.before,
      this.targetsRow,
      this.choice(strings.fields.schedule, strings.hints.schedule, this.schedule),
      this.after,
      this.choice(strings.fields.heldOut, strings.hints.heldOut, this.heldOut),
      element('div', { class: 'setting-end' }, this.reset),
    );
  }

  update({ options, status }: TrainingState): void {
    this.options = options;
    const fixed = isActive(status);
    this.fixed.hidden = !fixed;
    this.method.update(
      methods.map((value) => ({
        value,
        label: strings.methods[value],
        hint: strings.hints.method,
        unavailable: fixed ? strings.settingsFixed : undefined,
      })),
      options.method,
    );
    const names = settingsOf(options);
    const lora = names.filter((name) => name === 'rank' || name === 'alpha');
    place(
      this.before,
      lora.map((name) => this.number(name, options, fixed)),
    );
    place(
      this.after,
      names
        .filter((name) => name !== 'rank' && name !== 'alpha')
        .map((name) => this.number(name, options, fixed)),
    );
    this.targetsRow.hidden = options.method !== 'lora';
    for (const { target, box } of this.targets) {
      const on = options.lora.targets.includes(target);
      // The last one cannot be taken away: LoRA would have nothing to train.
      const last = on && options.lora.targets.length === 1;
      box.update(on, fixed || last);
      setAttributes(box.element, { title: last ? strings.oneTarget : undefined });
    }
    this.schedule.update(
      schedules.map((value) => ({ value, label: strings.schedules[value] })),
      options.schedule,
    );
    this.heldOut.update(
      heldOutChoices(options).map((value) => ({ value: String(value), label: heldOutLabel(value) })),
      String(options.heldOut),
    );
    for (const chooser of [this.schedule, this.heldOut]) {
      setAttributes(chooser.element.firstElementChild ?? chooser.element, { disabled: fixed });
    }
    this.reset.disabled = fixed;
  }

  /** Stands in the section's header. */
  caption({ options }: TrainingState): string {
    return strings.settingsCaption(options, formatRate(options.rate));
  }

  private change(make: (options: TrainingOptions) => Partial<TrainingOptions>): void {
    const change = this.options && make(this.options);
    if (this.options && change && Object.keys(change).length > 0) {
      // The host's answer comes later: Enter reports a text, and leaving the field reports it again.
      this.options = { ...this.options, ...change };
      this.store.tell((host) => host.setOptions(change));
    }
  }

  private number(name: Setting, options: TrainingOptions, fixed: boolean): HTMLElement {
    let row = this.rows.get(name);
    if (!row) {
      row = new NumberSetting(
        name,
        strings.fields[name],
        (text) => readSetting(name, text),
        (value) => this.change((now) => (value === settingOf(now, name) ? {} : changeOf(name, value, now))),
      );
      this.rows.set(name, row);
    }
    const factor = name === 'rate' && options.schedule === 'paper';
    row.update(
      factor ? strings.paperFactor : strings.fields[name],
      factor ? strings.paperFactorHint : strings.hints[name],
      writtenValue(settingOf(options, name)),
      fixed,
    );
    return row.element;
  }

  private choice(label: string, hint: string, chooser: Chooser): HTMLElement {
    return element(
      'div',
      { class: 'setting', title: hint },
      element('span', { class: 'setting-name', 'aria-hidden': 'true' }, label),
      chooser.element,
    );
  }
}

function heldOutLabel(value: number | 'auto'): string {
  if (value === 'auto') {
    return strings.heldOutAuto;
  }
  return value === 0 ? strings.heldOutNone : strings.heldOutShare(value);
}

/** As it can be typed again: with all its digits and no separators. */
function writtenValue(value: number): string {
  return String(value).replace('-', '−');
}

/** Puts these elements in place of the others, only where they differ: a field that is being typed in keeps the focus. */
function place(parent: HTMLElement, wanted: readonly HTMLElement[]): void {
  const { children } = parent;
  if (children.length !== wanted.length || wanted.some((each, index) => children[index] !== each)) {
    parent.replaceChildren(...wanted);
  }
}

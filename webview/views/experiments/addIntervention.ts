// The form that makes an intervention: what, where, and by how much; offers only what this model allows.
import type { Intervention } from '../../../src/shared/intervention';
import { element } from '../../dom';
import { experimentsStrings as strings } from '../../strings/experimentsStrings';
import { button, dropdown } from '../../toolkit';
import type { Chooser } from '../../toolkit';
import type { Bench } from './experiment';
import type { FormState, Kind, ShownHead } from './interventionForm';
import { fieldsOf, interventionOf } from './interventionForm';

const initial: FormState = {
  kind: 'headGate',
  where: 'shown',
  heads: 'shown',
  scale: 'none',
  mask: 'none',
  change: 'remove',
  side: 'encoder',
  subLayer: '',
  layer: '',
  amount: '0',
  text: '',
};

/** A first amount that does something, by what is changed. */
const amounts: Partial<Record<Kind, string>> = {
  headGate: '0',
  temperature: '0.5',
  mask: '1',
  positions: '10',
  subLayer: '0',
};

export class AddIntervention {
  readonly element: HTMLElement;
  private state = initial;
  private readonly choosers: Readonly<Record<Exclude<keyof FormState, 'amount' | 'text'>, Chooser>>;
  private readonly amount = element('input', {
    type: 'text',
    size: 6,
    'aria-label': strings.fields.amount,
    'data-control': 'form-amount',
  });
  private readonly text = element('input', {
    type: 'text',
    'aria-label': strings.fields.text,
    'data-control': 'form-text',
  });
  private readonly amountRow = element(
    'label',
    { class: 'form-row' },
    element('span', { class: 'caption' }, strings.fields.amount),
    this.amount,
  );
  private readonly textRow = element(
    'label',
    { class: 'form-row' },
    element('span', { class: 'caption' }, strings.fields.text),
    this.text,
  );
  private readonly addIt;
  private readonly form = element('div', { class: 'intervention-form', hidden: true });
  private readonly opener = element(
    'button',
    { class: 'link', 'data-control': 'add-intervention' },
    strings.add,
  );
  private bench: Bench | undefined;
  private shown: ShownHead = { attention: '', head: 0 };

  constructor(added: (intervention: Intervention) => void) {
    const { fields } = strings;
    const chooser = (name: Exclude<keyof FormState, 'amount' | 'text'>, label: string) =>
      dropdown(`form-${name}`, label, (value) => this.put({ [name]: value }), true);
    this.choosers = {
      kind: chooser('kind', fields.kind),
      where: chooser('where', fields.where),
      heads: chooser('heads', fields.heads),
      scale: chooser('scale', fields.scale),
      mask: chooser('mask', fields.mask),
      change: chooser('change', fields.change),
      side: chooser('side', fields.side),
      subLayer: chooser('subLayer', fields.subLayer),
      layer: chooser('layer', fields.layer),
    };
    this.amount.addEventListener('input', () => this.put({ amount: this.amount.value }));
    this.text.addEventListener('input', () => this.put({ text: this.text.value }));
    this.addIt = button(
      strings.addIt,
      () => {
        const made = this.bench && interventionOf(this.state, this.shown);
        if (made) {
          added(made);
          this.open(false);
        }
      },
      'primary',
    );
    this.addIt.dataset['control'] = 'form-add';
    const cancel = button(strings.cancel, () => this.open(false));
    this.form.append(
      ...Object.values(this.choosers).map((each) => each.element),
      this.amountRow,
      this.textRow,
      element('div', { class: 'result-buttons' }, this.addIt, cancel),
    );
    this.opener.addEventListener('click', () => this.open(true));
    this.element = element('section', { class: 'pane-text' }, this.opener, this.form);
  }

  update(bench: Bench, shown: ShownHead): void {
    this.bench = bench;
    this.shown = shown;
    this.fill();
  }

  private open(on: boolean): void {
    this.form.hidden = !on;
    this.opener.hidden = on;
    if (!on) {
      this.opener.focus();
    }
  }

  private put(change: Partial<FormState>): void {
    const amount = change.kind && amounts[change.kind];
    this.state = { ...this.state, ...change, ...(amount !== undefined && { amount }) };
    this.fill();
  }

  private fill(): void {
    const { bench, shown } = this;
    if (!bench) {
      return;
    }
    const options = optionsOf(bench, shown, this.state);
    // What another model does not have is replaced by the first thing that this one has.
    for (const [name, values] of Object.entries(options)) {
      const key = name as keyof typeof options;
      if (values.length > 0 && !values.some(({ value }) => value === this.state[key])) {
        this.state = { ...this.state, [key]: values[0].value };
      }
    }
    const fields = fieldsOf(this.state);
    for (const [name, chooser] of Object.entries(this.choosers)) {
      const key = name as keyof typeof options;
      chooser.element.hidden = !fields.has(key);
      if (fields.has(key)) {
        chooser.update(options[key], this.state[key]);
      }
    }
    this.amountRow.hidden = !fields.has('amount');
    this.textRow.hidden = !fields.has('text');
    if (this.amount.value !== this.state.amount) {
      this.amount.value = this.state.amount;
    }
    this.addIt.disabled = interventionOf(this.state, shown) === undefined;
  }
}

type Options = Readonly<
  Record<Exclude<keyof FormState, 'amount' | 'text'>, readonly { value: string; label: string }[]>
>;

function optionsOf({ controls }: Bench, shown: ShownHead, { side }: FormState): Options {
  const { kinds, where, heads, scales, masks, changes } = strings;
  const attentionKinds = [...new Set(controls.attentions.map(({ kind }) => kind))];
  const can = new Set(controls.attentions.flatMap((each) => each.can));
  const onHeads = (['headGate', 'temperature', 'scoreScale', 'normaliser', 'mask'] as const).filter((kind) =>
    can.has(kind),
  );
  const available: Kind[] = [
    ...onHeads,
    ...(controls.positions.some((each) => each.can.length > 0) ? (['positions'] as const) : []),
    ...(controls.subLayers.length > 0 ? (['subLayer'] as const) : []),
    ...(controls.layers.length > 0 ? (['patch'] as const) : []),
  ];
  const change =
    controls.positions.find((each) => each.side === side)?.can ?? controls.positions.at(0)?.can ?? [];
  return {
    kind: available.map((value) => ({ value, label: kinds[value] })),
    where: [
      { value: 'shown', label: where.shown(shown.attention) },
      { value: 'all', label: where.all },
      ...attentionKinds.map((value) => ({ value, label: where[value] })),
    ],
    heads: [
      { value: 'shown', label: heads.shown(shown.head + 1) },
      { value: 'all', label: heads.all },
    ],
    scale: (['none', 'sqrt', 'twiceSqrt', 'full'] as const).map((value) => ({ value, label: scales[value] })),
    mask: (['none', 'causal', 'padding', 'prefix', 'window'] as const).map((value) => ({
      value,
      label: masks[value],
    })),
    change: change.filter((value) => value !== 'table').map((value) => ({ value, label: changes[value] })),
    side: controls.positions.map((each) => ({ value: each.side, label: each.side })),
    subLayer: controls.subLayers.map(({ name }) => ({ value: name, label: name })),
    layer: controls.layers.map((each) => ({
      value: `${each.side}.${each.layer}`,
      label: `${each.side} ${each.layer + 1}`,
    })),
  };
}

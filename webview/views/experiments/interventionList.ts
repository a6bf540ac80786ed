// The interventions that are in effect or switched off: a check box, a value to edit, and a button to remove each.
import type { Intervention } from '../../../src/shared/intervention';
import { element, setText } from '../../dom';
import { formatFactor } from '../../format';
import { experimentsStrings as strings } from '../../strings/experimentsStrings';
import { describeIntervention } from './describeIntervention';

export interface ListActions {
  readonly set: (interventions: readonly Intervention[]) => void;
  readonly save: () => void;
  readonly open: () => void;
}

export class InterventionList {
  readonly element: HTMLElement;
  private readonly rows = element('div', { role: 'list', 'data-role': 'interventions' });
  private readonly none = element('p', { class: 'caption pane-text' }, strings.none);
  private readonly problem = element('p', {
    class: 'missing',
    role: 'status',
    'data-role': 'intervention-problem',
  });
  private readonly clear = link(strings.clear, 'clear-interventions');
  private readonly save = link(strings.save, 'save-recipe');
  private shown = '';

  constructor(private readonly actions: ListActions) {
    const open = link(strings.open, 'open-recipe');
    this.clear.addEventListener('click', () => this.actions.set([]));
    this.save.addEventListener('click', () => this.actions.save());
    open.addEventListener('click', () => this.actions.open());
    this.element = element(
      'section',
      { class: 'pane' },
      element(
        'div',
        { class: 'pane-header' },
        element('h3', { class: 'pane-title' }, strings.active),
        this.clear,
      ),
      this.none,
      this.rows,
      this.problem,
      element('p', { class: 'pane-text recipe-links' }, this.save, ' ', open),
    );
  }

  update(interventions: readonly Intervention[], problem: string | undefined): void {
    this.none.hidden = interventions.length > 0;
    this.clear.hidden = interventions.length === 0;
    this.save.hidden = interventions.length === 0;
    this.problem.hidden = problem === undefined;
    setText(this.problem, problem === undefined ? '' : strings.notFitting(problem));
    const key = JSON.stringify(interventions);
    if (key === this.shown) {
      return;
    }
    this.shown = key;
    this.rows.replaceChildren(...interventions.map((each, index) => this.row(each, index, interventions)));
  }

  private row(intervention: Intervention, index: number, all: readonly Intervention[]): HTMLElement {
    const { what, where } = describeIntervention(intervention);
    const put = (next: Intervention) => this.actions.set(all.map((each, at) => (at === index ? next : each)));
    const box = element('input', { type: 'checkbox', 'aria-label': what });
    box.checked = intervention.enabled;
    box.addEventListener('change', () => put({ ...intervention, enabled: box.checked }));
    const remove = element(
      'button',
      { class: 'icon-button', 'aria-label': `${strings.remove}: ${what}`, title: strings.remove },
      '×',
    );
    remove.addEventListener('click', () => this.actions.set(all.filter((_, at) => at !== index)));
    const value = valueOf(intervention);
    const field = element('input', {
      type: 'text',
      class: 'value',
      size: 5,
      'aria-label': `${strings.edit}: ${what}`,
    });
    field.hidden = value === undefined;
    field.value = value === undefined ? '' : formatFactor(value);
    field.addEventListener('change', () => {
      const next = withValue(intervention, Number(field.value));
      if (next) {
        put(next);
      } else {
        field.value = value === undefined ? '' : formatFactor(value);
      }
    });
    return element(
      'div',
      { role: 'listitem', class: 'intervention', 'data-kind': intervention.kind },
      box,
      element(
        'div',
        { class: 'intervention-text' },
        element('div', {}, what),
        element('div', { class: 'caption' }, where),
      ),
      field,
      remove,
    );
  }
}

/** The number that can be edited in place. */
export function valueOf(intervention: Intervention): number | undefined {
  switch (intervention.kind) {
    case 'headGate':
    case 'subLayer':
      return intervention.factor;
    case 'temperature':
      return intervention.temperature;
    case 'scoreScale':
      return typeof intervention.scale === 'number' ? intervention.scale : undefined;
    case 'normaliser':
    case 'mask':
    case 'patch':
    case 'positions':
      return undefined;
    default:
      return intervention satisfies never;
  }
}

/** The intervention with another number; undefined where that is none, or out of range. */
export function withValue(intervention: Intervention, value: number): Intervention | undefined {
  if (!Number.isFinite(value)) {
    return undefined;
  }
  switch (intervention.kind) {
    case 'headGate':
    case 'subLayer':
      return { ...intervention, factor: value };
    case 'temperature':
      return value > 0 ? { ...intervention, temperature: value } : undefined;
    case 'scoreScale':
      return { ...intervention, scale: value };
    case 'normaliser':
    case 'mask':
    case 'patch':
    case 'positions':
      return undefined;
    default:
      return intervention satisfies never;
  }
}

function link(text: string, control: string): HTMLButtonElement {
  return element('button', { class: 'link', 'data-control': control }, text);
}

// The tuned models that are kept: arrows move, Enter uses one, F2 renames, Delete deletes; the chosen row shows everything that can be done.
import type { TrainingState, TunedModel } from '../../src/shared/trainingPage';
import { element, setAttributes } from '../dom';
import { trainingStrings as strings } from '../strings/trainingStrings';
import { button } from '../toolkit';
import { RowKeys } from './rowKeys';
import { isActive } from './trainingActions';
import { tunedName } from './tunedName';
import type { TrainingStore } from './trainingStore';
import { formatBytes } from '../../src/shared/formatBytes';

type Call = 'use' | 'continueFrom' | 'showTraining' | 'compare' | 'rename' | 'export' | 'delete';

const keys: Readonly<Record<string, Call>> = {
  Enter: 'use',
  F2: 'rename',
  Delete: 'delete',
  t: 'showTraining',
  T: 'showTraining',
};

export class TunedList {
  readonly element: HTMLElement;
  private readonly rows = element('ul', {
    class: 'tuned',
    'aria-label': strings.tunedLabel,
    'data-role': 'tuned',
  });
  private readonly none = element('p', { class: 'caption' }, strings.tunedNone);
  private readonly useBase;
  private chosen: string | undefined;
  private shown = '';

  constructor(
    private readonly store: TrainingStore,
    /** Told when the training of one is shown again. */
    private readonly showed: () => void,
  ) {
    this.useBase = button(strings.useBase, () => store.tell((host) => host.use({ id: '' })));
    this.useBase.dataset['control'] = 'use-base';
    this.element = element(
      'div',
      {},
      element('h3', { class: 'tuned-title caption' }, strings.tuned),
      this.none,
      this.rows,
      element('div', { class: 'setting-end' }, this.useBase),
    );
    const choose = (row: HTMLElement) => this.choose(row.dataset['id']);
    new RowKeys(this.rows, choose, choose);
    this.rows.addEventListener('keydown', (event) => this.key(event));
  }

  update({ tuned, status }: TrainingState): void {
    this.none.hidden = tuned.length > 0;
    const used = tuned.some(({ inUse }) => inUse);
    this.useBase.hidden = tuned.length === 0;
    this.useBase.disabled = !used;
    setAttributes(this.useBase, { title: used ? undefined : strings.baseUsed });
    const active = isActive(status);
    const key = JSON.stringify([tuned, active, this.chosen]);
    if (key === this.shown) {
      return;
    }
    this.shown = key;
    // Rows come anew when one is renamed, deleted or used: the focus stays where it was.
    const { activeElement } = document;
    const focused = this.rows.contains(activeElement) ? activeElement : undefined;
    const call = focused instanceof HTMLElement ? focused.dataset['call'] : undefined;
    if (!tuned.some(({ id }) => id === this.chosen)) {
      this.chosen = tuned[0]?.id;
    }
    this.rows.replaceChildren(...tuned.map((model) => this.row(model, active)));
    RowKeys.enter(this.rows);
    if (focused) {
      const row = [...this.rows.children].find((each) => (each as HTMLElement).dataset['id'] === this.chosen);
      const target = call === undefined ? row : row?.querySelector<HTMLElement>(`[data-call="${call}"]`);
      (target as HTMLElement | null | undefined)?.focus();
    }
  }

  private row(model: TunedModel, active: boolean): HTMLElement {
    const { id, name, method, step, of, bytes, baseName, saved, inUse } = model;
    const chosen = id === this.chosen;
    const date = new Date(saved).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
    return element(
      'li',
      {
        class: chosen ? 'tuned-model chosen' : 'tuned-model',
        'data-id': id,
        'aria-current': inUse ? 'true' : undefined,
        tabindex: chosen ? 0 : -1,
      },
      element(
        'div',
        { class: 'tuned-head' },
        element('span', { class: 'tuned-name', title: name }, tunedName(model)),
        ...(inUse ? [element('span', { class: 'badge' }, strings.used)] : []),
      ),
      element('div', { class: 'caption' }, strings.tunedFacts(method, step, of, formatBytes(bytes))),
      element('div', { class: 'caption' }, strings.tunedFrom(baseName, date)),
      ...(chosen ? [this.actions(model, active)] : []),
    );
  }

  private actions(model: TunedModel, active: boolean): HTMLElement {
    const make = (call: Call, label: string, unavailable?: string) => {
      const made = button(label, () => this.act(call, model.id));
      made.dataset['call'] = call;
      made.disabled = unavailable !== undefined;
      setAttributes(made, { title: unavailable, 'aria-description': unavailable });
      return made;
    };
    const incomplete = model.usable ? undefined : strings.incomplete;
    const busy = active ? strings.whileTraining : undefined;
    return element(
      'div',
      { class: 'tuned-actions' },
      make('use', strings.use, model.inUse ? strings.alreadyUsed : incomplete),
      make('continueFrom', strings.goOn, busy ?? (model.resumable ? undefined : strings.notResumable)),
      // Those that were stored by an earlier version may have no curve.
      ...(model.recorded ? [make('showTraining', strings.showTraining, busy)] : []),
      make('compare', strings.compareShort, incomplete),
      make('rename', strings.rename),
      make('export', strings.export, incomplete),
      make('delete', strings.delete),
    );
  }

  private choose(id: string | undefined): void {
    const { state } = this.store;
    if (id !== this.chosen && state) {
      this.chosen = id;
      this.update(state);
    }
  }

  private key(event: KeyboardEvent): void {
    const row = event.target instanceof HTMLElement ? event.target : undefined;
    if (row?.dataset['id'] !== undefined && isMenuKey(event)) {
      event.preventDefault();
      row.querySelector<HTMLElement>('[data-call]:not([disabled])')?.focus();
      return;
    }
    if (event.key === 'Escape') {
      row?.closest<HTMLElement>('[data-id]')?.focus();
      return;
    }
    const call = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    const id = row?.dataset['id'];
    const model = this.store.state?.tuned.find((each) => each.id === id);
    if (call === undefined || model === undefined || !this.can(call, model)) {
      return;
    }
    event.preventDefault();
    this.act(call, model.id);
  }

  private can(call: Call, { inUse, usable, recorded }: TunedModel): boolean {
    const { state } = this.store;
    return call === 'use'
      ? usable && !inUse
      : call !== 'showTraining' || (recorded && state !== undefined && !isActive(state.status));
  }

  private act(call: Call, id: string): void {
    this.store.tell(async (host) => {
      await host[call]({ id });
      // Where it could not be shown, the host has told why.
      if (call === 'showTraining' && this.store.state?.result?.id === id) {
        this.showed();
      }
    });
  }
}

function isMenuKey({ key, shiftKey }: KeyboardEvent): boolean {
  return key === 'ContextMenu' || (key === 'F10' && shiftKey);
}

// The row of views, and the toggle that follows the editor's cursor.
import type { ExplorerView } from '../../src/shared/protocol';
import { element, icon, icons, setAttributes, setText } from '../dom';
import { hasTab } from '../export/savedViews';
import { panelStrings as strings } from '../strings';
import { experimentsStrings } from '../strings/experimentsStrings';
import { exportStrings } from '../strings/exportStrings';
import { heatStrings } from '../strings/heatStrings';
import { iconButton, toggle } from '../toolkit';
import type { ExplorerStore } from './store';
import { TabScroller } from './tabScroller';
import { viewOrder } from './viewOrder';

const order = viewOrder.filter(hasTab);

export class ViewTabs {
  readonly element: HTMLElement;
  private readonly tabs: readonly HTMLButtonElement[];
  private readonly source = element('span', { class: 'caption', 'data-role': 'source' });
  private readonly follow;
  private readonly heat;
  /** Says in every view that the model has been changed. */
  private readonly chip = element('button', {
    class: 'chip',
    'data-control': 'interventions',
    title: experimentsStrings.chipHint,
  });

  constructor(private readonly store: ExplorerStore) {
    this.tabs = order.map((view) =>
      element(
        'button',
        { role: 'tab', class: 'view-tab', id: `tab-${view}`, 'data-view': view },
        strings.views[view],
      ),
    );
    this.tabs.forEach((tab, index) => tab.addEventListener('click', () => this.open(index, false)));
    const list = element(
      'div',
      { role: 'tablist', class: 'view-list', 'aria-label': strings.viewsLabel },
      ...this.tabs,
    );
    list.addEventListener('keydown', (event) => this.key(event));
    this.follow = toggle('follow', strings.follow, icon(icons.follow), () => {
      const { view } = store.model;
      store.patchView({ follow: !view?.follow });
    });
    const save = iconButton('export', exportStrings.button, icon(icons.export), () =>
      store.tell((host) => host.export()),
    );
    this.heat = toggle('heat', heatStrings.toggle, icon(icons.heat), () => {
      const { view } = store.model;
      store.patchView({ heat: !view?.heat });
    });
    this.chip.addEventListener('click', () => store.patchView({ view: 'experiments' }));
    this.element = element(
      'div',
      { class: 'views' },
      new TabScroller(list).element,
      element(
        'div',
        { class: 'actions' },
        this.chip,
        this.source,
        this.heat.element,
        this.follow.element,
        save,
      ),
    );
  }

  /** `source` is the document that the text is from; `problem` says why interventions are not in effect. */
  update(view: ExplorerView, follow: boolean, source: string, problem: string | undefined): void {
    setText(this.source, source);
    const active = this.store.model.interventions.filter(({ enabled }) => enabled).length;
    this.chip.hidden = active === 0;
    setText(
      this.chip,
      problem === undefined ? experimentsStrings.chip(active) : experimentsStrings.chipFailed(active),
    );
    this.chip.title =
      problem === undefined ? experimentsStrings.chipHint : experimentsStrings.chipFailedHint(problem);
    this.chip.classList.toggle('failed', problem !== undefined);
    this.tabs.forEach((tab, index) => {
      const on = order[index] === view;
      if (on && tab.getAttribute('aria-selected') !== 'true') {
        tab.scrollIntoView({ inline: 'nearest', block: 'nearest' });
      }
      setAttributes(tab, {
        'aria-selected': String(on),
        'aria-controls': 'view-panel',
        tabindex: on ? 0 : -1,
      });
    });
    this.follow.update(follow);
    this.heat.update(this.store.model.view?.heat ?? false);
  }

  private open(index: number, focus: boolean): void {
    this.store.patchView({ view: order[index] });
    if (focus) {
      this.tabs[index].focus();
    }
  }

  private key(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const here = this.tabs.findIndex((tab) => tab === document.activeElement);
    if (step && here >= 0) {
      this.open((here + step + order.length) % order.length, true);
      event.preventDefault();
    }
  }
}

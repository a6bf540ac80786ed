// The row of views, and the toggle that follows the editor's cursor.
import type { ExplorerView } from '../../src/shared/protocol';
import { element, icon, icons, setAttributes, setText } from '../dom';
import { panelStrings as strings } from '../strings';
import { heatStrings } from '../strings/heatStrings';
import { toggle } from '../toolkit';
import type { ExplorerStore } from './store';

const order: readonly ExplorerView[] = [
  'attention',
  'inside',
  'masks',
  'positions',
  'embeddings',
  'layers',
  'output',
];

export class ViewTabs {
  readonly element: HTMLElement;
  private readonly tabs: readonly HTMLButtonElement[];
  private readonly source = element('span', { class: 'caption', 'data-role': 'source' });
  private readonly follow;
  private readonly heat;

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
    this.heat = toggle('heat', heatStrings.toggle, icon(icons.heat), () => {
      const { view } = store.model;
      store.patchView({ heat: !view?.heat });
    });
    this.element = element(
      'div',
      { class: 'views' },
      list,
      element('div', { class: 'actions' }, this.source, this.heat.element, this.follow.element),
    );
  }

  /** `source` is the document that the text is from. */
  update(view: ExplorerView, follow: boolean, source: string): void {
    setText(this.source, source);
    this.tabs.forEach((tab, index) => {
      const on = order[index] === view;
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

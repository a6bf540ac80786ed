// What can be saved of the view that is open as it stands on the screen: the whole, each of its panes, each of its tables.
import { VIEW_OFFER } from '../../src/shared/exporting';
import type { ExplorerView } from '../../src/shared/protocol';
import { viewOrder } from '../explorer/viewOrder';
import { exportStrings as strings } from '../strings/exportStrings';
import { panelStrings } from '../strings';
import { tableCsv } from './csv';
import { elementPicture } from './elementPicture';
import type { Exportable, ExportInput } from './exportable';
import { exportable } from './exportable';

/** Panes with their own entry in the list draw more than the screen shows. */
const drawnElsewhere = '[data-role="head-stage"], [data-role="heads-grid"]';

/**
 * Pictures of all views, the open one first.
 * @param body The element that holds the view.
 * @param opened Opens another view, and settles when everything in it is there.
 */
export function wholeViews(
  { view: { view: open }, theme, summary }: ExportInput,
  body: HTMLElement,
  opened: <T>(view: ExplorerView, look: () => T) => Promise<T>,
): readonly Exportable[] {
  const all = [open, ...viewOrder.filter((view) => view !== open)];
  return all.map((view) => {
    const name = panelStrings.views[view];
    return exportable(
      {
        id: VIEW_OFFER + view,
        title: strings.view(name),
        detail: view === open ? strings.asShown : '',
        file: view,
      },
      {
        svg: () => opened(view, () => elementPicture(areasOf(body), `${name} (${summary.name})`, theme)),
      },
    );
  });
}

/** Each pane and each table of the view that is open. */
export function viewExports({ view, theme, summary }: ExportInput, body: HTMLElement): readonly Exportable[] {
  const name = panelStrings.views[view.view];
  const titled = (title: string) => `${title} (${summary.name})`;
  const panes = Array.from(body.querySelectorAll<HTMLElement>('.pane')).filter(
    (pane) => shown(pane) && !pane.querySelector(drawnElsewhere) && titleOf(pane) !== '',
  );
  const tables = Array.from(body.querySelectorAll('table')).filter(shown);
  return [
    ...panes.map((pane, index) => {
      const title = titleOf(pane);
      return exportable(
        { id: `pane.${index}`, title, detail: strings.asShown, file: fileName(view.view, title) },
        { svg: async () => elementPicture([pane], titled(`${name}: ${title}`), theme) },
      );
    }),
    ...tables.map((table, index) => {
      const title = tableTitle(table);
      return exportable(
        { id: `table.${index}`, title, detail: strings.asShown, file: fileName(view.view, title) },
        { csv: async () => tableCsv(table) },
      );
    }),
  ];
}

function shown(node: HTMLElement): boolean {
  return node.checkVisibility() && node.clientHeight > 1;
}

/** What the view consists of: its centre and what stands beside it. */
function areasOf(body: HTMLElement): readonly HTMLElement[] {
  return Array.from(body.children).filter(
    (child): child is HTMLElement => child instanceof HTMLElement && shown(child),
  );
}

function titleOf(pane: Element): string {
  return textOf(pane.querySelector('.pane-title, h2, h3'));
}

function tableTitle(table: HTMLTableElement): string {
  const pane = table.closest('.pane, section');
  return (
    textOf(table.caption) ||
    (table.getAttribute('aria-label') ?? '') ||
    (pane ? titleOf(pane) : '') ||
    strings.table
  );
}

function textOf(node: Element | null): string {
  return node?.textContent?.replace(/\s+/gu, ' ').trim() ?? '';
}

/** `layers`, `Residual stream` → `layers.residual-stream` */
function fileName(view: string, title: string): string {
  const words = title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return [view, words.slice(0, 5).join('-')].filter((part) => part !== '').join('.');
}

// The keys that act while a matrix or a grid has the focus; what the arrows do is the area's own business.
import type { ViewState } from '../../src/shared/protocol';
import { hasTab } from '../export/savedViews';
import { attentionOf } from './sequences';
import type { ExplorerStore } from './store';
import { viewOfKey } from './viewOrder';
import { withHead, withUnit } from './viewState';

/** Step of an arrow key in rows and columns. */
export const arrows: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Acts on a key that works in every area. Returns whether there was one. */
export function actOnKey(event: KeyboardEvent, store: ExplorerStore): boolean {
  const { view } = store.model;
  // AltGr, with which brackets are typed on many keyboards, looks like Ctrl and Alt.
  const command = (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState('AltGraph');
  if (!view || command) {
    return false;
  }
  const opened = viewOfKey(event.key);
  if (opened && hasTab(opened)) {
    store.patchView({ view: opened });
    return true;
  }
  const next = changed(event, view, store);
  if (next) {
    store.setView(next);
  }
  return next !== undefined;
}

function changed(event: KeyboardEvent, view: ViewState, store: ExplorerStore): ViewState | undefined {
  const { model, trace } = store.model.state ?? {};
  const attention = model && attentionOf(model, view.attention);
  const bracket = { '[': -1, '{': -1, ']': 1, '}': 1 }[event.key];
  if (bracket && model && attention) {
    // With Shift, most keyboards write braces.
    return event.shiftKey || event.key === '{' || event.key === '}'
      ? withHead(view, model, attention.layer + bracket, Math.min(view.head, attention.heads - 1))
      : withHead(view, model, attention.layer, view.head + bracket);
  }
  switch (event.key.toLowerCase()) {
    case 'l':
      return toggleLines(view);
    case 'm':
      return toggleMatrix(view);
    case 't':
      return { ...view, table: !view.table };
    case 'w':
      return withUnit(view, view.unit === 'words' ? 'pieces' : 'words', model, trace);
    default:
      return undefined;
  }
}

/** Lines on or off; one of lines and matrix is always on. Leaves the table. */
export function toggleLines(view: ViewState): ViewState {
  const lines = view.table || !view.lines;
  return { ...view, table: false, lines, matrix: view.matrix || !lines };
}

/** Matrix on or off; one of lines and matrix is always on. Leaves the table. */
export function toggleMatrix(view: ViewState): ViewState {
  const matrix = view.table || !view.matrix;
  return { ...view, table: false, matrix, lines: view.lines || !matrix };
}

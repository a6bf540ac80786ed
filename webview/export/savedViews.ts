// Which views a page has: all of them inside VS Code, in a saved file those that its numbers are enough for.
import type { ExplorerView } from '../../src/shared/protocol';

const saved: readonly ExplorerView[] = ['attention', 'masks', 'positions'];

export function isInPage(view: ExplorerView): boolean {
  return document.body.dataset['kind'] !== 'saved' || saved.includes(view);
}

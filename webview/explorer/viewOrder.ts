// The views in the order of their tabs, and the keys that open them: 1 to 9, then 0. Draws nothing.
import type { ExplorerView } from '../../src/shared/protocol';

export const viewOrder: readonly ExplorerView[] = [
  'attention',
  'inside',
  'masks',
  'positions',
  'embeddings',
  'layers',
  'output',
  'attribution',
  'compare',
  'experiments',
];

/** The view that a key opens; undefined for other keys. */
export function viewOfKey(key: string): ExplorerView | undefined {
  return /^\d$/.test(key) ? viewOrder.at(key === '0' ? 9 : Number(key) - 1) : undefined;
}

// Tells the editor which words are under the pointer, once per change; whichever view is shown says which.
import type { TokenRef } from '../../src/shared/protocol';
import type { ExplorerStore } from './store';

export class EditorHighlight {
  private told = '[]';

  constructor(private readonly store: ExplorerStore) {}

  /** These words and no others. */
  show(tokens: readonly TokenRef[]): void {
    const key = JSON.stringify(tokens);
    if (key !== this.told) {
      this.told = key;
      this.store.tell((host) => host.hover({ tokens }));
    }
  }
}

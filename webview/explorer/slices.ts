// Everything that the views ask the engine for, one slot per picture, so that each shows only what is wanted now.
import type { Slices as SliceMethods } from '../../src/shared/protocol';
import { Slot } from './slot';

/** A pointer that moves over cells asks only where it rests. */
const restingDelay = 60;

export class Slices {
  readonly overview;
  readonly matrix;
  readonly cell;
  readonly secondCell;
  readonly pair;
  readonly masks;
  readonly positions;

  constructor(host: SliceMethods, changed: () => void) {
    this.overview = new Slot(host.overview, changed, 8);
    this.matrix = new Slot(host.matrix, changed, 24);
    this.cell = new Slot(host.cell, changed, 256, restingDelay);
    this.secondCell = new Slot(host.cell, changed, 16);
    this.pair = new Slot(host.pair, changed, 256, restingDelay);
    this.masks = new Slot(host.masks, changed, 16);
    this.positions = new Slot(host.positions, changed, 8);
  }

  /** Forgets all answers: there is another run or another model. */
  clear(): void {
    for (const slot of this.all()) {
      slot.clear();
    }
  }

  /** Asks again for what failed. */
  retry(): void {
    for (const slot of this.all()) {
      slot.retry();
    }
  }

  /** Gives up what is under way. */
  cancel(reason: string): void {
    for (const slot of this.all()) {
      slot.cancel(reason);
    }
  }

  private all() {
    const { overview, matrix, cell, secondCell, pair, masks, positions } = this;
    return [overview, matrix, cell, secondCell, pair, masks, positions];
  }
}

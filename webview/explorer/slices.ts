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
  readonly structure;
  readonly tokenRows;
  readonly positionRows;
  readonly inputRows;
  readonly vectors;
  readonly cellTerms;
  readonly scoreSpread;
  readonly headStages;
  readonly residualNorms;
  readonly units;
  readonly neighbours;
  readonly distribution;
  readonly steps;
  readonly labels;
  readonly logitLens;
  readonly subLayers;
  readonly projection;
  readonly heads;
  /** The pinned pair in every head, for the ranking: the inspector's `pair` follows the pointer. */
  readonly rankedPair;
  readonly controls;
  readonly afterMatrix;
  readonly attribution;
  readonly rollout;
  readonly effectDifference;
  readonly effectComparison;
  readonly equivarianceWithout;
  readonly equivarianceWith;
  readonly contrast;
  readonly contrastHeads;
  private readonly all: readonly Slot<never, unknown>[];

  constructor(host: SliceMethods, changed: () => void) {
    this.overview = new Slot(host.overview, changed, 8);
    this.matrix = new Slot(host.matrix, changed, 24);
    this.cell = new Slot(host.cell, changed, 256, restingDelay);
    this.secondCell = new Slot(host.cell, changed, 16);
    this.pair = new Slot(host.pair, changed, 256, restingDelay);
    this.masks = new Slot(host.masks, changed, 16);
    this.positions = new Slot(host.positions, changed, 8);
    this.structure = new Slot(host.structure, changed, 2);
    this.tokenRows = new Slot(host.states, changed, 24);
    this.positionRows = new Slot(host.states, changed, 24);
    this.inputRows = new Slot(host.states, changed, 24);
    this.vectors = new Slot(host.vectors, changed, 24);
    this.cellTerms = new Slot(host.cellTerms, changed, 64, restingDelay);
    this.scoreSpread = new Slot(host.scoreSpread, changed, 24);
    this.headStages = new Slot(host.headStages, changed, 4);
    this.residualNorms = new Slot(host.residualNorms, changed, 8);
    this.units = new Slot(host.units, changed, 24);
    this.neighbours = new Slot(host.neighbours, changed, 24);
    this.distribution = new Slot(host.distribution, changed, 64, restingDelay);
    this.steps = new Slot(host.steps, changed, 8);
    this.labels = new Slot(host.labels, changed, 8);
    this.logitLens = new Slot(host.logitLens, changed, 8);
    this.subLayers = new Slot(host.subLayers, changed, 24);
    this.projection = new Slot(host.projection, changed, 8);
    this.heads = new Slot(host.heads, changed, 24);
    this.rankedPair = new Slot(host.pair, changed, 8);
    this.controls = new Slot(host.controls, changed, 2);
    this.afterMatrix = new Slot(host.matrix, changed, 24);
    this.attribution = new Slot(host.attribution, changed, 8);
    this.rollout = new Slot(host.attribution, changed, 4);
    this.effectDifference = new Slot(host.difference, changed, 24);
    this.effectComparison = new Slot(host.compare, changed, 8);
    this.equivarianceWithout = new Slot(host.equivariance, changed, 4);
    this.equivarianceWith = new Slot(host.equivariance, changed, 4);
    this.contrast = new Slot(host.contrast, changed, 4);
    this.contrastHeads = new Slot(host.contrastHeads, changed, 24);
    this.all = Object.values(this).filter((each): each is Slot<never, unknown> => each instanceof Slot);
  }

  /** Forgets all answers: there is another run or another model. */
  clear(): void {
    for (const slot of this.all) {
      slot.clear();
    }
  }

  /** Asks again for what failed. */
  retry(): void {
    for (const slot of this.all) {
      slot.retry();
    }
  }

  /** Gives up what is under way. */
  cancel(reason: string): void {
    for (const slot of this.all) {
      slot.cancel(reason);
    }
  }
}

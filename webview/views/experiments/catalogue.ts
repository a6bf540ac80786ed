// All experiments, in the order in which they are listed.
import type { Experiment, Group } from './experiment';
import { everyLayer, howManyHeads, mostImportantHead, whatDecides } from './headExperiments';
import { neighboursOnly, noCausalMask, visiblePadding } from './maskExperiments';
import { shifted, shuffled, withoutPositions } from './positionExperiments';
import { relu, scaling, sharper } from './scalingExperiments';
import { layerOrBatch, skippedLayer, swappedWord, whatLayersSay } from './streamExperiments';

export const groups: readonly { readonly group: Group; readonly title: string }[] = [
  { group: 'scaling', title: 'Scaling and softmax' },
  { group: 'masks', title: 'Masks' },
  { group: 'positions', title: 'Positions' },
  { group: 'heads', title: 'Heads' },
  { group: 'stream', title: 'Residual stream' },
];

export const experiments: readonly Experiment[] = [
  scaling,
  sharper,
  relu,
  noCausalMask,
  visiblePadding,
  neighboursOnly,
  withoutPositions,
  shifted,
  shuffled,
  mostImportantHead,
  howManyHeads,
  everyLayer,
  whatDecides,
  skippedLayer,
  whatLayersSay,
  swappedWord,
  layerOrBatch,
];

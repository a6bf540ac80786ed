// A training's manifest and data, for tests of what the host does with them.
import type { StoredData, TunedManifest } from '../../../../src/host/training/tunedManifest';
import { dataHash } from '../../../../src/host/training/tunedManifest';
import { TRAINING_DEFAULTS } from '../../../../src/shared/trainingDefaults';
import { PREVIEW } from './fakeTrainer';

export const DATA: StoredData = {
  data: { text: 'head\tKopf\nmask\tMaske', language: 'de' },
  source: { documents: ['terms.tsv'], line: 1 },
  places: [{ uri: 'file:///terms.tsv', line: 0 }],
  preview: PREVIEW,
};

export async function newManifest(options: Partial<TunedManifest['options']> = {}): Promise<TunedManifest> {
  return {
    version: 1,
    id: 'a1',
    name: 'terms',
    base: { id: 'shipped:base', name: 'base' },
    task: 'translation',
    language: 'de',
    options: { ...TRAINING_DEFAULTS, ...options },
    data: await dataHash(DATA.data),
    points: [],
    checkpoints: [],
    weights: undefined,
    finished: false,
    effect: undefined,
    saved: 0,
  };
}

// A lock for tests in which windows die often: one that gives no sign of life for a few milliseconds is dead.
import { TrainingLock } from '../../../../src/host/training/trainingLock';
import type { Storage } from '../../../../src/host/training/storage';

export const QUICK = { beat: 5, stale: 30, look: 1 };

export const quickLock = (storage: Storage): TrainingLock => new TrainingLock(storage, QUICK);

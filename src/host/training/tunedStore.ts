// Fine-tuned weights and checkpoints in the extension's storage: written so that being killed at any moment leaves what was there.
import * as vscode from 'vscode';
import { messageOf, UserError } from '../../shared/errors';
import type { ModelFiles } from '../../shared/protocol';
import type { TrainingPoint } from '../../shared/training';
import { lastGoodStep } from '../../training/divergence';
import { kept } from './checkpointPlan';
import type { Storage } from './storage';
import type { WaitOptions } from './trainingLock';
import { CLAIM, isTakenOver, TrainingLock } from './trainingLock';
import type { Checkpoint, StoredData, TunedManifest } from './tunedManifest';
import { bytesHash, dataHash, parseManifest, toBytes } from './tunedManifest';

const MANIFEST = 'manifest.json';
/** Complete before {@link MANIFEST} is replaced: where that is missing or broken, this one counts. */
const NEXT_MANIFEST = 'manifest.next.json';
const DATA = 'data.json';
const PART = '.part';

/** What has been learned, with the curve up to there. */
interface Progressed {
  readonly step: number;
  readonly points: readonly TrainingPoint[];
}

/** A checkpoint with its bytes. */
export interface ReadCheckpoint {
  readonly step: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * One folder per training. Only the window that holds a training changes it, see {@link TrainingLock}. Files that hold much are written under another name and renamed, under a name that nothing
 * has yet; only then the manifest names them, and only after that the old ones go.
 */
export class TunedStore {
  /** Changes of one training, one after the other. */
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(
    private readonly storage: Storage,
    private readonly now: () => number = Date.now,
    private readonly lock = new TrainingLock(storage),
  ) {}

  /** Lets go of every training. */
  dispose(): void {
    this.lock.dispose();
  }

  /** Until the result is called, no other window changes this training. @throws UserError as `TrainingLock.hold`; `modelMissing` */
  async hold(id: string, wait?: WaitOptions): Promise<() => Promise<void>> {
    await this.manifest(id);
    return this.lock.hold(id, wait);
  }

  /** Everything that is stored, newest first. What cannot be read is left out. */
  async list(): Promise<readonly TunedManifest[]> {
    const found = await Promise.all((await this.storage.list('')).map((id) => this.find(id)));
    return found.flatMap((manifest) => manifest ?? []).sort((a, b) => b.saved - a.saved);
  }

  /** @throws UserError `modelMissing` */
  async manifest(id: string): Promise<TunedManifest> {
    const found = await this.find(id);
    if (!found) {
      throw new UserError(
        'modelMissing',
        vscode.l10n.t(
          'These fine-tuned weights are not stored any more: their files were deleted. Choose other ones, or train again.',
        ),
        { id },
      );
    }
    return found;
  }

  async create(manifest: TunedManifest, data: StoredData): Promise<void> {
    await this.storage.write(`${manifest.id}/${DATA}`, toBytes(data));
    await this.writeManifest(manifest);
  }

  /** The data of a training. @throws UserError `modelCorrupt` where they cannot be read, or are not those it began with. */
  async data(id: string): Promise<StoredData> {
    const { data: hash } = await this.manifest(id);
    let stored: StoredData;
    try {
      const text = new TextDecoder().decode(await this.storage.read(`${id}/${DATA}`));
      stored = JSON.parse(text) as StoredData;
    } catch (error) {
      const message = vscode.l10n.t(
        'The stored data of this training cannot be read: {0} Start the training again.',
        messageOf(error),
      );
      throw new UserError('modelCorrupt', message, { id }, { cause: error });
    }
    if ((await dataHash(stored.data)) !== hash) {
      const message = vscode.l10n.t(
        'The stored data of this training have changed. Start the training again.',
      );
      throw new UserError('modelCorrupt', message, { id });
    }
    return stored;
  }

  /** The newest checkpoint that is whole, of those up to a step; undefined where there is none. */
  async checkpoint(id: string, upTo = Infinity): Promise<ReadCheckpoint | undefined> {
    const { checkpoints } = await this.manifest(id);
    for (const { step, file, ...wanted } of [...checkpoints].reverse()) {
      const bytes =
        step <= upTo ? await this.storage.read(`${id}/${file}`).catch(() => undefined) : undefined;
      if (bytes && (await isWhole(bytes, wanted))) {
        return { step, bytes };
      }
    }
    return undefined;
  }

  /** @throws UserError `modelMissing` where none are stored, or a file is gone; `modelCorrupt` where one is cut off. */
  async weights(id: string): Promise<ModelFiles> {
    const { weights, name } = await this.manifest(id);
    try {
      const files = Object.keys(weights?.files ?? {});
      if (!weights || files.length === 0) {
        throw new UserError('modelMissing', vscode.l10n.t('Their training has not been finished.'));
      }
      return Object.fromEntries(
        await Promise.all(
          files.map(async (file) => {
            const bytes = await this.storage.read(`${id}/${weights.folder}/${file}`);
            if (bytes.length !== weights.files[file]) {
              throw new UserError('modelCorrupt', vscode.l10n.t('The file {0} is damaged.', file));
            }
            return [file, bytes] as const;
          }),
        ),
      );
    } catch (error) {
      const message = vscode.l10n.t(
        'The fine-tuned weights of {0} cannot be read: {1} Choose another model.',
        name,
        messageOf(error),
      );
      const code = error instanceof UserError ? error.code : 'modelMissing';
      throw new UserError(code, message, { id }, { cause: error });
    }
  }

  /** @throws what the file system throws, e.g. where the disk is full; what was stored before stands then. */
  saveCheckpoint(
    id: string,
    bytes: Uint8Array<ArrayBuffer>,
    { step, points }: Progressed,
  ): Promise<TunedManifest> {
    return this.after(id, async () => {
      const manifest = await this.manifest(id);
      const sha256 = await bytesHash(bytes);
      const file = `checkpoint-${step}-${this.now()}.safetensors`;
      await this.writeWhole(`${id}/${file}`, bytes);
      const heldOut = points.findLast((point) => point.step === step)?.heldOut;
      const checkpoint = { step, file, bytes: bytes.length, sha256, heldOut };
      const earlier = manifest.checkpoints.filter((each) => each.step < step);
      const checkpoints = kept([...earlier, checkpoint], lastGoodStep(points));
      return this.replace({ ...manifest, points, checkpoints });
    });
  }

  /** Deletes the checkpoints after a step: nothing good came of them. */
  forget(id: string, after: number): Promise<TunedManifest> {
    return this.after(id, async () => {
      const manifest = await this.manifest(id);
      const checkpoints = manifest.checkpoints.filter(({ step }) => step <= after);
      const points = manifest.points.filter(({ step }) => step <= after);
      return this.replace({ ...manifest, points, checkpoints });
    });
  }

  /** With `finished`, the checkpoints are deleted: there is nothing left to go on to. */
  saveWeights(
    id: string,
    files: ModelFiles,
    { step, points, finished }: Progressed & { readonly finished: boolean },
  ): Promise<TunedManifest> {
    return this.after(id, async () => {
      const manifest = await this.manifest(id);
      const folder = `weights-${step}-${this.now()}`;
      for (const [file, bytes] of Object.entries(files)) {
        await this.writeWhole(`${id}/${folder}/${file}`, bytes);
      }
      const sizes = Object.fromEntries(Object.entries(files).map(([file, { length }]) => [file, length]));
      const checkpoints = finished ? [] : manifest.checkpoints;
      const weights = { step, folder, files: sizes };
      return this.replace({ ...manifest, points, checkpoints, weights, finished });
    });
  }

  update(id: string, changes: Partial<Pick<TunedManifest, 'name' | 'effect'>>): Promise<TunedManifest> {
    return this.after(id, async () => this.replace({ ...(await this.manifest(id)), ...changes }, false));
  }

  /** @throws UserError `badRequest` while another window is at work on it. */
  async delete(id: string): Promise<void> {
    const remove = () => this.storage.delete(id);
    try {
      await this.queued(id, () => this.lock.during(id, remove));
    } catch (error) {
      if (error instanceof UserError && !isTakenOver(error)) {
        throw error;
      }
      await remove(); // of a full disk, what is to be deleted cannot be claimed
    }
  }

  private async find(id: string): Promise<TunedManifest | undefined> {
    for (const file of [MANIFEST, NEXT_MANIFEST]) {
      const manifest = await this.manifestIn(id, file);
      if (manifest) {
        return manifest;
      }
    }
    return undefined;
  }

  private async manifestIn(id: string, file: string): Promise<TunedManifest | undefined> {
    const bytes = await this.storage.read(`${id}/${file}`).catch(() => undefined);
    const manifest = bytes && parseManifest(bytes);
    return manifest?.id === id ? manifest : undefined;
  }

  private async replace(manifest: TunedManifest, learned = true): Promise<TunedManifest> {
    const next = learned ? { ...manifest, saved: this.now() } : manifest;
    await this.writeManifest(next);
    // What is left over costs space only, and goes with the next change.
    await this.sweep(next).catch(() => undefined);
    return next;
  }

  private async writeManifest(manifest: TunedManifest): Promise<void> {
    const { id } = manifest;
    if (!(await this.manifestIn(id, MANIFEST)) && (await this.manifestIn(id, NEXT_MANIFEST))) {
      // Put in its place first, for the next one is written where it is now.
      await this.storage.rename(`${id}/${NEXT_MANIFEST}`, `${id}/${MANIFEST}`);
    }
    await this.storage.write(`${id}/${NEXT_MANIFEST}`, toBytes(manifest));
    await this.storage.rename(`${id}/${NEXT_MANIFEST}`, `${id}/${MANIFEST}`);
  }

  private async writeWhole(path: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.storage.write(`${path}${PART}`, bytes);
      await this.storage.rename(`${path}${PART}`, path);
    } catch (error) {
      await this.storage.delete(`${path}${PART}`).catch(() => undefined);
      throw error;
    }
  }

  /** Deletes what the manifest does not name. */
  private async sweep({ id, checkpoints, weights }: TunedManifest): Promise<void> {
    const named = new Set([MANIFEST, DATA, weights?.folder, ...checkpoints.map(({ file }) => file)]);
    for (const name of await this.storage.list(id)) {
      if (!named.has(name) && !name.startsWith(CLAIM)) {
        await this.storage.delete(`${id}/${name}`);
      }
    }
  }

  /** A change of a training that is stored, by this window alone. */
  private after<T>(id: string, work: () => Promise<T>): Promise<T> {
    return this.queued(id, async () => {
      await this.manifest(id); // nothing is written beside what is gone
      return this.lock.during(id, work);
    });
  }

  private queued<T>(id: string, work: () => Promise<T>): Promise<T> {
    const result = (this.queues.get(id) ?? Promise.resolve()).then(work);
    this.queues.set(
      id,
      result.catch(() => undefined),
    );
    return result;
  }
}

async function isWhole(
  bytes: Uint8Array<ArrayBuffer>,
  wanted: Pick<Checkpoint, 'bytes' | 'sha256'>,
): Promise<boolean> {
  return bytes.length === wanted.bytes && (!wanted.sha256 || (await bytesHash(bytes)) === wanted.sha256);
}

// Fine-tuned weights and checkpoints in the extension's storage: written so that being killed at any moment leaves what was there.
import * as vscode from 'vscode';
import { messageOf, UserError } from '../../shared/errors';
import type { ModelFiles } from '../../shared/protocol';
import type { TrainingPoint } from '../../shared/training';
import { kept } from './checkpointPlan';
import type { Storage } from './storage';
import type { StoredData, TunedManifest } from './tunedManifest';
import { dataHash, parseManifest, toBytes } from './tunedManifest';

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

/**
 * One folder per training. Files that hold much are written under another name and renamed, under a name that nothing
 * has yet; only then the manifest names them, and only after that the old ones go.
 */
export class TunedStore {
  /** Changes of one training, one after the other. */
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(
    private readonly storage: Storage,
    private readonly now: () => number = Date.now,
  ) {}

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
        vscode.l10n.t('These fine-tuned weights are not stored any more.'),
        {
          id,
        },
      );
    }
    return found;
  }

  async create(manifest: TunedManifest, data: StoredData): Promise<void> {
    await this.after(manifest.id, async () => {
      await this.storage.write(`${manifest.id}/${DATA}`, toBytes(data));
      await this.writeManifest(manifest);
    });
  }

  /** The data of a training. @throws UserError `modelCorrupt` where they are not those it began with. */
  async data(id: string): Promise<StoredData> {
    const { data: hash } = await this.manifest(id);
    const text = new TextDecoder().decode(await this.storage.read(`${id}/${DATA}`));
    const stored = JSON.parse(text) as StoredData;
    if ((await dataHash(stored.data)) !== hash) {
      const message = vscode.l10n.t(
        'The stored data of this training have changed. Start the training again.',
      );
      throw new UserError('modelCorrupt', message, { id });
    }
    return stored;
  }

  /** The newest checkpoint that can be read; undefined where there is none. */
  async checkpoint(
    id: string,
  ): Promise<{ readonly step: number; readonly bytes: Uint8Array<ArrayBuffer> } | undefined> {
    const { checkpoints } = await this.manifest(id);
    for (const { step, file, bytes: size } of [...checkpoints].reverse()) {
      const bytes = await this.storage.read(`${id}/${file}`).catch(() => undefined);
      if (bytes?.length === size) {
        return { step, bytes };
      }
    }
    return undefined;
  }

  /** @throws UserError `modelMissing` where none are stored, or a file is gone. */
  async weights(id: string): Promise<ModelFiles> {
    const { weights, name } = await this.manifest(id);
    try {
      const files = Object.keys(weights?.files ?? {});
      if (!weights || files.length === 0) {
        throw new UserError('modelMissing', vscode.l10n.t('Their training has not been finished.'));
      }
      return Object.fromEntries(
        await Promise.all(
          files.map(
            async (file) => [file, await this.storage.read(`${id}/${weights.folder}/${file}`)] as const,
          ),
        ),
      );
    } catch (error) {
      const message = vscode.l10n.t(
        'The fine-tuned weights of {0} cannot be read: {1} Choose another model.',
        name,
        messageOf(error),
      );
      throw new UserError('modelMissing', message, { id }, { cause: error });
    }
  }

  /** @throws what the file system throws, e.g. where the disk is full; what was stored before stands then. */
  saveCheckpoint(id: string, bytes: Uint8Array, { step, points }: Progressed): Promise<TunedManifest> {
    return this.after(id, async () => {
      const manifest = await this.manifest(id);
      const file = `checkpoint-${step}-${this.now()}.safetensors`;
      await this.writeWhole(`${id}/${file}`, bytes);
      const heldOut = points.findLast((point) => point.step === step)?.heldOut;
      const checkpoint = { step, file, bytes: bytes.length, heldOut };
      const earlier = manifest.checkpoints.filter((each) => each.step < step);
      return this.replace({ ...manifest, points, checkpoints: kept([...earlier, checkpoint]) });
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

  async delete(id: string): Promise<void> {
    await this.after(id, () => this.storage.delete(id));
  }

  private async find(id: string): Promise<TunedManifest | undefined> {
    for (const file of [MANIFEST, NEXT_MANIFEST]) {
      const bytes = await this.storage.read(`${id}/${file}`).catch(() => undefined);
      const manifest = bytes && parseManifest(bytes);
      if (manifest?.id === id) {
        if (file === NEXT_MANIFEST) {
          // Put in its place, for the next change is written where it is now.
          await this.storage.rename(`${id}/${NEXT_MANIFEST}`, `${id}/${MANIFEST}`).catch(() => undefined);
        }
        return manifest;
      }
    }
    return undefined;
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
      if (!named.has(name)) {
        await this.storage.delete(`${id}/${name}`);
      }
    }
  }

  private after<T>(id: string, work: () => Promise<T>): Promise<T> {
    const result = (this.queues.get(id) ?? Promise.resolve()).then(work);
    this.queues.set(
      id,
      result.catch(() => undefined),
    );
    return result;
  }
}

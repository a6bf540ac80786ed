// Checkpoints as files of one folder: written aside and then renamed, so that being killed at any moment leaves whole ones only.
import { messageOf, UserError } from '../shared/errors';

/** What is needed of a file system. Names have no folders; every call may fail. */
export interface CheckpointFiles {
  list(): Promise<readonly string[]>;
  readFile(name: string): Promise<Uint8Array>;
  writeFile(name: string, content: Uint8Array): Promise<void>;
  /** Replaces what has the new name, in one move. */
  rename(from: string, to: string): Promise<void>;
  delete(name: string): Promise<void>;
}

/** A checkpoint that is there. */
export interface StoredCheckpoint {
  readonly name: string;
  readonly step: number;
  /** Undefined where it was not measured. */
  readonly heldOut: number | undefined;
}

const PARTIAL = '.partial';
const NAME = /^step-(\d+)(?:-loss-([\d.e+-]+))?\.safetensors$/;

/** Keeps the newest checkpoints, and the one with the lowest held-out loss. */
export class CheckpointStore {
  constructor(
    private readonly files: CheckpointFiles,
    private readonly newest = 2,
  ) {}

  /** By step. Files that are no checkpoints, and such as were cut off, are not among them. */
  async list(): Promise<StoredCheckpoint[]> {
    const names = await this.files.list();
    const found = names.flatMap((name): StoredCheckpoint[] => {
      const match = NAME.exec(name);
      const loss = match?.[2];
      return match
        ? [{ name, step: Number(match[1]), heldOut: loss === undefined ? undefined : Number(loss) }]
        : [];
    });
    return found.sort((a, b) => a.step - b.step);
  }

  /**
   * Writes a checkpoint, then deletes those that are not to be kept. When writing fails, nothing that was there is
   * changed; when deleting fails, more is kept than need be, until the next time.
   *
   * @throws UserError `internal` saying that the checkpoint was not saved, with the reason.
   */
  async save(step: number, heldOut: number | undefined, content: Uint8Array): Promise<StoredCheckpoint> {
    const loss = heldOut === undefined ? '' : `-loss-${heldOut.toPrecision(9)}`;
    const name = `step-${String(step).padStart(8, '0')}${loss}.safetensors`;
    const partial = name + PARTIAL;
    try {
      await this.files.writeFile(partial, content);
      await this.files.rename(partial, name);
    } catch (error) {
      await this.tryDelete(partial);
      const message = `The checkpoint of step ${step} was not saved: ${messageOf(error)}. The one before is still there. Free some space on the disk.`;
      throw new UserError('internal', message, { step }, { cause: error });
    }
    await this.deleteOld();
    return { name, step, heldOut };
  }

  /**
   * The newest checkpoint that `decode` accepts, and the names of newer ones that it did not. Undefined where there is none.
   */
  async load<T>(
    decode: (content: Uint8Array) => T,
  ): Promise<
    { readonly state: T; readonly from: StoredCheckpoint; readonly damaged: readonly string[] } | undefined
  > {
    const damaged: string[] = [];
    for (const from of (await this.list()).reverse()) {
      const content = await this.files.readFile(from.name);
      try {
        return { state: decode(content), from, damaged };
      } catch (error) {
        if (!(error instanceof UserError && error.code === 'modelCorrupt')) {
          throw error;
        }
        damaged.push(from.name);
      }
    }
    return undefined;
  }

  private async deleteOld(): Promise<void> {
    const all = await this.list().catch(() => []);
    const measured = all.filter(({ heldOut }) => heldOut !== undefined);
    const best = measured.reduce<StoredCheckpoint | undefined>(
      (least, each) => ((each.heldOut ?? Infinity) <= (least?.heldOut ?? Infinity) ? each : least),
      undefined,
    );
    const old = all.slice(0, -this.newest).filter((each) => each !== best);
    for (const { name } of old) {
      await this.tryDelete(name);
    }
    const names = await this.files.list().catch(() => []);
    for (const name of names.filter((each) => each.endsWith(PARTIAL))) {
      await this.tryDelete(name);
    }
  }

  /** What cannot be deleted now is deleted after the next checkpoint. */
  private async tryDelete(name: string): Promise<void> {
    await this.files.delete(name).catch(() => undefined);
  }
}

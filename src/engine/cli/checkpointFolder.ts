// The checkpoints of a training on the command line, in a folder of their own beside what is written in the end: whole or not there at all.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolders } from './makeFolders';

/** The folder in that of the result. */
export const CHECKPOINTS = 'checkpoints';

const NAME = /^checkpoint-(\d+)\.safetensors$/u;

export class CheckpointFolder {
  /** @param folder Made with the first checkpoint. */
  constructor(private readonly folder: string) {}

  /** Ascending. */
  get steps(): readonly number[] {
    const names = existsSync(this.folder) ? readdirSync(this.folder) : [];
    return names.flatMap((name) => NAME.exec(name)?.slice(1).map(Number) ?? []).sort((a, b) => a - b);
  }

  /** @throws what the file system throws */
  read(step: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(readFileSync(this.file(step)));
  }

  /**
   * Written under another name and renamed: killed at any moment, what was there before stays. Then all but this one and the
   * newest of those up to `good` are deleted.
   *
   * @throws what the file system throws, e.g. where the disk is full; what was there before stands then.
   */
  save(step: number, bytes: Uint8Array, good: number): void {
    makeFolders(this.folder);
    const file = this.file(step);
    try {
      writeFileSync(`${file}.part`, bytes);
      renameSync(`${file}.part`, file);
    } finally {
      rmSync(`${file}.part`, { force: true });
    }
    const last = this.steps.findLast((each) => each <= good);
    for (const each of this.steps.filter((other) => other !== step && other !== last)) {
      rmSync(this.file(each), { force: true });
    }
  }

  clear(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private file(step: number): string {
    return path.join(this.folder, `checkpoint-${step}.safetensors`);
  }
}

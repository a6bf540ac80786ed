// Files in memory that may run out of room, and whose program may be killed before any operation, or in the middle of a write.
import type { Storage } from '../../../../src/host/training/storage';

export class MemoryStorage implements Storage {
  /** Operations left until the program is killed. */
  untilKill = Infinity;
  /** Bytes that fit. */
  room = Infinity;

  constructor(readonly files = new Map<string, Uint8Array<ArrayBuffer>>()) {}

  /** As another program finds them when this one is dead. */
  reopened(): MemoryStorage {
    this.untilKill = 0;
    return this.shared();
  }

  /** As another program sees them that runs beside this one. */
  shared(): MemoryStorage {
    return new MemoryStorage(this.files);
  }

  async read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    await this.live();
    const file = this.files.get(path);
    if (!file) {
      throw new Error(`There is no ${path}.`);
    }
    return file.slice();
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    // As a real one, it first empties the file.
    this.files.set(path, new Uint8Array());
    await this.live();
    this.files.set(path, bytes.slice(0, bytes.length / 2) as Uint8Array<ArrayBuffer>);
    await this.live();
    const used = [...this.files.values()].reduce((sum, { length }) => sum + length, 0);
    if (used + bytes.length > this.room) {
      throw new Error('No space is left on the device.');
    }
    this.files.set(path, new Uint8Array(bytes));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.live();
    const file = this.files.get(from);
    if (!file) {
      throw new Error(`There is no ${from}.`);
    }
    // VS Code deletes what is in the way first.
    this.files.delete(to);
    await this.live();
    this.files.delete(from);
    this.files.set(to, file);
  }

  async delete(path: string): Promise<void> {
    await this.live();
    for (const name of [...this.files.keys()]) {
      if (name === path || name.startsWith(`${path}/`)) {
        this.files.delete(name);
      }
    }
  }

  async list(path: string): Promise<readonly string[]> {
    await this.live();
    const prefix = path === '' ? '' : `${path}/`;
    const inside = [...this.files.keys()].filter((name) => name.startsWith(prefix));
    return [...new Set(inside.map((name) => name.slice(prefix.length).split('/')[0]))];
  }

  /** A killed program never goes on. */
  private live(): Promise<void> {
    return this.untilKill-- > 0 ? Promise.resolve() : new Promise(() => undefined);
  }
}

// Keeps two windows from changing one training at a time. Needs no process ids: a window that is at work writes so, again and again.
import * as vscode from 'vscode';
import { CancelledError, messageOf, throwIfCancelled, UserError } from '../../shared/errors';
import type { Storage } from './storage';

/** Before the names of the files in a training's folder that say which window is at work on it. */
export const CLAIM = 'window-';

/** Milliseconds. */
export interface LockTimes {
  /** Between two signs of life. */
  readonly beat: number;
  /** Without a sign of life, after which a window is taken for dead. */
  readonly stale: number;
  /** Between two looks at what another window writes. */
  readonly look: number;
}

const TIMES: LockTimes = { beat: 2000, stale: 8000, look: 250 };
/** A sign of life that is so many times as old as one of a dead window need not be watched: clocks are not that wrong. */
const LONG_DEAD = 15;
/** When two windows claim a training at the same moment, both step back, and try again after a while. */
const TRIES = 5;

/** What a window writes; the text changes with every beat. */
interface Claim {
  readonly file: string;
  readonly text: string;
  /** When it was written; milliseconds since 1970. */
  readonly at: number;
}

export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Called once when it has to be found out whether another window is still there. */
  readonly onWait?: () => void;
}

export class TrainingLock {
  private readonly owner = crypto.randomUUID().slice(0, 8);
  private readonly held = new Map<string, Hold>();

  constructor(
    private readonly storage: Storage,
    private readonly times = TIMES,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Until the result is called, no other window changes this training. Nothing here relies on an operation that is atomic:
   * who claims looks afterwards whether others have, too, and if so, steps back.
   *
   * @throws UserError `badRequest` when another window is at work on it; `cancelled`
   */
  async hold(id: string, wait: WaitOptions = {}): Promise<() => Promise<void>> {
    const own = this.held.get(id);
    if (own) {
      await own.check();
      return async () => undefined; // whoever came first lets go
    }
    for (let tries = 0; tries < TRIES; tries++) {
      const dead = await this.outlive(id, wait);
      const hold = new Hold(this.storage, `${id}/${CLAIM}${this.owner}.json`, this.times, this.now);
      await hold.write();
      const others = (await this.claims(id)).filter((claim) => !isOneOf(dead, claim));
      if (others.length === 0) {
        await Promise.all(dead.map(({ file }) => this.storage.delete(file)));
        this.held.set(id, hold);
        hold.keep();
        return () => this.release(id, hold);
      }
      await hold.end();
      await pause(this.times.look * (1 + 3 * Math.random()), wait.signal);
    }
    throw inAnotherWindow(id);
  }

  /** Holds it while `work` is done. @throws UserError as {@link hold}; what `work` throws */
  async during<T>(id: string, work: () => Promise<T>): Promise<T> {
    const release = await this.hold(id);
    try {
      return await work();
    } finally {
      await release();
    }
  }

  /** Lets go of everything, as far as there is time for it. */
  dispose(): void {
    for (const [id, hold] of [...this.held]) {
      void this.release(id, hold);
    }
  }

  private async release(id: string, hold: Hold): Promise<void> {
    if (this.held.get(id) === hold) {
      this.held.delete(id);
    }
    await hold.end();
  }

  /** Claims of windows that are no longer there. @throws UserError `badRequest` as soon as one shows that it is */
  private async outlive(id: string, { signal, onWait }: WaitOptions): Promise<readonly Claim[]> {
    const first = await this.claims(id);
    const isOld = ({ at }: Claim) => this.now() - at > LONG_DEAD * this.times.stale;
    if (first.every(isOld)) {
      return first;
    }
    onWait?.();
    for (let waited = 0; waited < this.times.stale; waited += this.times.look) {
      await pause(this.times.look, signal);
      const now = await this.claims(id);
      if (now.length === 0) {
        return [];
      }
      if (now.some((claim) => !isOneOf(first, claim))) {
        throw inAnotherWindow(id);
      }
    }
    return first;
  }

  private async claims(id: string): Promise<readonly Claim[]> {
    const names = (await this.storage.list(id)).filter(
      (name) => name.startsWith(CLAIM) && name !== `${CLAIM}${this.owner}.json`,
    );
    const read = names.map(async (name): Promise<readonly Claim[]> => {
      const file = `${id}/${name}`;
      const bytes = await this.storage.read(file).catch(() => undefined); // let go of meanwhile
      const text = bytes && new TextDecoder().decode(bytes);
      return text === undefined ? [] : [{ file, text, at: Number(text) || this.now() }];
    });
    return (await Promise.all(read)).flat();
  }
}

/** A claim that is kept alive. */
class Hold {
  private timer: ReturnType<typeof setInterval> | undefined;
  private last: Promise<void> = Promise.resolve();
  private ended = false;

  constructor(
    private readonly storage: Storage,
    private readonly file: string,
    private readonly times: LockTimes,
    private readonly now: () => number,
  ) {}

  async write(): Promise<void> {
    await this.storage.write(this.file, new TextEncoder().encode(String(this.now())));
  }

  keep(): void {
    this.timer = setInterval(() => {
      this.last = this.last.then(() => this.beat()).catch(() => undefined); // a full disk is told by what is saved
    }, this.times.beat);
  }

  /** @throws UserError `badRequest` when another window has taken it over. */
  async check(): Promise<void> {
    try {
      await this.storage.read(this.file);
    } catch (error) {
      const message = vscode.l10n.t(
        'Another window has gone on with this training, or its files were deleted: what this window has learned since the last checkpoint is not kept.',
      );
      throw new UserError('badRequest', message, { takenOver: this.file, why: messageOf(error) });
    }
  }

  async end(): Promise<void> {
    this.ended = true;
    clearInterval(this.timer);
    await this.last;
    await this.storage.delete(this.file).catch(() => undefined); // it goes stale
  }

  /** A claim that somebody has deleted is not made again. */
  private async beat(): Promise<void> {
    if (!this.ended) {
      await this.check();
      await this.write();
    }
  }
}

/** Whether another window has taken a training over from this one. */
export function isTakenOver(error: unknown): boolean {
  return error instanceof UserError && 'takenOver' in error.details;
}

function inAnotherWindow(id: string): UserError {
  const message = vscode.l10n.t(
    'This training is open in another window. Go on with it there, or stop it there first.',
  );
  return new UserError('badRequest', message, { id });
}

const isOneOf = (claims: readonly Claim[], { file, text }: Claim): boolean =>
  claims.some((claim) => claim.file === file && claim.text === text);

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  throwIfCancelled(signal);
  return new Promise((resolve, reject) => {
    const cancel = () => {
      clearTimeout(timer);
      reject(new CancelledError());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', cancel);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', cancel, { once: true });
  });
}

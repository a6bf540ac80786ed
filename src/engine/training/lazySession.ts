// A session that is opened when it is first needed, and once.
import type { Session } from '../../runtime/runtime';

export interface LazySession {
  /** @throws what creating it throws; it is tried again the next time. */
  open(): Promise<Session>;
  /** Releases it where it was opened. */
  release(): Promise<void>;
}

export function lazySession(create: () => Promise<Session>): LazySession {
  let opened: Promise<Session> | undefined;
  return {
    open: () => {
      opened ??= create().catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      return opened;
    },
    release: async () => {
      const session = await opened?.catch(() => undefined);
      await session?.release();
    },
  };
}

// The state of the view: what the host said, and what of it is open. Tells its listeners what changed.
import { messageOf } from '../../src/shared/errors';
import type { Connection } from '../../src/shared/rpc';
import type { TrainingHost, TrainingPage, TrainingState } from '../../src/shared/trainingPage';
import type { WebviewApi } from '../webviewApi';
import { joinPoints } from './curve';
import { isActive } from './trainingActions';

/** What the webview keeps while it is hidden. */
interface Saved {
  readonly sections: Readonly<Record<string, boolean>>;
  /** Logarithmic losses, and the table instead of the chart. */
  readonly log: boolean;
  readonly table: boolean;
}

export class TrainingStore {
  private current: TrainingState | undefined;
  private saved: Saved;
  private readonly listeners = new Set<(state: TrainingState) => void>();

  constructor(
    readonly host: Connection<TrainingHost>,
    private readonly api: WebviewApi,
  ) {
    this.saved = readSaved(api.getState());
  }

  /** Undefined until the host has answered. */
  get state(): TrainingState | undefined {
    return this.current;
  }

  get view(): Saved {
    return this.saved;
  }

  onChange(listener: (state: TrainingState) => void): void {
    this.listeners.add(listener);
  }

  show: TrainingPage['show'] = async (state) => {
    const began = isActive(state.status) && !(this.current && isActive(this.current.status));
    if (began) {
      // What was set cannot be changed any more: the curve has the room.
      this.setOpen('settings', false);
      this.setOpen('training', true);
    }
    this.current = state;
    this.fire();
  };

  update: TrainingPage['update'] = async ({ points, ...rest }) => {
    if (this.current) {
      this.current = { ...this.current, ...rest, points: joinPoints(this.current.points, points) };
      this.fire();
    }
  };

  isOpen(section: string, otherwise: boolean): boolean {
    return this.saved.sections[section] ?? otherwise;
  }

  setOpen(section: string, open: boolean): void {
    this.save({ sections: { ...this.saved.sections, [section]: open } });
  }

  setView(change: Partial<Pick<Saved, 'log' | 'table'>>): void {
    this.save(change);
    this.fire();
  }

  /** Calls the host and logs what fails: for calls whose outcome comes as a new state. */
  tell(call: (host: Connection<TrainingHost>) => Promise<void>): void {
    call(this.host).catch((error: unknown) => this.log(messageOf(error)));
  }

  /** Writes to the extension's log; where even that fails, there is nobody left to tell. */
  log(message: string): void {
    this.host.log({ level: 'error', message }).catch(() => undefined);
  }

  private save(change: Partial<Saved>): void {
    this.saved = { ...this.saved, ...change };
    this.api.setState(this.saved);
  }

  private fire(): void {
    if (this.current) {
      for (const listener of this.listeners) {
        listener(this.current);
      }
    }
  }
}

/** Reads back what was saved; anything unexpected is left out. */
function readSaved(found: unknown): Saved {
  const { sections, log, table } = (found ?? {}) as Readonly<Record<keyof Saved, unknown>>;
  const entries = typeof sections === 'object' && sections !== null ? Object.entries(sections) : [];
  return {
    sections: Object.fromEntries(
      entries.filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'),
    ),
    log: log === true,
    table: table === true,
  };
}

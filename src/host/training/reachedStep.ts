// The step that a training has reached, remembered so that a later window can say where this one was closed.
import * as vscode from 'vscode';

const REACHED = 'training.reached';

interface Reached {
  readonly id: string;
  readonly step: number;
}

export class ReachedStep {
  private newest: Reached | undefined;
  private writing = false;

  constructor(
    private readonly memory: vscode.Memento,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** The last step that a training was seen at; undefined where that is not known. */
  of(id: string): number | undefined {
    const known = this.memory.get<Reached>(REACHED);
    return known?.id === id ? known.step : undefined;
  }

  /** Writes one step at a time: on a fast machine, those in between are left out. */
  tell(id: string, step: number): void {
    if (this.newest?.id !== id || this.newest.step !== step) {
      this.newest = { id, step };
      if (!this.writing) {
        void this.write();
      }
    }
  }

  private async write(): Promise<void> {
    this.writing = true;
    try {
      let written: Reached | undefined;
      while (written !== this.newest) {
        written = this.newest;
        await this.memory.update(REACHED, written);
      }
    } catch (error) {
      this.failed(error);
    } finally {
      this.writing = false;
    }
  }
}

/** Where the last window was closed, and where training goes on. */
export function closedAt(reached: number | undefined, saved: number): string {
  if (reached === undefined || reached < saved) {
    return vscode.l10n.t(
      'The window was closed. Training goes on from step {0}, the last that was saved.',
      saved,
    );
  }
  return reached === saved
    ? vscode.l10n.t(
        'The window was closed after step {0}. That step was saved: training goes on from there.',
        saved,
      )
    : vscode.l10n.t(
        'The window was closed after step {0}. Training goes on from step {1}, the last that was saved.',
        reached,
        saved,
      );
}

// The interventions that are in effect everywhere: runs the explored texts under them, and shows that run in place of the unchanged one.
import { isCancelled, messageOf } from '../../src/shared/errors';
import type { Intervention } from '../../src/shared/intervention';
import type { PanelState, ViewState } from '../../src/shared/protocol';
import type { TraceSummary } from '../../src/shared/trace';
import type { ExplorerStore } from './store';

export class Intervened {
  private base: PanelState | undefined;
  private run: { readonly key: string; readonly trace: TraceSummary } | undefined;
  private wanted = '';
  private abort: AbortController | undefined;
  private failed: string | undefined;

  constructor(
    private readonly store: ExplorerStore,
    private readonly show: (state: PanelState) => void,
    private readonly changed: () => void,
  ) {}

  /** The unchanged run. */
  get trace(): TraceSummary | undefined {
    return this.base?.trace;
  }

  /** Why the interventions are not in effect, although there are some. */
  get problem(): string | undefined {
    return this.failed;
  }

  get busy(): boolean {
    return this.abort !== undefined;
  }

  get list(): readonly Intervention[] {
    return this.store.model.interventions;
  }

  /** Takes what the host shows, and shows it, or the changed run instead. */
  take(state: PanelState): void {
    this.base = state;
    this.refresh(state.view);
  }

  /** Replaces the list; everything that is shown follows. */
  set(interventions: readonly Intervention[]): void {
    this.store.set({ interventions });
    this.refresh(this.store.model.view);
  }

  /** Gives up a run that is under way: the unchanged one is shown, until the list changes or is tried again. */
  cancel(reason: string): void {
    if (this.abort && this.base) {
      this.abort.abort();
      this.abort = undefined;
      this.failed = reason;
      this.run = undefined;
      this.show(this.looking(this.base));
      this.changed();
    }
  }

  /** Tries again what failed. */
  retry(): void {
    if (this.failed !== undefined) {
      this.wanted = '';
      this.refresh(this.store.model.view);
    }
  }

  private refresh(view: ViewState | undefined): void {
    if (!this.base) {
      return;
    }
    const base = { ...this.base, view: view ?? this.base.view };
    const enabled = this.list.filter((each) => each.enabled);
    const key = base.trace && enabled.length > 0 ? JSON.stringify([base.trace.id, enabled]) : '';
    if (key === '' || !base.trace) {
      this.settle('');
      this.run = undefined;
      this.show(base);
      return;
    }
    // Until the changed run is there, what is shown stays, if it is of these texts at all.
    const shown = this.run?.key === key || this.store.model.state?.trace?.id === this.run?.trace.id;
    this.show(this.run && shown && this.isOf(base.trace) ? { ...base, trace: this.run.trace } : base);
    if (this.wanted !== key) {
      void this.begin(key, base.trace, enabled);
    }
  }

  private isOf(trace: TraceSummary): boolean {
    return this.run !== undefined && (JSON.parse(this.run.key) as readonly unknown[])[0] === trace.id;
  }

  private async begin(
    key: string,
    trace: TraceSummary,
    interventions: readonly Intervention[],
  ): Promise<void> {
    this.settle(key);
    const abort = new AbortController();
    this.abort = abort;
    this.changed();
    try {
      const after = await this.store.host.intervene(
        { trace: trace.id, interventions },
        { signal: abort.signal },
      );
      if (this.wanted === key && this.base && !abort.signal.aborted) {
        this.run = { key, trace: after };
        this.abort = undefined;
        this.show({ ...this.looking(this.base), trace: after });
      }
    } catch (error) {
      if (this.wanted === key && !abort.signal.aborted) {
        this.abort = undefined;
        // A list that does not fit another model is kept: the user may go back to the first one.
        this.failed = isCancelled(error) ? undefined : messageOf(error);
        this.run = undefined;
        if (this.base) {
          this.show(this.looking(this.base));
        }
      }
    }
    this.changed();
  }

  /** The user may look at something else by now than what the host last heard of. */
  private looking(state: PanelState): PanelState {
    return { ...state, view: this.store.model.view ?? state.view };
  }

  /** Gives up what is under way for another list. */
  private settle(wanted: string): void {
    this.wanted = wanted;
    this.failed = undefined;
    this.abort?.abort();
    this.abort = undefined;
  }
}

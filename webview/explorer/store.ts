// The state of the panel: what the host said, what is looked at, what the pointer is on. Tells the host what changed.
import type { Intervention } from '../../src/shared/intervention';
import type { Connection } from '../../src/shared/rpc';
import type { PanelHost, PanelState, Progress, TokenRef, ViewState } from '../../src/shared/protocol';
import { messageOf } from '../../src/shared/errors';
import type { ViewChange } from '../../src/shared/viewChange';
import { changedFields, withChange } from '../../src/shared/viewChange';
import type { WebviewApi } from '../webviewApi';
import type { OtherChoice } from './otherSides';
import { savedOthers } from './otherSides';
import { savedInterventions } from './savedInterventions';
import type { Pair } from './viewState';
import { axesOf, validView } from './viewState';

/** What the pointer or the keyboard is on: a cell, or only a row or a column. In items of the current unit. */
export interface Target {
  readonly query?: number;
  readonly key?: number;
}

/** Choices that only the panel needs; they survive a reload through the webview's own state. */
export interface LocalState {
  /** The second pinned cell, compared with the first. */
  readonly second: Pair | undefined;
  readonly side: 'encoder' | 'decoder';
  /** Dimensions drawn as waves; empty chooses them. */
  readonly dimensions: readonly number[];
  /** Changes to the model, on or off; see intervened.ts. */
  readonly interventions: readonly Intervention[];
  /** What explored texts are compared with. */
  readonly others: readonly OtherChoice[];
}

/** Everything the panel draws from. */
export interface ExplorerModel extends LocalState {
  /** Undefined until the host has answered. */
  readonly state: PanelState | undefined;
  readonly view: ViewState | undefined;
  readonly hovered: Target | undefined;
  /** The word at the editor's cursor or a clicked token, in pieces. */
  readonly followed: TokenRef | undefined;
  readonly progress: Progress | undefined;
}

/** What a reloaded page finds again. */
const saved = ['view', 'second', 'side', 'dimensions', 'interventions', 'others'] as const;

const initial: ExplorerModel = {
  state: undefined,
  view: undefined,
  hovered: undefined,
  followed: undefined,
  progress: undefined,
  second: undefined,
  side: 'encoder',
  dimensions: [],
  interventions: [],
  others: [],
};

/** Holds the one {@link ExplorerModel}; every change goes through it. */
export class ExplorerStore {
  private current: ExplorerModel;
  private readonly listeners = new Set<() => void>();
  /** Changes of the view that the host has not confirmed yet, the oldest first. */
  private readonly unheard = new Set<ViewChange>();

  constructor(
    readonly host: Connection<PanelHost>,
    private readonly api: WebviewApi,
  ) {
    this.current = { ...initial, ...localState(api.getState()) };
  }

  get model(): ExplorerModel {
    return this.current;
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** What the host shows from now on. The view is made valid for it. */
  show(state: PanelState): void {
    const sameRun = state.trace?.id === this.current.state?.trace?.id;
    const latest = this.latestView(state.view, sameRun);
    const view = validView(latest, state.model, state.trace);
    this.set({
      state,
      view,
      ...(!sameRun && { hovered: undefined, followed: undefined }),
      second: this.keepSecond(view, state, sameRun),
    });
    // Before a run there is nothing to correct: the host makes its view fit when the run is there.
    if (view !== state.view && state.trace) {
      this.tellView(state.view, view);
    }
  }

  /** Looks at something else; the host is told. What was under the pointer is forgotten when the tokens change. */
  setView(next: ViewState): void {
    const { view } = this.current;
    if (!view || next === view) {
      return;
    }
    const sameCells =
      next.unit === view.unit &&
      next.batch === view.batch &&
      kindOf(next.attention) === kindOf(view.attention);
    this.set({
      view: next,
      ...((!sameCells || next.view !== view.view) && { hovered: undefined }),
      ...((!sameCells || !next.pinned) && { second: undefined }),
    });
    this.tellView(view, next);
  }

  /** Changes some fields of the view; the host is not told what it knows. */
  patchView(change: Partial<ViewState>): void {
    const { view } = this.current;
    const next = view && { ...view, ...change };
    if (next && JSON.stringify(next) !== JSON.stringify(view)) {
      this.setView(next);
    }
  }

  set(change: Partial<ExplorerModel>): void {
    this.current = { ...this.current, ...change };
    const { second, side, dimensions, interventions, others, view } = this.current;
    if (saved.some((name) => name in change)) {
      this.api.setState({ view, second, side, dimensions, interventions, others });
    }
    for (const listener of this.listeners) {
      listener();
    }
  }

  /** Calls the host and logs what fails: for calls whose answer nobody waits for. */
  tell(call: (host: Connection<PanelHost>) => Promise<void>): void {
    call(this.host).catch((error: unknown) => this.log(messageOf(error)));
  }

  /** Writes to the extension's log; where even that fails, there is nobody left to tell. */
  log(message: string): void {
    this.host.log({ level: 'error', message }).catch(() => undefined);
  }

  /** The second pin survives a reload of the window (there was no run before), but no other run. */
  private keepSecond(view: ViewState, { model, trace }: PanelState, sameRun: boolean): Pair | undefined {
    const { second, state } = this.current;
    const reloaded = state?.trace === undefined;
    if (!second || !(sameRun || reloaded) || !view.pinned) {
      return undefined;
    }
    if (!model || !trace) {
      return second;
    }
    const { queries, keys } = axesOf(view, model, trace);
    return second.query < queries.length && second.key < keys.length ? second : undefined;
  }

  /** What the user chose while the host's state was on its way is newer than what that state says. */
  private latestView(shown: ViewState, sameRun: boolean): ViewState {
    const { view } = this.current;
    const changed = [...this.unheard].flatMap((change) => change.changed);
    // A pin belongs to its run: that of a new one (a restored pin, say) is the host's to know.
    const kept = sameRun ? changed : changed.filter((name) => name !== 'pinned');
    return view && kept.length > 0 ? withChange(shown, { view, changed: kept }) : shown;
  }

  private tellView(before: ViewState, view: ViewState): void {
    const change: ViewChange = { view, changed: changedFields(before, view) };
    if (change.changed.length > 0) {
      this.unheard.add(change);
      this.tell((host) => host.setView(change).finally(() => this.unheard.delete(change)));
    }
  }
}

/** `encoder.3.self` → `encoder.self`: attentions of one kind have the same tokens. */
function kindOf(attention: string): string {
  return attention.replace(/\.\d+\./, '.');
}

/** Reads back what {@link ExplorerStore.set} saved; anything unexpected is left out. */
function localState(found: unknown): Partial<LocalState> {
  if (typeof found !== 'object' || found === null) {
    return {};
  }
  const { side, dimensions, second, interventions, others } = found as Record<string, unknown>;
  return {
    interventions: savedInterventions(interventions),
    others: savedOthers(others),
    ...(isPair(second) && { second }),
    ...((side === 'encoder' || side === 'decoder') && { side }),
    ...(Array.isArray(dimensions) && {
      dimensions: dimensions.filter((each): each is number => Number.isInteger(each) && each >= 0),
    }),
  };
}

function isPair(value: unknown): value is Pair {
  const { query, key } = (value ?? {}) as Record<string, unknown>;
  return [query, key].every((index) => typeof index === 'number' && Number.isInteger(index) && index >= 0);
}

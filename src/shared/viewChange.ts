// Changes of the view that travel while the other end may change it, too: only what was changed is taken over.
import type { ViewState } from './protocol';

/** A view, and the fields of it that are meant. */
export interface ViewChange {
  readonly view: ViewState;
  readonly changed: readonly (keyof ViewState)[];
}

/** The fields in which two views differ. */
export function changedFields(before: ViewState, after: ViewState): readonly (keyof ViewState)[] {
  const names = Object.keys({ ...before, ...after }) as (keyof ViewState)[];
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

/** `base` with what was changed. A field that is missing in a message was undefined. */
export function withChange(base: ViewState, { view, changed }: ViewChange): ViewState {
  const fields: Partial<ViewState> = Object.fromEntries(changed.map((name) => [name, view[name]]));
  return { ...base, ...fields };
}

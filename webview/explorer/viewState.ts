// Pure changes of what is looked at: keeping it valid for a model and a run, and moving to another head, layer or unit.
import type { AttentionKind, ModelSummary } from '../../src/shared/modelSummary';
import type { ViewState } from '../../src/shared/protocol';
import type { Unit } from '../../src/shared/tokens';
import type { TraceSummary } from '../../src/shared/trace';
import { attentionAt, attentionOf, axisOf, batchSize, itemOfPiece, sequencesOf } from './sequences';
import { sidesOf } from '../../src/shared/attentionSides';

/** A cell of the matrix, in items of the current unit. */
export interface Pair {
  readonly query: number;
  readonly key: number;
}

/** The view with everything replaced that this model and run do not have. Returns the same object when all is valid. */
export function validView(
  view: ViewState,
  model: ModelSummary | undefined,
  trace: TraceSummary | undefined,
): ViewState {
  const attention = model && attentionOf(model, view.attention);
  if (!attention) {
    return view;
  }
  const changes: Partial<ViewState> = {
    ...(attention.name !== view.attention && { attention: attention.name }),
    ...(view.head >= attention.heads && { head: attention.heads - 1 }),
    ...(trace && view.batch >= batchSize(trace) && { batch: 0 }),
    ...(!view.lines && !view.matrix && { lines: true, matrix: true }),
  };
  const next = Object.keys(changes).length > 0 ? { ...view, ...changes } : view;
  if (!next.pinned || !trace) {
    return next;
  }
  const { queries, keys } = axesOf(next, model, trace);
  const inside = next.pinned.query < queries.length && next.pinned.key < keys.length;
  return inside ? next : { ...next, pinned: undefined };
}

/** The items along both sides of the attention that the view shows. */
export function axesOf(view: ViewState, model: ModelSummary, trace: TraceSummary) {
  const attention = attentionOf(model, view.attention);
  const sides = sidesOf(attention?.kind ?? 'encoderSelf');
  return {
    sides,
    queries: axisOf(sequencesOf(trace, sides.query)[view.batch], view.unit),
    keys: axisOf(sequencesOf(trace, sides.key)[view.batch], view.unit),
  };
}

/** Another kind of attention, in the same layer where there is one. The pin stays only where the tokens are the same. */
export function withKind(view: ViewState, model: ModelSummary, kind: AttentionKind): ViewState {
  const current = attentionOf(model, view.attention);
  const next = attentionAt(model, kind, current?.layer ?? 0);
  if (!next || next.name === view.attention) {
    return view;
  }
  return {
    ...view,
    attention: next.name,
    head: Math.min(view.head, next.heads - 1),
    pinned: current?.kind === kind ? view.pinned : undefined,
  };
}

/** A layer and head of the same kind; both wrap around nothing: outside the model the view stays. */
export function withHead(view: ViewState, model: ModelSummary, layer: number, head: number): ViewState {
  const current = attentionOf(model, view.attention);
  const next = model.attentions.find((each) => each.kind === current?.kind && each.layer === layer);
  if (!next || head < 0 || head >= next.heads) {
    return view;
  }
  return { ...view, attention: next.name, head, mean: false };
}

/** One head of any attention of the model; an unknown one changes nothing. */
export function atHead(view: ViewState, model: ModelSummary, name: string, head: number): ViewState {
  const target = model.attentions.find((attention) => attention.name === name);
  return target ? withHead(withKind(view, model, target.kind), model, target.layer, head) : view;
}

/** Words or pieces; a pinned cell moves to the word that holds its piece, or to the word's first piece. */
export function withUnit(
  view: ViewState,
  unit: Unit,
  model: ModelSummary | undefined,
  trace: TraceSummary | undefined,
): ViewState {
  if (unit === view.unit) {
    return view;
  }
  const next: ViewState = { ...view, unit };
  return view.pinned && model && trace
    ? { ...next, pinned: convertPair(view.pinned, view, next, model, trace) }
    : next;
}

/** A pair of one unit in the unit of another view of the same attention. */
export function convertPair(
  pair: Pair,
  from: ViewState,
  to: ViewState,
  model: ModelSummary,
  trace: TraceSummary,
): Pair | undefined {
  const before = axesOf(from, model, trace);
  const after = axesOf(to, model, trace);
  const query = itemOfPiece(after.queries, before.queries[pair.query]?.first ?? -1);
  const key = itemOfPiece(after.keys, before.keys[pair.key]?.first ?? -1);
  return query === undefined || key === undefined ? undefined : { query, key };
}

// What is looked at, and how it moves from head to head and layer to layer; plain data, no drawing.
import type { AttentionSummary, ModelSummary } from '../shared/modelSummary';
import type { ViewState } from '../shared/protocol';
import type { TraceSummary } from '../shared/trace';

/** The first look at anything: the first attention as matrix and lines, in pieces. */
export const FIRST_VIEW: ViewState = {
  view: 'attention',
  attention: '',
  head: 0,
  mean: false,
  unit: 'pieces',
  batch: 0,
  pinned: undefined,
  lines: true,
  matrix: true,
  table: false,
  threshold: 0.05,
  follow: true,
  heat: false,
};

/** The attention of that name, else the first one the model has; undefined in a model without attention. */
export function attentionOf(model: ModelSummary, name: string): AttentionSummary | undefined {
  return model.attentions.find((attention) => attention.name === name) ?? model.attentions[0];
}

/** The same look at a model that may lack the attention or have fewer heads. */
export function fitToModel(view: ViewState, model: ModelSummary): ViewState {
  const attention = attentionOf(model, view.attention);
  if (!attention) {
    return { ...view, attention: '', head: 0, pinned: undefined };
  }
  const head = Math.min(view.head, attention.heads - 1);
  const same = attention.name === view.attention && head === view.head;
  return { ...view, attention: attention.name, head, pinned: same ? view.pinned : undefined };
}

/** The same look at another run: the pinned cell goes, because its tokens are others. */
export function fitToTrace(view: ViewState, trace: TraceSummary): ViewState {
  const texts = Math.max(trace.encoder.length, trace.decoder.length);
  return { ...view, batch: Math.min(view.batch, Math.max(0, texts - 1)), pinned: undefined };
}

/** Head `by` further in the same attention; after the last comes the first. */
export function stepHead(view: ViewState, model: ModelSummary, by: number): ViewState {
  const attention = attentionOf(model, view.attention);
  if (!attention) {
    return view;
  }
  const head = modulo(view.head + by, attention.heads);
  return { ...view, attention: attention.name, head, mean: false };
}

/** Layer `by` further in the same kind of attention; after the last comes the first. */
export function stepLayer(view: ViewState, model: ModelSummary, by: number): ViewState {
  const current = attentionOf(model, view.attention);
  if (!current) {
    return view;
  }
  const sameKind = model.attentions
    .filter((attention) => attention.kind === current.kind)
    .sort((a, b) => a.layer - b.layer);
  const next = sameKind[modulo(sameKind.indexOf(current) + by, sameKind.length)];
  return { ...view, attention: next.name, head: Math.min(view.head, next.heads - 1) };
}

function modulo(value: number, count: number): number {
  return ((value % count) + count) % count;
}

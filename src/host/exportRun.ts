// Collects a captured run from the engine, for files: as named tensors, or as what a saved page needs. Knows nothing of VS Code.
import { throwIfCancelled, UserError } from '../shared/errors';
import type { HeadQuestion } from '../shared/insight';
import type { ModelStructure, StackStructure } from '../shared/modelStructure';
import type { AttentionKind, AttentionSummary, ModelSummary } from '../shared/modelSummary';
import { toPortable } from '../shared/portable';
import type { CallOptions, PanelState, Slices } from '../shared/protocol';
import type { SavedAttention, SavedHead, SavedPositions, SavedRanking, SavedRun } from '../shared/savedRun';
import { layerStateNames, stateNames } from '../shared/stateNames';
import type { Matrix, NamedTensors, Tensor } from '../shared/tensor';
import type { Masks, Stage, TraceSummary } from '../shared/trace';
import type { TokenSequence } from '../shared/tokens';

/** What is asked of the engine. */
export type RunSlices = Pick<Slices, 'matrix' | 'vectors' | 'masks' | 'positions' | 'heads' | 'states'>;

/** What a head holds. */
type HeadPart = Stage | 'query' | 'key' | 'value' | 'context';
/** States at the borders of layers; all others but the last; the last. */
type StatePart = 'layers' | 'inside' | 'logits';

/** What a file of tensors holds beside tokens. */
export type TracePart = HeadPart | StatePart;

/** A run with its model, as the explorer's state has them. */
export interface ShownRun {
  readonly model: ModelSummary;
  readonly trace: TraceSummary;
  readonly structure: ModelStructure;
}

const STAGES: readonly Stage[] = ['weights', 'scores', 'scaled', 'masked'];
const QUESTIONS: readonly HeadQuestion[] = [
  'previous',
  'next',
  'itself',
  'sameWord',
  'delimiter',
  'sharpest',
  'even',
];
/** As many positions as the view asks for at least. */
const LEAST_POSITIONS = 64;

/** Bytes of the tensors that {@link collectTensors} would make; of states about as many. */
export function tensorBytes(run: ShownRun, parts: readonly TracePart[]): number {
  const { model, trace } = run;
  const { batch } = sizes(trace, 'encoderSelf');
  let bytes = 0;
  for (const { stack, name } of parts.flatMap((part) => (isState(part) ? statesOf(run, part) : []))) {
    const tokens = trace[stack.side][0]?.tokens.length ?? 0;
    const units = /\.(?:before|gate|hidden)$/u.test(name) ? stack.feedForward : stack.width;
    bytes += 4 * batch * tokens * (name.endsWith('.logits') ? (stack.head?.vocabulary ?? 0) : units);
  }
  for (const { kind, heads, headSize } of model.attentions) {
    const { queries, keys } = sizes(trace, kind);
    for (const part of parts.filter(isHeadPart)) {
      const tokens = part === 'query' || part === 'context' ? queries : keys;
      const elements = isStage(part) ? queries * keys : tokens * headSize;
      bytes += 4 * batch * heads * elements;
    }
  }
  return bytes;
}

/**
 * `encoder.0.self.weights` and so on `[batch, head, query, key]`, `….query`, `….key`, `….value`, `….context` `[batch, head, token, d_k]`,
 * states as `stateNames` has them `[batch, token, width]`, and `encoder.ids`, `decoder.ids` `[batch, token]`, with the names that the command line's files have.
 */
export async function collectTensors(
  slices: RunSlices,
  run: ShownRun,
  parts: readonly TracePart[],
  { signal, onProgress }: CallOptions,
): Promise<NamedTensors> {
  const { model, trace } = run;
  const tensors: Record<string, Tensor> = {};
  for (const side of ['encoder', 'decoder'] as const) {
    const sequences = trace[side];
    if (sequences.length > 0) {
      tensors[`${side}.ids`] = idsOf(sequences);
    }
  }
  const states = parts.flatMap((part) => (isState(part) ? statesOf(run, part) : []));
  const headParts = parts.filter(isHeadPart);
  const total = model.attentions.length * headParts.length + states.length;
  let done = 0;
  for (const { name } of states) {
    throwIfCancelled(signal);
    onProgress?.({ message: name, done: done++, total });
    const tensor = await stateOf(slices, trace, name, signal);
    if (tensor) {
      tensors[name] = tensor;
    }
  }
  for (const attention of model.attentions) {
    for (const part of headParts) {
      throwIfCancelled(signal);
      const name = `${attention.name}.${part}`;
      onProgress?.({ message: name, done: done++, total });
      const tensor = await tensorOf(slices, trace, attention, part, signal);
      if (tensor) {
        tensors[name] = tensor;
      }
    }
  }
  return tensors;
}

/** What else a reader of such a file wants to know: texts and tokens as JSON. */
export function runMetadata({ model, trace }: ShownRun): Readonly<Record<string, string>> {
  const texts = (side: readonly TokenSequence[]) => JSON.stringify(side.map(({ text }) => text));
  const tokens = (side: readonly TokenSequence[]) =>
    JSON.stringify(side.map((sequence) => sequence.tokens.map(({ piece }) => piece)));
  return {
    model: model.name,
    family: model.family,
    ...(trace.language && { language: trace.language }),
    'encoder.texts': texts(trace.encoder),
    'encoder.tokens': tokens(trace.encoder),
    'decoder.texts': texts(trace.decoder),
    'decoder.tokens': tokens(trace.decoder),
  };
}

/** Bytes that a saved page's numbers take as text. */
export function savedBytes(run: ShownRun, stages: boolean): number {
  const numbers = tensorBytes(run, stages ? ['weights', 'scores', 'scaled'] : ['weights']);
  // Base64 writes 3 bytes as 4 letters; marks and masks of a layer are about as much as one of its heads.
  return Math.ceil((numbers * 4) / 3) + tensorBytes(run, ['weights']) / Math.max(1, run.model.heads);
}

/** Everything that a saved page shows. `stages`: with the numbers before the softmax. */
export async function collectRun(
  slices: RunSlices,
  state: PanelState,
  run: ShownRun,
  stages: boolean,
  { signal, onProgress }: CallOptions,
): Promise<SavedRun> {
  const { model, trace } = run;
  const batch = sizes(trace, 'encoderSelf').batch;
  const total = model.attentions.length * batch;
  const attentions: SavedAttention[] = [];
  const masks: Masks[] = [];
  const known = new Map<string, number>();
  for (const attention of model.attentions) {
    for (let text = 0; text < batch; text++) {
      throwIfCancelled(signal);
      onProgress?.({ message: attention.name, done: attentions.length, total });
      const mask = await slices.masks(
        { trace: trace.id, attention: attention.name, batch: text },
        { signal },
      );
      const key = maskKey(mask);
      const index = known.get(key) ?? masks.push(mask) - 1;
      known.set(key, index);
      attentions.push({
        attention: attention.name,
        batch: text,
        heads: await headsOf(slices, trace, attention, text, stages, signal),
        masks: index,
      });
    }
  }
  return {
    state: savedState(state),
    attentions,
    masks,
    positions: await positionsOf(slices, run, signal),
    rankings: await rankingsOf(slices, run, batch, signal),
  };
}

async function headsOf(
  slices: RunSlices,
  trace: TraceSummary,
  { name, heads, headSize }: AttentionSummary,
  batch: number,
  stages: boolean,
  signal: AbortSignal | undefined,
): Promise<readonly SavedHead[]> {
  const saved: SavedHead[] = [];
  for (let head = 0; head < heads; head++) {
    const ref = { trace: trace.id, attention: name, head, batch };
    const stage = (which: Stage) => slices.matrix({ ...ref, stage: which, unit: 'pieces' }, { signal });
    const { rows, columns, data, masked } = await stage('weights');
    const first = saved.at(0)?.masked;
    const values =
      stages && headSize > 0 ? await exposed(slices.vectors({ ...ref, of: 'value' }, { signal })) : undefined;
    saved.push({
      rows,
      columns,
      weights: data,
      scores: stages ? (await exposed(stage('scores')))?.data : undefined,
      scaled: stages ? (await exposed(stage('scaled')))?.data : undefined,
      valueNorms:
        values &&
        Float32Array.from({ length: values.rows }, (_, row) => norm(values.data, row, values.columns)),
      masked: first && equal(first, masked) ? undefined : masked,
    });
  }
  return saved;
}

async function positionsOf(
  slices: RunSlices,
  { model, trace }: ShownRun,
  signal: AbortSignal | undefined,
): Promise<readonly SavedPositions[]> {
  const saved: SavedPositions[] = [];
  for (const { side, kind, table } of model.positions) {
    const used = Math.max(0, ...trace[side].map(({ tokens }) => tokens.length));
    const rows = Math.min(table?.positions ?? Infinity, Math.max(LEAST_POSITIONS, used));
    const request = { model: model.id, side, rows };
    const self = side === 'encoder' ? 'encoderSelf' : 'decoderSelf';
    const layered = kind === 'relative' || kind === 'alibi';
    const places = model.attentions
      .filter((attention) => layered && attention.kind === self)
      .flatMap(({ layer, heads }) => Array.from({ length: heads }, (_, head) => ({ layer, head })));
    for (const place of layered ? places : [{ layer: undefined, head: undefined }]) {
      throwIfCancelled(signal);
      const positions = await slices.positions({ ...request, ...place }, { signal });
      saved.push({ ...place, positions });
    }
  }
  return saved;
}

async function rankingsOf(
  slices: RunSlices,
  { model, trace }: ShownRun,
  batch: number,
  signal: AbortSignal | undefined,
): Promise<readonly SavedRanking[]> {
  const kinds = [...new Set(model.attentions.map(({ kind }) => kind))];
  const saved: SavedRanking[] = [];
  for (const kind of kinds) {
    for (let text = 0; text < batch; text++) {
      for (const question of QUESTIONS) {
        const request = { trace: trace.id, kind, batch: text, question };
        saved.push({ kind, batch: text, question, heads: await slices.heads(request, { signal }) });
      }
    }
  }
  return saved;
}

/** One tensor of an attention for all texts and heads; undefined where the graph does not expose it. */
async function tensorOf(
  slices: RunSlices,
  trace: TraceSummary,
  { name, heads, kind }: AttentionSummary,
  part: HeadPart,
  signal: AbortSignal | undefined,
): Promise<Tensor | undefined> {
  const { batch } = sizes(trace, kind);
  let data: Float32Array<ArrayBuffer> | undefined;
  let dims: readonly number[] = [];
  for (let text = 0; text < batch; text++) {
    for (let head = 0; head < heads; head++) {
      throwIfCancelled(signal);
      const ref = { trace: trace.id, attention: name, head, batch: text };
      const matrix = await exposed(
        isStage(part)
          ? slices.matrix({ ...ref, stage: part, unit: 'pieces' }, { signal })
          : slices.vectors({ ...ref, of: part }, { signal }),
      );
      if (!matrix) {
        return undefined;
      }
      const size = matrix.rows * matrix.columns;
      data ??= new Float32Array(batch * heads * size);
      dims = [batch, heads, matrix.rows, matrix.columns];
      data.set(matrix.data, (text * heads + head) * size);
    }
  }
  return data && { type: 'float32', dims, data };
}

/** A state of all texts; undefined where the graph does not expose it. */
async function stateOf(
  slices: RunSlices,
  trace: TraceSummary,
  state: string,
  signal: AbortSignal | undefined,
): Promise<Tensor | undefined> {
  const { batch } = sizes(trace, 'encoderSelf');
  const texts: Matrix[] = [];
  for (let text = 0; text < batch; text++) {
    const matrix = await exposed(slices.states({ trace: trace.id, state, batch: text }, { signal }));
    if (!matrix) {
      return undefined;
    }
    texts.push(matrix);
  }
  const [{ rows, columns }] = texts;
  const data = new Float32Array(batch * rows * columns);
  texts.forEach((matrix, text) => data.set(matrix.data, text * rows * columns));
  return { type: 'float32', dims: [batch, rows, columns], data };
}

/** The states that a part stands for, with their stacks. */
function statesOf(
  { structure }: ShownRun,
  part: StatePart,
): readonly { readonly stack: StackStructure; readonly name: string }[] {
  return structure.stacks.flatMap((stack) => {
    const last = `${stack.side}.logits`;
    const borders = new Set([...layerStateNames(stack), `${stack.side}.final`]);
    return [...stateNames(stack).keys()]
      .filter((name) =>
        part === 'logits' ? name === last : name !== last && borders.has(name) === (part === 'layers'),
      )
      .map((name) => ({ stack, name }));
  });
}

/** The state without what a file has no use for: where the text lay on this machine, other models, an editor to follow. */
function savedState(state: PanelState): PanelState {
  const { view, model, trace } = state;
  // An id may be the path of a file.
  const id = 'model';
  return {
    ...state,
    models: [{ id, name: model?.name ?? '' }],
    chosen: id,
    model: model && { ...model, id },
    trace: trace && { ...trace, model: id },
    view: { ...view, heat: false, follow: false },
    error: undefined,
  };
}

/** The answer, or undefined where the graph does not have that tensor. */
async function exposed<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof UserError && error.code === 'badRequest' && 'attention' in error.details) {
      return undefined;
    }
    throw error;
  }
}

function isStage(part: TracePart): part is Stage {
  return STAGES.some((stage) => stage === part);
}

function isState(part: TracePart): part is StatePart {
  return part === 'layers' || part === 'inside' || part === 'logits';
}

function isHeadPart(part: TracePart): part is HeadPart {
  return !isState(part);
}

/** Texts, queries and keys of a kind of attention. */
function sizes({ encoder, decoder }: TraceSummary, kind: AttentionKind) {
  const tokens = (sequences: readonly TokenSequence[]) => sequences[0]?.tokens.length ?? 0;
  return {
    batch: Math.max(encoder.length, decoder.length),
    queries: tokens(kind === 'encoderSelf' ? encoder : decoder),
    keys: tokens(kind === 'decoderSelf' ? decoder : encoder),
  };
}

function idsOf(sequences: readonly TokenSequence[]): Tensor {
  const length = sequences[0].tokens.length;
  const ids = sequences.flatMap(({ tokens }) => tokens.map(({ id }) => BigInt(id)));
  return { type: 'int64', dims: [sequences.length, length], data: BigInt64Array.from(ids) };
}

/** Equal for masks that are equal in everything. */
function maskKey(masks: Masks): string {
  return JSON.stringify(toPortable(masks));
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

function norm(data: Float32Array, row: number, columns: number): number {
  return Math.sqrt(data.subarray(row * columns, (row + 1) * columns).reduce((sum, x) => sum + x * x, 0));
}

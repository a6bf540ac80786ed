// Tries many settings one by one and says what each does to the output: which head matters most, which layer, which scale.
import { klDivergence } from '../../explain/changes';
import { throwIfCancelled } from '../../shared/errors';
import type { SweepPoint, SweepRequest, SweepResult } from '../../shared/comparison';
import type { Intervention, ModelControls } from '../../shared/intervention';
import { nextMacrotask } from '../../shared/macrotask';
import type { CallOptions } from '../../shared/protocol';
import type { Model } from '../model';
import { tokenizerOf } from '../model';
import { idsOf, realOf } from '../sequences';
import type { Stack } from '../stack';
import { StackRun } from '../stackRun';
import type { Trace } from '../trace';
import { ownTranslation } from '../translation/ownTranslation';
import { chooseSpeech, decoderPrompt } from '../translation/speech';
import { attentionFacts } from './attentionFacts';
import { comparedOutputs } from './comparedOutputs';
import { alignTranslations, logitsAt, logitsOf, realTokens } from './compare';
import { modelControls } from './modelControls';

type Item = Pick<SweepPoint, 'intervention' | 'attention' | 'head' | 'subLayer' | 'layer' | 'scale'>;

/**
 * @param plain The model without interventions; those of the trace come back under every setting.
 * @throws UserError `cancelled` between settings
 */
export async function sweepSettings(
  plain: Model,
  trace: Trace,
  request: SweepRequest,
  call: CallOptions,
): Promise<SweepResult> {
  const items = itemsOf(plain, request);
  const { first = 0, count = items.length } = request;
  const chosen = items.slice(first, first + count);
  const points: SweepPoint[] = [];
  const language = trace.request.decoder?.language;
  await baseLogits(trace, call);
  for (const item of chosen) {
    throwIfCancelled(call.signal);
    call.onProgress?.({ message: nameOf(item), done: points.length, total: chosen.length });
    const interventions = [...(trace.request.interventions ?? []), item.intervention];
    const model = await plain.experiments.under(plain, interventions, language, {
      signal: call.signal,
    });
    points.push({ ...item, ...(await tried(model, trace, request, call.signal)) });
    // A cancellation can only be heard between tasks.
    await nextMacrotask();
  }
  return { total: items.length, points };
}

function itemsOf(model: Model, { sweep }: SweepRequest): readonly Item[] {
  const { attentions, subLayers } = modelControls(model);
  const nothing = {
    attention: undefined,
    head: undefined,
    subLayer: undefined,
    scale: undefined,
  };
  const enabled = true;
  switch (sweep.over) {
    case 'heads':
      return attentions
        .filter(
          ({ kind, can }) => can.includes('headGate') && (sweep.kind === undefined || kind === sweep.kind),
        )
        .flatMap(({ attention, heads }) =>
          Array.from({ length: heads }, (_, head): Item => {
            const intervention: Intervention = {
              kind: 'headGate',
              enabled,
              attentions: [attention],
              heads: [head],
              factor: 0,
            };
            return { ...nothing, intervention, attention, head };
          }),
        );
    case 'subLayers':
      return subLayers.map(({ name }): Item => {
        const intervention: Intervention = { kind: 'subLayer', enabled, subLayers: [name], factor: 0 };
        return { ...nothing, intervention, subLayer: name };
      });
    case 'layers':
      return layersOf(subLayers).map(({ layer, names }): Item => {
        const intervention: Intervention = { kind: 'subLayer', enabled, subLayers: names, factor: 0 };
        return { ...nothing, intervention, layer };
      });
    case 'scale':
      return sweep.scales.map((scale): Item => {
        const intervention: Intervention = {
          kind: 'scoreScale',
          enabled,
          attentions: 'all',
          heads: 'all',
          scale,
        };
        return { ...nothing, intervention, scale };
      });
    default:
      return sweep satisfies never;
  }
}

/** Layers by name, e.g. `encoder.2`, with all of their sub-layers. */
function layersOf(
  subLayers: ModelControls['subLayers'],
): readonly { readonly layer: string; readonly names: readonly string[] }[] {
  const layers = new Map<string, string[]>();
  for (const { name, layer } of subLayers) {
    const key = `${name.split('.')[0]}.${layer}`;
    layers.set(key, [...(layers.get(key) ?? []), name]);
  }
  return [...layers].map(([layer, names]) => ({ layer, names }));
}

function nameOf({ attention, head, subLayer, layer, scale }: Item): string {
  if (attention !== undefined) {
    return `Without head ${head} of ${attention}`;
  }
  const skipped = subLayer ?? layer;
  return skipped === undefined ? `Score scale ${scale}` : `Without ${skipped}`;
}

async function baseLogits({ runs }: Trace, { signal }: CallOptions): Promise<void> {
  for (const run of runs) {
    await run.fetch(logitsOf(run), signal);
  }
}

/** Runs the text of the trace under other settings, over the same tokens. */
async function tried(
  model: Model,
  trace: Trace,
  { batch, sweep, translate: translates }: SweepRequest,
  signal: AbortSignal | undefined,
): Promise<Omit<SweepPoint, keyof Item>> {
  const { summary, request } = trace;
  const wantsFacts = sweep.over === 'scale';
  const begin = (stack: Stack, side: 'encoder' | 'decoder', encoder?: EncoderResult): Promise<StackRun> => {
    const sequences = summary[side];
    const feeds = stack.feeds({ ids: idsOf(sequences), real: realOf(sequences), encoder });
    const states = side === 'encoder' && model.decoder ? [stack.states()] : [];
    const run = StackRun.of(stack, feeds);
    return run
      .fetch([...states, ...(wantsFacts ? comparedOutputs(stack) : logitsOf(run))], signal)
      .then(() => run);
  };
  const runs: { readonly run: StackRun; readonly side: 'encoder' | 'decoder' }[] = [];
  let encoder: EncoderResult | undefined;
  if (model.encoder && summary.encoder.length > 0) {
    const run = await begin(model.encoder, 'encoder');
    runs.push({ run, side: 'encoder' });
    encoder = model.decoder && { states: run.get(model.encoder.states()), real: realOf(summary.encoder) };
  }
  if (model.decoder && summary.decoder.length > 0) {
    runs.push({ run: await begin(model.decoder, 'decoder', encoder), side: 'decoder' });
  }
  const last = runs.at(-1);
  const change = last && outputChange(trace, last.run, last.side, batch);
  const translation =
    translates && encoder && (request.decoder?.from ?? 'translation') === 'translation'
      ? await translated(model, trace, encoder, batch, signal)
      : undefined;
  return {
    meanKl: change?.meanKl,
    flipped: change?.flipped,
    changedTokens: translation && Math.max(translation.changed, translation.added),
    translation: translation?.after,
    facts: wantsFacts
      ? await attentionFacts(
          runs.map(({ run, side }) => ({ run, realQueries: realTokens(summary[side][batch]) })),
          batch,
          signal,
        )
      : undefined,
  };
}

interface EncoderResult {
  readonly states: ReturnType<StackRun['get']>;
  readonly real: readonly (readonly boolean[])[];
}

function outputChange(trace: Trace, after: StackRun, side: 'encoder' | 'decoder', batch: number) {
  const before = trace.run(side === 'encoder' ? 'encoderSelf' : 'decoderSelf');
  let [kl, flipped, count] = [0, 0, 0];
  realTokens(trace.summary[side][batch]).forEach((isReal, position) => {
    const first = logitsAt(before, batch, position);
    const second = logitsAt(after, batch, position);
    if (isReal && first && second) {
      kl += klDivergence(first, second);
      flipped += Number(best(first) !== best(second));
      count++;
    }
  });
  return count === 0 ? undefined : { meanKl: kl / count, flipped: flipped / count };
}

function best(logits: Float32Array): number {
  let found = 0;
  for (let id = 1; id < logits.length; id++) {
    found = logits[id] > logits[found] ? id : found;
  }
  return found;
}

/** The translation of one text alone: the others of the batch need not be read again. */
async function translated(
  model: Model,
  { summary }: Trace,
  { states, real }: EncoderResult,
  batch: number,
  signal: AbortSignal | undefined,
) {
  const { dims, data } = states;
  const size = data.length / dims[0];
  const one = {
    states: { ...states, dims: [1, ...dims.slice(1)], data: data.slice(batch * size, (batch + 1) * size) },
    real: [real[batch]],
  };
  const { target } = chooseSpeech(model, summary.language);
  const [{ ids }] = await ownTranslation(model, one, { target }, { signal });
  const after = tokenizerOf(model).decodeSequence([...decoderPrompt(model, { target }), ...ids]);
  return alignTranslations(summary.decoder[batch], after);
}

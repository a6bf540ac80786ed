// Runs a model on a batch of texts and captures the attention of every head: tokenise, encode, translate, decode with the whole target at once.
import { readHead } from '../probe/readHead';
import { UserError } from '../shared/errors';
import type { CallOptions } from '../shared/protocol';
import type { ExploreRequest, TraceSummary } from '../shared/trace';
import type { TokenSequence } from '../shared/tokens';
import { comparedOutputs } from './experiment/comparedOutputs';
import type { StackInputs } from './feeds';
import { labelOutputs } from './labels/labelSource';
import type { Model } from './model';
import { tokenizerOf } from './model';
import { encodeTexts, idsOf, realOf } from './sequences';
import type { Stack } from './stack';
import { StackRun } from './stackRun';
import { Trace } from './trace';
import { checkTokenIds } from './translation/checkDecoding';
import { ownTranslation } from './translation/ownTranslation';
import type { Speech } from './translation/speech';
import { chooseSpeech, decoderPrompt, encodeSource } from './translation/speech';

/** @throws UserError `emptyText`, `textTooLong`, `languageUnknown`, `tokenizerMissing`, `cancelled` or of the runtime. */
export async function explore(
  id: string,
  model: Model,
  request: ExploreRequest,
  call: CallOptions,
): Promise<Trace> {
  switch (model.summary.family) {
    case 'encoder-only':
    case 'decoder-only':
      return exploreOne(id, model, request, call);
    case 'encoder-decoder':
      return exploreBoth(id, model, request, call);
    default:
      return model.summary.family satisfies never;
  }
}

/** A model with a single stack reads the texts themselves. */
async function exploreOne(
  id: string,
  model: Model,
  request: ExploreRequest,
  call: CallOptions,
): Promise<Trace> {
  const { texts } = request;
  const clock = new Clock();
  const isEncoder = model.encoder !== undefined;
  const tokenizer = tokenizerOf(model);
  const { maxTokens } = model.summary;
  const limit = isEncoder ? maxTokens.encoder : maxTokens.decoder;
  const sequences = tokenizer.pad(encodeTexts(texts, limit, (text) => tokenizer.encode(text)));
  const tokenize = clock.lap();
  const stack = need(model.encoder ?? model.decoder);
  const more = [...alsoCompared(stack, request), ...labelOutputs(model.labels, stack)];
  const run = await capture(stack, sequences, undefined, more, call);
  const summary: TraceSummary = {
    id,
    model: model.summary.id,
    encoder: isEncoder ? sequences : [],
    decoder: isEncoder ? [] : sequences,
    ...changesOf(request),
    timing: { tokenize, decode: 0, run: clock.lap() },
  };
  return new Trace(summary, model, isEncoder ? run : undefined, isEncoder ? undefined : run, request);
}

/** Encoder and decoder: the decoder reads the model's own translation, or what the request says. */
async function exploreBoth(
  id: string,
  model: Model,
  request: ExploreRequest,
  call: CallOptions,
): Promise<Trace> {
  const clock = new Clock();
  const tokenizer = tokenizerOf(model);
  const { maxTokens } = model.summary;
  const speech = chooseSpeech(model, request.decoder?.language, request.decoder?.sourceLanguage);
  const sources = tokenizer.pad(
    encodeTexts(request.texts, maxTokens.encoder, (text) => encodeSource(model, text, speech)),
  );
  const tokenize = clock.lap();
  const encoderStack = need(model.encoder);
  const states = encoderStack.states();
  const more = [states, ...alsoCompared(encoderStack, request)];
  const encoderRun = await capture(encoderStack, sources, undefined, more, call);
  const encoder = { states: encoderRun.get(states), real: realOf(sources) };
  const run = clock.lap();
  const targets = tokenizer.pad(await targetsOf(model, request, encoder, speech, call));
  const decode = clock.lap();
  const decoderStack = need(model.decoder);
  const also = alsoCompared(decoderStack, request);
  const decoderRun = await capture(decoderStack, targets, encoder, also, call);
  const summary: TraceSummary = {
    id,
    model: model.summary.id,
    encoder: sources,
    decoder: targets,
    language: speech.target?.code,
    ...changesOf(request),
    timing: { tokenize, decode, run: run + clock.lap() },
  };
  return new Trace(summary, model, encoderRun, decoderRun, request);
}

/** A run of a changed model will be compared with the one before. */
function alsoCompared(stack: Stack, request: ExploreRequest): readonly string[] {
  return changesOf(request).interventions ? comparedOutputs(stack) : [];
}

/** The interventions that are switched on. */
function changesOf({ interventions = [] }: ExploreRequest): Pick<TraceSummary, 'interventions'> {
  const on = interventions.filter(({ enabled }) => enabled);
  return on.length > 0 ? { interventions: on } : {};
}

/** What the decoder reads: its start token, then the translation, or the given texts or ids. */
async function targetsOf(
  model: Model,
  { decoder = { from: 'translation' }, texts }: ExploreRequest,
  encoder: NonNullable<StackInputs['encoder']>,
  { target }: Speech,
  call: CallOptions,
): Promise<TokenSequence[]> {
  const tokenizer = tokenizerOf(model);
  const prompt = decoderPrompt(model, { target });
  const limit = model.summary.maxTokens.decoder;
  switch (decoder.from) {
    case 'translation': {
      const results = await ownTranslation(model, encoder, { target, beams: decoder.beams }, call);
      return results.map(({ ids }) => tokenizer.decodeSequence([...prompt, ...ids]));
    }
    case 'ids':
      checkCount(texts, decoder.ids);
      return decoder.ids.map((ids) => {
        checkTokenIds(ids, model.summary.vocabulary, 'ids');
        if (prompt.length + ids.length > limit) {
          const message = `The decoder was given ${prompt.length + ids.length} tokens, but it reads at most ${limit}.`;
          throw new UserError('badRequest', message, { field: 'ids', limit });
        }
        return tokenizer.decodeSequence([...prompt, ...ids]);
      });
    case 'text':
      checkCount(texts, decoder.texts);
      return encodeTexts(
        decoder.texts,
        limit,
        (text) => tokenizer.encode(text, { addSpecial: false, prefix: prompt }),
        'decoder',
      );
    default:
      return decoder satisfies never;
  }
}

/** @throws UserError `badRequest` */
function checkCount(texts: readonly string[], given: readonly unknown[]): void {
  if (given.length !== texts.length) {
    const message = `There are ${texts.length} texts to encode, but ${given.length} for the decoder. Give as many of each.`;
    throw new UserError('badRequest', message);
  }
}

/** One run that captures the weights of every head, and the masks, which are small. */
export async function capture(
  stack: Stack,
  sequences: readonly TokenSequence[],
  encoder: StackInputs['encoder'],
  more: readonly string[],
  { signal }: CallOptions,
): Promise<StackRun> {
  checkIds(stack, sequences);
  const feeds = stack.feeds({ ids: idsOf(sequences), real: realOf(sequences), encoder });
  const taps = stack.tapsOf('weights', 'mask').map(({ output }) => output);
  try {
    const compared = new Set(comparedOutputs(stack));
    const kept = more.filter((output) => !compared.has(output));
    const run = await StackRun.begin(stack, feeds, [...taps, ...kept], signal, more);
    checkSizes(run, sequences[0].tokens.length, encoder?.real[0].length);
    return run;
  } catch (error) {
    const refused = error instanceof UserError && ['internal', 'modelUnsupported'].includes(error.code);
    throw sequences.length > 1 && refused ? noBatch(error) : error;
  }
}

/** Some exporters write the batch size of their example into the graph. */
function noBatch(error: UserError): UserError {
  const message = `This model could not read several texts at once. Select a single place. (${error.message})`;
  return new UserError('modelUnsupported', message, error.details, { cause: error });
}

/** Every attention must have a row for each query and a column for each key, or it is not what is drawn. */
function checkSizes(run: StackRun, tokens: number, source: number | undefined): void {
  for (const site of run.stack.anatomy.attentions) {
    const tap = run.stack.tap(site.name, 'weights');
    const keys = site.kind === 'cross' ? source : tokens;
    const matrix = tap && readHead(run.get(tap.output), tap, site, 0, 0);
    if (matrix && (matrix.rows !== tokens || matrix.columns !== keys)) {
      const message = `The attention ${site.name} has ${matrix.rows} × ${matrix.columns} weights for ${tokens} queries and ${keys} keys: the graph arranges its tokens in a way that cannot be shown.`;
      throw new UserError('modelUnsupported', message, { attention: site.name });
    }
  }
}

/** A tokenizer of another model gives ids that the embedding has no rows for. @throws UserError `tokenizerUnsupported` */
export function checkIds({ anatomy: { embedding } }: Stack, sequences: readonly TokenSequence[]): void {
  const known = embedding?.vocabulary ?? Infinity;
  const stranger = sequences.flatMap(({ tokens }) => tokens).find(({ id }) => id >= known);
  if (stranger) {
    const { id, piece } = stranger;
    const message = `The tokenizer does not belong to this model: the id of "${piece}" is ${id}, but the model knows ids up to ${known - 1}. Put the model's own tokenizer.json into its folder.`;
    throw new UserError('tokenizerUnsupported', message, { id, known });
  }
}

function need(stack: Stack | undefined): Stack {
  if (!stack) {
    throw new UserError(
      'modelMissing',
      'A part of this model is missing. Choose the folder with all of its files.',
    );
  }
  return stack;
}

/** Milliseconds between laps. */
class Clock {
  private last = performance.now();

  lap(): number {
    const now = performance.now();
    const elapsed = now - this.last;
    this.last = now;
    return elapsed;
  }
}

// Why each token of a target came out: one pass over source and target that captures the logits and the chosen attention.
import { coverage, repeatedAtOnce } from '../../explain/coverage';
import { likeliest, logSumExp } from '../../generation/logits';
import { applyRules } from '../../generation/tokenRules';
import { UserError } from '../../shared/errors';
import { defaultHeads } from '../../shared/headChoice';
import type { CallOptions } from '../../shared/protocol';
import type { Matrix } from '../../shared/tensor';
import type { TokenSequence } from '../../shared/tokens';
import type {
  Alternative,
  ExplainRequest,
  TargetStep,
  TranslationExplanation,
} from '../../shared/translation';
import type { StackInputs } from '../feeds';
import type { Model } from '../model';
import { tokenizerOf } from '../model';
import { encodeTexts } from '../sequences';
import type { Stack } from '../stack';
import { StackRun } from '../stackRun';
import { checkTokenIds } from './checkDecoding';
import { chosenAttention, chosenSites } from './chosenAttention';
import { encodePrompts } from './continueTexts';
import { encodeBatch, stacksOf } from './encodeBatch';
import { chooseSpeech, decoderPrompt, encodeSource, forcedFirst } from './speech';
import { endings, forbidden, targetSequence, TokenLabels } from './target';

/** Alternatives that can be listed at most. */
const MOST_ALTERNATIVES = 1000;

/** What the decoder reads and what stands before the target in it. */
interface Reading {
  readonly stack: Stack;
  readonly kind: 'cross' | 'decoderSelf';
  readonly source: TokenSequence;
  readonly encoder: StackInputs['encoder'];
  /** Ids before the target. */
  readonly prompt: readonly number[];
  readonly target: TokenSequence;
  readonly forcedFirst: number | undefined;
}

/** @throws UserError as `Decodings.explainTranslation` */
export async function explainTranslation(
  model: Model,
  request: ExplainRequest,
  call: CallOptions,
): Promise<TranslationExplanation> {
  const { ids, heads, alternatives } = request;
  const { vocabulary, maxTokens } = model.summary;
  checkTokenIds(ids, vocabulary, 'ids');
  if (!(Number.isInteger(alternatives) && alternatives >= 0 && alternatives <= MOST_ALTERNATIVES)) {
    const message = `alternatives is a whole number from 0 to ${MOST_ALTERNATIVES}, not ${alternatives}.`;
    throw new UserError('badRequest', message, { field: 'alternatives' });
  }
  const reading = await read(model, request, call);
  const { stack, kind, source, prompt, target } = reading;
  const tokens = [...prompt, ...ids];
  if (tokens.length > maxTokens.decoder) {
    const message = `The target has ${tokens.length} tokens, but this model's decoder reads at most ${maxTokens.decoder}.`;
    throw new UserError('badRequest', message, { field: 'ids', limit: maxTokens.decoder });
  }
  const sites = chosenSites(stack, kind, heads);
  // What is missing is missing, whichever heads are looked at.
  const aligning = defaultHeads(model.summary);
  const aligningSites = chosenSites(stack, kind, aligning);
  const logitsOutput = needOutput(stack);
  const feeds = stack.feeds({ ids: [tokens], real: [tokens.map(() => true)], encoder: reading.encoder });
  const weights = [...sites, ...aligningSites].flatMap(
    ({ name }) => stack.tap(name, 'weights')?.output ?? [],
  );
  const run = await StackRun.begin(stack, feeds, [logitsOutput, ...weights], call.signal);
  const first = prompt.length - 1;
  const rows = { first, count: target.tokens.length, columns: source.tokens.length };
  const attention = part(await chosenAttention(run, sites, heads, call.signal), rows);
  const alignment = part(await chosenAttention(run, aligningSites, aligning, call.signal), rows);
  return {
    source,
    target,
    steps: stepsOf(model, reading, run.get(logitsOutput), alternatives),
    attention,
    ...(kind === 'cross'
      ? coverage(alignment, source, target)
      : // A prompt is not to be said again.
        { untranslated: [], repeated: repeatedAtOnce(target) }),
  };
}

/** The target always has its end: what it would have taken to stop there is part of the answer. */
async function read(model: Model, request: ExplainRequest, call: CallOptions): Promise<Reading> {
  const tokenizer = tokenizerOf(model);
  const [end] = endings(model);
  const whole = end === undefined ? request.ids : [...request.ids, end];
  if (model.summary.family === 'decoder-only' && model.decoder) {
    const [source] = encodePrompts(model, [request.text]);
    const prompt = source.tokens.map(({ id }) => id);
    return {
      ...{
        stack: model.decoder,
        kind: 'decoderSelf',
        source,
        prompt,
        encoder: undefined,
        forcedFirst: undefined,
      },
      target: targetSequence(tokenizer, whole, prompt),
    };
  }
  if (model.summary.family !== 'encoder-decoder') {
    throw new UserError('modelUnsupported', `The model "${model.summary.name}" does not write text.`);
  }
  const { encoder, decoder } = stacksOf(model);
  const speech = chooseSpeech(model, request.language, request.sourceLanguage);
  const [source] = encodeTexts([request.text], model.summary.maxTokens.encoder, (text) =>
    encodeSource(model, text, speech),
  );
  return {
    ...{ stack: decoder, kind: 'cross', source, forcedFirst: forcedFirst(model) },
    prompt: decoderPrompt(model, speech),
    encoder: await encodeBatch(encoder, [source], call),
    target: targetSequence(tokenizer, whole),
  };
}

function needOutput({ anatomy: { output } }: Stack): string {
  if (!output) {
    const message =
      'This model has no output over its vocabulary that could be found, so it cannot say why it wrote a word.';
    throw new UserError('modelUnsupported', message);
  }
  return output.logits;
}

/** Rows from `first` on, and as many columns as the source has. */
function part(
  matrix: Matrix,
  { first, count, columns }: { readonly first: number; readonly count: number; readonly columns: number },
): Matrix {
  const data = new Float32Array(count * columns);
  for (let row = 0; row < count; row++) {
    const from = (first + row) * matrix.columns;
    data.set(matrix.data.subarray(from, from + columns), row * columns);
  }
  return { rows: count, columns, data };
}

/** One step for each token of the target, with the same tokens forbidden as in decoding. */
function stepsOf(
  model: Model,
  { stack, prompt, target, forcedFirst: forced }: Reading,
  logits: ReturnType<StackRun['get']>,
  count: number,
): TargetStep[] {
  const vocabulary = stack.anatomy.output?.vocabulary ?? 0;
  const labels = new TokenLabels(tokenizerOf(model));
  const ends = endings(model);
  const never = forbidden(model);
  return target.tokens.map(({ id }, token): TargetStep => {
    const start = (prompt.length - 1 + token) * vocabulary;
    const row = Float32Array.from(logits.data.subarray(start, start + vocabulary) as Float32Array);
    applyRules(row, { forbidden: never }, [], token === 0 ? forced : id);
    const normaliser = logSumExp(row);
    const likely = likeliest(row, count);
    const shown = labels.among(likely);
    const probability = (of: number) => Math.exp(row[of] - normaliser);
    return {
      token,
      probability: probability(id),
      entropy: entropyBits(row, normaliser),
      alternatives: likely.map((of, i): Alternative => {
        return { id: of, label: shown[i], probability: probability(of), end: ends.includes(of) };
      }),
    };
  });
}

/** −Σ p·log₂ p of the softmax of a row. */
function entropyBits(logits: Float32Array, normaliser: number): number {
  let sum = 0;
  for (const logit of logits) {
    const log = logit - normaliser;
    sum -= log > -Infinity ? Math.exp(log) * log : 0;
  }
  return sum / Math.LN2;
}

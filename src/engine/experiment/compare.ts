// What changed from one run to another: weights head by head, output distributions, the translation, and a few facts.
import { alignSequences, klDivergence, likeliest, logSumExp, weightChange } from '../../explain/changes';
import { UserError } from '../../shared/errors';
import type {
  AttentionFacts,
  CompareRequest,
  Comparison,
  DifferenceRequest,
  HeadChange,
  OutputChange,
  TranslationChange,
} from '../../shared/comparison';
import type { CallOptions } from '../../shared/protocol';
import { aggregate } from '../../shared/aggregate';
import type { Matrix } from '../../shared/tensor';
import type { TokenSequence } from '../../shared/tokens';
import { tokenizerOf } from '../model';
import { headMatrix, headView } from '../slices/heads';
import { labelChange } from '../slices/labels';
import type { StackRun } from '../stackRun';
import type { Trace } from '../trace';
import { attentionFacts } from './attentionFacts';
import { comparedOutputs } from './comparedOutputs';
import { comparedRuns, pairOf, type RunPair } from './comparedRuns';

/** Likeliest tokens that are named for each position. */
const NAMED = 5;

/** @throws UserError `badRequest` for runs of different texts */
export async function compareRuns(
  before: Trace,
  after: Trace,
  { batch }: CompareRequest,
  call: CallOptions,
): Promise<Comparison> {
  const { signal } = call;
  const pairs = await comparedRuns(before, after, call);
  for (const { before: first, after: second } of pairs) {
    for (const run of [first, second]) {
      await run.fetch(comparedOutputs(run.stack), signal);
    }
  }
  const facts = (which: 'before' | 'after'): Promise<AttentionFacts> =>
    attentionFacts(
      pairs.map((pair) => ({ run: pair[which], realQueries: realTokens(before.summary[pair.side][batch]) })),
      batch,
      signal,
    );
  return {
    heads: await headChanges(before, pairs, batch, signal),
    facts: { before: await facts('before'), after: await facts('after') },
    output: outputChanges(before, pairs.at(-1), batch),
    translation: translationChange(before, after, batch),
    labels: await labelChange(before, after, batch, signal),
  };
}

/** One head's weights after minus before. */
export async function differenceSlice(
  before: Trace,
  after: Trace,
  { attention, head, batch, unit }: DifferenceRequest,
  call: CallOptions,
): Promise<Matrix> {
  const { site } = before.attention(attention);
  const pair = pairOf(await comparedRuns(before, after, call), site.kind);
  const first = await pair?.before.capture(attention, 'weights', call.signal);
  const second = await pair?.after.capture(attention, 'weights', call.signal);
  if (!first || !second) {
    throw new UserError('badRequest', `The graph of ${attention} does not show its weights.`, { attention });
  }
  const { rows, columns, data } = headMatrix(second, site, batch, head);
  const old = headMatrix(first, site, batch, head);
  data.forEach((weight, i) => (data[i] = weight - old.data[i]));
  const { queries, keys } = before.axes(site.kind, batch, unit);
  const whole = aggregate({ rows, columns, data }, queries, keys);
  return { rows: whole.rows, columns: whole.columns, data: whole.data };
}

/** Which tokens of a text are no padding. */
export function realTokens({ tokens }: TokenSequence): readonly boolean[] {
  return tokens.map(({ padding }) => padding !== true);
}

async function headChanges(
  { summary }: Trace,
  pairs: readonly RunPair[],
  batch: number,
  signal: AbortSignal | undefined,
): Promise<readonly HeadChange[]> {
  const changes: HeadChange[] = [];
  for (const { before, after, side } of pairs) {
    for (const site of before.stack.anatomy.attentions) {
      const { name: attention, kind, layer } = site;
      const first = await before.capture(attention, 'weights', signal);
      const second = await after.capture(attention, 'weights', signal);
      const queries = realTokens(summary[side][batch]);
      const keys = realTokens(summary[kind === 'decoderSelf' ? 'decoder' : 'encoder'][batch]);
      for (let head = 0; first && second && head < site.heads; head++) {
        const [a, b] = [headView(first, site, batch, head), headView(second, site, batch, head)];
        changes.push({ attention, kind, layer, head, ...weightChange(a, b, queries, keys) });
      }
    }
  }
  return changes;
}

/** The output with the logits, where there is one. */
export function logitsOf({ stack }: StackRun): readonly string[] {
  const { output } = stack.anatomy;
  return output ? [output.logits] : [];
}

/** The logits `[vocabulary]` of one position of one text; the run must have them. */
export function logitsAt(run: StackRun, batch: number, position: number): Float32Array | undefined {
  const [name] = logitsOf(run);
  const tensor = name === undefined ? undefined : run.get(name);
  if (!(tensor?.data instanceof Float32Array)) {
    return undefined;
  }
  const [length, vocabulary] = tensor.dims.slice(-2);
  const start = (batch * length + position) * vocabulary;
  return tensor.data.subarray(start, start + vocabulary);
}

function outputChanges(
  { summary, model }: Trace,
  pair: RunPair | undefined,
  batch: number,
): Comparison['output'] {
  if (!pair || logitsOf(pair.before).length === 0) {
    return undefined;
  }
  const tokenizer = tokenizerOf(model);
  const spellings = new Map<number, string>();
  const pieceOf = (id: number): string => {
    const piece = spellings.get(id) ?? tokenizer.decodeSequence([id]).tokens[0]?.piece ?? '';
    spellings.set(id, piece);
    return piece;
  };
  const positions: OutputChange[] = [];
  summary[pair.side][batch].tokens.forEach(({ padding }, position) => {
    const before = logitsAt(pair.before, batch, position);
    const after = logitsAt(pair.after, batch, position);
    if (padding !== true && before && after) {
      const sums = { before: logSumExp(before), after: logSumExp(after) };
      positions.push({
        position,
        kl: klDivergence(before, after, sums),
        before: likeliest(before, NAMED, pieceOf, sums.before),
        after: likeliest(after, NAMED, pieceOf, sums.after),
      });
    }
  });
  return {
    meanKl: positions.reduce((sum, { kl }) => sum + kl, 0) / Math.max(1, positions.length),
    largestKl: positions.reduce((largest, { kl }) => Math.max(largest, kl), 0),
    positions,
  };
}

function translationChange(before: Trace, after: Trace, batch: number): TranslationChange | undefined {
  const translated = [before, after].every(
    ({ request, summary }) =>
      summary.encoder.length > 0 &&
      summary.decoder.length > 0 &&
      (request.decoder?.from ?? 'translation') === 'translation',
  );
  return translated
    ? alignTranslations(before.summary.decoder[batch], after.summary.decoder[batch])
    : undefined;
}

/** The tokens of two translations side by side, start tokens and padding left out. */
export function alignTranslations(before: TokenSequence, after: TokenSequence): TranslationChange {
  const ids = ({ tokens }: TokenSequence) =>
    tokens.flatMap(({ id, padding }, i) => (i === 0 || padding === true ? [] : [id]));
  const [first, second] = [ids(before), ids(after)];
  const tokens = alignSequences(first, second);
  const same = tokens.filter(
    (pair) =>
      pair.before !== undefined && pair.after !== undefined && first[pair.before] === second[pair.after],
  ).length;
  const place = (index: number | undefined) => (index === undefined ? undefined : index + 1);
  return {
    before: before.text,
    after: after.text,
    tokens: tokens.map((pair) => ({ before: place(pair.before), after: place(pair.after) })),
    changed: first.length - same,
    added: second.length - same,
    of: first.length,
  };
}

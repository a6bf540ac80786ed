// Answers about heads of a run: the arithmetic of a cell, the spread of scores, heads by what they do.
import { headScore, type HeadToken } from '../../explain/headScores';
import { cosine, dotTerms, spread } from '../../explain/terms';
import { UserError } from '../../shared/errors';
import type {
  CellTerms,
  CellTermsRequest,
  HeadsRequest,
  RankedHead,
  ScoreSpread,
  VectorsRequest,
} from '../../shared/insight';
import type { Matrix } from '../../shared/tensor';
import { rowOf } from '../../shared/tensor';
import type { TokenSequence } from '../../shared/tokens';
import type { HeadRef, Stage } from '../../shared/trace';
import type { Trace } from '../trace';
import { headMatrix, headView } from './heads';
import { maskedCells } from './maskedCells';

/** @throws UserError `badRequest` where the graph does not expose them. */
export async function vectorsSlice(
  trace: Trace,
  request: VectorsRequest,
  signal?: AbortSignal,
): Promise<Matrix> {
  const { attention, head, batch, of } = request;
  const { site, run } = trace.attention(attention);
  const captured = await run.capture(attention, of, signal);
  if (!captured) {
    throw new UserError('badRequest', `The graph of ${attention} has no tensor for "${of}".`, { attention });
  }
  return headMatrix(captured, site, batch, head);
}

export async function cellTermsSlice(
  trace: Trace,
  request: CellTermsRequest,
  signal?: AbortSignal,
): Promise<CellTerms> {
  const queries = await vectorsSlice(trace, { ...request, of: 'query' }, signal);
  const keys = await vectorsSlice(trace, { ...request, of: 'key' }, signal);
  const { query, key } = request;
  if (!(query >= 0 && query < queries.rows && key >= 0 && key < keys.rows)) {
    throw new UserError('badRequest', `There is no pair of query ${query} and key ${key}.`);
  }
  const [q, k] = [rowOf(queries, query), rowOf(keys, key)];
  return { ...dotTerms(q, k), cosine: cosine(q, k) };
}

export async function spreadSlice(
  trace: Trace,
  request: HeadRef,
  signal?: AbortSignal,
): Promise<ScoreSpread> {
  const { attention, batch, head } = request;
  const { site, run } = trace.attention(attention);
  const of = async (stage: Stage) => {
    const captured = await run.capture(attention, stage, signal);
    if (!captured) {
      return undefined;
    }
    const matrix = headMatrix(captured, site, batch, head);
    return spread(matrix.data, await maskedCells(run, site, batch, matrix, signal, head));
  };
  return { headSize: site.headSize, scores: await of('scores'), scaled: await of('scaled') };
}

/** All heads of a kind, ranked; the mean over the text's own tokens. */
export async function rankedHeads(
  trace: Trace,
  { kind, batch, question, pair }: HeadsRequest,
  signal?: AbortSignal,
): Promise<readonly RankedHead[]> {
  const { encoder, decoder } = trace.summary;
  const spellings = new Map<string, number>();
  const queries = tokensOf((kind === 'encoderSelf' ? encoder : decoder)[batch], spellings);
  const keys = tokensOf((kind === 'decoderSelf' ? decoder : encoder)[batch], spellings);
  const ranked: RankedHead[] = [];
  for (const site of trace.attentions(kind)) {
    const run = trace.run(kind);
    const captured = await run.capture(site.name, 'weights', signal);
    // The mask of a layer is the same for all of its heads.
    const masked =
      captured && (await maskedCells(run, site, batch, headView(captured, site, batch, 0), signal));
    for (let head = 0; captured && head < site.heads; head++) {
      const weights = headView(captured, site, batch, head);
      const score = headScore(weights, queries, keys, question, pair, masked);
      ranked.push({ attention: site.name, head, score });
    }
  }
  return ranked.sort((a, b) => b.score - a.score);
}

function tokensOf({ tokens, words }: TokenSequence, spellings: Map<string, number>): readonly HeadToken[] {
  return tokens.map(({ special, padding, word, label }) => {
    const text = (words[word]?.label ?? label).toLowerCase();
    const spelling = spellings.get(text) ?? spellings.size;
    spellings.set(text, spelling);
    return { real: padding !== true, spelling, delimiter: special || /^[\p{P}\p{S}]+$/u.test(text) };
  });
}

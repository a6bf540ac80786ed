// What the attention of a whole run is like: spread of scores, sharpness of weights, over all heads of all blocks.
import { addRows, type RowSums } from '../../explain/changes';
import { spread } from '../../explain/terms';
import type { AttentionFacts } from '../../shared/comparison';
import { readHead } from '../../probe/readHead';
import { maskedCells } from '../slices/maskedCells';
import { headView } from '../slices/heads';
import type { StackRun } from '../stackRun';
import { comparedOutputs } from './comparedOutputs';

/** A run with which tokens of a text are real, by side. */
export interface FactRun {
  readonly run: StackRun;
  readonly realQueries: readonly boolean[];
}

interface Facts extends RowSums {
  /** Sum over heads of the variance of their scores. */
  variance: number;
  heads: number;
}

/** Of runs that were asked about; a run before a change is compared with many. */
const known = new WeakMap<StackRun, Map<number, Facts>>();

/** Facts about one text. The runs must have what `comparedOutputs` names, or they are run again for it. */
export async function attentionFacts(
  runs: readonly FactRun[],
  batch: number,
  signal?: AbortSignal,
): Promise<AttentionFacts> {
  const all: Facts[] = [];
  for (const run of runs) {
    all.push(await factsOf(run, batch, signal));
  }
  const sum = (of: keyof Facts): number => all.reduce((total, facts) => total + facts[of], 0);
  const [rows, heads] = [Math.max(1, sum('count')), Math.max(1, sum('heads'))];
  return {
    scoreVariance: sum('variance') / heads,
    largestWeight: sum('largest') / rows,
    entropy: sum('entropy') / rows,
    slope: sum('slope') / rows,
    rows: sum('count'),
  };
}

async function factsOf({ run, realQueries }: FactRun, batch: number, signal?: AbortSignal): Promise<Facts> {
  const ofRun = known.get(run) ?? new Map<number, Facts>();
  known.set(run, ofRun);
  const found = ofRun.get(batch);
  if (found) {
    return found;
  }
  await run.fetch(comparedOutputs(run.stack), signal);
  const facts: Facts = { largest: 0, entropy: 0, slope: 0, count: 0, variance: 0, heads: 0 };
  for (const site of run.stack.anatomy.attentions) {
    const weights = await run.capture(site.name, 'weights', signal);
    const scaled = await run.capture(site.name, 'scaled', signal);
    for (let head = 0; weights && head < site.heads; head++) {
      const matrix = headView(weights, site, batch, head);
      addRows(facts, matrix, realQueries);
      if (scaled) {
        const masked = await maskedCells(run, site, batch, matrix, signal, head);
        const hidden = masked.map((mark, i) => mark | Number(!realQueries[Math.floor(i / matrix.columns)]));
        facts.variance += spread(
          readHead(scaled.tensor, scaled.tap, site, batch, head).data,
          hidden,
        ).variance;
        facts.heads++;
      }
    }
  }
  ofRun.set(batch, facts);
  return facts;
}

// What the attention of a whole run is like: spread of scores, sharpness of weights, over all heads of all blocks.
import { addRows, type RowSums } from '../../explain/changes';
import { spread } from '../../explain/terms';
import type { AttentionFacts } from '../../shared/comparison';
import { readHead } from '../../probe/readHead';
import { maskedCells } from '../slices/maskedCells';
import { headView } from '../slices/heads';
import type { StackRun } from '../stackRun';

/** A run with which tokens of a text are real, by side. */
export interface FactRun {
  readonly run: StackRun;
  readonly realQueries: readonly boolean[];
}

/** Everything that {@link attentionFacts} will read of a run, in one further run at most. */
export function factOutputs({ stack }: StackRun): readonly string[] {
  return stack.tapsOf('weights', 'scaled', 'mask').map(({ output }) => output);
}

/** Facts about one text. */
export async function attentionFacts(
  runs: readonly FactRun[],
  batch: number,
  signal?: AbortSignal,
): Promise<AttentionFacts> {
  const sums: RowSums = { largest: 0, entropy: 0, slope: 0, count: 0 };
  let [variance, heads] = [0, 0];
  for (const { run, realQueries } of runs) {
    await run.fetch(factOutputs(run), signal);
    for (const site of run.stack.anatomy.attentions) {
      const weights = await run.capture(site.name, 'weights', signal);
      const scaled = await run.capture(site.name, 'scaled', signal);
      for (let head = 0; weights && head < site.heads; head++) {
        const matrix = headView(weights, site, batch, head);
        addRows(sums, matrix, realQueries);
        if (scaled) {
          const masked = await maskedCells(run, site, batch, matrix, signal, head);
          const hidden = masked.map((mark, i) => mark | Number(!realQueries[Math.floor(i / matrix.columns)]));
          variance += spread(readHead(scaled.tensor, scaled.tap, site, batch, head).data, hidden).variance;
          heads++;
        }
      }
    }
  }
  const mean = (sum: number): number => (sums.count === 0 ? 0 : sum / sums.count);
  return {
    scoreVariance: heads === 0 ? 0 : variance / heads,
    largestWeight: mean(sums.largest),
    entropy: mean(sums.entropy),
    slope: mean(sums.slope),
    rows: sums.count,
  };
}

// Beam search: for every source the best few sequences are continued side by side. The rules are those of models/recipe/beam.py.
import { throwIfCancelled } from '../shared/errors';
import { nextMacrotask } from '../shared/macrotask';
import type { Candidate, Hypothesis, TreeNode } from './beamSource';
import { BeamSource } from './beamSource';
import { likeliest, logSumExp } from './logits';
import { openTargets } from './opening';
import type { LengthLimit, SearchOptions } from './options';
import { longestTarget } from './options';
import type { Step } from './step';
import { applyRules } from './tokenRules';

export type { Hypothesis, TreeNode };

export type BeamOptions = SearchOptions &
  LengthLimit & {
    /** Sequences that are continued side by side, at least 1. */
    readonly beams: number;
    /** A hypothesis is worth `log-probability ÷ length ** lengthPenalty`: 0 favours short ones, the default is 1. */
    readonly lengthPenalty?: number;
    /** How many of the best hypotheses to return; default and most: `beams`. */
    readonly hypotheses?: number;
    /** Called once, before the search answers, with everything that was looked at for each source. */
    readonly onTrees?: (trees: readonly (readonly TreeNode[])[]) => void;
  };

/**
 * Looks for the most probable sequences of every source; yields to the event loop at every step.
 *
 * At each step the `2 · beams` most probable continuations of a source are taken in order. One that ends is finished when it
 * is among the first `beams`; the others go on, until there are `beams` of them. A source is done when it has `beams`
 * finished ones and none that goes on is worth more than the worst of them, or at its limit. Of equals the earlier beam, then
 * the smaller id comes first. With one beam this is greedy decoding.
 *
 * @returns `[source][hypothesis]`, best first, at least one and at most `hypotheses` of each.
 * @throws UserError `cancelled`
 */
export async function beamSearch<State>(step: Step<State>, options: BeamOptions): Promise<Hypothesis[][]> {
  const { prompt, beams, forcedFirst, signal, onStep, onTrees, hypotheses = beams } = options;
  const { vocabulary } = step;
  const { begun, end, result } = await openTargets(step, options);
  const searches = begun.map(
    (each, source) => new BeamSource(each, end, longestTarget(options, source), options),
  );
  let { logits, state } = result;
  let active = searches.filter(({ live }) => live.length > 0);
  let places = searches.flatMap(({ live }, source) => (live.length > 0 ? [source] : []));
  while (active.length > 0) {
    const rows: number[] = [];
    let place = 0;
    for (const search of active) {
      const source = searches.indexOf(search);
      const mine = places.slice(place, place + search.live.length);
      place += mine.length;
      const looked = search.live.flatMap(({ ids, logProbabilities, logProbability: before }, parent) => {
        const next = logits.subarray(mine[parent] * vocabulary, (mine[parent] + 1) * vocabulary);
        const forced = logProbabilities.length === 0 ? forcedFirst : undefined;
        applyRules(next, options, [...prompt[source], ...ids], forced);
        const best = likeliest(next, 2 * beams);
        // none is best where every logit is NaN
        const normaliser = logSumExp(next, best.length > 0 ? next[best[0]] : undefined);
        const chosen = forced === undefined ? best : [forced];
        return chosen.map((id): Candidate => {
          const logProbability = next[id] - normaliser;
          return { parent, id, logProbability, total: before + logProbability };
        });
      });
      rows.push(...search.advance(looked).map((parent) => mine[parent]));
    }
    onStep?.(searches.map(({ best }) => best));
    active = active.filter(({ live }) => live.length > 0);
    if (active.length === 0) {
      break;
    }
    await nextMacrotask();
    throwIfCancelled(signal);
    const batch = logits.length / vocabulary;
    const unchanged = rows.length === batch && rows.every((from, to) => from === to);
    const before = unchanged ? state : step.select(state, rows);
    const read = active.flatMap(({ live }) => live.map(({ ids }) => ids.slice(-1)));
    ({ logits, state } = await step.advance(before, read, signal, 1));
    places = [...rows.keys()];
  }
  onTrees?.(searches.map(({ tree }) => tree));
  return searches.map(({ finished }) => finished.slice(0, hypotheses));
}

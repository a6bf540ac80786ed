// Beam search: for every source the best few sequences are continued side by side. The rules are those of models/recipe/beam.py.
import { throwIfCancelled } from '../shared/errors';
import { nextMacrotask } from '../shared/macrotask';
import type { Generated } from './greedy';
import { forbid, likeliest, logSumExp } from './logits';
import type { Step } from './step';

export interface BeamOptions {
  /** What each source's sequences begin with `[source][length]`, equally long, e.g. the decoder's start token. */
  readonly prompt: readonly (readonly number[])[];
  /** Sequences that are continued side by side, at least 1. */
  readonly beams: number;
  /** Any of these ends a sequence. */
  readonly eos: readonly number[];
  /** Never chosen. */
  readonly forbidden?: readonly number[];
  /** Chosen first, whatever the model says. */
  readonly forcedFirst?: number;
  /** Tokens to generate at most for each source, the end included. */
  readonly maxLengths: readonly number[];
  /** A hypothesis is worth `log-probability ÷ length ** lengthPenalty`: 0 favours short ones, the default is 1. */
  readonly lengthPenalty?: number;
  readonly signal?: AbortSignal;
  /** Called after every step with the best sequence of each source so far `[source][length]`, ends excluded. */
  readonly onStep?: (ids: readonly (readonly number[])[]) => void;
}

/** One sequence that the search has finished. */
export interface Hypothesis extends Generated {
  /** Sum of all `logProbabilities`. */
  readonly logProbability: number;
  /** What hypotheses are compared by: see `lengthPenalty`. */
  readonly score: number;
}

interface Live {
  readonly ids: readonly number[];
  readonly logProbabilities: readonly number[];
  readonly logProbability: number;
}

interface Candidate {
  readonly parent: number;
  readonly id: number;
  readonly logProbability: number;
  readonly total: number;
}

/**
 * Looks for the most probable sequences of every source; yields to the event loop at every step.
 *
 * At each step the `2 · beams` most probable continuations of a source are taken in order. One that ends is finished when it
 * is among the first `beams`; the others go on, until there are `beams` of them. A source is done when it has `beams`
 * finished ones and none that goes on is worth more than the worst of them, or at its limit. Of equals the earlier beam, then
 * the smaller id comes first. With one beam this is greedy decoding.
 *
 * @returns `[source][hypothesis]`, best first, at most `beams` of each.
 * @throws UserError `cancelled`
 */
export async function beamSearch<State>(step: Step<State>, options: BeamOptions): Promise<Hypothesis[][]> {
  const { prompt, eos, forbidden = [], forcedFirst, signal, onStep } = options;
  const searches = prompt.map((_ids, source) => new Search(options, source));
  let state = step.start;
  let next = prompt;
  let active = searches;
  for (let length = 1; active.length > 0; length++) {
    throwIfCancelled(signal);
    const result = await step.advance(state, next, signal);
    const forced = length === 1 ? forcedFirst : undefined;
    const rows: number[] = [];
    let row = 0;
    for (const search of active) {
      const first = row;
      const candidates = search.live.flatMap((live, parent): Candidate[] => {
        const all = result.logits.subarray(row * step.vocabulary, (row + 1) * step.vocabulary);
        row++;
        const logits = forbid(all, forbidden);
        const normaliser = logSumExp(logits);
        const ids = forced === undefined ? likeliest(logits, 2 * options.beams) : [forced];
        return ids.map((id) => {
          const logProbability = logits[id] - normaliser;
          return { parent, id, logProbability, total: live.logProbability + logProbability };
        });
      });
      const parents = search.advance(candidates, eos);
      rows.push(...parents.map((parent) => first + parent));
    }
    onStep?.(searches.map((search) => search.best));
    active = active.filter(({ live }) => live.length > 0);
    next = active.flatMap(({ live }) => live.map(({ ids }) => ids.slice(-1)));
    const unchanged = rows.length === row && rows.every((from, to) => from === to);
    state = unchanged ? result.state : step.select(result.state, rows);
    await nextMacrotask();
  }
  return searches.map(({ finished }) => finished);
}

/** The search for one source. */
class Search {
  live: readonly Live[] = [{ ids: [], logProbabilities: [], logProbability: 0 }];
  readonly finished: Hypothesis[] = [];
  private readonly beams: number;
  private readonly limit: number;
  private readonly penalty: number;

  constructor({ beams, maxLengths, lengthPenalty = 1 }: BeamOptions, source: number) {
    this.beams = beams;
    this.limit = maxLengths[source] ?? 0;
    this.penalty = lengthPenalty;
  }

  /** The ids of the sequence that is ahead: a finished one where nothing goes on. */
  get best(): readonly number[] {
    return (this.live[0] ?? this.finished[0])?.ids ?? [];
  }

  /** Chooses among the continuations of all live sequences; returns which of them each new one continues, none at the end. */
  advance(candidates: Candidate[], eos: readonly number[]): number[] {
    const length = (this.live[0]?.ids.length ?? 0) + 1;
    const going: Live[] = [];
    const parents: number[] = [];
    const order = candidates
      .filter(({ total }) => total > -Infinity)
      .sort((a, b) => b.total - a.total || a.parent - b.parent || a.id - b.id)
      .slice(0, 2 * this.beams);
    for (const [rank, { parent, id, logProbability, total }] of order.entries()) {
      const { ids, logProbabilities } = this.live[parent];
      const all = [...logProbabilities, logProbability];
      if (eos.includes(id)) {
        if (rank < this.beams) {
          this.finish({ ids, logProbabilities: all, logProbability: total }, length, true);
        }
        continue;
      }
      going.push({ ids: [...ids, id], logProbabilities: all, logProbability: total });
      parents.push(parent);
      if (going.length === this.beams) {
        break;
      }
    }
    if (length >= this.limit) {
      going.forEach((live) => this.finish(live, length, false));
    }
    const over = length >= this.limit || this.decided(going[0], length);
    this.live = over ? [] : going;
    return over ? [] : parents;
  }

  private decided(ahead: Live | undefined, length: number): boolean {
    const worst = this.finished[this.beams - 1];
    return ahead === undefined || (worst !== undefined && worst.score >= this.worth(ahead, length));
  }

  private worth({ logProbability }: Live, length: number): number {
    return logProbability / length ** this.penalty;
  }

  private finish(live: Live, length: number, ended: boolean): void {
    this.finished.push({ ...live, score: this.worth(live, length), ended });
    // The order of equals is that of finishing: sort is stable.
    this.finished.sort((a, b) => b.score - a.score);
    this.finished.length = Math.min(this.finished.length, this.beams);
  }
}

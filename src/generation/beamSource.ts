// The beam search for one source: which sequences go on, which are finished, when it is over, and a record of all that it looked at.
import type { BeamNode } from '../shared/translation';
import type { Generated } from './opening';

/** One sequence that the search has finished. */
export interface Hypothesis extends Generated {
  /** Sum of all `logProbabilities`. */
  readonly logProbability: number;
  /** What hypotheses are compared by: see `lengthPenalty` of `BeamOptions`. */
  readonly score: number;
}

/** A node without the text that is shown of it. */
export type TreeNode = Omit<BeamNode, 'label'>;

/** A sequence that goes on. */
export interface Live {
  readonly ids: readonly number[];
  readonly logProbabilities: readonly number[];
  readonly logProbability: number;
  /** Its last token in the tree; −1 before the first one. */
  readonly node: number;
}

/** A sequence and a token that may follow it. */
export interface Candidate {
  /** Index into the live sequences. */
  readonly parent: number;
  readonly id: number;
  readonly logProbability: number;
  /** With everything before it. */
  readonly total: number;
}

interface Settings {
  readonly beams: number;
  readonly eos: readonly number[];
  readonly lengthPenalty?: number;
  /** Left out, no tree is recorded. */
  readonly onTrees?: unknown;
}

export class BeamSource {
  /** At most `beams`, best first; none when the search is over. */
  live: readonly Live[];
  /** At most `beams`, best first. */
  readonly finished: Hypothesis[] = [];
  readonly tree: TreeNode[] = [];
  private readonly penalty: number;

  /**
   * @param begun What every sequence begins with.
   * @param end The end of `begun`, where it has one.
   * @param limit Tokens at most.
   */
  constructor(
    begun: Generated,
    end: number | undefined,
    private readonly limit: number,
    private readonly settings: Settings,
  ) {
    this.penalty = settings.lengthPenalty ?? 1;
    const { ids, logProbabilities, ended } = begun;
    let total = 0;
    [...ids, ...(end === undefined ? [] : [end])].forEach((id, index) => {
      const logProbability = logProbabilities[index];
      total += logProbability;
      const fate = index === ids.length ? 'ended' : 'kept';
      this.note({ id, logProbability, total }, index - 1, index + 1, fate);
    });
    const start: Live = { ids, logProbabilities, logProbability: total, node: ids.length - 1 };
    this.live = [start];
    if (ended || ids.length >= limit) {
      this.finish(start, logProbabilities.length, ended);
      this.live = [];
    }
  }

  /** The ids of the sequence that is ahead: a finished one where nothing goes on. */
  get best(): readonly number[] {
    return (this.live[0] ?? this.finished[0])?.ids ?? [];
  }

  /** Chooses among the continuations of all live sequences; returns which of them each new one continues, none at the end. */
  advance(candidates: readonly Candidate[]): number[] {
    const { beams, eos } = this.settings;
    const before = this.live[0]?.logProbabilities.length ?? 0;
    const length = before + 1;
    const going: Live[] = [];
    const parents: number[] = [];
    const order = candidates
      .filter(({ total }) => total > -Infinity)
      .sort((a, b) => b.total - a.total || a.parent - b.parent || a.id - b.id)
      .slice(0, 2 * beams);
    for (const [rank, candidate] of order.entries()) {
      const { parent, id, logProbability, total } = candidate;
      const { ids, logProbabilities, node } = this.live[parent];
      const all = [...logProbabilities, logProbability];
      const ends = eos.includes(id);
      const taken = going.length < beams && (!ends || rank < beams);
      const fate = taken ? (ends ? 'ended' : 'kept') : 'dropped';
      const place = this.note(candidate, node, length, fate);
      if (!taken) {
        continue;
      }
      if (ends) {
        this.finish({ ids, logProbabilities: all, logProbability: total, node: place }, length, true);
        continue;
      }
      going.push({ ids: [...ids, id], logProbabilities: all, logProbability: total, node: place });
      parents.push(parent);
    }
    if (order.length === 0) {
      this.live.forEach((live) => this.finish(live, before, false));
    }
    if (length >= this.limit) {
      going.forEach((live) => this.finish(live, length, false));
    }
    const over = length >= this.limit || this.decided(going[0], length);
    this.live = over ? [] : going;
    return over ? [] : parents;
  }

  private decided(ahead: Live | undefined, length: number): boolean {
    const worst = this.finished[this.settings.beams - 1];
    return ahead === undefined || (worst !== undefined && worst.score >= this.worth(ahead, length));
  }

  private worth({ logProbability }: Live, length: number): number {
    return logProbability / Math.max(1, length) ** this.penalty;
  }

  private finish(live: Live, length: number, ended: boolean): void {
    const { ids, logProbabilities, logProbability } = live;
    const score = this.worth(live, length);
    this.finished.push({ ids, logProbabilities, logProbability, score, ended });
    // The order of equals is that of finishing: sort is stable.
    this.finished.sort((a, b) => b.score - a.score);
    this.finished.length = Math.min(this.finished.length, this.settings.beams);
  }

  /** Records a node, where a tree is wanted; returns its index. */
  private note(
    { id, logProbability, total }: Omit<Candidate, 'parent'>,
    parent: number,
    length: number,
    fate: TreeNode['fate'],
  ): number {
    return this.settings.onTrees === undefined
      ? -1
      : this.tree.push({ parent, id, logProbability, total, length, fate }) - 1;
  }
}

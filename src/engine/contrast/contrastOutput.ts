// What two runs say at aligned places: KL of their distributions where the vocabulary is one, and their likeliest tokens.
import { klDivergence, likeliest, logSumExp } from '../../explain/changes';
import type { OutputContrast, OutputPlace } from '../../shared/contrast';
import { throwIfCancelled } from '../../shared/errors';
import type { Candidate } from '../../shared/insight';
import { nextMacrotask } from '../../shared/macrotask';
import { rowOf, type Matrix } from '../../shared/tensor';
import type { Model } from '../model';
import { logitsAt, speller } from '../slices/outputs';
import type { StackRun } from '../stackRun';
import type { Trace } from '../trace';
import { alignedSide, isSame, type Pair } from './matched';

/** Likeliest tokens that are named for each place. */
const NAMED = 5;
/** Places that are compared before messages are looked at. */
const BETWEEN_TURNS = 8;

/** Places are aligned in pieces: where several stand together, what follows the last of them is compared. */
export async function contrastOutput(pair: Pair, signal: AbortSignal | undefined): Promise<OutputContrast> {
  const [a, b] = [outputOf(pair.a), outputOf(pair.b)];
  if (!a || !b) {
    const { name } = (a ? pair.b : pair.a).model.summary;
    return {
      places: [],
      why: `${name} has no projection onto its vocabulary: there is no output to compare.`,
    };
  }
  const side = alignedSide(pair, a.stack.anatomy.side, 'pieces');
  if (!side || side.b !== b.stack.anatomy.side) {
    return { places: [], why: 'The outputs of the two models belong to different texts.' };
  }
  if (pair.a.model.summary.family !== pair.b.model.summary.family) {
    const why =
      'One model predicts the next token, the other the token at the place itself, or of a translation: their outputs answer different questions.';
    return { places: [], why };
  }
  const same = side.items.filter(isSame);
  const known = sameVocabulary(pair.a.model, pair.b.model);
  const logitsA = await allLogits(pair.a, a, pair.batch.a, signal);
  const logitsB = await allLogits(pair.b, b, pair.batch.b, signal);
  const spellA = speller(pair.a.model);
  const spellB = speller(pair.b.model);
  const places: OutputPlace[] = [];
  for (const [index, item] of same.entries()) {
    const [left, right] = [rowOf(logitsA, item.a.last), rowOf(logitsB, item.b.last)];
    const sums = { before: logSumExp(left), after: logSumExp(right) };
    places.push({
      a: item.a,
      b: item.b,
      kl: known
        ? {
            ab: klDivergence(left, right, sums),
            ba: klDivergence(right, left, { before: sums.after, after: sums.before }),
          }
        : undefined,
      likeliestA: named(left, spellA, sums.before),
      likeliestB: named(right, spellB, sums.after),
    });
    if (index % BETWEEN_TURNS === 0) {
      // A large vocabulary takes its time: a cancel is received in between.
      await nextMacrotask();
      throwIfCancelled(signal);
    }
  }
  return { places, why: known ? undefined : 'The models have different vocabularies: KL is not defined.' };
}

function named(logits: Float32Array, spell: (id: number) => string, total: number): readonly Candidate[] {
  return likeliest(logits, NAMED, spell, total);
}

function outputOf(trace: Trace): StackRun | undefined {
  return trace.runs.find(({ stack }) => stack.anatomy.structure.head);
}

function allLogits(
  trace: Trace,
  run: StackRun,
  batch: number,
  signal: AbortSignal | undefined,
): Promise<Matrix> {
  const { tokens } = trace.summary[run.stack.anatomy.side][batch];
  return logitsAt(trace, run, { batch, first: 0, last: tokens.length - 1 }, signal);
}

/** Whether every id means the same in both models. */
export function sameVocabulary(a: Model, b: Model): boolean {
  if (a.tokenizer === b.tokenizer && a.summary.vocabulary === b.summary.vocabulary) {
    return true;
  }
  if (!a.tokenizer || !b.tokenizer || a.summary.vocabulary !== b.summary.vocabulary) {
    return false;
  }
  for (let id = 0; id < a.summary.vocabulary; id++) {
    if (a.tokenizer.pieceOf(id) !== b.tokenizer.pieceOf(id)) {
      return false;
    }
  }
  return true;
}

// What a model says: the distribution at a position, and at every position what follows and what it would have said.
import { distribution } from '../../explain/distribution';
import { likeliest, logProbability, logSumExp } from '../../generation/logits';
import { UserError } from '../../shared/errors';
import type { Distribution, DistributionRequest, OutputStep, Said, StepsRequest } from '../../shared/insight';
import type { Matrix } from '../../shared/tensor';
import { rowOf } from '../../shared/tensor';
import type { Model } from '../model';
import type { StackRun } from '../stackRun';
import type { Trace } from '../trace';
import { statesOf } from './states';

export async function distributionSlice(
  trace: Trace,
  request: DistributionRequest,
  signal?: AbortSignal,
): Promise<Distribution> {
  const { position, batch, count, temperature, hide } = request;
  if (!(temperature > 0)) {
    throw new UserError('badRequest', 'The temperature must be above 0.');
  }
  const shown = outputRun(trace);
  const run = hide ? withHidden(trace, shown, batch, position) : shown;
  const logits = await logitsAt(trace, run, { batch, first: position, last: position }, signal);
  return distribution(logits.data, request, count, speller(trace.model));
}

/** What stands at each position and what the model says there. */
export async function stepsSlice(
  trace: Trace,
  { batch }: StepsRequest,
  signal?: AbortSignal,
): Promise<readonly OutputStep[]> {
  const run = outputRun(trace);
  const { side } = run.stack.anatomy;
  const { tokens } = trace.summary[side][batch];
  const pieceOf = speller(trace.model);
  const logits = await logitsAt(trace, run, { batch, first: 0, last: tokens.length - 1 }, signal);
  return tokens.map((token, position): OutputStep => {
    const row = rowOf(logits, position);
    const actual = tokens.at(side === 'decoder' ? position + 1 : position);
    const predicted = position + 1 < tokens.length || side === 'encoder';
    const known = predicted && actual && !actual.padding && !token.padding;
    return {
      actual: known ? said(row, actual.id, pieceOf) : undefined,
      best: said(row, likeliest(row, 1)[0], pieceOf),
      entropy: entropyOf(row),
    };
  });
}

/** The run whose graph ends in logits. @throws UserError `badRequest` */
export function outputRun(trace: Trace): StackRun {
  const run = trace.runs.find(({ stack }) => stack.anatomy.structure.head);
  if (!run) {
    throw new UserError(
      'badRequest',
      'This model has no projection onto its vocabulary: its graph ends in hidden states.',
    );
  }
  return run;
}

/** `[position, vocabulary]` */
export async function logitsAt(
  trace: Trace,
  run: StackRun,
  rows: { readonly batch: number; readonly first: number; readonly last: number },
  signal: AbortSignal | undefined,
): Promise<Matrix> {
  const { side } = run.stack.anatomy;
  const tokens = trace.summary[side][rows.batch].tokens.length;
  const logits = await statesOf(run, tokens, { ...rows, state: `${side}.logits` }, signal);
  if (!logits) {
    throw new UserError('badRequest', 'The logits of this model cannot be captured.');
  }
  return logits;
}

/** The id that stands where the model predicts at a position; undefined behind the last one and for padding. */
export function predicted(trace: Trace, batch: number, position: number): number | undefined {
  const { side } = outputRun(trace).stack.anatomy;
  const { tokens } = trace.summary[side][batch];
  const at = side === 'decoder' ? position + 1 : position;
  const token = tokens.at(at);
  return at < tokens.length && token && !token.padding && !tokens[position].padding ? token.id : undefined;
}

/** A token's probability and place in a row of logits. */
export function said(logits: Float32Array, id: number, pieceOf: (id: number) => string): Said {
  const logit = logits[id];
  let rank = 1;
  logits.forEach((other, index) => {
    if (other > logit || (other === logit && index < id)) {
      rank++;
    }
  });
  return { id, piece: pieceOf(id), probability: Math.exp(logProbability(logits, id)), rank };
}

/** −Σ p·ln p of the softmax of a row, in nats. */
export function entropyOf(logits: Float32Array): number {
  const total = logSumExp(logits);
  return logits.reduce((sum, logit) => {
    const log = logit - total;
    return log > -Infinity ? sum - Math.exp(log) * log : sum;
  }, 0);
}

/** Spells tokens as the vocabulary does; a model without a tokenizer has only their numbers. */
export function speller({ tokenizer }: Model): (id: number) => string {
  return (id) => tokenizer?.pieceOf(id) ?? `<${id}>`;
}

function withHidden(trace: Trace, run: StackRun, batch: number, position: number): StackRun {
  const mask = trace.model.tokenizer?.special.mask;
  if (mask === undefined || run.stack.anatomy.side === 'decoder') {
    throw new UserError(
      'badRequest',
      'Only a model that was trained with a mask token can fill in a hidden token.',
    );
  }
  return run.withToken(batch, position, mask);
}

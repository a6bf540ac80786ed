// The labels of texts that nobody looks into: one run for each, nothing kept; of a text that is too long, the first part.
import { throwIfCancelled, UserError } from '../../shared/errors';
import type { ClassifiedText, ClassifyRequest } from '../../shared/labels';
import { nextMacrotask } from '../../shared/macrotask';
import type { CallOptions } from '../../shared/protocol';
import type { TokenSequence } from '../../shared/tokens';
import { checkIds } from '../explore';
import type { Model } from '../model';
import { tokenizerOf } from '../model';
import { cutAt, encodeTexts, idsOf, realOf } from '../sequences';
import { StackRun } from '../stackRun';
import { labelScores } from './labelScores';
import { labelLogits, labelOutputs } from './labelSource';

/** A part may be cut into more tokens than it was in the whole text; each time there is less of it. */
const MOST_CUTS = 8;

/** @throws UserError `modelUnsupported` for a model that is no classifier; `emptyText`, `tokenizerMissing`, `cancelled` or of the runtime. */
export async function classifyTexts(
  model: Model,
  { texts }: ClassifyRequest,
  { signal }: CallOptions,
): Promise<readonly ClassifiedText[]> {
  const { labels, summary } = model;
  const stack = model.encoder ?? model.decoder;
  if (!labels || !stack) {
    const message = `The model "${summary.name}" does not tell texts apart. Choose a text classifier, such as fine-tuning makes from lines of label, tab, text.`;
    throw new UserError('modelUnsupported', message);
  }
  const tokenizer = tokenizerOf(model);
  const limit = model.encoder ? summary.maxTokens.encoder : summary.maxTokens.decoder;
  const encode = (text: string): TokenSequence => tokenizer.encode(text);
  const found: ClassifiedText[] = [];
  for (const whole of encodeTexts(texts, Infinity, encode)) {
    throwIfCancelled(signal);
    const { sequence, end } = firstPart(whole, limit, encode);
    checkIds(stack, [sequence]);
    const real = realOf([sequence]);
    const run = StackRun.of(stack, stack.feeds({ ids: idsOf([sequence]), real }));
    await run.fetch(labelOutputs(labels, stack), signal);
    const scores = labelScores(labels, labelLogits(labels, run, 0, real[0]));
    found.push({ ...scores, tokens: sequence.tokens.length, cutAt: end });
    // A cancellation can only be heard between tasks.
    await nextMacrotask();
  }
  return found;
}

/** As much of the text as the model reads. */
function firstPart(
  whole: TokenSequence,
  limit: number,
  encode: (text: string) => TokenSequence,
): { readonly sequence: TokenSequence; readonly end: number | undefined } {
  let sequence = whole;
  for (let cut = 0; cut < MOST_CUTS && sequence.tokens.length > limit; cut++) {
    sequence = encode(sequence.text.slice(0, cutAt(sequence, limit)));
  }
  if (sequence === whole) {
    return { sequence, end: undefined };
  }
  // Says so where nothing is left, or where it is still too much.
  encodeTexts([sequence.text], limit, encode);
  return { sequence, end: sequence.text.length };
}

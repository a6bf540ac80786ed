// Decodes a batch in the way that a request asks for: from settings to greedy decoding, beam search or sampling.
import { beamSearch } from '../../generation/beam';
import type { TreeNode } from '../../generation/beamSource';
import { greedy } from '../../generation/greedy';
import type { Generated } from '../../generation/opening';
import type { LengthLimit, SearchOptions } from '../../generation/options';
import { sample } from '../../generation/sample';
import type { Step } from '../../generation/step';
import type { Decoding } from '../../shared/translation';

/** One sequence with its worth; see `TranslationHypothesis`. */
export interface Decoded extends Generated {
  readonly logProbability: number;
  readonly score: number;
}

/** What was found for one source. */
export interface DecodedSource {
  /** Best first, at least one. */
  readonly hypotheses: readonly Decoded[];
  readonly tree: readonly TreeNode[] | undefined;
}

/** What does not depend on the settings. */
export type DecodeOptions = Pick<
  SearchOptions,
  'prompt' | 'begin' | 'eos' | 'forbidden' | 'forcedFirst' | 'signal' | 'onStep'
> &
  Extract<LengthLimit, { readonly maxLengths: unknown }> & { readonly tree?: boolean };

/** @returns One for each prompt. @throws UserError `cancelled` */
export async function decode<State>(
  step: Step<State>,
  { tree: wantsTree = false, ...options }: DecodeOptions,
  decoding: Decoding,
): Promise<DecodedSource[]> {
  const { noRepeat, repetitionPenalty, lengthPenalty } = decoding;
  const search = { ...options, noRepeat, repetitionPenalty };
  switch (decoding.method) {
    case 'greedy': {
      const found = await greedy(step, search);
      return found.map((one) => ({ hypotheses: [scored(one, lengthPenalty)], tree: undefined }));
    }
    case 'sample': {
      const { seed, hypotheses, temperature, topK, topP } = decoding;
      const found = await sample(step, { ...search, seed, hypotheses, temperature, topK, topP });
      // A length penalty of 0 leaves the sum as it is. The order of equals is that of drawing: sort is stable.
      const best = (samples: readonly Generated[]) =>
        samples.map((one) => scored(one, 0)).sort((a, b) => b.score - a.score);
      return found.map((samples) => ({ hypotheses: best(samples), tree: undefined }));
    }
    case 'beam': {
      const { beams } = decoding;
      const hypotheses = Math.min(beams, decoding.hypotheses);
      let trees: readonly (readonly TreeNode[])[] = [];
      const onTrees = wantsTree ? (found: typeof trees) => void (trees = found) : undefined;
      const found = await beamSearch(step, { ...search, beams, hypotheses, lengthPenalty, onTrees });
      return found.map((each, source) => ({ hypotheses: each, tree: trees[source] }));
    }
    default:
      return decoding.method satisfies never;
  }
}

function scored(generated: Generated, lengthPenalty: number): Decoded {
  const { logProbabilities } = generated;
  const logProbability = logProbabilities.reduce((sum, each) => sum + each, 0);
  const length = Math.max(1, logProbabilities.length);
  return { ...generated, logProbability, score: logProbability / length ** lengthPenalty };
}

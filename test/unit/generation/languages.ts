// Made-up languages: step functions whose every answer follows from what was read, for searches whose result is known.
import type { Step } from '../../../src/generation/step';
import { logSumExp } from '../../../src/generation/logits';

/** Ends every sequence. */
export const EOS = 0;
/** What prompts begin with. */
export const START = 1;

type Read = readonly (readonly number[])[];

/** A language, and what it was asked to read so far. */
export type Language = Step<Read> & { readonly reads: Read[] };

/** A language whose next token depends on everything before it. The state is what was read `[row][token]`. */
export function language(
  vocabulary: number,
  logits: (read: readonly number[]) => readonly number[],
): Language {
  const reads: Read[] = [];
  return {
    vocabulary,
    reads,
    start: [],
    advance: async (state, ids, _signal, positions) => {
      reads.push(ids.map((row) => [...row]));
      const read = ids.map((row, i) => [...(state[i] ?? []), ...row]);
      const ends = Array.from({ length: positions }, (_, i) => positions - 1 - i);
      const answers = read.flatMap((row) =>
        ends.flatMap((missing) => logits(row.slice(0, row.length - missing))),
      );
      return { logits: Float32Array.from(answers), state: read };
    },
    select: (state, rows) => rows.map((row) => state[row]),
  };
}

/** Numbers in [0, 1) that look random and are always the same. */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Whatever was read decides by chance what follows. */
export function randomLanguage(vocabulary: number, seed: number): Language {
  return language(vocabulary, (read) => {
    const next = noise(read.reduce((hash, id) => Math.imul(hash, 31) + id + 1, seed));
    next();
    return Array.from({ length: vocabulary }, () => 4 * next());
  });
}

/** Log-probability of every token after `read`. */
export async function logProbabilitiesAfter(step: Language, read: readonly number[]): Promise<number[]> {
  const { logits } = await step.advance(step.start, [read], undefined, 1);
  const normaliser = logSumExp(logits);
  return [...logits].map((logit) => logit - normaliser);
}

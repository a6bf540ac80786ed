// Tells masks from position biases among what meets the scores, and finds the parts a mask is made of.
import type { HeadLayout, MaskPart, MaskSite, MaskStep, ScoreBias } from './anatomy';
import type { GraphFacts } from './graphFacts';
import { natureOf, type MaskNature, type Reading } from './maskNature';
import { biasKind } from './scoreBias';
import { scoreLayout } from './scoreLayout';
import type { ScoreStep } from './scorePath';
import { numbersOf } from './symbolic/value';
import { isMaskName, type Trial } from './trial';

/** What meets the scores of one attention besides the scale. */
export interface ScoreExtras {
  readonly mask: MaskSite | undefined;
  readonly bias: ScoreBias | undefined;
  /** Tensors added to the scores of which it is not known what they are. */
  readonly unknown: readonly string[];
}

/** Sorts everything added to the scores, or chosen instead of them, by what it does. */
export function findScoreExtras(facts: GraphFacts, trial: Trial, path: readonly ScoreStep[]): ScoreExtras {
  const masks: MaskStep[] = [];
  const biases: ScoreBias[] = [];
  const unknown: string[] = [];
  for (const step of path) {
    if (step.kind === 'where') {
      masks.push({
        form: 'where',
        tensor: step.condition,
        layout: scoreLayout(facts, step.from),
        keepsWhenTrue: step.keepsWhenTrue,
        maskedValue: uniformValue(facts, trial, step.replacement),
        node: nodeName(step),
      });
    } else if (step.kind === 'add') {
      const layout = scoreLayout(facts, step.from);
      for (const term of termsOf(facts, trial, step.other, step.sign)) {
        const kind = kindOfTerm(facts, trial, term.tensor, term.sign);
        if (kind === 'mask' && removesNothing(facts, trial, term)) {
          continue;
        }
        if (kind === 'mask') {
          const subtracted = term.sign < 0 ? { subtracted: true } : {};
          masks.push({ form: 'add', tensor: term.tensor, layout, node: nodeName(step), ...subtracted });
        } else if (kind === 'unknown' || term.sign < 0 || biases.length > 0) {
          unknown.push(term.tensor);
        } else {
          biases.push({ kind, tensor: term.tensor, layout });
        }
      }
    }
  }
  return { mask: masks.length > 0 ? maskSite(facts, trial, masks) : undefined, bias: biases[0], unknown };
}

/** Exporters add zeros where a model can have a mask and has none. */
function removesNothing(facts: GraphFacts, trial: Trial, { tensor, sign }: Term): boolean {
  const nature = natureOf(facts, trial, tensor, { form: 'add', subtracted: sign < 0 });
  return facts.isConstant(tensor) && nature !== undefined && !nature.causal && !nature.other;
}

export const nodeName = ({ node }: Pick<ScoreStep, 'node'>): string => node.name || node.outputs[0];

function maskSite(facts: GraphFacts, trial: Trial, steps: readonly MaskStep[]): MaskSite {
  const [first, ...more] = steps;
  const natures = steps.map((step) => natureOf(facts, trial, step.tensor, step));
  const known = natures.every((nature) => nature !== undefined);
  return {
    ...first,
    more,
    inputs: facts.inputs
      .map((input) => input.name)
      .filter((name) => steps.some((step) => facts.dependencies.has(step.tensor, name))),
    causal: natures.some((nature) => nature?.causal) || (known ? false : looksCausal(facts, steps)),
    parts: steps.flatMap((step, i) => partsOf(facts, trial, step, natures[i])),
  };
}

/** The element of a tensor that has only one value, however large it is. */
function uniformValue(facts: GraphFacts, trial: Trial, tensor: string): number | undefined {
  const numbers = numbersOf(facts.value(tensor) ?? trial.value(tensor));
  return numbers && numbers.length > 0 && numbers.every((element) => element === numbers[0])
    ? numbers[0]
    : undefined;
}

interface Term {
  readonly tensor: string;
  readonly sign: 1 | -1;
}

/** Operators below which a sum may be taken apart, because they do not mix cells. */
const TRANSPARENT = new Set(['Identity', 'Cast']);

/** The addends of a sum of masks and biases; the tensor itself when it is one or the other as a whole. */
function termsOf(facts: GraphFacts, trial: Trial, tensor: string, sign: 1 | -1): readonly Term[] {
  if (natureOf(facts, trial, tensor, { form: 'add', subtracted: sign < 0 }, [1])) {
    return [{ tensor, sign }];
  }
  const node = facts.producer(tensor);
  if (node && TRANSPARENT.has(node.opType)) {
    const inner = termsOf(facts, trial, node.inputs[0], sign);
    return inner.length > 1 ? inner : [{ tensor, sign }];
  }
  if (node?.opType !== 'Add') {
    return [{ tensor, sign }];
  }
  const terms = node.inputs.flatMap((input) => termsOf(facts, trial, input, sign));
  const kinds = new Set(terms.map((term) => kindOfTerm(facts, trial, term.tensor, term.sign)));
  // Worth taking apart only when the parts are of different kinds.
  return kinds.size > 1 ? terms : [{ tensor, sign }];
}

/** What an addend of the scores is. */
export function kindOfTerm(
  facts: GraphFacts,
  trial: Trial,
  tensor: string,
  sign: 1 | -1,
): 'mask' | ScoreBias['kind'] | 'unknown' {
  const reading: Reading = { form: 'add', subtracted: sign < 0 };
  if (natureOf(facts, trial, tensor, reading, [1])) {
    return 'mask';
  }
  const bias = biasKind(facts, trial, tensor);
  if (bias) {
    return bias;
  }
  // Only now: without tokens, a bias that counts them is zero everywhere and would pass for a mask.
  if (natureOf(facts, trial, tensor, reading, [0])) {
    return 'mask';
  }
  return facts.dependencies.of(tensor).some(isMaskName) && isRankTwoInput(facts, tensor) ? 'mask' : 'unknown';
}

/** Whether everything the tensor depends on is a mask as it is fed, not a hidden state. */
function isRankTwoInput(facts: GraphFacts, tensor: string): boolean {
  return facts.dependencies.of(tensor).every((input) => isMaskName(input) || (facts.rank(input) ?? 9) <= 2);
}

/** Ancestors looked at for parts; masks of the largest exports are made by some dozens of nodes. */
const MAX_ANCESTORS = 120;

/** The nearest tensors behind a mask that remove padding only, or later keys only. */
function partsOf(
  facts: GraphFacts,
  trial: Trial,
  step: MaskStep,
  nature: MaskNature | undefined,
): readonly MaskPart[] {
  const whole = nature && pureKind(nature);
  if (whole) {
    return [{ kind: whole, tensor: step.tensor, layout: step.layout, ...readingOf(step) }];
  }
  if (!nature) {
    return [];
  }
  const found = new Map<MaskPart['kind'], MaskPart>();
  const queue = [step.tensor];
  const seen = new Set(queue);
  for (let tensor = queue.shift(); tensor !== undefined && found.size < 2; tensor = queue.shift()) {
    for (const input of facts.producer(tensor)?.inputs ?? []) {
      if (input === '' || seen.has(input) || seen.size > MAX_ANCESTORS) {
        continue;
      }
      seen.add(input);
      queue.push(input);
      const part = partAt(facts, trial, input, step.layout, nature);
      if (part && !found.has(part.kind)) {
        found.set(part.kind, part);
      }
    }
  }
  return [...found.values()];
}

function partAt(
  facts: GraphFacts,
  trial: Trial,
  tensor: string,
  layout: HeadLayout,
  whole: MaskNature,
): MaskPart | undefined {
  const rank = facts.rank(tensor) ?? 0;
  const readings: readonly Reading[] = [
    { form: 'add' },
    { form: 'where', keepsWhenTrue: true },
    { form: 'where', keepsWhenTrue: false },
  ];
  for (const reading of readings) {
    const nature = rank >= 2 ? natureOf(facts, trial, tensor, reading) : undefined;
    const kind = nature && pureKind(nature);
    // Padding per text needs its axes in place; a causal matrix may still lack batch and head.
    if (kind === 'causal' || (kind === 'padding' && rank >= 3)) {
      const expected = kind === 'causal' ? whole.causal : whole.padding.length > 0;
      if (expected) {
        return { kind, tensor, layout, ...readingOf(reading) };
      }
    }
  }
  return undefined;
}

function readingOf({ form, keepsWhenTrue }: Reading): Pick<MaskPart, 'form' | 'keepsWhenTrue'> {
  return form === 'add' ? { form } : { form, keepsWhenTrue };
}

function pureKind({ causal, padding, other }: MaskNature): MaskPart['kind'] | undefined {
  if (causal !== padding.length > 0) {
    return causal ? 'causal' : 'padding';
  }
  return !causal && other ? 'other' : undefined;
}

/** Without a trial: whether something triangular or a comparison of positions is behind the mask. */
function looksCausal(facts: GraphFacts, steps: readonly MaskStep[]): boolean | undefined {
  const queue = steps.map((step) => step.tensor);
  const seen = new Set(queue);
  let compares = false;
  let ranges = false;
  for (let tensor = queue.pop(); tensor !== undefined && seen.size < MAX_ANCESTORS; tensor = queue.pop()) {
    const node = facts.producer(tensor);
    if (node?.opType === 'Trilu') {
      return true;
    }
    compares ||= /^(Less|Greater)/.test(node?.opType ?? '');
    ranges ||= node?.opType === 'Range' || node?.opType === 'CumSum';
    for (const input of node?.inputs ?? []) {
      if (!seen.has(input)) {
        seen.add(input);
        queue.push(input);
      }
    }
  }
  return compares && ranges ? true : undefined;
}

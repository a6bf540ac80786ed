// The second sides of comparisons as the page keeps them over a reload: one for every text that was explored.
import type { OtherSide } from '../../src/shared/contrast';
import type { TraceSummary } from '../../src/shared/trace';
import { savedInterventions } from './savedInterventions';

/** What a text is compared with. */
export interface OtherChoice {
  /** See {@link explorationOf}. */
  readonly of: string;
  readonly side: OtherSide;
  /** Whether the two have changed places. */
  readonly swapped: boolean;
}

/** Texts whose second side is remembered. */
const most = 24;

/** What a second side belongs to: the texts, whatever runs them. */
export function explorationOf({ encoder, decoder }: TraceSummary): string {
  return JSON.stringify((encoder.length > 0 ? encoder : decoder).map(({ text }) => text));
}

export function otherOf(choices: readonly OtherChoice[], of: string): OtherChoice | undefined {
  return choices.find((choice) => choice.of === of);
}

/** The list with another choice for these texts, or without one. */
export function withOther(
  choices: readonly OtherChoice[],
  of: string,
  choice: Omit<OtherChoice, 'of'> | undefined,
): readonly OtherChoice[] {
  const rest = choices.filter((each) => each.of !== of);
  return (choice ? [{ of, ...choice }, ...rest] : rest).slice(0, most);
}

/** Reads back what was saved; whatever is not understood is left out. */
export function savedOthers(saved: unknown): readonly OtherChoice[] {
  return Array.isArray(saved) ? saved.flatMap((each: unknown) => choiceOf(each) ?? []) : [];
}

function choiceOf(saved: unknown): OtherChoice | undefined {
  const { of, side, swapped } = (saved ?? {}) as Record<string, unknown>;
  const known = sideOf(side);
  return typeof of === 'string' && known ? { of, side: known, swapped: swapped === true } : undefined;
}

function sideOf(saved: unknown): OtherSide | undefined {
  const { by, text, interventions, language, beams, model } = (saved ?? {}) as Record<string, unknown>;
  if (by === 'text' && typeof text === 'string') {
    return { by, text };
  }
  if (by === 'interventions' && Array.isArray(interventions)) {
    const known = savedInterventions(interventions);
    return known.length === interventions.length ? { by, interventions: known } : undefined;
  }
  if (by === 'language' && typeof language === 'string') {
    return { by, language };
  }
  if (by === 'beams' && typeof beams === 'number' && Number.isInteger(beams) && beams > 0) {
    return { by, beams };
  }
  return by === 'model' && typeof model === 'string' ? { by, model } : undefined;
}

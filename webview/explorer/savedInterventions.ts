// The list of interventions as the page keeps it over a reload.
import type { Intervention } from '../../src/shared/intervention';
import { parseIntervention } from '../../src/shared/interventionRecipe';

/** Reads back a list that was saved with the page; one that is not understood any more is left out whole. */
export function savedInterventions(saved: unknown): readonly Intervention[] {
  if (!Array.isArray(saved)) {
    return [];
  }
  try {
    return saved.map((each: unknown) => parseIntervention(each));
  } catch {
    // Saved by another version: nothing that could be told to the user here would help.
    return [];
  }
}

// Runs the texts under a change and compares: the middle part of most experiments.
import type { Comparison } from '../../../src/shared/comparison';
import type { Intervention } from '../../../src/shared/intervention';
import type { CallOptions } from '../../../src/shared/protocol';
import type { TraceSummary } from '../../../src/shared/trace';
import { changedFacts } from './effects';
import type { Bench, Outcome } from './experiment';
import type { Sentence } from './sentence';

/** The changed run and what differs. */
export async function changedRun(
  { lab, trace, batch }: Bench,
  interventions: readonly Intervention[],
  call: CallOptions,
): Promise<{ readonly after: TraceSummary; readonly comparison: Comparison }> {
  const after = await lab.intervene({ trace: trace.id, interventions }, call);
  const comparison = await lab.compare({ trace: trace.id, after: after.id, batch }, call);
  return { after, comparison };
}

/** An outcome of one change; `finding` reads what differs. */
export async function tryChange(
  bench: Bench,
  setting: string,
  interventions: readonly Intervention[],
  finding: (comparison: Comparison, after: TraceSummary) => Sentence | Promise<Sentence>,
  call: CallOptions,
): Promise<Outcome> {
  const { after, comparison } = await changedRun(bench, interventions, call);
  return {
    setting,
    interventions,
    after,
    comparison,
    rows: changedFacts(comparison),
    series: undefined,
    finding: await finding(comparison, after),
  };
}

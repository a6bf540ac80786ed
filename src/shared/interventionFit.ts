// Whether interventions fit a model: that the attentions, heads and layers they name exist, and can be changed in its graph.
import { UserError } from './errors';
import type {
  AttentionChoice,
  AttentionControls,
  HeadChoice,
  Intervention,
  ModelControls,
  PatchTarget,
} from './intervention';

/**
 * Checks every intervention, switched off or not.
 *
 * @throws UserError `badRequest` with details `intervention` (its index) and what is lacking.
 */
export function checkInterventions(interventions: readonly Intervention[], controls: ModelControls): void {
  interventions.forEach((intervention, at) => {
    const problem = problemOf(intervention, controls);
    if (problem !== undefined) {
      const message = `Intervention ${at + 1} (${intervention.kind}) does not fit this model: ${problem}`;
      throw new UserError('badRequest', message, { intervention: at });
    }
  });
}

/** The attentions that a choice names, in the order of the model. */
export function chosenAttentions(
  choice: AttentionChoice,
  attentions: readonly AttentionControls[],
): readonly AttentionControls[] {
  if (choice === 'all') {
    return attentions;
  }
  return typeof choice === 'string'
    ? attentions.filter(({ kind }) => kind === choice)
    : attentions.filter(({ attention }) => choice.includes(attention));
}

/** Whether a choice of heads or texts takes in number `index`. */
export function chooses(choice: HeadChoice, index: number): boolean {
  return choice === 'all' || choice.includes(index);
}

function problemOf(intervention: Intervention, controls: ModelControls): string | undefined {
  switch (intervention.kind) {
    case 'headGate':
    case 'temperature':
    case 'scoreScale':
    case 'normaliser':
    case 'mask':
      return headsProblem(intervention.kind, intervention.attentions, intervention.heads, controls);
    case 'patch':
      return patchProblem(intervention.target, controls);
    case 'positions': {
      const own = controls.positions.find(({ side }) => side === intervention.side);
      if (!own) {
        return `it has no ${intervention.side}.`;
      }
      return own.can.includes(intervention.change.to)
        ? undefined
        : `the positions of its ${intervention.side} cannot be changed by "${intervention.change.to}".`;
    }
    case 'subLayer': {
      const known = new Set(controls.subLayers.map(({ name }) => name));
      const missing = intervention.subLayers.find((name) => !known.has(name));
      return missing === undefined ? undefined : `it has no sub-layer "${missing}" that could be scaled.`;
    }
    default:
      return intervention satisfies never;
  }
}

function headsProblem(
  kind: AttentionControls['can'][number],
  attentions: AttentionChoice,
  heads: HeadChoice,
  controls: ModelControls,
): string | undefined {
  const known = controls.attentions.map(({ attention }) => attention);
  const missing = Array.isArray(attentions)
    ? (attentions as readonly string[]).find((name) => !known.includes(name))
    : undefined;
  if (missing !== undefined) {
    return `it has no attention "${missing}".`;
  }
  const chosen = chosenAttentions(attentions, controls.attentions);
  if (chosen.length === 0) {
    return 'it has no such attention.';
  }
  for (const { attention, heads: count, can } of chosen) {
    const beyond = heads === 'all' ? undefined : heads.find((head) => head >= count);
    if (beyond !== undefined) {
      return `${attention} has no head ${beyond}: it has ${count}, counted from 0.`;
    }
    if (!can.includes(kind)) {
      return `${attention} cannot be changed so; its graph does not show where.`;
    }
  }
  return undefined;
}

function patchProblem(target: PatchTarget, controls: ModelControls): string | undefined {
  if (target.of === 'head') {
    return headsProblem('patch', [target.attention], [target.head], controls);
  }
  const known = controls.layers.some(({ side, layer }) => side === target.side && layer === target.layer);
  return known ? undefined : `its ${target.side} has no layer ${target.layer} whose output could be found.`;
}

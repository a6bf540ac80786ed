// The attention of the chosen heads, or their mean: which source tokens each target token looked at when it was made.
import { UserError } from '../../shared/errors';
import type { AttentionSite } from '../../anatomy/anatomy';
import { meanOfHeads } from '../../explain/rollout';
import type { AttentionKind } from '../../shared/modelSummary';
import type { Matrix } from '../../shared/tensor';
import type { HeadChoice } from '../../shared/translation';
import { headMatrix } from '../slices/heads';
import type { Stack } from '../stack';
import type { StackRun } from '../stackRun';

/** The attentions of a choice, with the outputs that show them. @throws UserError `badRequest`, `modelUnsupported` */
export function chosenSites(
  stack: Stack,
  kind: AttentionKind,
  { layer, head }: HeadChoice,
): readonly AttentionSite[] {
  const sites = stack.anatomy.attentions
    .filter((site) => site.kind === kind)
    .sort((a, b) => a.layer - b.layer);
  const chosen = layer === 'all' ? sites : sites.filter((site) => site.layer === layer);
  if (chosen.length === 0) {
    const layers = sites.map((site) => site.layer);
    throw new UserError('badRequest', `This model has layers ${layers.join(', ')}, not ${layer}.`, { layer });
  }
  const missing = head === 'mean' ? undefined : chosen.find(({ heads }) => !(head >= 0 && head < heads));
  if (missing) {
    const message = `${missing.name} has heads 0 to ${missing.heads - 1}, not ${head}.`;
    throw new UserError('badRequest', message, { head });
  }
  const shown = chosen.filter(({ name }) => stack.tap(name, 'weights'));
  if (shown.length === 0) {
    const [{ name }] = chosen;
    throw new UserError('modelUnsupported', `The graph does not show the weights of ${name}.`, {
      attention: name,
    });
  }
  return shown;
}

/** `[query, key]` of the first text: the mean over the chosen layers of their head, or of the mean of their heads. */
export async function chosenAttention(
  run: StackRun,
  sites: readonly AttentionSite[],
  { head }: HeadChoice,
  signal: AbortSignal | undefined,
): Promise<Matrix> {
  const layers: Matrix[] = [];
  for (const site of sites) {
    const captured = await run.capture(site.name, 'weights', signal);
    if (captured) {
      layers.push(headMatrix(captured, site, 0, head));
    }
  }
  return meanOfHeads(layers);
}

// What each input of a graph is for, from what reads it; names decide only where structure says nothing.
import { ElementType } from '../onnx/model';
import type { InputRole } from './anatomy';
import type { FoundAttention } from './attentions';
import type { LookUp } from './embedding';
import type { GraphFacts } from './graphFacts';
import { isMaskName } from './trial';

export function inputRoles(
  facts: GraphFacts,
  attentions: readonly FoundAttention[],
  lookUps: readonly LookUp[],
  tokens: LookUp | undefined,
): Readonly<Record<string, InputRole>> {
  const past = pastRoles(attentions);
  const roles: Record<string, InputRole> = {};
  for (const { name } of facts.inputs) {
    roles[name] = past.get(name) ?? { role: simpleRole(facts, name, attentions, lookUps, tokens) };
  }
  return roles;
}

type SimpleRole = Exclude<InputRole['role'], 'past'>;

function simpleRole(
  facts: GraphFacts,
  name: string,
  attentions: readonly FoundAttention[],
  lookUps: readonly LookUp[],
  tokens: LookUp | undefined,
): SimpleRole {
  const masks = (cross: boolean): boolean =>
    attentions.some(({ site }) => (site.kind === 'cross') === cross && site.mask?.inputs.includes(name));
  const looksUp = (item: LookUp | undefined): boolean =>
    item?.by.what === 'tokens' && item.by.inputs.includes(name);
  const input = facts.index.input(name);
  if (
    input?.elementType === ElementType.bool &&
    facts.consumers(name).some(({ node }) => node.opType === 'If')
  ) {
    return 'useCache';
  }
  if (masks(false) && (isMaskName(name) || !looksUp(tokens))) {
    return isPositions(facts, name, lookUps) ? 'positions' : 'paddingMask';
  }
  if (masks(true)) {
    return 'encoderPaddingMask';
  }
  if (looksUp(tokens) && !isMaskName(name)) {
    return tokens?.indices === name || !isTokenTypes(facts, name, tokens) ? 'tokens' : 'tokenTypes';
  }
  if (lookUps.some((item) => item !== tokens && looksUp(item))) {
    return /position/i.test(name) ? 'positions' : 'tokenTypes';
  }
  if (isPositions(facts, name, lookUps)) {
    return 'positions';
  }
  const isStates =
    facts.rank(name) === 3 &&
    attentions.some(
      ({ site, sources }) => site.kind === 'cross' && facts.dependencies.has(sources.key, name),
    );
  if (isStates) {
    return 'encoderStates';
  }
  return isMaskName(name) && facts.rank(name) === 2 ? 'paddingMask' : 'other';
}

/** An input that is added to the ids of another before the look-up. */
function isTokenTypes(facts: GraphFacts, name: string, tokens: LookUp | undefined): boolean {
  return (
    tokens !== undefined &&
    facts.consumers(name).every(({ node }) => node.opType === 'Add') &&
    /type|segment/i.test(name)
  );
}

function isPositions(facts: GraphFacts, name: string, lookUps: readonly LookUp[]): boolean {
  return (
    /position/i.test(name) ||
    lookUps.some(
      (item) =>
        item.by.what === 'positions' &&
        facts.dependencies.of(item.indices).join() === name &&
        !isMaskName(name),
    )
  );
}

/** Caches by the attention that reads them. */
function pastRoles(attentions: readonly FoundAttention[]): ReadonlyMap<string, InputRole> {
  const roles = new Map<string, InputRole>();
  for (const { site, past } of attentions) {
    const of = site.kind === 'cross' ? 'cross' : 'self';
    const { layer } = site;
    if (past.key !== undefined && past.key === past.value) {
      roles.set(past.key, { role: 'past', layer, of, what: 'both' });
      continue;
    }
    if (past.key !== undefined) {
      roles.set(past.key, { role: 'past', layer, of, what: 'key' });
    }
    if (past.value !== undefined) {
      roles.set(past.value, { role: 'past', layer, of, what: 'value' });
    }
  }
  return roles;
}

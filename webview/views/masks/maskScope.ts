// Where a mask edit acts, and how it stands in the list of interventions: a preset, then its cells. Pure.
import type {
  AttentionChoice,
  HeadChoice,
  Intervention,
  MaskOverride,
  TextChoice,
} from '../../../src/shared/intervention';
import type { AttentionKind, AttentionSummary } from '../../../src/shared/modelSummary';
import type { MaskEdit } from './maskEdit';
import { noEdit } from './maskEdit';

/** The shown head, all heads of the shown layer, or all layers of the shown kind. */
export type Reach = 'head' | 'layer' | 'all';

export interface MaskScope {
  readonly attentions: AttentionChoice;
  readonly heads: HeadChoice;
  readonly texts: TextChoice;
}

/** `texts` is how many are run together; of several, an edit is about one. */
export function scopeOf(
  reach: Reach,
  { name, kind }: AttentionSummary,
  head: number,
  batch: number,
  texts: number,
): MaskScope {
  return {
    attentions: reach === 'all' ? kind : [name],
    heads: reach === 'head' ? [head] : 'all',
    texts: texts > 1 ? [batch] : 'all',
  };
}

export function scopeKey({ attentions, heads, texts }: MaskScope): string {
  return JSON.stringify([attentions, heads, texts]);
}

/** The edit that the list holds for exactly this scope, and whether any of it is switched on. */
export function editIn(
  list: readonly Intervention[],
  scope: MaskScope,
): { readonly edit: MaskEdit; readonly enabled: boolean } {
  const own = list.filter((each) => isOwn(each, scope)).filter((each) => each.kind === 'mask');
  const edit = own.reduce<MaskEdit>(
    (before, { mask }) =>
      mask.preset === 'cells'
        ? { ...before, cells: [...before.cells, ...mask.cells] }
        : { preset: mask, cells: [] },
    noEdit,
  );
  return { edit, enabled: own.some(({ enabled }) => enabled) };
}

/**
 * The list with another edit for this scope. It keeps its place, unless another mask would overrule it from behind: of
 * several masks the last one decides.
 */
export function withEdit(
  list: readonly Intervention[],
  scope: MaskScope,
  { preset, cells }: MaskEdit,
  enabled = true,
): readonly Intervention[] {
  const common = { kind: 'mask', enabled, ...scope } as const;
  const made: readonly MaskOverride[] = [
    ...(preset ? [{ ...common, mask: preset }] : []),
    ...(cells.length > 0 ? [{ ...common, mask: { preset: 'cells', cells } } as const] : []),
  ];
  const rest = list.filter((each) => !isOwn(each, scope));
  const place = list.findIndex((each) => isOwn(each, scope));
  const overruled = list.slice(place).some((each) => each.kind === 'mask' && !isOwn(each, scope));
  const at = place < 0 || overruled ? rest.length : place;
  return [...rest.slice(0, at), ...made, ...rest.slice(at)];
}

/** The list with the edit of this scope switched on or off. */
export function withSwitch(
  list: readonly Intervention[],
  scope: MaskScope,
  enabled: boolean,
): readonly Intervention[] {
  return list.map((each) => (isOwn(each, scope) ? { ...each, enabled } : each));
}

/** The masks that act on this attention and text, in order. */
export function masksOn(
  list: readonly Intervention[],
  attention: { readonly name: string; readonly kind: AttentionKind },
  batch: number,
): readonly MaskOverride[] {
  return list.filter(
    (each): each is MaskOverride =>
      each.kind === 'mask' &&
      each.enabled &&
      (each.attentions === 'all' ||
        each.attentions === attention.kind ||
        (Array.isArray(each.attentions) && each.attentions.includes(attention.name))) &&
      (each.texts === 'all' || each.texts.includes(batch)),
  );
}

/** Whether an intervention is of exactly this scope. */
export function isOwn(each: Intervention, scope: MaskScope): boolean {
  return each.kind === 'mask' && scopeKey(each) === scopeKey(scope);
}

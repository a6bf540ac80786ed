// The sentences and facts of the Masks view: what each part removes, why one is missing, and where the mask comes from.
import type { AttentionSummary, ModelSummary } from '../../src/shared/modelSummary';
import type { Masks, TraceSummary } from '../../src/shared/trace';
import { batchSize } from '../explorer/sequences';
import { formatDims, formatMask } from '../format';
import { maskStrings as strings, panelStrings } from '../strings';
import type { Fact } from './factList';
import { isTriangular } from './maskCells';

type PartName = 'padding' | 'causal' | 'total';

/** What stands beside each title. */
export function maskTitles({ padding, causal, total }: Masks): Readonly<Record<PartName, string>> {
  const cells = (stage: NonNullable<Masks['total']>) => stage.matrix.rows * stage.matrix.columns;
  return {
    padding: padding ? strings.paddingCount(padding.removed, padding.matrix.columns) : '',
    causal: !causal
      ? ''
      : isTriangular(causal)
        ? strings.causalCount
        : strings.causalSome(causal.removed, cells(causal)),
    total: total ? strings.totalCount(total.removed, cells(total)) : '',
  };
}

/** Why a part is missing; an empty sentence where it is not. */
export function maskReasons(
  masks: Masks,
  texts: number,
  hasPadding: boolean,
): Readonly<Record<PartName, string>> {
  return {
    padding: masks.padding ? '' : whyNoPadding(masks, texts, hasPadding),
    causal: masks.causal ? '' : strings.notCausal,
    total: masks.total ? '' : (masks.why ?? strings.noMask),
  };
}

function whyNoPadding({ causal }: Masks, texts: number, hasPadding: boolean): string {
  if (hasPadding) {
    // Some models rely on the causal mask here: what comes last is later than every token of the text.
    return causal ? strings.paddingHidden : strings.paddingSeen;
  }
  return texts > 1 ? strings.equalLengths : strings.nothingPadded;
}

/** Where the mask comes from and what it does. */
export function maskFacts(
  masks: Masks,
  attention: AttentionSummary,
  model: ModelSummary,
  trace: TraceSummary,
  keys: number,
): Fact[] {
  const source = masks.total?.source ?? masks.causal?.source ?? masks.padding?.source;
  return [
    { name: strings.kind, value: panelStrings.kinds[attention.kind].toLowerCase() },
    { name: strings.input, value: masks.input ?? strings.none, title: masks.input ?? '', code: true },
    { name: strings.form, value: strings.forms[masks.form] },
    { name: strings.source, value: source ?? strings.none, title: source ?? '' },
    { name: strings.shape, value: masks.dims ? formatDims(masks.dims) : strings.none },
    {
      name: strings.maskedValue,
      value: !masks.maskedValue ? strings.none : formatMask(masks.maskedValue),
    },
    { name: strings.sharedBy, value: sharedBy(masks, attention, model), title: masks.sharedBy.join(', ') },
    { name: strings.batch, value: strings.selections(batchSize(trace)) },
    { name: strings.paddedTo, value: strings.tokens(keys) },
  ];
}

function sharedBy({ sharedBy: names }: Masks, attention: AttentionSummary, model: ModelSummary): string {
  const others = names.filter((name) => name !== attention.name);
  if (others.length === 0) {
    return strings.notShared;
  }
  const sameKind = model.attentions.filter(({ kind }) => kind === attention.kind).map(({ name }) => name);
  const isAll = others.length === sameKind.length - 1 && others.every((name) => sameKind.includes(name));
  return isAll ? strings.sharedAll(sameKind.length) : others.join(', ');
}

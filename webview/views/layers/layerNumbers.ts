// The tables of the Layers view as texts, and what BatchNorm would change in one sentence with its numbers.
import type { RowNumbers, SubLayerFlow } from '../../../src/shared/insight';
import type { AxisItem } from '../../explorer/sequences';
import { formatNumber } from '../../format';
import { layersStrings as strings } from '../../strings/layersStrings';
import type { NumberRow } from '../numberTable';

/** One row per sub-layer of the layer, for one token. */
export function flowRows(flows: readonly SubLayerFlow[], token: number): NumberRow[] {
  return flows.map(({ name, what, tokens }) => {
    const { input, branch, cosine, sum, before, after } = tokens[token];
    return {
      name: subLayerName(name, what),
      role: name,
      values: [
        lengthOf(input),
        lengthOf(branch),
        cosine === undefined ? strings.missing : formatNumber(cosine),
        lengthOf(sum),
        spreadOf(before),
        spreadOf(after),
      ],
    };
  });
}

/** One row per real token: the spread of its state after the model's norm and after BatchNorm. */
export function batchRows(
  { tokens }: SubLayerFlow,
  items: readonly AxisItem[],
  real: readonly number[],
  marked: number,
): NumberRow[] {
  return real.map((index) => {
    const { after, batchNorm } = tokens[index];
    return {
      name: items[index]?.label ?? '',
      role: String(index),
      marked: index === marked,
      values: [after?.deviation, batchNorm?.deviation, batchNorm?.cosine, batchNorm?.distance].map((value) =>
        value === undefined ? strings.missing : formatNumber(value),
      ),
    };
  });
}

/** What the comparison comes to over the real tokens of this text. */
export function batchFinding({ tokens, norm }: SubLayerFlow, real: readonly number[]): string {
  const compared = real.flatMap((index) => {
    const { after, batchNorm } = tokens[index];
    return after && batchNorm ? [{ own: after.deviation, ...batchNorm }] : [];
  });
  if (compared.length < 2) {
    return strings.batchFew;
  }
  const distance = compared.reduce((sum, each) => sum + each.distance, 0) / compared.length;
  const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  const own = spread(compared.map((each) => each.own));
  const batch = spread(compared.map(({ deviation }) => deviation));
  const name = norm === 'rms' ? strings.rmsNorm : strings.layerNorm;
  const verdict = own < batch ? strings.batchOwn : strings.batchEvener;
  const moved = strings.batchMoved(`${formatNumber(100 * distance)} %`);
  return `${moved} ${verdict(name, formatNumber(own), formatNumber(batch))}`;
}

/** `encoder.2.self` → `Self-attention`. */
function subLayerName(name: string, what: SubLayerFlow['what']): string {
  if (what === 'feedForward') {
    return strings.sub.feedForward;
  }
  return name.endsWith('.cross') ? strings.sub.cross : strings.sub.self;
}

function lengthOf(row: RowNumbers | undefined): string {
  return row ? formatNumber(row.length) : strings.missing;
}

function spreadOf(row: RowNumbers | undefined): string {
  return row ? strings.pair(formatNumber(row.mean), formatNumber(row.deviation)) : strings.missing;
}

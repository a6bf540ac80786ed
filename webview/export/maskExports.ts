// What can be saved of the masks of an attention: its parts in one picture, and each as numbers.
import type { Masks, MaskStage } from '../../src/shared/trace';
import { UserError } from '../../src/shared/errors';
import { divergingPixel, heatPixels } from '../draw/heatPixels';
import { axisOf, batchSize, sequencesOf } from '../explorer/sequences';
import { formatNumber } from '../format';
import { maskStrings, panelStrings } from '../strings';
import { exportStrings as strings } from '../strings/exportStrings';
import { maskedCells, otherRange } from '../views/maskCells';
import { maskReasons, maskTitles } from '../views/maskFacts';
import { matrixCsv } from './csv';
import type { Exportable, ExportInput } from './exportable';
import { exportable } from './exportable';
import { matrixPicture } from './matrixPicture';
import { cellSide, legend, maskedLegend, placeOf } from './svgParts';
import { sidesOf } from '../../src/shared/attentionSides';

const parts = ['padding', 'causal', 'total'] as const;

export function maskExports(input: ExportInput): readonly Exportable[] {
  const { attention, trace, view, host } = input;
  const detail = `${panelStrings.kinds[attention.kind]}, ${strings.ofLayer(attention.layer + 1)}`;
  const masks = () => host.masks({ trace: trace.id, attention: attention.name, batch: view.batch });
  const labels = labelsOf(input);
  return [
    exportable(
      { id: 'masks', title: strings.masksPicture, detail, file: `${attention.name}.masks` },
      { svg: async () => picture(input, await masks(), labels) },
    ),
    ...parts.map((part) =>
      exportable(
        { id: `mask.${part}`, title: strings.masks[part], detail, file: `${attention.name}.mask.${part}` },
        {
          csv: async () => {
            const all = await masks();
            const stage = all[part];
            if (!stage) {
              const why = maskReasons(all, batchSize(trace), hasPadding(input))[part];
              throw new UserError('badRequest', strings.noMask(strings.masks[part], why));
            }
            return matrixCsv(stage.matrix, labels.queries, labels.keys, strings.corner);
          },
        },
      ),
    ),
  ];
}

function picture(input: ExportInput, masks: Masks, labels: ReturnType<typeof labelsOf>): string {
  const { attention, summary, theme, measure, trace } = input;
  const titles = maskTitles(masks);
  const reasons = maskReasons(masks, batchSize(trace), hasPadding(input));
  const range = Math.max(0, ...parts.map((part) => (masks[part] ? otherRange(masks[part]) : 0)));
  const side = cellSide(Math.max(labels.queries.length, labels.keys.length) * 2);
  const matrixOf = ({ matrix }: MaskStage) => {
    const masked = maskedCells(matrix.data);
    const pixels = heatPixels(matrix, divergingPixel(theme.diverging, range || 1), masked, theme.maskPixel);
    return { pixels, rows: matrix.rows, columns: matrix.columns, masked };
  };
  const pixel = divergingPixel(theme.diverging, 1);
  const ticks = [
    { at: 0, text: formatNumber(-range) },
    { at: 0.5, text: '0' },
    { at: 1, text: `+${formatNumber(range)}` },
  ];
  return matrixPicture({
    title: strings.masksTitle(panelStrings.kinds[attention.kind], attention.layer + 1, summary.name),
    panels: parts.map((part) => ({
      title: maskStrings[part],
      caption: titles[part],
      why: reasons[part],
      matrix: masks[part] && matrixOf(masks[part]),
    })),
    rowLabels: labels.queries,
    columnLabels: labels.keys,
    cell: placeOf(0, 0, side),
    legend: (x, y) =>
      maskedLegend(strings.masked, x, y, theme) +
      (range > 0 ? legend((share) => pixel(2 * share - 1), ticks, strings.added, x + 110, y + 2, theme) : ''),
    theme,
    measure,
  });
}

function labelsOf({ attention, trace, view }: ExportInput) {
  const sides = sidesOf(attention.kind);
  const labels = (side: 'query' | 'key') =>
    axisOf(sequencesOf(trace, sides[side])[view.batch], 'pieces').map(({ label }) => label);
  return { queries: labels('query'), keys: labels('key') };
}

function hasPadding({ attention, trace, view }: ExportInput): boolean {
  const keys = axisOf(sequencesOf(trace, sidesOf(attention.kind).key)[view.batch], 'pieces');
  return keys.some(({ padding }) => padding);
}

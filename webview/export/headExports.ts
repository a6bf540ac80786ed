// What can be saved of the head that is shown: its picture, all heads of its kind, its weights, stages and vectors.
import type { Stage } from '../../src/shared/trace';
import type { Unit } from '../../src/shared/tokens';
import type { HeadScene } from '../explorer/scene';
import { axisOf, sequencesOf } from '../explorer/sequences';
import { panelStrings } from '../strings';
import { exportStrings as strings } from '../strings/exportStrings';
import { matrixCsv } from './csv';
import type { Exportable, ExportInput } from './exportable';
import { exportable } from './exportable';
import { headPicture } from './headPicture';
import { headsPicture, thumbnailSide } from './headsPicture';
import { sidesOf } from '../../src/shared/attentionSides';

const stages = ['scores', 'scaled', 'masked'] as const satisfies readonly Stage[];
const vectors = ['query', 'key', 'value', 'context'] as const;

export function headExports(input: ExportInput): readonly Exportable[] {
  const { attention, view, summary, trace, theme, measure, host } = input;
  const head = view.mean ? 'mean' : Math.min(view.head, attention.heads - 1);
  const kind = panelStrings.kinds[attention.kind];
  const unit = (view.unit === 'words' ? panelStrings.words : panelStrings.pieces).toLowerCase();
  const title = strings.headTitle(kind, attention.layer + 1, head, unit, summary.name);
  const place = strings.ofHead(attention.layer + 1, head);
  const file = head === 'mean' ? `${attention.name}.mean` : `${attention.name}.${head}`;
  const ref = { trace: trace.id, attention: attention.name, head, batch: view.batch };
  const shown = async (): Promise<HeadScene> => sceneOf(input, head, 'weights', view.unit);

  return [
    exportable(
      { id: 'head', title: strings.headPicture, detail: place, file },
      {
        svg: async () =>
          headPicture({
            scene: await shown(),
            title,
            lines: view.lines,
            matrix: view.matrix,
            threshold: view.threshold,
            pinned: view.pinned,
            theme,
            measure,
          }),
      },
    ),
    exportable(
      { id: 'heads', title: strings.headsPicture, detail: kind, file: `${fileKind(attention.name)}.heads` },
      {
        svg: async () => {
          const overview = await host.overview({
            trace: trace.id,
            kind: attention.kind,
            batch: view.batch,
            unit: view.unit,
            maxCells: thumbnailSide,
          });
          return headsPicture({
            overview,
            title: strings.headsTitle(kind, unit, summary.name),
            theme,
            measure,
          });
        },
      },
    ),
    exportable(
      { id: 'weights', title: strings.weights, detail: `${place}, ${unit}`, file: `${file}.weights` },
      { csv: async () => sceneCsv(await shown()) },
    ),
    ...stages.map((stage) =>
      exportable(
        { id: `stage.${stage}`, title: strings.stages[stage], detail: place, file: `${file}.${stage}` },
        // What the mask removed before the softmax is a number of its own, not an empty cell.
        { csv: async () => sceneCsv(await sceneOf(input, head, stage, 'pieces'), false) },
      ),
    ),
    ...(head === 'mean'
      ? []
      : vectors.map((of) =>
          exportable(
            { id: `vectors.${of}`, title: strings.vectors[of], detail: place, file: `${file}.${of}` },
            {
              csv: async () => {
                const matrix = await host.vectors({ ...ref, head, of });
                const sides = sidesOf(attention.kind);
                const side = of === 'query' || of === 'context' ? sides.query : sides.key;
                const items = axisOf(sequencesOf(trace, side)[view.batch], 'pieces');
                return matrixCsv(
                  matrix,
                  items.map(({ label }) => label),
                  Array.from({ length: matrix.columns }, (_, dimension) => String(dimension)),
                  strings.tokenCorner,
                );
              },
            },
          ),
        )),
  ];
}

async function sceneOf(
  { host, trace, attention, view }: ExportInput,
  head: number | 'mean',
  stage: Stage,
  unit: Unit,
): Promise<HeadScene> {
  const { batch } = view;
  const matrix = await host.matrix({ trace: trace.id, attention: attention.name, head, batch, stage, unit });
  const sides = sidesOf(attention.kind);
  return {
    key: '',
    trace: trace.id,
    attention,
    head,
    batch,
    unit,
    matrix,
    queries: axisOf(sequencesOf(trace, sides.query)[batch], unit),
    keys: axisOf(sequencesOf(trace, sides.key)[batch], unit),
  };
}

function sceneCsv({ matrix, queries, keys }: HeadScene, emptyWhereMasked = true): string {
  return matrixCsv(
    matrix,
    queries.map(({ label }) => label),
    keys.map(({ label }) => label),
    strings.corner,
    emptyWhereMasked ? matrix.masked : undefined,
  );
}

/** `encoder.4.self` → `encoder.self` */
function fileKind(name: string): string {
  return name.replace(/\.\d+\./u, '.');
}

// What can be saved of the states of a text as numbers: the residual stream, everything inside a layer, what the lens reads.
import { UserError } from '../../src/shared/errors';
import type { ModelStructure } from '../../src/shared/modelStructure';
import { layerStateNames, stateNames } from '../../src/shared/stateNames';
import type { Matrix } from '../../src/shared/tensor';
import { axisOf, sequencesOf } from '../explorer/sequences';
import { exportStrings as strings } from '../strings/exportStrings';
import { matrixCsv, textCsv } from './csv';
import type { Exportable, ExportInput } from './exportable';
import { exportable } from './exportable';
import { sidesOf } from '../../src/shared/attentionSides';

/** `structure` of the model, where it is known. */
export function stateExports(
  input: ExportInput,
  structure: ModelStructure | undefined,
): readonly Exportable[] {
  const { attention, view, trace, host } = input;
  const side = sidesOf(attention.kind).query;
  const stack = structure?.stacks.find((each) => each.side === side);
  const labels = axisOf(sequencesOf(trace, side)[view.batch], 'pieces').map(({ label }) => label);
  const place = { trace: trace.id, batch: view.batch };
  const layer = strings.ofLayer(attention.layer + 1);
  if (!stack) {
    return [];
  }
  const ofTokens = (matrix: Matrix): string =>
    matrixCsv(matrix, labels, numbers(matrix.columns), strings.tokenCorner);
  const names = [...stateNames(stack).keys()];
  const here = names.filter(
    (name) =>
      name.startsWith(`${side}.embedding.`) ||
      name.startsWith(`${side}.${attention.layer}.`) ||
      name === `${side}.layer.${attention.layer}` ||
      name === `${side}.final` ||
      name === `${side}.logits`,
  );
  const lens = stack.head !== undefined;
  return [
    ...(view.mean
      ? []
      : [
          exportable(
            {
              id: 'head.output',
              title: strings.headOutput,
              detail: strings.ofHead(attention.layer + 1, view.head),
              file: `${attention.name}.${view.head}.output`,
            },
            {
              csv: async () => {
                const ref = { ...place, attention: attention.name, head: view.head };
                const { output } = await host.headStages(ref);
                return ofTokens(output ?? missing(strings.headOutput));
              },
            },
          ),
        ]),
    exportable(
      { id: 'norms', title: strings.norms, detail: strings.ofSide(side), file: `${side}.norms` },
      {
        csv: async () => {
          const matrix = await host.residualNorms({ ...place, side });
          return matrixCsv(matrix, layerStateNames(stack), labels, strings.stateCorner);
        },
      },
    ),
    ...here.map((state) =>
      exportable(
        { id: `state.${state}`, title: strings.state(state), detail: layer, file: state },
        { csv: async () => ofTokens(await host.states({ ...place, state })) },
      ),
    ),
    ...(lens
      ? [
          exportable(
            { id: 'lens', title: strings.lens, detail: strings.ofSide(side), file: `${side}.lens` },
            {
              csv: async () => {
                const last = labels.length - 1;
                const { states, cells } = await host.logitLens({ ...place, first: 0, last, count: 1 });
                const rows = cells.map((row, index) => [
                  states[index],
                  ...row.flatMap(({ candidates: [best] }) => [
                    best?.piece ?? '',
                    String(best?.probability ?? ''),
                  ]),
                ]);
                return textCsv([
                  [strings.stateCorner, ...labels.flatMap((label) => [label, strings.probability])],
                  ...rows,
                ]);
              },
            },
          ),
        ]
      : []),
  ];
}

function missing(what: string): never {
  throw new UserError('badRequest', strings.notExposed(what));
}

function numbers(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

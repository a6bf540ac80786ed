// The numbers of every method as tables, in place of the pictures.
import { element } from '../../dom';
import { attributionStrings as strings } from '../../strings/attributionStrings';
import { PagedTable } from '../pagedTable';
import type { Attribution } from './agreement';
import type { MethodId, Scene } from './attributionScene';
import { gradientIds, labelsOf, methodIds, numberText } from './attributionScene';

const roles: Readonly<Record<MethodId, string>> = {
  attention: 'attention-scores',
  rollout: 'rollout-scores',
  leaveOneOut: 'leave-one-out-scores',
  saliency: 'saliency-scores',
  gradientInput: 'gradient-input-scores',
  integrated: 'integrated-scores',
};

export class AttributionTables {
  readonly element = element('div', { class: 'table-view', 'data-keys': true });
  private readonly tables = new Map(methodIds.map((id) => [id, new PagedTable(roles[id])]));
  private readonly prefixTables = new Map(
    gradientIds.map((id) => [id, new PagedTable(`${roles[id]}-prefix`)]),
  );

  constructor() {
    const all = [...this.tables.values(), ...this.prefixTables.values()];
    this.element.append(...all.map((table) => table.element));
  }

  update(scene: Scene, titles: Readonly<Record<MethodId, string>>): void {
    const [targets, sources] = [labelsOf(scene.targets), labelsOf(scene.sources)];
    const fill = (
      table: PagedTable | undefined,
      attribution: Attribution | undefined,
      caption: string,
      columns: readonly string[],
    ): void => {
      if (!table) {
        return;
      }
      table.element.hidden = !attribution;
      if (attribution) {
        const { data, columns: width } = attribution.scores;
        table.update({
          key: `${scene.key}|${caption}`,
          caption,
          corner: '',
          rows: targets,
          columns,
          cell: (row, column) => numberText(attribution, data[row * width + column]),
          isMasked: (row, column) => !Number.isFinite(data[row * width + column]),
        });
      }
    };
    methodIds.forEach((id) => fill(this.tables.get(id), scene.columns[id], titles[id], sources));
    gradientIds.forEach((id) =>
      fill(this.prefixTables.get(id), scene.prefix[id], `${titles[id]}: ${strings.prefix}`, targets),
    );
  }
}

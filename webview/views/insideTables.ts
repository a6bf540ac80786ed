// The tensors behind the pictures as tables, one folded per stage, made when they are unfolded.
import { element } from '../dom';
import { formatMask, formatNumber, formatWeight } from '../format';
import { attentionStrings } from '../strings';
import { insideStrings as strings } from '../strings/insideStrings';
import type { StageName } from './insideLayout';
import { stageNames } from './insideLayout';
import type { InsideScene } from './insideScene';
import { columnsAreKeys, headTitle, rowsAreKeys, whyMissing } from './insideScene';
import { PagedTable } from './pagedTable';

export class InsideTables {
  readonly element = element('div', {
    class: 'table-view inside-tables',
    'data-role': 'inside-tables',
    'data-keys': true,
    'aria-label': strings.tables,
  });
  private readonly parts;
  private scene: InsideScene | undefined;

  constructor() {
    this.parts = stageNames.map((name) => {
      const table = new PagedTable(`inside-${name}-table`);
      const details = element(
        'details',
        { 'data-stage': name },
        element('summary', {}, strings.spokenStages[name]),
        table.element,
      );
      details.open = name === 'weights';
      details.addEventListener('toggle', () => this.fill(name));
      return { name, table, details };
    });
    this.element.append(...this.parts.map(({ details }) => details));
  }

  update(scene: InsideScene): void {
    this.scene = scene;
    stageNames.forEach((name) => this.fill(name));
  }

  private fill(name: StageName): void {
    const part = this.parts.find((each) => each.name === name);
    const { scene } = this;
    if (!scene || !part?.details.open) {
      return;
    }
    const matrix = scene.stages[name];
    const { removed } = scene.stages;
    const rows = (rowsAreKeys(name) ? scene.keys : scene.queries).map(({ label }) => label);
    const columns = columnsAreKeys(name)
      ? scene.keys.map(({ label }) => label)
      : Array.from({ length: matrix?.columns ?? 0 }, (_, index) => String(index));
    const at = (row: number, column: number): number => row * (matrix?.columns ?? 0) + column;
    const marks = name === 'weights' || name === 'masked';
    const isMasked = (row: number, column: number): boolean => marks && removed[at(row, column)] === 1;
    const format = name === 'weights' ? formatWeight : name === 'masked' ? formatMask : formatNumber;
    part.table.update({
      key: `${scene.key}|${name}`,
      caption: matrix
        ? strings.tableCaption(strings.spokenStages[name], headTitle(scene))
        : whyMissing(scene, name),
      corner: rowsAreKeys(name) ? strings.key : attentionStrings.query,
      rows: matrix ? rows : [],
      columns: matrix ? columns : [],
      isMasked,
      cell: (row, column) =>
        isMasked(row, column) ? strings.removed : format(matrix?.data[at(row, column)] ?? 0),
    });
  }
}

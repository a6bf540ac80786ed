// The pane with the waves, or the reason why there are none.
import { symmetricRange } from '../draw/heatPixels';
import { element, setText } from '../dom';
import { formatNumber } from '../format';
import { positionStrings as strings } from '../strings';
import type { Theme } from '../theme';
import type { PositionScene } from './positionsView';
import { Waves } from './waves';

const heightOfWave = 58;
const axis = 20;

export class WavesPane {
  readonly element: HTMLElement;
  private readonly caption = element('span', { class: 'caption' });
  private readonly waves: Waves;
  private readonly missing = element('p', { class: 'missing' }, strings.noWaves);

  constructor(point: (position: number | undefined) => void) {
    this.waves = new Waves(point);
    this.element = element(
      'section',
      { class: 'pane', 'data-role': 'waves-pane' },
      element(
        'div',
        { class: 'pane-header' },
        element('h2', { class: 'pane-title' }, strings.waves),
        this.caption,
      ),
      this.waves.element,
      this.missing,
    );
  }

  update({
    scene,
    theme,
    position,
  }: {
    readonly scene: PositionScene;
    readonly theme: Theme;
    readonly position: number | undefined;
  }): void {
    const { positions, dimensions, items } = scene;
    const { table, kind } = positions;
    this.waves.element.hidden = !table;
    this.missing.hidden = table !== undefined;
    if (!table) {
      setText(this.caption, '');
      return;
    }
    const rotary = kind === 'rotary';
    const values = rotary
      ? Float32Array.of(1)
      : Float32Array.from(dimensions.flatMap((dimension) => columnOf(table, dimension)));
    const range = symmetricRange(values);
    setText(
      this.caption,
      `${(rotary ? strings.cosineCaption : strings.wavesCaption)(table.rows - 1)}, ±${formatNumber(range)}`,
    );
    this.waves.update({
      table,
      valueOf: rotary ? Math.cos : (value) => value,
      range,
      dimensions,
      used: items.length,
      position,
      theme,
      width: Math.max(200, this.element.clientWidth - 2),
      height: Math.max(1, dimensions.length) * heightOfWave + axis,
    });
  }
}

function columnOf(
  table: { readonly rows: number; readonly columns: number; readonly data: Float32Array },
  column: number,
): number[] {
  return Array.from({ length: table.rows }, (_, row) => table.data[row * table.columns + column]);
}

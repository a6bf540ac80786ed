// The logit lens as a table: a row per state, the model's own answer on top, a column per position.
import type { LogitLens, OutputStep } from '../../../src/shared/insight';
import { cssOf, weightStep } from '../../draw/colour';
import { element, setAttributes } from '../../dom';
import { arrows } from '../../explorer/keys';
import type { AxisItem } from '../../explorer/sequences';
import { formatNumber, formatToken, formatWeight } from '../../format';
import { outputStrings as strings } from '../../strings/outputStrings';
import type { Theme } from '../../theme';
import { cellTint } from './cellTint';

/** What the table shows. */
export interface LensScene {
  /** Changes with everything that is drawn, except theme and choice. */
  readonly key: string;
  readonly lens: LogitLens;
  readonly steps: readonly OutputStep[];
  readonly items: readonly AxisItem[];
  /** First position in the table. */
  readonly first: number;
  /** The model predicts the next token, not the one it reads. */
  readonly ahead: boolean;
}

/** A row of the lens and a position of the text. */
export interface LensSpot {
  readonly state: number;
  readonly position: number;
}

export class LensTable {
  readonly element: HTMLElement;
  private readonly table = element('table', { role: 'grid', 'data-role': 'lens' });
  private cells: HTMLElement[][] = [];
  private heads: HTMLElement[] = [];
  private shown = '';
  private scene: LensScene | undefined;
  private spot: LensSpot | undefined;
  private chosen = 0;

  constructor(
    private readonly point: (spot: LensSpot | undefined) => void,
    private readonly choose: (position: number) => void,
  ) {
    setAttributes(this.table, { tabindex: 0, 'aria-label': strings.lensLabel });
    this.element = element('div', { class: 'lens-scroller', 'data-keys': true }, this.table);
    this.table.addEventListener('pointermove', (event) => this.point(spotOf(event.target)));
    this.table.addEventListener('pointerleave', () => this.point(undefined));
    this.table.addEventListener('blur', () => this.point(undefined));
    this.table.addEventListener('click', (event) => {
      const spot = spotOf(event.target);
      if (spot) {
        this.choose(spot.position);
      }
    });
    this.table.addEventListener('keydown', (event) => this.key(event));
  }

  update(scene: LensScene, theme: Theme, position: number, spot: LensSpot | undefined): void {
    this.scene = scene;
    const key = `${scene.key}|${theme.background}|${theme.foreground}|${theme.contrastBorder ?? ''}`;
    if (key !== this.shown) {
      this.shown = key;
      this.fill(scene, theme);
    }
    this.chosen = position;
    this.spot = spot;
    this.heads.forEach((head, column) =>
      setAttributes(head, { 'aria-selected': String(column + scene.first === position) }),
    );
    for (const [row, cells] of this.cells.entries()) {
      cells.forEach((cell, column) => {
        const here = column + scene.first === spot?.position && row === spot.state;
        cell.classList.toggle('spot', here);
        cell.classList.toggle('chosen', column + scene.first === position);
      });
    }
    const active = spot && this.cells.at(spot.state)?.at(spot.position - scene.first);
    setAttributes(this.table, { 'aria-activedescendant': active?.id });
  }

  private fill({ lens, steps, items, first, ahead }: LensScene, theme: Theme): void {
    const positions = lens.cells[0]?.map((_, column) => first + column) ?? [];
    this.heads = positions.map((position) =>
      element(
        'th',
        { scope: 'col', class: 'token', 'data-position': position },
        items[position]?.label ?? '',
      ),
    );
    this.cells = lens.states.map((state, row) =>
      positions.map((position, column) => {
        const { candidates } = lens.cells[row][column];
        const [best] = candidates;
        const cell = element(
          'td',
          {
            role: 'gridcell',
            id: `lens-${row}-${position}`,
            class: 'token',
            'data-state': row,
            'data-position': position,
            'data-token': best.id,
            'data-probability': best.probability,
            'aria-label': `${stateName(state)}, ${items[position]?.label ?? ''}: ${formatToken(best.piece)}, ${formatWeight(best.probability)}`,
          },
          formatToken(best.piece),
        );
        cell.style.backgroundColor = cellTint(theme, best.probability);
        cell.style.borderBottomColor = cssOf(theme.sequential.table[weightStep(best.probability)]);
        return cell;
      }),
    );
    const line = (name: string, cells: readonly HTMLElement[], role?: string) =>
      element('tr', { 'data-row': role }, element('th', { scope: 'row' }, name), ...cells);
    const numbers = (text: (step: OutputStep) => string) =>
      positions.map((position) =>
        element('td', { class: 'number', 'data-position': position }, text(steps[position])),
      );
    const body = lens.states.map((state, row) => line(stateName(state), this.cells[row], state)).reverse();
    const actual = positions.map((position) => {
      const piece = steps[position].actual?.piece;
      return element(
        'td',
        { class: 'token', 'data-position': position },
        piece === undefined ? '–' : formatToken(piece),
      );
    });
    this.table.replaceChildren(
      element('thead', {}, line(ahead ? strings.reads : strings.sees, this.heads)),
      element('tbody', {}, ...body),
      element(
        'tbody',
        { class: 'facts-rows' },
        line(ahead ? strings.next : strings.original, actual, 'actual'),
        line(
          strings.its,
          numbers(({ actual: said }) => (said ? formatWeight(said.probability) : '–')),
          'probability',
        ),
        line(
          strings.entropyRow,
          numbers(({ entropy }) => formatNumber(entropy / Math.LN2)),
          'entropy',
        ),
      ),
    );
  }

  private key(event: KeyboardEvent): void {
    const { scene } = this;
    const step = arrows[event.key];
    if (!scene) {
      return;
    }
    // The pointer may rest on a position, in no row.
    const top = { state: scene.lens.states.length - 1, position: this.chosen };
    const from = this.spot && this.spot.state >= 0 ? this.spot : top;
    if (step) {
      // The last state is drawn on top.
      const state = from.state - step[0];
      const position = from.position + step[1];
      const inside =
        state >= 0 &&
        state < scene.lens.states.length &&
        position >= scene.first &&
        position < scene.first + this.heads.length;
      if (inside) {
        // Known before the next frame: the next key may come first.
        this.spot = { state, position };
        this.point(this.spot);
        this.cells[state][position - scene.first].scrollIntoView({ block: 'nearest', inline: 'nearest' });
      }
      event.preventDefault();
    } else if (event.key === 'Enter') {
      this.choose(from.position);
      event.preventDefault();
    }
  }
}

/** `encoder.layer.2` → `after layer 3`. */
export function stateName(state: string): string {
  const layer = /\.layer\.(\d+)$/.exec(state)?.[1];
  return layer === undefined ? strings.embedding : strings.afterLayer(Number(layer) + 1);
}

function spotOf(target: EventTarget | null): LensSpot | undefined {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[data-position]') : null;
  if (!cell) {
    return undefined;
  }
  const { state, position } = cell.dataset;
  return { state: Number(state ?? -1), position: Number(position) };
}

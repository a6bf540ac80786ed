// The edit under way: keeps drafts and their history, and hands them on to the list of interventions when the hand rests.
import type { Intervention } from '../../../src/shared/intervention';
import { chooses } from '../../../src/shared/interventionFit';
import type { AttentionSummary } from '../../../src/shared/modelSummary';
import type { CellPosition } from '../../draw/cells';
import type { CellEdits } from './cellEditing';
import { EditHistory } from './editHistory';
import { effectiveMask } from './effectiveMask';
import type { MaskEdit, MaskGrid, MaskLine, Preset } from './maskEdit';
import { noEdit, painted, toggledCell, toggledLine, withCells } from './maskEdit';
import type { MaskScope, Reach } from './maskScope';
import { editIn, isOwn, masksOn, scopeKey, scopeOf, withEdit, withSwitch } from './maskScope';

/** Milliseconds without another edit before the text is run again: keys come in a row, or are held. */
const resting = 100;
/** The same for digits. */
const typing = 300;

/** The list that the edits go into. */
export interface EditedList {
  readonly list: readonly Intervention[];
  set(interventions: readonly Intervention[]): void;
}

/** What is edited. */
export interface EditorPlace {
  /** Names the run: histories of another one are forgotten. */
  readonly run: string;
  readonly attention: AttentionSummary;
  readonly head: number;
  readonly batch: number;
  readonly texts: number;
  /** The model's own mask over the tokens of the text. */
  readonly own: MaskGrid;
  readonly realKeys: readonly boolean[];
}

export interface EditorCalls {
  readonly redraw: () => void;
  readonly say: (what: EditorNews) => void;
}

export type EditorNews =
  | { readonly did: 'cell'; readonly row: number; readonly column: number; readonly keep: boolean }
  | { readonly did: 'undo' | 'redo' | 'reset' };

export class MaskEditor implements CellEdits {
  private place: EditorPlace | undefined;
  private run = '';
  private wanted: Reach = 'layer';
  private draft: { readonly scope: MaskScope; readonly edit: MaskEdit } | undefined;
  private stroke:
    | {
        readonly keep: boolean;
        readonly from: MaskEdit;
        readonly ground: MaskGrid;
        readonly cells: CellPosition[];
      }
    | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly histories = new Map<string, EditHistory<MaskEdit>>();
  /** The grid is asked for whenever the pointer moves, over up to a quarter of a million cells. */
  private drawn: { readonly of: readonly unknown[]; readonly grid: MaskGrid } | undefined;

  constructor(
    private readonly target: EditedList,
    private readonly calls: EditorCalls,
  ) {}

  /** Call before anything is read, whenever something may have changed. */
  update(place: EditorPlace): void {
    if (this.run !== place.run) {
      // What was drawn on another text does not belong on this one.
      this.run = place.run;
      this.drop();
      this.histories.clear();
    } else if (this.draft && scopeKey(this.draft.scope) !== scopeKey(this.scopeIn(place))) {
      this.apply();
    }
    this.place = place;
  }

  /** Something else is looked at and not there yet: until then nothing can be edited. */
  leave(): void {
    this.apply();
    this.place = undefined;
  }

  get reach(): Reach {
    return this.wanted;
  }

  get edit(): MaskEdit {
    return this.draft?.edit ?? this.saved.edit;
  }

  /** Whether the edit is switched on; a draft is about to be. */
  get enabled(): boolean {
    return this.draft !== undefined || this.saved.enabled;
  }

  /** Whether the list does not know yet what is drawn. */
  get pending(): boolean {
    return this.draft !== undefined;
  }

  get canUndo(): boolean {
    return this.history().canUndo;
  }

  get canRedo(): boolean {
    return this.history().canRedo;
  }

  /** Masks of other scopes that act on the same heads. */
  get others(): number {
    const { place, scope } = this;
    if (!place || !scope) {
      return 0;
    }
    return masksOn(this.target.list, place.attention, place.batch).filter(
      (each) => !isOwn(each, scope) && (scope.heads === 'all' || chooses(each.heads, place.head)),
    ).length;
  }

  /** The mask of the head as it is drawn: the draft's, or what the list makes of the model's own. */
  get grid(): MaskGrid | undefined {
    const { place, draft, drawn } = this;
    if (!place) {
      return undefined;
    }
    const of = [this.target.list, draft?.edit, this.wanted, ...Object.values(place)];
    const isSame = drawn?.of.length === of.length && drawn.of.every((each, at) => each === of[at]);
    if (!drawn || !isSame) {
      this.drawn = { of, grid: this.under(place, this.listed()) };
    }
    return this.drawn?.grid;
  }

  /** The same without edited cells, as it is once the edit is switched on: the first edit does that. */
  get ground(): MaskGrid | undefined {
    return this.place && this.under(this.place, this.listed({ ...this.edit, cells: [] }, true));
  }

  /** `typed`: more of its number may come. */
  setPreset(preset: Preset | undefined, typed = false): void {
    // Edited cells were meant against what was there before; with another preset they would say something else.
    this.commit({ preset, cells: [] }, typed ? typing : 0);
  }

  /** Takes the edit along to other heads or layers. */
  setReach(reach: Reach): void {
    const { place, scope, edit, enabled } = this;
    if (!place || !scope || reach === this.wanted) {
      return;
    }
    this.drop();
    const rest = withEdit(this.target.list, scope, noEdit);
    this.wanted = reach;
    const next = this.scopeIn(place);
    const isEmpty = edit.preset === undefined && edit.cells.length === 0;
    if (!isEmpty) {
      this.history().push(edit);
      this.target.set(withEdit(rest, next, edit, enabled));
    }
    this.calls.redraw();
  }

  setEnabled(on: boolean): void {
    this.apply();
    const { scope } = this;
    if (scope) {
      this.target.set(withSwitch(this.target.list, scope, on));
    }
  }

  reset(): void {
    this.commit(noEdit, 0);
    this.calls.say({ did: 'reset' });
  }

  undo(): void {
    this.goTo(this.history().undo(), 'undo');
  }

  redo(): void {
    this.goTo(this.history().redo(), 'redo');
  }

  press(cell: CellPosition): void {
    const { grid, ground } = this;
    if (grid && ground) {
      const keep = grid.removed[cell.row * grid.columns + cell.column] === 1;
      this.stroke = { keep, from: this.edit, ground, cells: [] };
      this.paint([cell]);
    }
  }

  paint(cells: readonly CellPosition[]): void {
    const { stroke, scope } = this;
    if (stroke && scope) {
      stroke.cells.push(...cells);
      clearTimeout(this.timer);
      const { from, ground, keep } = stroke;
      this.draft = { scope, edit: painted(from, ground, stroke.cells.map(placeOf), keep) };
      this.calls.redraw();
    }
  }

  release(): void {
    const { stroke } = this;
    this.stroke = undefined;
    if (stroke) {
      const { row, column } = stroke.cells[stroke.cells.length - 1];
      // The hand that let go rests already.
      this.commit(this.edit, 0);
      this.calls.say({ did: 'cell', row, column, keep: stroke.keep });
    }
  }

  toggle({ row, column }: CellPosition): void {
    const { ground, edit } = this;
    if (ground) {
      const next = toggledCell(edit, ground, row, column);
      const keep = withCells(ground, next.cells).removed[row * ground.columns + column] === 0;
      this.commit(next);
      this.calls.say({ did: 'cell', row, column, keep });
    }
  }

  line(line: MaskLine): void {
    const { ground } = this;
    if (ground) {
      this.commit(toggledLine(this.edit, ground, line));
    }
  }

  /** Puts the draft into the list now. */
  apply(): void {
    const { draft } = this;
    this.drop();
    if (draft) {
      this.target.set(withEdit(this.target.list, draft.scope, draft.edit));
    }
  }

  private commit(edit: MaskEdit, delay = resting): void {
    const { scope } = this;
    if (!scope) {
      return;
    }
    const history = this.history();
    history.push(edit);
    this.draft = { scope, edit };
    clearTimeout(this.timer);
    if (delay === 0) {
      this.apply();
    } else {
      this.timer = setTimeout(() => this.apply(), delay);
    }
    this.calls.redraw();
  }

  private goTo(edit: MaskEdit | undefined, did: 'undo' | 'redo'): void {
    const { scope } = this;
    if (edit && scope) {
      this.draft = { scope, edit };
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.apply(), resting);
      this.calls.say({ did });
      this.calls.redraw();
    }
  }

  /** The steps of this scope; a change that came from elsewhere is one of them. */
  private history(): EditHistory<MaskEdit> {
    const key = this.scope ? scopeKey(this.scope) : '';
    const known = this.histories.get(key) ?? new EditHistory<MaskEdit>(this.saved.edit);
    this.histories.set(key, known);
    if (!this.draft) {
      known.push(this.saved.edit);
    }
    return known;
  }

  private get scope(): MaskScope | undefined {
    return this.place && this.scopeIn(this.place);
  }

  private scopeIn({ attention, head, batch, texts }: EditorPlace): MaskScope {
    return scopeOf(this.wanted, attention, head, batch, texts);
  }

  private get saved(): { readonly edit: MaskEdit; readonly enabled: boolean } {
    return this.scope ? editIn(this.target.list, this.scope) : { edit: noEdit, enabled: false };
  }

  /** The list as it will be. */
  private listed(edit = this.edit, enabled = this.enabled): readonly Intervention[] {
    const { scope } = this;
    return scope ? withEdit(this.target.list, scope, edit, enabled) : this.target.list;
  }

  private under(
    { own, attention, head, batch, realKeys }: EditorPlace,
    list: readonly Intervention[],
  ): MaskGrid {
    return effectiveMask(own, masksOn(list, attention, batch), head, attention.heads, realKeys);
  }

  private drop(): void {
    clearTimeout(this.timer);
    this.draft = undefined;
    this.stroke = undefined;
  }
}

function placeOf({ row, column }: CellPosition): { query: number; key: number } {
  return { query: row, key: column };
}

// What the controls of the form say about a second side that was chosen elsewhere: by a command, for another text, or before a reload.
import type { OtherSide } from '../../../src/shared/contrast';
import type { compareStrings } from '../../strings/compareStrings';

export type Mode = keyof (typeof compareStrings)['modes'];

/** What stands in the form, the text apart. */
export interface SideChoice {
  readonly mode: Mode;
  readonly language: string;
  readonly beams: string;
  readonly model: string;
}

/** The choice that leads to `side`. A list and a recipe are the same once they run: of the two, the one that stood there stays. */
export function followedChoice(before: SideChoice, side: OtherSide, modes: readonly Mode[]): SideChoice {
  switch (side.by) {
    case 'text':
      return { ...before, mode: 'text' };
    case 'interventions': {
      if (side.interventions.length === 0) {
        return { ...before, mode: 'loaded' };
      }
      const stays = before.mode === 'listed' || before.mode === 'recipe';
      return stays ? before : { ...before, mode: modes.includes('listed') ? 'listed' : 'recipe' };
    }
    case 'language':
      return { ...before, mode: 'language', language: side.language };
    case 'beams':
      return { ...before, mode: 'beams', beams: String(side.beams) };
    case 'model':
      return { ...before, mode: 'model', model: side.model };
    default:
      return side satisfies never;
  }
}

// A comparison by model when the model in use becomes the other side, as by Undo: the two change roles, and A and B stay what they are. Pure.
import type { OtherChoice } from '../../explorer/otherSides';

export interface ModelSwitch {
  /** Id of the model that ran the shown text before; undefined where that is not known. */
  readonly before: string | undefined;
  readonly now: string;
  /** Ids of the models that can be chosen. */
  readonly offered: readonly string[];
}

/** The same choice where nothing is to be changed. */
export function afterSwitch(choice: OtherChoice, { before, now, offered }: ModelSwitch): OtherChoice {
  const { side, swapped } = choice;
  return side.by === 'model' &&
    side.model === now &&
    before !== undefined &&
    before !== now &&
    offered.includes(before)
    ? { ...choice, side: { by: 'model', model: before }, swapped: !swapped }
    : choice;
}

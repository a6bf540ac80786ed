// Which weights there are: the base, what is saved of this training, what is in use, and the tuned models that are kept.
import type { TrainingState } from '../../src/shared/trainingPage';
import { element } from '../dom';
import { trainingStrings as strings } from '../strings/trainingStrings';
import { FactList } from '../views/factList';
import type { TrainingStore } from './trainingStore';
import { TunedList } from './tunedList';
import { tunedName } from './tunedName';
import { formatBytes } from '../../src/shared/formatBytes';

export class WeightsSection {
  readonly element: HTMLElement;
  private readonly facts = new FactList('weights');
  private readonly list: TunedList;

  /** `showed` is told when the training of one of the list is shown again. */
  constructor(store: TrainingStore, showed: () => void) {
    this.list = new TunedList(store, showed);
    this.element = element('div', {}, this.facts.element, this.list.element);
  }

  update(state: TrainingState): void {
    const { result, model, saved, tuned, preview } = state;
    const used = tuned.find(({ inUse }) => inUse);
    const base = result?.baseName ?? model;
    const savedAt = saved ? strings.savedAt(saved.step, formatBytes(saved.bytes)) : strings.nothingSaved;
    const use = used ? tunedName(used) : strings.baseInUse;
    const translates = preview === undefined || preview.task === 'translation';
    this.facts.update([
      ...(base === '' ? [] : [{ name: strings.base, value: base, title: base }]),
      { name: strings.saved, value: savedAt },
      { name: translates ? strings.inUse : strings.inUseOther, value: use, title: used?.name ?? base },
    ]);
    this.list.update(state);
  }

  /** Stands in the section's header. */
  caption({ tuned }: TrainingState): string {
    return tuned.length === 0 ? '' : strings.tunedCount(tuned.length);
  }
}

// Where the data come from, how they were understood, the examples, and the lines that are left out.
import type { TrainingPreview, TrainingTask } from '../../src/shared/training';
import type { TrainingState } from '../../src/shared/trainingPage';
import { element, setText } from '../dom';
import { languageName } from '../languageName';
import { trainingStrings as strings } from '../strings/trainingStrings';
import type { Chooser } from '../toolkit';
import { button, dropdown } from '../toolkit';
import { ExampleTable } from './exampleTable';
import { SkippedLines } from './skippedLines';
import { isActive } from './trainingActions';
import type { TrainingStore } from './trainingStore';

export class DataSection {
  readonly element: HTMLElement;
  private readonly empty;
  private readonly reading = element('p', { class: 'caption', role: 'status' }, strings.reading);
  private readonly content;
  private readonly task: Chooser;
  private readonly language: Chooser;
  private readonly taskRow;
  private readonly languageRow;
  private readonly layout = element('p', { class: 'caption' });
  private readonly examples;
  private readonly split = element('p', { class: 'caption' });
  private readonly labels = element('p', { class: 'caption labels' });
  private readonly skipped;
  private readonly again;
  private readonly foot;

  constructor(store: TrainingStore) {
    const read = () => store.tell((host) => host.readSelection());
    const first = button(strings.readSelection, read, 'primary');
    first.dataset['control'] = 'read-selection';
    this.empty = element(
      'div',
      { class: 'no-data', 'data-role': 'no-data' },
      element('p', {}, strings.empty),
      element('p', { class: 'caption' }, strings.emptyHint),
      element(
        'dl',
        { class: 'formats' },
        ...strings.formats.flatMap(([name, how]) => [element('dt', {}, name), element('dd', {}, how)]),
      ),
      first,
    );
    this.task = dropdown('task', strings.understoodAs, (value) => {
      const task = store.state?.tasks.find((each) => each === value);
      if (task && task !== store.state?.preview?.task) {
        store.tell((host) => host.setData({ task }));
      }
    });
    this.language = dropdown('data-language', strings.targetLanguage, (language) => {
      if (language !== store.state?.preview?.language) {
        store.tell((host) => host.setData({ language }));
      }
    });
    this.taskRow = row(strings.understoodAs, this.task.element);
    this.languageRow = row(strings.targetLanguage, this.language.element);
    const reveal = (line: number) => store.tell((host) => host.reveal({ line }));
    this.examples = new ExampleTable(reveal);
    this.skipped = new SkippedLines(reveal);
    this.again = button(strings.readSelection, read);
    this.again.dataset['control'] = 'read-again';
    this.foot = element('div', { class: 'setting-end' }, this.again);
    this.content = element(
      'div',
      { 'data-role': 'data' },
      ...[this.examples.element, this.split, this.labels, this.skipped.element],
      ...[this.taskRow, this.languageRow, this.layout],
      this.foot,
    );
    this.element = element('div', {}, this.empty, this.reading, this.content);
  }

  update(state: TrainingState): void {
    const { status, preview, firstLine, tasks, languages } = state;
    this.reading.hidden = status !== 'reading';
    this.empty.hidden = preview !== undefined || status === 'reading';
    this.content.hidden = preview === undefined;
    if (!preview) {
      return;
    }
    const fixed = isActive(status);
    this.content.classList.toggle('dimmed', status === 'reading');
    this.examples.update(preview, firstLine);
    setText(this.split, `${strings.split(preview)}, ${strings.tokensPerPass(preview.tokens)}`);
    this.labels.hidden = preview.labels.length === 0;
    setText(this.labels, strings.labels(preview.labels));
    this.skipped.update(preview, firstLine);
    this.task.update(
      tasksWith(tasks, preview.task).map((value) => ({ value, label: strings.tasks[value] })),
      preview.task,
    );
    this.languageRow.hidden = fixed || preview.task !== 'translation' || languages.length < 2;
    this.language.update(
      languages.map(({ code }) => ({ value: code, label: languageName(code) })),
      preview.language ?? languages[0]?.code ?? '',
    );
    setText(this.layout, `${strings.layout}: ${strings.layouts[preview.layout]}`);
    // While it learns, nothing of the data can be changed: the curve has the room.
    this.taskRow.hidden = this.foot.hidden = fixed;
  }

  /** Stands in the section's header. */
  caption({ source, preview }: TrainingState): string {
    return preview ? strings.dataCaption(source ? strings.source(source) : '', preview) : '';
  }
}

function row(label: string, control: HTMLElement): HTMLElement {
  return element(
    'div',
    { class: 'setting' },
    element('span', { class: 'setting-name', 'aria-hidden': 'true' }, label),
    control,
  );
}

/** What the model can learn; the task that was recognised is among it even where the model cannot. */
function tasksWith(tasks: readonly TrainingTask[], task: TrainingPreview['task']): readonly TrainingTask[] {
  return tasks.includes(task) ? tasks : [...tasks, task];
}

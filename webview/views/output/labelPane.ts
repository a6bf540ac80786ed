// What a text classifier says of the explored text: its labels as bars with their probabilities, likeliest first.
import type { LabelScores } from '../../../src/shared/labels';
import { element, setAttributes, setText } from '../../dom';
import { formatNumber, formatToken, formatWeight } from '../../format';
import { labelStrings as strings } from '../../strings/labelStrings';

/** Labels that get a row; the others are summed up. */
const MOST = 12;

export class LabelPane {
  readonly element: HTMLElement;
  private readonly caption = element('span', { class: 'caption' });
  private readonly list = element('div', {
    role: 'list',
    'aria-label': strings.list,
    'data-role': 'labels',
  });
  private readonly more = element('p', { class: 'caption pane-text' });
  private shown: LabelScores | undefined;

  constructor() {
    this.element = element(
      'section',
      { class: 'pane label-pane' },
      element(
        'div',
        { class: 'pane-header' },
        element('h2', { class: 'pane-title' }, strings.title),
        this.caption,
      ),
      this.list,
      this.more,
    );
  }

  update(labels: LabelScores): void {
    if (labels === this.shown) {
      return;
    }
    this.shown = labels;
    const { scores, choice } = labels;
    setText(this.caption, strings.caption[choice]);
    this.list.replaceChildren(...scores.slice(0, MOST).map(row));
    const rest = scores.slice(MOST);
    const sum = formatWeight(rest.reduce((all, { probability }) => all + probability, 0));
    this.more.hidden = rest.length === 0;
    setText(this.more, choice === 'one' ? strings.more(rest.length, sum) : strings.moreSeveral(rest.length));
  }
}

function row({ label, logit, probability }: LabelScores['scores'][number], index: number): HTMLElement {
  const name = formatToken(label);
  const bar = element('span', { class: 'bar-value' });
  bar.style.width = `${(100 * probability).toFixed(1)}%`;
  const line = element(
    'div',
    { class: 'bar-row still', role: 'listitem' },
    element('span', { class: 'token' }, name),
    element('span', { class: 'bar', 'aria-hidden': 'true' }, bar),
    element('span', { class: 'number' }, formatWeight(probability)),
  );
  line.classList.toggle('likeliest', index === 0);
  setAttributes(line, {
    title: strings.logit(name, formatNumber(logit)),
    'data-label': label,
    'data-probability': probability,
  });
  return line;
}

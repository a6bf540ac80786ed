// The panes beside the grid of heads: side by side where there is room, else one of them, chosen by a switch.
import { element } from '../dom';
import { headFinderStrings as strings } from '../strings/headFinderStrings';
import { radioButtons } from '../toolkit';

/** `changed` is called when the other pane is shown. */
export function panesBesideHeads(
  selected: HTMLElement,
  finder: HTMLElement,
  changed: () => void,
): HTMLElement {
  const host = element('div', { class: 'beside-heads', 'data-shows': 'find' });
  const choices = [
    { value: 'find', label: strings.find },
    { value: 'selected', label: strings.selected },
  ];
  const chooser = radioButtons('beside-heads', strings.switch, (value) => {
    host.dataset['shows'] = value;
    changed();
  });
  chooser.update(choices, 'find');
  host.append(element('div', { class: 'beside-switch' }, chooser.element), finder, selected);
  return host;
}

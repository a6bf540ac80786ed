// The live region: one polite sentence at a time, for screen readers only.
import { element } from '../dom';

export class Announcer {
  readonly element = element('div', {
    class: 'spoken',
    'aria-live': 'polite',
    role: 'status',
    'data-role': 'live',
  });

  say(sentence: string): void {
    // The same sentence twice is spoken only when the region has changed in between.
    this.element.textContent = '';
    requestAnimationFrame(() => {
      this.element.textContent = sentence;
    });
  }
}

// The view's first row: from which language into which, whether it follows the selection, and once more.
import type { Language } from '../../src/shared/modelSummary';
import type { TranslationState } from '../../src/shared/translationPage';
import { element, icon, icons, setAttributes, setText } from '../dom';
import { languageName } from '../languageName';
import { translationStrings as strings } from '../strings/translationStrings';
import type { Choice, Chooser } from '../toolkit';
import { dropdown, iconButton, toggle } from '../toolkit';
import type { TranslationStore } from './translationStore';

const arrow = 'M6 3.5 10.5 8 6 12.5';
const redo = 'M12.6 6.2A5 5 0 1 0 13 9M13 3v3.4H9.6';

export class TopRow {
  readonly element: HTMLElement;
  private readonly source: Chooser;
  private readonly target: Chooser;
  private readonly between = element('span', { class: 'between', 'aria-hidden': 'true' }, icon(arrow));
  private readonly model = element('span', { class: 'model caption' });
  private readonly follow;
  private readonly again;

  constructor(store: TranslationStore) {
    this.source = dropdown('source-language', strings.sourceLanguage, (language) =>
      store.tell((host) => host.setSourceLanguage({ language })),
    );
    this.target = dropdown('language', strings.language, (language) =>
      store.tell((host) => host.setLanguage({ language })),
    );
    this.follow = toggle('follow', strings.follow, icon(icons.follow), () =>
      store.tell((host) => host.setFollow({ follow: !store.state?.follow })),
    );
    this.again = iconButton('again', strings.again, icon(redo), () =>
      store.tell((host) => host.translateSelection()),
    );
    this.element = element(
      'div',
      { class: 'top-row' },
      this.source.element,
      this.between,
      this.target.element,
      this.model,
      this.follow.element,
      this.again,
    );
  }

  update({ mode, languages, sourceLanguages, ...state }: TranslationState): void {
    const [from, into] = mode === 'translate' ? [sourceLanguages, languages] : [[], []];
    this.source.element.hidden = from.length === 0;
    this.between.toggleAttribute('hidden', from.length === 0 || into.length === 0);
    this.target.element.hidden = into.length === 0;
    this.source.update(choices(from), state.sourceLanguage ?? from[0]?.code ?? '');
    this.target.update(choices(into), state.language ?? into[0]?.code ?? '');
    this.model.hidden = from.length > 0 && into.length > 0;
    setText(this.model, state.model);
    this.model.title = state.model;
    this.follow.update(state.follow);
    const label = mode === 'translate' ? strings.again : strings.continueAgain;
    setAttributes(this.again, { title: label, 'aria-label': label });
  }
}

function choices(languages: readonly Language[]): Choice[] {
  return languages.map(({ code }) => ({ value: code, label: languageName(code) }));
}

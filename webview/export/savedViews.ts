// Which views a page has: all of them inside VS Code; in a saved file those that its numbers are enough for, and pictures of the rest.
import { LIVE_VIEWS, pictureId } from '../../src/shared/exporting';
import type { ExplorerView } from '../../src/shared/protocol';
import { element } from '../dom';
import { savedPageStrings as strings } from '../strings/savedPageStrings';
import type { ExplorerViewPart } from '../views/view';

/** Whether the view can be used as in VS Code. */
export function isInPage(view: ExplorerView): boolean {
  return document.body.dataset['kind'] !== 'saved' || LIVE_VIEWS.includes(view);
}

/** Whether there is anything to be shown of it. */
export function hasTab(view: ExplorerView): boolean {
  return isInPage(view) || templateOf(view) !== null;
}

const pictures = new Map<ExplorerView, ExplorerViewPart>();

/** In a saved file, the view as it was when the file was made, where only that is in the file. */
export function savedPicture(view: ExplorerView): ExplorerViewPart | undefined {
  const template = isInPage(view) ? null : templateOf(view);
  if (!(template instanceof HTMLTemplateElement)) {
    return undefined;
  }
  const part = pictures.get(view) ?? {
    centre: element(
      'div',
      { class: 'view saved-picture', 'data-role': 'saved-picture', 'data-keys': true, tabindex: 0 },
      element('p', { class: 'caption' }, strings.picture),
      template.content.cloneNode(true),
    ),
    inspector: undefined,
    update: () => ({ loading: false, failed: undefined }),
  };
  pictures.set(view, part);
  return part;
}

function templateOf(view: ExplorerView): HTMLElement | null {
  return document.getElementById(pictureId(view));
}

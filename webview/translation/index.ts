// Entry of the Translation view: connects the page with the host, in both directions. Wiring only.
import { messageOf } from '../../src/shared/errors';
import { connect, serve } from '../../src/shared/rpc';
import type { TranslationHost, TranslationPage } from '../../src/shared/translationPage';
import { registerControls } from '../toolkit';
import { webviewApi, webviewChannel } from '../webviewApi';
import './translation.css';
import { TranslationPanel } from './translationPanel';
import { TranslationStore } from './translationStore';

const api = webviewApi();
const channel = webviewChannel(api);
const host = connect<TranslationHost>(channel);

registerControls();
const store = new TranslationStore(host, api);
const panel = new TranslationPanel(store);
document.body.append(panel.element);
serve<TranslationPage>(channel, {
  show: (state) => store.show(state),
  update: (change) => store.update(change),
});

window.addEventListener('error', (event) => store.log(`${event.message}\n${stackOf(event.error)}`));
window.addEventListener('unhandledrejection', (event) =>
  store.log(`${messageOf(event.reason)}\n${stackOf(event.reason)}`),
);
void panel.start();

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '') : '';
}

// Entry of the Fine-tuning view: connects the page with the host, in both directions. Wiring only.
import { messageOf } from '../../src/shared/errors';
import { connect, serve } from '../../src/shared/rpc';
import type { TrainingHost, TrainingPage } from '../../src/shared/trainingPage';
import { registerControls } from '../toolkit';
import { webviewApi, webviewChannel } from '../webviewApi';
import './training.css';
import { TrainingStore } from './trainingStore';
import { TrainingView } from './trainingView';

const api = webviewApi();
const channel = webviewChannel(api);
const host = connect<TrainingHost>(channel);

registerControls();
const store = new TrainingStore(host, api);
const view = new TrainingView(store);
document.body.append(view.element);
serve<TrainingPage>(channel, {
  show: (state) => store.show(state),
  update: (change) => store.update(change),
});

window.addEventListener('error', (event) => store.log(`${event.message}\n${stackOf(event.error)}`));
window.addEventListener('unhandledrejection', (event) =>
  store.log(`${messageOf(event.reason)}\n${stackOf(event.reason)}`),
);
void view.start();

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '') : '';
}

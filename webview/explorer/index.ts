// Entry of the explorer panel: connects the page with the host, in both directions. Wiring only.
import { messageOf } from '../../src/shared/errors';
import type { Panel, PanelHost } from '../../src/shared/protocol';
import { connect, serve } from '../../src/shared/rpc';
import { Exporter } from '../export/exporter';
import { registerControls } from '../toolkit';
import { webviewApi, webviewChannel } from '../webviewApi';
import './explorer.css';
import { ExplorerPanel } from './explorerPanel';
import { ExplorerStore } from './store';

const api = webviewApi();
const channel = webviewChannel(api);
const host = connect<PanelHost>(channel);

registerControls();
const store = new ExplorerStore(host, api);
const panel = new ExplorerPanel(store);
const exporter = new Exporter(store);
document.body.append(panel.element);
serve<Panel>(channel, {
  show: (state) => panel.show(state),
  follow: (request) => panel.follow(request),
  compareWith: (request) => panel.compareWith(request),
  busy: (request) => panel.busy(request),
  offers: () => exporter.offers(),
  render: (request) => exporter.render(request),
  theme: () => exporter.theme(),
});

window.addEventListener('error', (event) => store.log(`${event.message}\n${stackOf(event.error)}`));
window.addEventListener('unhandledrejection', (event) =>
  store.log(`${messageOf(event.reason)}\n${stackOf(event.reason)}`),
);
void panel.start();

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? '') : '';
}

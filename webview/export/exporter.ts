// Makes files of what the page shows: lists what there is, asks the engine for its numbers, and draws or writes them out.
import { UserError } from '../../src/shared/errors';
import type { ExportedFile, ExportOffer, ExportRequest, PageTheme } from '../../src/shared/exporting';
import type { ExplorerView } from '../../src/shared/protocol';
import { exportStrings as strings } from '../strings/exportStrings';
import { readTheme } from '../theme';
import { attentionOf } from '../explorer/sequences';
import type { ExplorerStore } from '../explorer/store';
import { headExports } from './headExports';
import { maskExports } from './maskExports';
import { pngOf } from './png';
import { positionExports } from './positionExports';
import { stateExports } from './stateExports';
import { viewExports, wholeViews } from './viewExports';
import type { Exportable, ExportInput } from './exportable';

/** Milliseconds that a view may take to be drawn. */
const patience = 30_000;

/** Pixels of a view beyond the screen that are still drawn. */
const mostHidden = 4000;

export class Exporter {
  constructor(private readonly store: ExplorerStore) {}

  /** What can be saved now; nothing before the first run. */
  async offers(): Promise<readonly ExportOffer[]> {
    return (await this.all()).map(({ offer }) => offer);
  }

  async render({ id, format }: ExportRequest): Promise<ExportedFile> {
    const found = (await this.all()).find(({ offer }) => offer.id === id);
    const make = found?.[format === 'csv' ? 'csv' : 'svg'];
    if (!make) {
      throw new UserError('badRequest', strings.notOffered(`${id}.${format}`));
    }
    const text = await make();
    return { bytes: format === 'png' ? await pngOf(text) : new TextEncoder().encode(text) };
  }

  /** The theme's colours and fonts as VS Code gave them to the page. */
  async theme(): Promise<PageTheme> {
    const { style } = document.documentElement;
    const names = Array.from(style).filter((name) => name.startsWith('--vscode-'));
    return {
      variables: Object.fromEntries(names.map((name) => [name, style.getPropertyValue(name).trim()])),
      bodyClass: [...document.body.classList].filter((name) => name.startsWith('vscode-')).join(' '),
    };
  }

  private async all(): Promise<readonly Exportable[]> {
    const { state, view } = this.store.model;
    const attention = state?.model && view && attentionOf(state.model, view.attention);
    if (!state?.model || !state.trace || !view || !attention) {
      return [];
    }
    const input: ExportInput = {
      host: this.store.host,
      model: this.store.model,
      summary: state.model,
      trace: state.trace,
      view,
      attention,
      theme: readTheme(),
      measure: measureText(),
    };
    const structure = await this.store.host.structure({ model: state.model.id });
    const body = document.getElementById('view-panel');
    const shown = body ? viewExports(input, body) : [];
    const whole = body ? wholeViews(input, body, (opened, look) => this.opened(opened, body, look)) : [];
    const head = headExports(input);
    const masks = maskExports(input);
    const positions = positionExports(input);
    const states = stateExports(input, structure);
    const ordered: Partial<Record<ExplorerView, readonly (readonly Exportable[])[]>> = {
      masks: [masks, shown, head, positions, states],
      positions: [positions, shown, head, masks, states],
      attention: [head, shown, masks, positions, states],
    };
    return [...(ordered[view.view] ?? [shown, states, head, masks, positions]), whole].flat();
  }

  /** Looks at a view when everything in it has been drawn, and goes back to the one before. */
  private async opened<T>(wanted: ExplorerView, body: HTMLElement, look: () => T): Promise<T> {
    const { store } = this;
    const before = store.model.view;
    store.patchView({ view: wanted });
    try {
      await drawn(body);
      await unfold(body);
      return look();
    } finally {
      body.style.height = '';
      body.style.flex = '';
      if (before) {
        store.patchView({ view: before.view });
      }
    }
  }
}

/** Settles when the view has been drawn with everything that it asked for, or after a while in which it was not. */
async function drawn(body: HTMLElement): Promise<void> {
  const end = performance.now() + patience;
  // Pictures are painted in the frame after the one in which they got their data.
  for (let still = 0; still < 4 && performance.now() < end;) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    still = body.getAttribute('aria-busy') === 'false' ? still + 1 : 0;
  }
}

/** Makes the view as high as what its parts can be scrolled to, so that all of it is in the picture. */
async function unfold(body: HTMLElement): Promise<void> {
  const hidden = (): number =>
    Array.from(body.querySelectorAll('*')).reduce((most, node) => {
      const scrolls = /auto|scroll/u.test(getComputedStyle(node).overflowY);
      return scrolls ? Math.max(most, node.scrollHeight - node.clientHeight) : most;
    }, 0);
  const before = Math.min(mostHidden, hidden());
  if (before > 0) {
    await resize(body, body.clientHeight + before);
    // A list of a fixed height shows no more of itself in a higher view.
    if (hidden() > before / 2) {
      await resize(body, undefined);
    }
  }
}

async function resize(body: HTMLElement, height: number | undefined): Promise<void> {
  body.style.height = height === undefined ? '' : `${height}px`;
  body.style.flex = height === undefined ? '' : 'none';
  await drawn(body);
}

/** Widths of texts in the font that the pictures use. */
function measureText(): (text: string) => number {
  const context = document.createElement('canvas').getContext('2d');
  const { fontFamily } = readTheme();
  if (context) {
    context.font = `11px ${fontFamily}`;
  }
  return (text) => context?.measureText(text).width ?? text.length * 6;
}

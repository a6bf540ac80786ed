// Makes files of what the page shows: lists what there is, asks the engine for its numbers, and draws or writes them out.
import { UserError } from '../../src/shared/errors';
import type { ExportedFile, ExportOffer, ExportRequest, PageTheme } from '../../src/shared/exporting';
import { exportStrings as strings } from '../strings/exportStrings';
import { readTheme } from '../theme';
import { attentionOf } from '../explorer/sequences';
import type { ExplorerStore } from '../explorer/store';
import { headExports } from './headExports';
import { maskExports } from './maskExports';
import { pngOf } from './png';
import { positionExports } from './positionExports';
import type { Exportable, ExportInput } from './exportable';

export class Exporter {
  constructor(private readonly store: ExplorerStore) {}

  /** What can be saved now; nothing before the first run. */
  async offers(): Promise<readonly ExportOffer[]> {
    return this.all().map(({ offer }) => offer);
  }

  async render({ id, format }: ExportRequest): Promise<ExportedFile> {
    const found = this.all().find(({ offer }) => offer.id === id);
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

  private all(): readonly Exportable[] {
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
    const head = headExports(input);
    const masks = maskExports(input);
    const positions = positionExports(input);
    if (view.view === 'masks') {
      return [...masks, ...head, ...positions];
    }
    return view.view === 'positions' ? [...positions, ...head, ...masks] : [...head, ...masks, ...positions];
  }
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

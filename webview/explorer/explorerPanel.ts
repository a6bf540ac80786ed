// The explorer panel: puts tabs, toolbar, views and messages together and redraws them when the state changes.
import type { LabelScores } from '../../src/shared/labels';
import type { AttentionSummary } from '../../src/shared/modelSummary';
import type {
  ExplorerView,
  Panel,
  PanelAction,
  PanelError,
  PanelState,
  Progress,
} from '../../src/shared/protocol';
import { messageOf } from '../../src/shared/errors';
import { element, focusFirst } from '../dom';
import { oncePerFrame } from '../draw/surface';
import { isInPage, savedPicture } from '../export/savedViews';
import { panelStrings as strings } from '../strings';
import type { Theme } from '../theme';
import { onThemeChange, readTheme } from '../theme';
import { AttentionView } from '../views/attentionView';
import { AttributionView } from '../views/attribution/attributionView';
import { CompareView } from '../views/compare/compareView';
import { ExperimentsView } from '../views/experiments/experimentsView';
import { EmbeddingsView } from '../views/embeddings/embeddingsView';
import { InsideView } from '../views/insideView';
import { LayersView } from '../views/layers/layersView';
import { MasksView } from '../views/masksView';
import { OutputView } from '../views/output/outputView';
import { isLayered, PositionsView } from '../views/positionsView';
import type { ExplorerViewPart, ViewStatus } from '../views/view';
import { Announcer } from './announcer';
import { EditorHighlight } from './editorHighlight';
import { Intervened } from './intervened';
import { actOnKey } from './keys';
import { attentionOf } from './sequences';
import { Slices } from './slices';
import { Notice, ProgressLine } from './statusArea';
import type { ExplorerModel, ExplorerStore } from './store';
import { Toolbar } from './toolbar';
import { ViewTabs } from './viewTabs';

const settled: ViewStatus = { loading: false, failed: undefined };

export class ExplorerPanel implements Pick<Panel, 'show' | 'follow' | 'busy' | 'compareWith'> {
  readonly element: HTMLElement;
  private readonly slices: Slices;
  private readonly announcer = new Announcer();
  private readonly tabs: ViewTabs;
  private readonly toolbar: Toolbar;
  private readonly progress: ProgressLine;
  private readonly notice: Notice;
  private readonly body = element('div', { class: 'body', id: 'view-panel', role: 'tabpanel' });
  private readonly centre = element('main', { class: 'centre' });
  private readonly inspector = element('aside', { class: 'inspector', 'aria-label': strings.inspector });
  private readonly intervened: Intervened;
  private readonly compare: CompareView;
  private readonly views: Readonly<Record<ExplorerView, ExplorerViewPart>>;
  private theme: Theme = readTheme();
  private dimmed = false;
  /** The focus was in a view that is gone; the new one gets it as soon as it has something to focus. */
  private wantsFocus = false;
  private readonly redraw = oncePerFrame(() => this.draw());

  constructor(private readonly store: ExplorerStore) {
    this.slices = new Slices(store.host, this.redraw);
    this.tabs = new ViewTabs(store);
    this.toolbar = new Toolbar(store);
    this.progress = new ProgressLine(
      () => this.cancel(),
      (shown) => {
        this.dimmed = shown;
        this.redraw();
      },
    );
    this.notice = new Notice((action) => this.act(action));
    const highlight = new EditorHighlight(store);
    this.intervened = new Intervened(store, (state) => this.put(state), this.redraw);
    this.compare = new CompareView(store, this.slices, highlight, this.intervened);
    this.views = {
      attention: new AttentionView(store, this.slices, this.announcer, highlight),
      inside: new InsideView(store, this.slices, this.announcer, highlight),
      masks: new MasksView(store, this.slices, this.announcer, highlight, this.intervened),
      positions: new PositionsView(store, this.slices, highlight, this.intervened),
      embeddings: new EmbeddingsView(store, this.slices, highlight),
      layers: new LayersView(store, this.slices, highlight),
      output: new OutputView(store, this.slices, highlight),
      attribution: new AttributionView(store, this.slices, highlight),
      compare: this.compare,
      experiments: new ExperimentsView(store, this.slices, highlight, this.intervened),
    };
    this.body.append(this.centre, this.inspector);
    this.element = element(
      'div',
      { class: 'explorer' },
      this.tabs.element,
      this.toolbar.element,
      this.progress.element,
      this.notice.element,
      this.body,
      this.announcer.element,
    );
    this.body.addEventListener('keydown', (event) => {
      const area = event.target instanceof Element && event.target.closest('[data-keys]');
      // Inside of an area, a form keeps its letters and digits to itself.
      if (area && area.getAttribute('data-keys') !== 'off' && actOnKey(event, store)) {
        event.preventDefault();
      }
    });
    store.onChange(this.redraw);
    onThemeChange((theme) => {
      this.theme = theme;
      this.redraw();
    });
    new ResizeObserver(this.redraw).observe(this.body);
  }

  /** Asks the host for everything and shows it. */
  async start(): Promise<void> {
    try {
      await this.show(await this.store.host.ready());
    } catch (error) {
      this.notice.update({ code: 'internal', message: messageOf(error), actions: [] });
    }
  }

  async show(state: PanelState): Promise<void> {
    this.intervened.take(state);
  }

  /** Shows a run: the host's, or the one with the interventions. */
  private put(state: PanelState): void {
    const before = this.store.model.state;
    if (before?.trace?.id !== state.trace?.id || before?.model?.id !== state.model?.id) {
      this.slices.clear();
    }
    this.slices.retry();
    this.store.show(state);
  }

  follow: Panel['follow'] = async ({ token, moved }) => {
    const { view } = this.store.model;
    if (!view?.follow && !moved) {
      return;
    }
    // The latest act wins: a cursor that moves releases the pin. Who wants to keep it turns following off.
    this.store.set({ followed: token });
    if (token) {
      this.store.patchView({ batch: token.batch, ...(moved && { pinned: undefined }) });
    }
  };

  compareWith: Panel['compareWith'] = async ({ side, swapped }) => {
    this.store.patchView({ view: 'compare' });
    this.compare.compareWith(side, swapped);
  };

  async busy({ progress }: { readonly progress: Progress | undefined }): Promise<void> {
    this.store.set({ progress });
  }

  private draw(): void {
    const { model } = this.store;
    const { state, view } = model;
    const attention = state?.model && view && attentionOf(state.model, view.attention);
    this.tabs.update(
      view?.view ?? 'attention',
      view?.follow ?? false,
      state?.source ?? '',
      this.intervened.problem,
    );
    this.toolbar.update(
      model,
      attention,
      view?.view === 'positions' && isLayered(model),
      this.labelsOf(model),
    );
    const status = this.drawView(model, attention);
    this.notice.update(noticeOf(model, attention, status));
    const busy = model.progress !== undefined || status.loading || this.intervened.busy;
    this.progress.update(busy, model.progress);
    this.body.setAttribute('aria-busy', String(busy));
    const outdated = state?.error !== undefined || status.failed !== undefined;
    this.body.classList.toggle('dimmed', this.dimmed || outdated);
  }

  /** What a text classifier says of the text that is shown; a saved page has nobody to ask. */
  private labelsOf({ state, view }: ExplorerModel): LabelScores | undefined {
    if (!state?.model?.labels || !state.trace || !view || !isInPage('output')) {
      return undefined;
    }
    const labels = this.slices.labels.want({ trace: state.trace.id, batch: view.batch });
    return labels.status === 'ready' ? labels.value : undefined;
  }

  private drawView(model: ExplorerModel, attention: AttentionSummary | undefined): ViewStatus {
    const { state, view } = model;
    const shown = state?.model && state.trace && view && attention;
    this.body.hidden = !shown;
    if (!shown) {
      return settled;
    }
    const part = savedPicture(view.view) ?? this.views[view.view];
    if (this.centre.firstChild !== part.centre) {
      this.wantsFocus ||= this.body.contains(document.activeElement);
      this.centre.replaceChildren(part.centre);
    }
    this.placeInspector(part);
    this.body.setAttribute('aria-labelledby', `tab-${view.view}`);
    const status = part.update({
      model,
      summary: state.model,
      attention,
      trace: state.trace,
      view,
      theme: this.theme,
    });
    // Whether a view has something for it may depend on what it was just given.
    this.placeInspector(part);
    // What is still loading may yet hide what it shows now.
    if (this.wantsFocus && !status.loading) {
      this.keepFocus(part.centre);
    }
    return status;
  }

  private placeInspector({ inspector }: ExplorerViewPart): void {
    if (this.inspector.firstChild !== (inspector ?? null)) {
      this.inspector.replaceChildren(...(inspector ? [inspector] : []));
    }
    this.inspector.hidden = !inspector;
  }

  /** A key that changes the view takes the focused element away; without another one, no further key would act. */
  private keepFocus(centre: HTMLElement): void {
    const lost = document.activeElement === null || document.activeElement === document.body;
    this.wantsFocus = lost && !focusFirst(centre);
  }

  private cancel(): void {
    if (this.store.model.progress) {
      this.store.tell((host) => host.cancel());
    } else {
      this.intervened.cancel(strings.cancelled);
      this.slices.cancel(strings.cancelled);
      this.redraw();
    }
  }

  private act(action: PanelAction): void {
    // What a view asked for is asked for again here; everything else is the host's to do.
    if (action === 'retry' && !this.store.model.state?.error) {
      this.slices.retry();
      this.intervened.retry();
      this.redraw();
    } else {
      this.store.tell((host) => host.act({ action }));
    }
  }
}

/** The one message that matters most, if there is any. */
function noticeOf(
  { state, progress }: ExplorerModel,
  attention: AttentionSummary | undefined,
  status: ViewStatus,
): PanelError | string | undefined {
  if (!state) {
    return undefined;
  }
  if (state.error) {
    return state.error;
  }
  if (state.model && !attention) {
    const reasons = state.model.notFound.map(({ what, why }) => `${what}: ${why}`).join(' ');
    return strings.noAttention(reasons || strings.noAttentionReason);
  }
  if (!state.trace) {
    return progress ? undefined : strings.empty;
  }
  return status.failed === undefined
    ? undefined
    : { code: 'internal', message: status.failed, actions: ['retry', 'showLog'] };
}

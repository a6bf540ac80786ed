// The toolbar: which model, which attention, which tokens. Shows only the controls that do something in the present view.
import type { AttentionSummary, ModelSummary } from '../../src/shared/modelSummary';
import type { DecoderChoice, ExplorerView, PanelState, ViewState } from '../../src/shared/protocol';
import type { LabelScores } from '../../src/shared/labels';
import { element } from '../dom';
import { isInPage } from '../export/savedViews';
import { formatToken } from '../format';
import { languageName } from '../languageName';
import { panelStrings as strings } from '../strings';
import type { Choice, Chooser } from '../toolkit';
import { dropdown, radioButtons, textField } from '../toolkit';
import { batchSize, kindsOf } from './sequences';
import { LabelChip } from './labelChip';
import type { ExplorerModel, ExplorerStore } from './store';
import { withHead, withKind, withUnit } from './viewState';

const longestSelection = 32;

type Control = 'kind' | 'side' | 'layer' | 'head' | 'mean' | 'unit' | 'selection' | 'decoder';

/** A saved page has no engine to change anything with. */
function ofBench(own: readonly Control[]): readonly Control[] {
  return isInPage('experiments') ? own : [];
}

/** The controls that do something in each view; where the model gives them nothing to choose from they stay away. */
const controls: Readonly<Record<ExplorerView, readonly Control[]>> = {
  attention: ['kind', 'layer', 'head', 'mean', 'unit', 'selection', 'decoder'],
  inside: ['kind', 'layer', 'head', 'selection', 'decoder'],
  masks: ['kind', 'layer', ...ofBench(['head', 'mean']), 'selection', 'decoder'],
  positions: ['side', ...ofBench(['kind', 'layer', 'head', 'mean', 'selection', 'decoder'])],
  embeddings: ['side', 'selection', 'decoder'],
  layers: ['kind', 'layer', 'selection', 'decoder'],
  output: ['selection', 'decoder'],
  attribution: ['layer', 'selection', 'decoder'],
  compare: ['kind', 'layer', 'head', 'mean', 'unit', 'selection', 'decoder'],
  experiments: ['kind', 'layer', 'head', 'selection', 'decoder'],
};

export class Toolbar {
  readonly element = element('div', { class: 'toolbar', role: 'group', 'aria-label': strings.toolbar });
  private readonly model: Chooser;
  private readonly kind: Chooser;
  private readonly unit: Chooser;
  private readonly layer: Chooser;
  private readonly head: Chooser;
  private readonly mean: Chooser;
  private readonly selection: Chooser;
  private readonly side: Chooser;
  private readonly decoder: Chooser;
  private readonly language: Chooser;
  private readonly typed: ReturnType<typeof textField>;
  private readonly separator: HTMLElement;
  private readonly decoderGroup: HTMLElement;
  private readonly label: LabelChip;
  /** What the host was asked for last, so that it is asked once. */
  private asked = '';

  constructor(private readonly store: ExplorerStore) {
    this.model = dropdown('model', strings.model, (id) => store.tell((host) => host.setModel({ id })));
    this.kind = radioButtons('kind', strings.kind, (kind) =>
      this.change((view, model) => withKind(view, model, kind as AttentionSummary['kind'])),
    );
    this.unit = radioButtons('unit', strings.unit, (unit) =>
      this.change((view, model) =>
        withUnit(view, unit === 'words' ? 'words' : 'pieces', model, store.model.state?.trace),
      ),
    );
    this.layer = dropdown(
      'layer',
      strings.layer,
      (layer) => this.change((view, model) => moveToLayer(view, model, Number(layer))),
      true,
    );
    this.head = dropdown(
      'head',
      strings.head,
      (head) => store.patchView({ head: Number(head), mean: false }),
      true,
    );
    this.mean = radioButtons('mean', strings.heads, (value) => store.patchView({ mean: value === 'mean' }));
    this.selection = dropdown(
      'selection',
      strings.selection,
      (batch) => store.patchView({ batch: Number(batch), pinned: undefined }),
      true,
    );
    this.side = radioButtons('side', strings.side, (side) =>
      store.set({ side: side === 'decoder' ? 'decoder' : 'encoder' }),
    );
    this.decoder = dropdown(
      'decoder-input',
      strings.decoderInput,
      (from) =>
        from === 'typed' ? this.beginTyping() : this.setDecoder({ from: from as DecoderChoice['from'] }),
      true,
    );
    this.language = dropdown('language', strings.language, (language) => this.setDecoder({ language }));
    this.typed = textField('typed', strings.typedText, strings.typedHint, (text) =>
      this.setDecoder({ from: 'typed', text }),
    );
    this.decoderGroup = element(
      'span',
      { class: 'toolbar-group' },
      this.decoder.element,
      this.language.element,
      this.typed.element,
    );
    this.label = new LabelChip(() => store.patchView({ view: 'output' }));
    this.separator = element('span', { class: 'separator', 'aria-hidden': 'true' });
    const choosers = [this.side, this.kind, this.unit, this.layer, this.head, this.mean, this.selection];
    this.element.append(
      this.model.element,
      this.separator,
      ...choosers.map((each) => each.element),
      this.decoderGroup,
      this.label.element,
    );
  }

  /**
   * `layered` says whether the Positions view shows one layer and head (relative positions, ALiBi); `labels` are those of a
   * text classifier.
   */
  update(
    { state, view, side }: ExplorerModel,
    attention: AttentionSummary | undefined,
    layered: boolean,
    labels: LabelScores | undefined,
  ): void {
    const summary = state?.model;
    this.element.hidden = !state;
    this.label.update(labels);
    if (!state || !view) {
      return;
    }
    this.model.update(
      state.models.map(({ id, name }) => ({ value: id, label: name })),
      state.chosen,
    );
    // Without a run there is nothing that the other controls could change.
    const known = summary && attention && state.trace ? { summary, attention } : undefined;
    this.separator.hidden = !known;
    const wanted = new Set<Control>([
      ...controls[view.view],
      ...(layered ? (['layer', 'head'] as const) : []),
    ]);
    const has = (control: Control) => known !== undefined && wanted.has(control);
    show(this.kind, has('kind') && summary !== undefined && kindsOf(summary).length > 1);
    show(this.side, has('side') && summary?.family === 'encoder-decoder');
    show(this.layer, has('layer'));
    show(this.head, has('head'));
    show(this.mean, has('mean'));
    show(this.unit, has('unit'));
    if (known) {
      this.updateAttention(known.summary, known.attention, view);
      this.side.update(
        (['encoder', 'decoder'] as const).map((value) => ({ value, label: strings.sides[value] })),
        side,
      );
    }
    this.updateSelection(state, view, wanted.has('selection'));
    this.updateDecoder(state, wanted.has('decoder'));
  }

  private updateAttention(summary: ModelSummary, attention: AttentionSummary, view: ViewState): void {
    this.kind.update(
      kindsOf(summary).map((kind) => ({ value: kind, label: strings.kinds[kind] })),
      attention.kind,
    );
    this.unit.update(
      [
        { value: 'words', label: strings.words },
        { value: 'pieces', label: strings.pieces },
      ],
      view.unit,
    );
    const layers = summary.attentions.filter(({ kind }) => kind === attention.kind).map(({ layer }) => layer);
    this.layer.update(layers.map(numbered), String(attention.layer));
    this.head.update(
      Array.from({ length: attention.heads }, (_, head) => numbered(head)),
      String(view.head),
    );
    this.mean.update(
      [
        { value: 'head', label: strings.oneHead },
        { value: 'mean', label: strings.meanOfLayer },
      ],
      view.mean ? 'mean' : 'head',
    );
  }

  private updateSelection({ trace }: PanelState, view: ViewState, wanted: boolean): void {
    const count = trace ? batchSize(trace) : 0;
    show(this.selection, count > 1 && wanted);
    if (trace && count > 1) {
      const texts = (trace.encoder.length > 0 ? trace.encoder : trace.decoder).map(({ text }) => text);
      this.selection.update(
        texts.map((text, index) => ({
          value: String(index),
          label: strings.selectionOf(index + 1, count, shorten(text)),
        })),
        String(view.batch),
      );
    }
  }

  private updateDecoder({ model, trace, decoder }: PanelState, wanted: boolean): void {
    const shown = model?.family === 'encoder-decoder' && trace !== undefined && wanted;
    this.decoderGroup.hidden = !shown;
    if (!shown) {
      return;
    }
    const from = ['translation', 'selection', 'typed'] as const;
    this.decoder.update(
      from.map((value) => ({ value, label: strings.decoderInputs[value] })),
      decoder.from,
    );
    show(this.language, model.languages.length > 0);
    this.language.update(
      model.languages.map(({ code }) => ({ value: code, label: languageName(code) })),
      decoder.language ?? trace.language ?? model.languages[0]?.code ?? '',
    );
    this.typed.element.hidden = decoder.from !== 'typed';
    this.typed.update(decoder.from === 'typed' ? decoder.text : '');
  }

  /** Shows the field with the present decoder's text; the model runs when a text is entered. */
  private beginTyping(): void {
    const { state, view } = this.store.model;
    if (state) {
      const text = state.trace?.decoder[view?.batch ?? 0]?.text ?? '';
      this.store.set({ state: { ...state, decoder: { ...state.decoder, from: 'typed', text } } });
      this.typed.element.hidden = false;
      this.typed.update(text);
      this.typed.element.focus();
    }
  }

  private setDecoder(change: Partial<DecoderChoice>): void {
    const { state } = this.store.model;
    const decoder = state && { ...state.decoder, ...change };
    if (!state || !decoder || (decoder.from === 'typed' && decoder.text.trim() === '')) {
      return;
    }
    if (decoder.from === 'typed' && JSON.stringify(decoder) === this.asked) {
      // Enter after a change arrives twice.
      return;
    }
    this.asked = JSON.stringify(decoder);
    // Shown at once. The host shows a new state when it has run; if it could not, the old choice holds.
    const hoped = { ...state, decoder };
    this.store.set({ state: hoped });
    this.store.tell(async (host) => {
      await host.setDecoder(decoder);
      if (this.store.model.state === hoped) {
        this.asked = '';
        this.store.set({ state });
      }
    });
  }

  private change(next: (view: ViewState, model: ModelSummary) => ViewState): void {
    const { view, state } = this.store.model;
    if (view && state?.model) {
      this.store.setView(next(view, state.model));
    }
  }
}

/** A layer keeps the head and the mean. */
function moveToLayer(view: ViewState, model: ModelSummary, layer: number): ViewState {
  const moved = withHead(view, model, layer, view.head);
  return { ...moved, mean: view.mean };
}

/** Layers and heads are counted from 1 for people. */
function numbered(index: number): Choice {
  return { value: String(index), label: String(index + 1) };
}

function show(chooser: Chooser, shown: boolean): void {
  chooser.element.hidden = !shown;
}

function shorten(text: string): string {
  const letters = [...formatToken(text.replaceAll(/\s+/g, ' ').trim())];
  return letters.length <= longestSelection
    ? letters.join('')
    : `${letters.slice(0, longestSelection).join('')}…`;
}

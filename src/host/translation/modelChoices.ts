// The model that translates, and what is chosen of it: languages, heads, settings of decoding. What a request to the engine says of them.
import { defaultHeads } from '../../shared/headChoice';
import type { ModelSummary } from '../../shared/modelSummary';
import type { ExplainRequest, HeadChoice, TranslateRequest } from '../../shared/translation';
import type { TranslationState } from '../../shared/translationPage';
import { languageIn } from '../languageIn';
import type { SessionParts, Translator } from './sessionParts';
import type { TranslationSettings } from './translationSettings';

/** The engine with the model in it. */
export interface Ready {
  readonly engine: Translator;
  readonly model: ModelSummary;
}

/** What of the page's state depends on the model and the settings. */
type ModelState = Pick<
  TranslationState,
  | 'mode'
  | 'model'
  | 'languages'
  | 'sourceLanguages'
  | 'language'
  | 'sourceLanguage'
  | 'follow'
  | 'decoding'
  | 'heads'
  | 'layers'
  | 'headsPerLayer'
  | 'confidence'
>;

export class ModelChoices {
  private current: ModelSummary | undefined;
  /** What the user chose. */
  private wantedSource: string | undefined;
  private wantedHeads: HeadChoice | undefined;

  constructor(private readonly parts: Pick<SessionParts, 'ready' | 'settings'>) {}

  /** The model of the last translation. */
  get model(): ModelSummary | undefined {
    return this.current;
  }

  /** Whether the model goes on with texts instead of translating them. */
  get continues(): boolean {
    return this.current?.family === 'decoder-only';
  }

  /** The engine with the model that is chosen now. @throws UserError where it cannot be loaded */
  async ready(signal: AbortSignal): Promise<Ready> {
    const ready = await this.parts.ready(signal, () => undefined);
    if (this.current?.id !== ready.model.id) {
      this.current = ready.model;
      // Another model may have fewer of them.
      this.wantedHeads = undefined;
    }
    return ready;
  }

  setSourceLanguage(language: string): void {
    this.wantedSource = language;
  }

  setHeads(heads: HeadChoice): void {
    this.wantedHeads = heads;
  }

  get heads(): HeadChoice {
    return this.wantedHeads ?? (this.current ? defaultHeads(this.current) : { layer: 'all', head: 'mean' });
  }

  request({ model }: Pick<Ready, 'model'>, texts: readonly string[]): TranslateRequest {
    return { model: model.id, texts, ...this.languagesFor(model), decoding: this.settings.decoding };
  }

  /** @param heads Undefined for those that align best. */
  explainRequest(
    { model }: Pick<Ready, 'model'>,
    text: string,
    ids: readonly number[],
    more: { readonly heads: HeadChoice | undefined; readonly alternatives: number },
  ): ExplainRequest {
    const { alternatives, heads = defaultHeads(model) } = more;
    return { model: model.id, text, ids, ...this.languagesFor(model), heads, alternatives };
  }

  sourceLanguageOf({ sourceLanguages }: ModelSummary): string | undefined {
    return (
      languageIn(sourceLanguages, this.wantedSource) ??
      languageIn(sourceLanguages, 'en') ??
      sourceLanguages[0]?.code
    );
  }

  state(): ModelState {
    const { current: model, settings } = this;
    const kind = model?.family === 'encoder-decoder' ? 'cross' : 'decoderSelf';
    const attentions = model?.attentions.filter((attention) => attention.kind === kind) ?? [];
    return {
      mode: this.continues ? 'continue' : 'translate',
      model: model?.name ?? '',
      languages: model?.languages ?? [],
      sourceLanguages: model?.sourceLanguages ?? [],
      language: model && (languageIn(model.languages, settings.language) ?? model.languages[0]?.code),
      sourceLanguage: model && this.sourceLanguageOf(model),
      follow: settings.follow,
      decoding: settings.decoding,
      heads: this.heads,
      layers: attentions.length,
      headsPerLayer: attentions[0]?.heads ?? 0,
      confidence: settings.confidence,
    };
  }

  private get settings(): TranslationSettings {
    return this.parts.settings();
  }

  private languagesFor(model: ModelSummary): Pick<TranslateRequest, 'language' | 'sourceLanguage'> {
    return {
      language: languageIn(model.languages, this.settings.language),
      sourceLanguage: this.sourceLanguageOf(model),
    };
  }
}

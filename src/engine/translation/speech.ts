// The languages of one translation: which ones are meant, what the encoder reads for them, and what its decoder begins with.
import { findLanguage } from '../../models/languages';
import { UserError } from '../../shared/errors';
import type { Language } from '../../shared/modelSummary';
import type { TokenSequence } from '../../shared/tokens';
import type { EncodeOptions } from '../../tokenizer/textTokenizer';
import { withoutLead } from '../../tokenizer/withoutLead';
import type { Model } from '../model';
import { tokenizerOf } from '../model';

/** What is translated into what; undefined where the model has no choice, or need not be told. */
export interface Speech {
  readonly target: Language | undefined;
  readonly source: Language | undefined;
}

/**
 * The wanted languages, else the model's own.
 *
 * @param target BCP 47, or as the model spells it; `source` likewise.
 * @throws UserError `languageUnknown`
 */
export function chooseSpeech({ summary }: Model, target: string | undefined, source?: string): Speech {
  const { languages, sourceLanguages, name } = summary;
  return {
    target: choose(languages, target, name, 'translate into'),
    // A model that need not be told reads whatever it was trained on.
    source: sourceLanguages.length > 0 ? choose(sourceLanguages, source, name, 'translate from') : undefined,
  };
}

function choose(
  languages: readonly Language[],
  wanted: string | undefined,
  name: string,
  does: string,
): Language | undefined {
  if (wanted === undefined || (languages.length === 0 && wanted === '')) {
    return languages[0];
  }
  const language = findLanguage(languages, wanted);
  if (!language) {
    const known = languages.map(({ code }) => code).join(', ');
    const message =
      known === ''
        ? `The model "${name}" knows no target languages.`
        : `The model "${name}" does not ${does} "${wanted}". It knows: ${known}.`;
    throw new UserError('languageUnknown', message, { language: wanted, known });
  }
  return language;
}

/** A text as the encoder reads it: with the tags, or the words, that choose the languages. Ranges are those of `text`. */
export function encodeSource(model: Model, text: string, speech: Speech): TokenSequence {
  const tokenizer = tokenizerOf(model);
  switch (model.languages.rule) {
    case 'sourceToken':
      return tokenizer.encode(text, { prefix: idsOf(model, speech.target) });
    case 'sourceText': {
      const lead = taskPrefix(model, speech);
      return withoutLead(tokenizer.encode(lead + text), lead.length);
    }
    case 'decoderToken':
    case 'decoderStart':
      return tokenizer.encode(text, namingSource(model, speech.source));
    case 'fixed':
      return tokenizer.encode(text);
    default:
      return model.languages.rule satisfies never;
  }
}

/** What the decoder reads before its first own token. @throws UserError `modelUnsupported` */
export function decoderPrompt(model: Model, { target }: Pick<Speech, 'target'>): number[] {
  const { config, tokenizer, summary, languages } = model;
  const chosen = idsOf(model, target);
  if (languages.rule === 'decoderStart' && chosen.length > 0) {
    return chosen;
  }
  const start = config.decoderStart ?? tokenizer?.special.bos ?? config.pad ?? tokenizer?.special.pad;
  if (start === undefined) {
    const message = `The files of "${summary.name}" do not say which token its decoder starts with (decoder_start_token_id in config.json).`;
    throw new UserError('modelUnsupported', message, { lacks: 'config.json' });
  }
  return languages.rule === 'decoderToken' ? [start, ...chosen] : [start];
}

/** The language that {@link decoderPrompt} begins with is not forced once more. */
export function forcedFirst({ config, languages, tokenizer }: Model): number | undefined {
  const tells = languages.rule === 'decoderToken' || languages.rule === 'decoderStart';
  const isTag = tokenizer?.languages.some(({ id }) => id === config.forcedFirst);
  return tells && isTag === true ? undefined : config.forcedFirst;
}

function idsOf({ tokenizer }: Model, language: Language | undefined): number[] {
  const id = language && tokenizer?.idOf(language.token);
  return id === undefined ? [] : [id];
}

/** The token of the source's language stands where the tokenizer puts its own, else in front. */
function namingSource(model: Model, source: Language | undefined): EncodeOptions {
  const tokenizer = tokenizerOf(model);
  const [id] = idsOf(model, source);
  if (id === undefined) {
    return {};
  }
  const { before, after } = tokenizer.frame;
  const tags = new Set(tokenizer.languages.map((language) => language.id));
  if (![...before, ...after].some((own) => tags.has(own))) {
    return { prefix: [id] };
  }
  const named = (ids: readonly number[]) => ids.map((own) => (tags.has(own) ? id : own));
  return { frame: { before: named(before), after: named(after) } };
}

/** @throws UserError `languageUnknown` where the model translates neither way between the two. */
function taskPrefix({ config, summary }: Model, { target, source }: Speech): string {
  const same = (language: Language | undefined, code: string) =>
    language === undefined || findLanguage([language], code) !== undefined;
  const task = config.tasks.find((each) => same(target, each.target) && same(source, each.source));
  if (!task) {
    const message = `The model "${summary.name}" does not translate from "${source?.code}" into "${target?.code}".`;
    throw new UserError('languageUnknown', message, { language: target?.code ?? '' });
  }
  return task.prefix;
}

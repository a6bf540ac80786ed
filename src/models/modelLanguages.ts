// Which languages a translation model knows, and how it is told them: by a token or a text before the source, or by what its decoder reads first.
import type { Language } from '../shared/modelSummary';
import { toBcp47 } from './languages';
import type { ModelConfig } from './modelConfig';

/**
 * How the target language is chosen.
 * - `sourceToken`: its token before the source (Marian's `>>deu<<`).
 * - `sourceText`: a text before the source (T5's `translate English to German: `).
 * - `decoderToken`: its token after the decoder's start (M2M-100, NLLB-200, mBART-50).
 * - `decoderStart`: its token as the decoder's start (mBART-25).
 * - `fixed`: the model has no choice.
 */
export type TargetRule = 'sourceToken' | 'sourceText' | 'decoderToken' | 'decoderStart' | 'fixed';

export interface ModelLanguages {
  /** The model's own first. */
  readonly targets: readonly Language[];
  /** Languages of the source, for models that are told it; the tokenizer's own first. */
  readonly sources: readonly Language[];
  readonly rule: TargetRule;
}

/** A language token of the vocabulary. */
export interface LanguageTag {
  readonly id: number;
  readonly token: string;
  readonly code: string;
  readonly style: 'tag' | 'code';
}

/**
 * Decides by what is in the files, in this order: tags for the source, tokens for both sides, texts before the source, and a
 * single language that the files name.
 *
 * @param tags In the order of the vocabulary.
 * @param frame Ids that the tokenizer adds to a source.
 */
export function modelLanguages(
  tags: readonly LanguageTag[],
  frame: readonly number[],
  {
    decoderStart,
    forcedFirst,
    tasks,
    stated,
  }: Pick<ModelConfig, 'decoderStart' | 'forcedFirst' | 'tasks' | 'stated'>,
): ModelLanguages {
  const forSource = tags.filter(({ style }) => style === 'tag');
  if (forSource.length > 0) {
    const targets = forSource.map(({ token, code }) => ({ code: toBcp47(code), token }));
    return { targets, sources: [], rule: 'sourceToken' };
  }
  if (tags.length > 0) {
    const starts = tags.some(({ id }) => id === decoderStart);
    const own = tags.find(
      ({ id, code }) => id === (starts ? decoderStart : forcedFirst) || code === stated.target,
    );
    const from = tags.find(({ id }) => frame.includes(id)) ?? tags.find(({ code }) => code === stated.source);
    return {
      targets: firstOf(tags, own),
      sources: firstOf(tags, from),
      rule: starts ? 'decoderStart' : 'decoderToken',
    };
  }
  if (tasks.length > 0) {
    const sources = unique(tasks.map(({ source }) => ({ code: toBcp47(source), token: '' })));
    return {
      targets: unique(tasks.map(({ target, prefix }) => ({ code: toBcp47(target), token: prefix }))),
      sources: sources.length > 1 ? sources : [],
      rule: 'sourceText',
    };
  }
  const targets = stated.target === undefined ? [] : [{ code: toBcp47(stated.target), token: '' }];
  return { targets, sources: [], rule: 'fixed' };
}

/** All languages with one of them in front. Where a language has one tag only, its script or region says nothing. */
function firstOf(tags: readonly LanguageTag[], own: LanguageTag | undefined): Language[] {
  const primary = (code: string): string => toBcp47(code).split('-')[0];
  const counts = new Map<string, number>();
  tags.forEach(({ code }) => counts.set(primary(code), (counts.get(primary(code)) ?? 0) + 1));
  const ordered = own ? [own, ...tags.filter((tag) => tag !== own)] : tags;
  return ordered.map(({ token, code }) => ({
    code: counts.get(primary(code)) === 1 ? primary(code) : toBcp47(code),
    token,
  }));
}

function unique(languages: readonly Language[]): Language[] {
  return languages.filter(({ code }, i) => languages.findIndex((other) => other.code === code) === i);
}

// The normaliser of a tokenizer: each step of tokenizer.json redone on text that keeps its alignment.
import { ReplaceNormalizer } from '@huggingface/tokenizers';
import type { AlignedText } from './alignedText';
import { bertNormalizer } from './bertNormalizer';
import type { Drop } from './drop';
import { precompiledNormalizer } from './precompiledCharsmap';
import { corrupt, flagOf, isRecord, stagesOf, stringOf, unsupported, type Stage } from './tokenizerFile';
import { toUnicodeForm } from './unicodeForm';

export interface Normalizer {
  readonly apply: (text: AlignedText) => AlignedText;
  readonly drops: readonly Drop[];
  /** Where it knowingly differs from other programs. */
  readonly notes?: readonly string[];
}

const nothing: readonly Drop[] = [];

/** @throws UserError `tokenizerUnsupported` for a type that is not known. */
export function createNormalizer(stage: Stage): Normalizer {
  switch (stage.type) {
    case 'Sequence':
      return sequence(stagesOf(stage.normalizers, 'normalizers').map(createNormalizer));
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD': {
      const form = stage.type;
      return { apply: (text) => toUnicodeForm(text, form), drops: nothing };
    }
    case 'Lowercase':
      return { apply: lowercase, drops: nothing };
    case 'StripAccents':
      return { apply: (text) => text.mapCharacters(withoutMark, true), drops: [strippedMarks] };
    case 'Strip': {
      const left = flagOf(stage, 'strip_left', true);
      const right = flagOf(stage, 'strip_right', true);
      return { apply: (text) => text.trim(left, right), drops: nothing };
    }
    case 'Prepend': {
      const prefix = stringOf(stage, 'prepend', '');
      return {
        apply: (text) => (text.length === 0 ? text : text.edit([{ from: 0, to: 0, text: prefix }])),
        drops: nothing,
      };
    }
    case 'Replace':
      return replace(stage);
    case 'BertNormalizer':
      return bertNormalizer(stage);
    case 'Precompiled':
      return precompiledNormalizer(stage);
    default:
      throw unsupported('normaliser', stage.type);
  }
}

function sequence(steps: readonly Normalizer[]): Normalizer {
  return {
    apply: (text) => steps.reduce((soFar, step) => step.apply(soFar), text),
    drops: steps.flatMap((step) => step.drops),
    notes: steps.flatMap((step) => step.notes ?? []),
  };
}

/** Character by character, as the original does it: a final sigma stays σ. */
export function lowercase(text: AlignedText): AlignedText {
  return text.mapCharacters((character) => character.toLowerCase());
}

const strippedMarks: Drop = {
  what: 'combining marks that follow no letter',
  matches: (character) => /\p{M}/u.test(character),
};

function withoutMark(character: string): string {
  return /\p{M}/u.test(character) ? '' : character;
}

function replace(stage: Stage): Normalizer {
  const pattern = patternOf(stage.pattern);
  const content = stringOf(stage, 'content', '');
  return {
    apply: (text) => text.replaceAll(pattern, content),
    drops:
      content.trim() === ''
        ? [
            {
              what: `what matches ${pattern.source}`,
              matches: (character) => character.replaceAll(pattern, content).trim() === '',
            },
          ]
        : nothing,
  };
}

/** A pattern of tokenizer.json as a JavaScript one: the library translates Oniguruma's syntax. */
export function patternOf(value: unknown): RegExp {
  const pattern = isRecord(value) ? value : {};
  const source =
    typeof pattern.Regex === 'string'
      ? { Regex: pattern.Regex }
      : typeof pattern.String === 'string'
        ? { String: pattern.String }
        : undefined;
  if (source === undefined) {
    throw corrupt('a pattern is neither a string nor a regular expression');
  }
  try {
    const compiled = new ReplaceNormalizer({ type: 'Replace', pattern: source, content: '' }).pattern;
    if (compiled !== null) {
      return compiled;
    }
  } catch (error) {
    throw unsupported('regular expression', source.Regex ?? source.String ?? String(error));
  }
  throw unsupported('pattern', JSON.stringify(value));
}

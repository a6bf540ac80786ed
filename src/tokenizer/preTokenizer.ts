// Pre-tokenizers: cut the normalised text into the words that the model then cuts into pieces.
import type { AlignedText } from './alignedText';
import { bytesAsText, toByteCharacters } from './byteLevel';
import type { Drop } from './drop';
import { patternOf } from './normalizer';
import { behaviorOf, splitByPattern, type Behavior } from './splitting';
import { corrupt, flagOf, numberOf, stagesOf, stringOf, unsupported, type Stage } from './tokenizerFile';

export interface PreTokenizer {
  /** `first`: the text begins the whole input (no added token before it). */
  readonly split: (text: AlignedText, first: boolean) => AlignedText[];
  readonly drops: readonly Drop[];
  /** How a character reaches the model, where not as itself. */
  readonly spell?: (character: string) => string;
}

const whiteSpace = /\p{White_Space}/gu;
const punctuation = /[\p{P}!-/:-@[-`{-~]/gu;
const words =
  /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu;
/** GPT-2's own pattern; its `\s` is Unicode's White_Space, which JavaScript's is not (U+0085, U+FEFF). */
const byteLevelWords =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** @throws UserError `tokenizerUnsupported` for a type that is not known. */
export function createPreTokenizer(stage: Stage): PreTokenizer {
  switch (stage.type) {
    case 'Sequence':
      return sequence(stagesOf(stage.pretokenizers, 'pretokenizers').map(createPreTokenizer));
    case 'BertPreTokenizer':
      return {
        split: (text) =>
          splitByPattern(text, whiteSpace, 'Removed').flatMap((word) =>
            splitByPattern(word, punctuation, 'Isolated'),
          ),
        drops: [],
      };
    case 'Whitespace':
      return byPattern(words, 'Removed', true, []);
    case 'WhitespaceSplit':
      return byPattern(whiteSpace, 'Removed', false, []);
    case 'Punctuation': {
      const behavior = behaviorOf(stage, 'Isolated');
      return byPattern(
        punctuation,
        behavior,
        false,
        behavior === 'Removed' ? [dropOf('punctuation', punctuation)] : [],
      );
    }
    case 'Digits':
      return byPattern(
        /\p{N}/gu,
        flagOf(stage, 'individual_digits', false) ? 'Isolated' : 'Contiguous',
        false,
        [],
      );
    case 'CharDelimiterSplit': {
      const delimiter = stringOf(stage, 'delimiter', '');
      const pattern = patternOf({ String: delimiter });
      return byPattern(pattern, 'Removed', false, [dropOf(`the separator "${delimiter}"`, pattern)]);
    }
    case 'Split':
      return split(stage);
    case 'FixedLength':
      return fixedLength(numberOf(stage, 'length', 5));
    case 'Metaspace':
      return metaspace(stage);
    case 'ByteLevel':
      return byteLevel(stage);
    default:
      throw unsupported('pre-tokenizer', stage.type);
  }
}

function sequence(steps: readonly PreTokenizer[]): PreTokenizer {
  return {
    split: (text, first) =>
      steps.reduce<AlignedText[]>(
        (parts, step) => parts.flatMap((part, i) => step.split(part, first && i === 0)),
        [text],
      ),
    drops: steps.flatMap((step) => step.drops),
    spell: steps.find(({ spell }) => spell !== undefined)?.spell,
  };
}

function byPattern(
  pattern: RegExp,
  behavior: Behavior,
  invert: boolean,
  drops: readonly Drop[],
): PreTokenizer {
  return { split: (text) => splitByPattern(text, pattern, behavior, invert), drops };
}

function split(stage: Stage): PreTokenizer {
  const pattern = patternOf(stage.pattern);
  const behavior = behaviorOf(stage, 'Isolated');
  const invert = flagOf(stage, 'invert', false);
  const drops: Drop[] = [];
  if (behavior === 'Removed') {
    drops.push(
      invert
        ? { what: `what does not match ${pattern.source}`, matches: (c) => !whole(pattern, c) }
        : dropOf(`what matches ${pattern.source}`, pattern),
    );
  }
  return byPattern(pattern, behavior, invert, drops);
}

function dropOf(what: string, pattern: RegExp): Drop {
  return { what, matches: (character) => whole(pattern, character) };
}

function whole(pattern: RegExp, character: string): boolean {
  return character.match(pattern)?.join('') === character;
}

function fixedLength(length: number): PreTokenizer {
  if (length < 1) {
    throw corrupt('the fixed length of its pre-tokenizer is not positive');
  }
  return byPattern(new RegExp(`[^]{1,${length}}`, 'gu'), 'Isolated', false, []);
}

/**
 * SentencePiece's way: spaces become `▁`, which begins a word. With the scheme `first`, text after stripped white
 * space still counts as first, as in SentencePiece.
 */
function metaspace(stage: Stage): PreTokenizer {
  const mark = stringOf(stage, 'replacement', '\u2581');
  const scheme = stringOf(
    stage,
    'prepend_scheme',
    flagOf(stage, 'add_prefix_space', true) ? 'always' : 'never',
  );
  const cut = flagOf(stage, 'split', true);
  const marks = patternOf({ String: mark });
  return {
    split: (text, first) => {
      let marked = text.replaceAll(/ /g, mark);
      if (!marked.text.startsWith(mark) && (scheme === 'always' || (scheme === 'first' && first))) {
        marked = marked.edit([{ from: 0, to: 0, text: mark }]);
      }
      return cut ? splitByPattern(marked, marks, 'MergedWithNext') : [marked];
    },
    drops: [],
  };
}

function byteLevel(stage: Stage): PreTokenizer {
  const prefixSpace = flagOf(stage, 'add_prefix_space', true);
  const useWords = flagOf(stage, 'use_regex', true);
  return {
    split: (text) => {
      const spaced =
        prefixSpace && !text.text.startsWith(' ') ? text.edit([{ from: 0, to: 0, text: ' ' }]) : text;
      const parts = useWords ? splitByPattern(spaced, byteLevelWords, 'Isolated') : [spaced];
      return parts.map(toByteCharacters);
    },
    drops: [],
    spell: bytesAsText,
  };
}

// BERT's text cleaning: control characters, spaces round Chinese characters, accents, case; nothing is split here.
import type { AlignedText } from './alignedText';
import type { Drop } from './drop';
import { lowercase, type Normalizer } from './normalizer';
import { flagOf, type Stage } from './tokenizerFile';
import { toUnicodeForm } from './unicodeForm';

/** Tab and line ends are control characters too, but become spaces. */
const dropped = /[\0\uFFFD]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u;
const space = /\p{White_Space}/u;
const nonspacing = /\p{Mn}/u;
/** The blocks of CJK ideographs that BERT lists; neither kana nor Hangul. */
const ideograph =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu;

const droppedControls: Drop = {
  what: 'control, format and private-use characters, U+0000 and U+FFFD',
  matches: (character) => dropped.test(character),
};
const strippedMarks: Drop = {
  what: 'accents (non-spacing marks) that follow no letter',
  matches: (character) => nonspacing.test(character),
};

/** In the order of the original: clean, separate ideographs, strip accents (by default when lower-casing), lower-case. */
export function bertNormalizer(stage: Stage): Normalizer {
  const clean = flagOf(stage, 'clean_text', true);
  const separate = flagOf(stage, 'handle_chinese_chars', true);
  const lower = flagOf(stage, 'lowercase', true);
  const strip = flagOf(stage, 'strip_accents', lower);
  return {
    apply: (original) => {
      let text = original;
      if (clean) {
        text = text
          .mapCharacters((character) => (dropped.test(character) ? '' : character))
          .mapCharacters((character) => (space.test(character) ? ' ' : character));
      }
      if (separate) {
        text = spaceRound(text);
      }
      if (strip) {
        text = toUnicodeForm(text, 'NFD').mapCharacters(
          (character) => (nonspacing.test(character) ? '' : character),
          true,
        );
      }
      return lower ? lowercase(text) : text;
    },
    drops: [...(clean ? [droppedControls] : []), ...(strip ? [strippedMarks] : [])],
  };
}

function spaceRound(text: AlignedText): AlignedText {
  return text.edit(
    Array.from(text.text.matchAll(ideograph), ({ 0: character, index }) => [
      { from: index, to: index, text: ' ' },
      { from: index + character.length, to: index + character.length, text: ' ' },
    ]).flat(),
  );
}

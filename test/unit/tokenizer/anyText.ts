// Random text that is hard on a tokenizer: every kind of character, whole and broken.
import fc from 'fast-check';

const hard = [
  'é', 'e\u0301', 'q\u0323\u0307', '\u0301', 'ﬁ', 'ŉ', '㍿', 'ﷺ', 'Ａ１', '½', '℃', 'ｶﾞ', 'İ', 'ß', 'ΑΣ', 'ǅ',
  '각', '\u1100\u1161\u11a8', '中文。', '東京', '𠀀', 'สวัสดี', 'שָׁלוֹם', 'العربية', 'नमस्ते', '\u202e', '𝔘𝕟', '👍🏽', '👨‍👩‍👧',
  '🏳️‍🌈', '1️⃣', '🇩🇪', '\ud83d', '\udc00', '\r\n', '\n', '\t', '  ', '\u00a0', '\u3000', '\u0085', '\u200b', '\u200d',
  '\ufeff', '\u0000', '\u001f', '\ufffd', '\ue000', '▁', '##', '[MASK]', '</s>', '>>deu<<', '<|endoftext|>', "didn't",
  'the ', 'animal', 'tired.', 'a_b', 'x=1;', '…', '—',
]; // prettier-ignore

/** Up to some dozen characters: words, hard cases, and any code points at all. */
export const anyText = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...hard) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 4 }) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 8 }) },
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

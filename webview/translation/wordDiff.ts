// Where one text differs from another, by words: for lists of hypotheses that are almost the same.

/** A stretch of a text, and whether the other text lacks it there. */
export interface DiffPart {
  readonly text: string;
  readonly differs: boolean;
}

/**
 * `text` as stretches that `other` has too and stretches that it has not, by the longest common subsequence of words and
 * the marks and spaces between them. A space between two words that differ belongs to them.
 */
export function wordDiff(text: string, other: string): DiffPart[] {
  const own = words(text);
  const same = common(own, words(other));
  own.forEach((word, index) => {
    if (word.trim() === '' && index > 0 && index < own.length - 1) {
      same[index] = same[index - 1] || same[index + 1];
    }
  });
  const parts: { text: string; differs: boolean }[] = [];
  own.forEach((word, index) => {
    const last = parts.at(-1);
    if (last && last.differs !== same[index]) {
      last.text += word;
    } else {
      parts.push({ text: word, differs: !same[index] });
    }
  });
  return parts;
}

function words(text: string): string[] {
  return text.match(/[\p{L}\p{N}\p{M}]+|\s+|[^\p{L}\p{N}\p{M}\s]/gu) ?? [];
}

/** Which items of `own` are part of the longest common subsequence with `other`. */
function common(own: readonly string[], other: readonly string[]): boolean[] {
  const width = other.length + 1;
  // lengths[i * width + j]: of the longest common subsequence of own from i on and other from j on
  const lengths = new Uint16Array((own.length + 1) * width);
  for (let i = own.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        own[i] === other[j]
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const same = own.map(() => false);
  for (let i = 0, j = 0; i < own.length && j < other.length;) {
    if (own[i] === other[j]) {
      same[i++] = true;
      j++;
    } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) {
      i++;
    } else {
      j++;
    }
  }
  return same;
}

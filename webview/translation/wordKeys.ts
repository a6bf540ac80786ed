// Where the arrow keys go in a text of words: left and right along the text, up and down by lines, Home and End of it.
import type { SentenceSpan } from './sentenceSpan';

/** A word of a text. */
export interface Place {
  readonly sentence: number;
  readonly word: number;
}

/** The word that a key goes to from another one; undefined for keys that go nowhere. */
export function nextWord(
  key: string,
  from: Place,
  spans: ReadonlyMap<number, SentenceSpan>,
): Place | undefined {
  switch (key) {
    case 'ArrowRight':
      return along(from, 1, spans);
    case 'ArrowLeft':
      return along(from, -1, spans);
    case 'ArrowDown':
      return line(from, 1, spans);
    case 'ArrowUp':
      return line(from, -1, spans);
    case 'Home':
      return edge(spans, 'first');
    case 'End':
      return edge(spans, 'last');
    default:
      return undefined;
  }
}

function along(
  { sentence, word }: Place,
  step: 1 | -1,
  spans: ReadonlyMap<number, SentenceSpan>,
): Place | undefined {
  const words = spans.get(sentence)?.wordIndexes ?? [];
  const next = words[words.indexOf(word) + step];
  if (next !== undefined) {
    return { sentence, word: next };
  }
  const order = [...spans.keys()];
  for (let at = order.indexOf(sentence) + step; at >= 0 && at < order.length; at += step) {
    const found = spans.get(order[at])?.wordIndexes.at(step > 0 ? 0 : -1);
    if (found !== undefined) {
      return { sentence: order[at], word: found };
    }
  }
  return undefined;
}

function edge(spans: ReadonlyMap<number, SentenceSpan>, which: 'first' | 'last'): Place | undefined {
  const order = which === 'first' ? [...spans.keys()] : [...spans.keys()].reverse();
  for (const sentence of order) {
    const word = spans.get(sentence)?.wordIndexes.at(which === 'first' ? 0 : -1);
    if (word !== undefined) {
      return { sentence, word };
    }
  }
  return undefined;
}

/** The nearest word of the next line: walks along the text until the line after that one begins. */
function line(from: Place, step: 1 | -1, spans: ReadonlyMap<number, SentenceSpan>): Place | undefined {
  const boxOf = ({ sentence, word }: Place) => {
    spans.get(sentence)?.setNear(true);
    return spans.get(sentence)?.wordElement(word)?.getBoundingClientRect();
  };
  const start = boxOf(from);
  if (!start) {
    return undefined;
  }
  const middle = start.left + start.width / 2;
  let best: { readonly place: Place; readonly off: number; readonly top: number } | undefined;
  for (let place = along(from, step, spans); place; place = along(place, step, spans)) {
    const box = boxOf(place);
    if (!box || Math.abs(box.top - start.top) < start.height / 2) {
      continue;
    }
    if (best && Math.abs(box.top - best.top) >= box.height / 2) {
      break;
    }
    const off = Math.abs(box.left + box.width / 2 - middle);
    if (!best || off < best.off) {
      best = { place, off, top: box.top };
    }
  }
  return best?.place;
}

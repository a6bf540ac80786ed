// Where a card stands beside a word: below it or above it, never on it, and inside the page.

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface CardPlace {
  readonly left: number;
  readonly top: number;
  /** Less than the card's own height where there is not enough room. */
  readonly height: number;
}

/** Between word and card: so little that the pointer gets across. */
const GAP = 2;
const EDGE = 4;

/**
 * Below the word's last line where the card fits there, else above its first line where it fits, else where there is more
 * room, made lower.
 */
export function cardPlace(
  lines: readonly Box[],
  card: { readonly width: number; readonly height: number },
  page: { readonly width: number; readonly height: number },
): CardPlace {
  const top = Math.min(...lines.map((line) => line.top));
  const bottom = Math.max(...lines.map((line) => line.bottom));
  const under = page.height - EDGE - bottom - GAP;
  const over = top - GAP - EDGE;
  const below = card.height <= under || (card.height > over && under >= over);
  const height = Math.max(0, Math.min(card.height, below ? under : over));
  const beside = lines[below ? lines.length - 1 : 0];
  const left = Math.min(beside.left - EDGE, page.width - card.width - EDGE);
  return {
    left: Math.max(EDGE, left),
    top: below ? bottom + GAP : top - GAP - height,
    height,
  };
}

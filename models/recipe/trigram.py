"""An interpolated Kneser-Ney trigram model over token ids: what the two English models are compared with.

Kneser and Ney 1995, in the interpolated form of Chen and Goodman 1998 with one discount per order, estimated as n1 / (n1 + 2 n2).
"""
from collections import Counter, defaultdict
from typing import Dict, Iterable, List, Sequence, Tuple

import numpy as np

Counts = Dict[int, int]


def _discount(counts: Iterable[int]) -> float:
    """What is taken from every count, by how many are 1 and 2."""
    times = Counter(counts)
    return times[1] / (times[1] + 2 * times[2])


class Trigram:
    """Trained on sentences as ids; before each stand two `start`, after it one `end`."""

    def __init__(self, sentences: Iterable[Sequence[int]], vocabulary: int, start: int, end: int):
        self.start, self.end = start, end
        trigrams: Counter = Counter()
        for ids in sentences:
            row = [start, start, *ids, end]
            trigrams.update(zip(row, row[1:], row[2:]))
        # Lower orders count in how many contexts something occurs, not how often.
        bigrams = Counter((b, c) for _, b, c in trigrams)
        unigrams = Counter(c for _, c in bigrams)
        d3, d2, d1 = (_discount(counts.values()) for counts in (trigrams, bigrams, unigrams))

        contexts3: Dict[Tuple[int, int], List[int]] = defaultdict(lambda: [0, 0])
        for (a, b, _), count in trigrams.items():
            contexts3[a, b][0] += count
            contexts3[a, b][1] += 1
        contexts2: Dict[int, List[int]] = defaultdict(lambda: [0, 0])
        for (b, _), count in bigrams.items():
            contexts2[b][0] += count
            contexts2[b][1] += 1
        total = sum(unigrams.values())

        # p(c | a, b) = seen3 + weight3 · (seen2 + weight2 · unigram).
        self.unigram = np.full(vocabulary, d1 * len(unigrams) / total / vocabulary)
        for c, count in unigrams.items():
            self.unigram[c] += (count - d1) / total
        self.weight2 = np.ones(vocabulary)
        for b, (count, kinds) in contexts2.items():
            self.weight2[b] = d2 * kinds / count
        self.weight3 = {pair: d3 * kinds / count for pair, (count, kinds) in contexts3.items()}
        self.seen2 = {(b, c): (count - d2) / contexts2[b][0] for (b, c), count in bigrams.items()}
        self.seen3 = {(a, b, c): (count - d3) / contexts3[a, b][0] for (a, b, c), count in trigrams.items()}
        self._index()

    def _index(self) -> None:
        """The tables by what is known where a token is missing."""
        self.after: Dict[int, Dict[int, float]] = defaultdict(dict)
        self.before: Dict[int, Dict[int, float]] = defaultdict(dict)
        for (b, c), value in self.seen2.items():
            self.after[b][c] = value
            self.before[c][b] = value
        self.last, self.middle, self.first = (defaultdict(dict) for _ in range(3))
        for (a, b, c), value in self.seen3.items():
            self.last[a, b][c] = value
            self.middle[a, c][b] = value
            self.first[b, c][a] = value
        self.weight_after, self.weight_before = defaultdict(dict), defaultdict(dict)
        for (a, b), value in self.weight3.items():
            self.weight_after[a][b] = value
            self.weight_before[b][a] = value

    def probability(self, a: int, b: int, c: int) -> float:
        """p(c | a, b)."""
        lower = self.seen2.get((b, c), 0.0) + self.weight2[b] * self.unigram[c]
        return self.seen3.get((a, b, c), 0.0) + self.weight3.get((a, b), 1.0) * lower

    def cost(self, ids: Sequence[int]) -> float:
        """Nats for a sentence and its end."""
        row = [self.start, self.start, *ids, self.end]
        return -sum(np.log(self.probability(*three)) for three in zip(row, row[1:], row[2:]))

    def next(self, a: int, b: int) -> np.ndarray:
        """p(· | a, b)."""
        return self._added(self.weight3.get((a, b), 1.0) * self._next2(b), self.last.get((a, b)))

    def fill(self, a: int, b: int, c: int, d: int) -> np.ndarray:
        """The probability of every token between `a b` and `c d`, normalised; a sentence's end is followed by nothing."""
        product = self.next(a, b)
        # p(c | b, ·), then p(d | ·, c).
        lower = self._added(self.weight2 * self.unigram[c], self.before.get(c))
        product = product * self._added(lower * self._spread(self.weight_after.get(b)), self.middle.get((b, c)))
        if c != self.end:
            lower = self.seen2.get((c, d), 0.0) + self.weight2[c] * self.unigram[d]
            product = product * self._added(lower * self._spread(self.weight_before.get(c)), self.first.get((c, d)))
        return product / product.sum()

    def _next2(self, b: int) -> np.ndarray:
        return self._added(self.weight2[b] * self.unigram, self.after.get(b))

    def _spread(self, weights: Counts) -> np.ndarray:
        """The weight of the lower order for every token; 1 where the context was never seen."""
        values = np.ones_like(self.unigram)
        if weights:
            values[list(weights)] = list(weights.values())
        return values

    @staticmethod
    def _added(values: np.ndarray, seen: Counts) -> np.ndarray:
        if seen:
            values = values.copy()
            values[list(seen)] += list(seen.values())
        return values

"""Byte-pair encoding in its plainest form: learns which neighbours to merge, and merges them."""
from collections import Counter
from typing import Callable, Dict, List, Sequence, Tuple

Pair = Tuple[str, str]
Word = Tuple[str, ...]
Join = Callable[[str, str], str]


def merge(word: Word, pair: Pair, joined: str) -> Word:
    """Every occurrence of `pair` in `word` replaced by `joined`, from the left."""
    result: List[str] = []
    index = 0
    while index < len(word):
        if word[index:index + 2] == pair:
            result.append(joined)
            index += 2
        else:
            result.append(word[index])
            index += 1
    return tuple(result)


def learn(words: Dict[Word, int], count: int, join: Join) -> List[Pair]:
    """The `count` merges of the most frequent pairs; of equally frequent ones the alphabetically first."""
    merges: List[Pair] = []
    while len(merges) < count:
        pairs: Counter = Counter()
        for word, times in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += times
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        joined = join(*best)
        words = {merge(word, best, joined): times for word, times in words.items()}
    return merges


def apply(word: Word, merges: Sequence[Pair], join: Join) -> Word:
    """`word` with all merges applied in the order they were learned."""
    for pair in merges:
        word = merge(word, pair, join(*pair))
    return word

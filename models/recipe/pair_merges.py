"""Byte-pair encoding over symbols: learns which neighbours to merge, and merges them. What a symbol is, its callers decide."""
from collections import Counter, defaultdict
from typing import Callable, Dict, List, Sequence, Set, Tuple

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


def learn(words: Dict[Word, int], symbols: int, join: Join) -> List[Pair]:
    """Merges of the most frequent pairs, until they have made `symbols` different ones; of equally frequent pairs the
    alphabetically first. Only words that hold the chosen pair are counted again."""
    spellings = list(words)
    times = [words[word] for word in spellings]
    counts: Counter = Counter()
    holders: Dict[Pair, Set[int]] = defaultdict(set)
    for index, word in enumerate(spellings):
        for pair in zip(word, word[1:]):
            counts[pair] += times[index]
            holders[pair].add(index)
    merges: List[Pair] = []
    made: Set[str] = set()
    while len(made) < symbols and counts:
        most = max(counts.values())
        best = min(pair for pair, count in counts.items() if count == most)
        merges.append(best)
        made.add(join(*best))
        for index in sorted(holders.pop(best)):
            before = spellings[index]
            after = merge(before, best, join(*best))
            for pair in zip(before, before[1:]):
                counts[pair] -= times[index]
                if not counts[pair]:
                    del counts[pair]
                holders[pair].discard(index)
            for pair in zip(after, after[1:]):
                counts[pair] += times[index]
                holders[pair].add(index)
            spellings[index] = after
    return merges


def apply(word: Word, ranks: Dict[Pair, int], join: Join) -> Word:
    """`word` with the merges applied, each time the one that was learned first; `ranks` numbers them in that order."""
    while len(word) > 1:
        best = min(zip(word, word[1:]), key=lambda pair: ranks.get(pair, len(ranks)))
        if best not in ranks:
            break
        word = merge(word, best, join(*best))
    return word


def ranked(merges: Sequence[Pair]) -> Dict[Pair, int]:
    """The place of each merge in the order."""
    return {pair: index for index, pair in enumerate(merges)}

"""Which examples a step learns from: src/training/generator.ts and batches.ts written once more, so that the same seed means the same order."""
from typing import List, Sequence

_MASK = 0xFFFFFFFF
# Examples are sorted by length within this many.
_WINDOW = 20_000


def _hash(text: str) -> int:
    """FNV-1a."""
    value = 0x811C9DC5
    for character in text:
        value = (value ^ ord(character)) * 0x01000193 & _MASK
    return value


class Generator:
    """xoshiro128** (Blackman and Vigna), seeded from words as the trainer does."""

    def __init__(self, *words: object) -> None:
        mixed = _hash('/'.join(map(str, words)))
        self._state = []
        for _ in range(4):
            mixed = (mixed + 0x9E3779B9) & _MASK
            word = (mixed ^ mixed >> 16) * 0x21F0AAAD & _MASK
            word = (word ^ word >> 15) * 0x735A2D97 & _MASK
            self._state.append(word ^ word >> 15)
        self._state[3] = self._state[3] or 1

    def _next(self) -> int:
        a, b, c, d = self._state
        five = b * 5 & _MASK
        result = ((five << 7 | five >> 25) & _MASK) * 9 & _MASK
        c, d = c ^ a, d ^ b
        self._state = [a ^ d, b ^ c, c ^ (b << 9 & _MASK), (d << 11 | d >> 21) & _MASK]
        return result

    def permutation(self, count: int) -> List[int]:
        """Of 0 to count - 1, by Fisher and Yates."""
        order = list(range(count))
        for index in range(count - 1, 0, -1):
            other = int(self._next() / 2 ** 32 * (index + 1))
            order[index], order[other] = order[other], order[index]
        return order


def epoch(lengths: Sequence[int], batch: int, seed: int, number: int) -> List[List[int]]:
    """The batches of one epoch, one for each step; token limits are taken to be far away."""
    generator = Generator(seed, 'epoch', number)
    order = generator.permutation(len(lengths))
    batches: List[List[int]] = []
    for start in range(0, len(order), _WINDOW):
        window = sorted(order[start:start + _WINDOW], key=lambda index: lengths[index])
        batches += [window[first:first + batch] for first in range(0, len(window), batch)]
    return [batches[index] for index in generator.permutation(len(batches))]


def steps(lengths: Sequence[int], batch: int, seed: int, count: int) -> List[List[int]]:
    """The batches of `count` steps from the first epoch on."""
    found: List[List[int]] = []
    while len(found) < count:
        number = len(found) // len(epoch(lengths, batch, seed, 0))
        found += epoch(lengths, batch, seed, number)
    return found[:count]

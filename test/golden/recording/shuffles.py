"""Seeded permutations, the same as the product's: Fisher and Yates's shuffle over mulberry32."""
from typing import Iterator, List

_32 = 0xffffffff


def _mulberry32(seed: int) -> Iterator[float]:
    state = seed & _32
    while True:
        state = (state + 0x6d2b79f5) & _32
        mixed = ((state ^ (state >> 15)) * (1 | state)) & _32
        mixed = ((mixed + (((mixed ^ (mixed >> 7)) * (61 | mixed)) & _32)) ^ mixed) & _32
        yield (mixed ^ (mixed >> 14)) / 2 ** 32


def shuffled(count: int, seed: int) -> List[int]:
    """A permutation of 0 … count − 1."""
    numbers = _mulberry32(seed)
    order = list(range(count))
    for i in range(count - 1, 0, -1):
        other = int(next(numbers) * (i + 1))
        order[i], order[other] = order[other], order[i]
    return order

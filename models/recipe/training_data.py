"""Pairs as ids, cut into batches of similar length. The order of epoch n is always the same, so that training can resume."""
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, List, Sequence, Tuple

import sentencepiece
import torch
from torch import Tensor

Example = Tuple[List[int], List[int]]

# Sentences are sorted by length within this many, not over all: an epoch must not go from short to long.
_WINDOW = 20_000


@dataclass(frozen=True)
class Batch:
    """`source` [b, s] and its `source_mask`; `inputs` [b, t] of the decoder; `targets` [b, t], padded with `pad`."""

    source: Tensor
    source_mask: Tensor
    inputs: Tensor
    targets: Tensor

    def to(self, device: torch.device) -> 'Batch':
        """The same on a device."""
        return Batch(*(tensor.to(device) for tensor in (self.source, self.source_mask, self.inputs, self.targets)))


def source_ids(pieces: sentencepiece.SentencePieceProcessor, tag: str, text: str) -> List[int]:
    """Language tag, the text's pieces, the end."""
    return [pieces.piece_to_id(tag), *pieces.encode(text), pieces.eos_id()]


def read_examples(path: Path, pieces: sentencepiece.SentencePieceProcessor) -> List[Example]:
    """The pairs of a file written by prepare.py, as source and target ids, both with the end."""
    examples = []
    for line in path.read_text('utf8').splitlines():
        source, target = line.split('\t')
        tag, text = source.split(' ', 1)
        examples.append((source_ids(pieces, tag, text), [*pieces.encode(target), pieces.eos_id()]))
    return examples


def padded(rows: Sequence[List[int]], pad: int) -> Tensor:
    """`[rows, longest]`, filled up on the right."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[pad] * (longest - len(row))] for row in rows])


def make_batch(examples: Sequence[Example], pad: int) -> Batch:
    """Examples as tensors; padding also starts the decoder."""
    source = padded([source for source, _ in examples], pad)
    targets = padded([target for _, target in examples], pad)
    start = torch.full((len(examples), 1), pad)
    return Batch(source, (source != pad).long(), torch.cat([start, targets[:, :-1]], 1), targets)


def _grouped(examples: List[Example], tokens: int) -> Iterator[List[Example]]:
    """Consecutive examples whose padded source and target each take at most `tokens` ids."""
    group: List[Example] = []
    longest = 0
    for example in examples:
        length = max(map(len, example))
        if group and max(longest, length) * (len(group) + 1) > tokens:
            yield group
            group, longest = [], 0
        group.append(example)
        longest = max(longest, length)
    if group:
        yield group


def epoch(examples: List[Example], number: int, tokens: int) -> List[List[Example]]:
    """All examples once, in batches of at most `tokens` padded ids a side, in the order of epoch `number`."""
    order = random.Random(number)
    shuffled = order.sample(examples, len(examples))
    batches: List[List[Example]] = []
    for start in range(0, len(shuffled), _WINDOW):
        window = sorted(shuffled[start:start + _WINDOW], key=lambda each: (len(each[1]), len(each[0])))
        batches += _grouped(window, tokens)
    order.shuffle(batches)
    return batches

"""Sentences as batches for the two English models. The order of epoch n is always the same, so that training can resume."""
import json
import random
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Union

import torch
from torch import Tensor

import byte_pairs
import word_pieces
from byte_pairs import BytePairs
from training_data import padded
from word_pieces import WordPieces

# Devlin et al. 2019, section 3.1, mask 15 %; a small model on little text learns faster from a few more.
MASKED_SHARE = 0.2
# One sentence in this many follows the last in the same text, after a space, and not as a text of its own.
_CONTINUED = 5
# One row in this many begins with the end token, as a text does that is written from nothing.
_MARKED = 4
# One row or text in this many is as long as the positions reach, so that the late ones are trained too; the others cost less.
_LONG = 8
_WINDOW = 20_000


class Batch(NamedTuple):
    """`inputs` and `attention_mask` `[batch, length]`, and what is to be predicted: `targets` where `wanted`, in a row."""

    inputs: Tensor
    attention_mask: Optional[Tensor]
    wanted: Tensor
    targets: Tensor


def read_lines(path: Path) -> List[str]:
    """The sentences of a file of prepare_english.py."""
    return path.read_text('utf8').splitlines()


def read_vocabulary(path: Path) -> 'Vocabulary':
    """The vocabulary of a tokenizer.json, by the type of its model."""
    tokenizer = json.loads(path.read_text('utf8'))
    return {'BPE': byte_pairs, 'WordPiece': word_pieces}[tokenizer['model']['type']].read(tokenizer)


def gpt_batches(lines: List[str], vocabulary: BytePairs, number: int, tokens: int, length: int) -> Iterator[Batch]:
    """All sentences of epoch `number`, one after the other in rows of `length` or a quarter of it. A row begins with a sentence,
    as a text does that people give to the model; between texts stands the end token."""
    order = random.Random(number)
    rows: Dict[int, List[List[int]]] = {length: [], length // 4: []}
    batches: List[List[List[int]]] = []
    row: List[int] = []
    limit = length
    for line in order.sample(lines, len(lines)):
        if not row:
            limit = length if order.randrange(_LONG) == 0 else length // 4
            row += ([vocabulary.end] if order.randrange(_MARKED) == 0 else []) + vocabulary.encode(line)
        elif order.randrange(_CONTINUED) == 0:
            row += vocabulary.encode(f' {line}')
        else:
            row += [vocabulary.end, *vocabulary.encode(line)]
        if len(row) > limit:
            rows[limit].append(row[: limit + 1])
            row = []
            if len(rows[limit]) * limit >= tokens:
                batches.append(rows[limit])
                rows[limit] = []
    batches += [group for group in rows.values() if group]
    order.shuffle(batches)
    for group in batches:
        block = torch.tensor(group)
        wanted = torch.ones_like(block[:, 1:], dtype=torch.bool)
        yield Batch(block[:, :-1], None, wanted, block[:, 1:].flatten())


def bert_batches(lines: List[str], vocabulary: WordPieces, number: int, tokens: int, length: int) -> Iterator[Batch]:
    """All sentences of epoch `number`, most of them alone, some followed by others, with freshly chosen masks."""
    order = random.Random(number)
    shuffled = [vocabulary.encode(line) for line in order.sample(lines, len(lines))]
    texts: List[List[int]] = []
    while shuffled:
        text = shuffled.pop()
        room = order.randint(2, length - 2) if order.randrange(2 * _LONG) == 0 else 0
        while shuffled and len(text) + len(shuffled[-1]) <= room:
            text = text + shuffled.pop()
        texts.append([vocabulary.start, *text[: length - 2], vocabulary.end])
    groups: List[List[List[int]]] = []
    for start in range(0, len(texts), _WINDOW):
        group: List[List[int]] = []
        for text in sorted(texts[start:start + _WINDOW], key=len):
            if group and len(text) * (len(group) + 1) > tokens:
                groups.append(group)
                group = []
            group.append(text)
        groups.append(group)
    order.shuffle(groups)
    generator = torch.Generator().manual_seed(number)
    for group in groups:
        yield masked(padded(group, vocabulary.pad), vocabulary, generator)


def masked(ids: Tensor, vocabulary: WordPieces, generator: torch.Generator) -> Batch:
    """Of the tokens to predict 80 % are replaced by `[MASK]`, 10 % by any token, and 10 % stay."""
    chance, kind = torch.rand(ids.shape, generator=generator), torch.rand(ids.shape, generator=generator)
    ordinary = ids > vocabulary.mask
    wanted = (chance < MASKED_SHARE) & ordinary
    # A text of which nothing is chosen would teach nothing: its luckiest token is.
    luckiest = chance.masked_fill(~ordinary, 2).argmin(1)
    rows = torch.arange(len(ids))
    wanted[rows, luckiest] |= ordinary[rows, luckiest] & ~wanted.any(1)
    random_ids = torch.randint(vocabulary.mask + 1, len(vocabulary.pieces), ids.shape, generator=generator)
    inputs = torch.where(wanted & (kind < 0.8), vocabulary.mask, ids)
    inputs = torch.where(wanted & (kind >= 0.9), random_ids, inputs)
    return Batch(inputs, (ids != vocabulary.pad).long(), wanted, ids[wanted])


Vocabulary = Union[BytePairs, WordPieces]
BATCHES = {'gpt': gpt_batches, 'bert': bert_batches}

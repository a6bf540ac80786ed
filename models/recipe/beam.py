"""Beam search in PyTorch, for scoring and as the reference of the product's own: the same rules, written for a batch of sources.

At every step the 2 · beam most probable continuations of all beams of a source are looked at in order. One that ends is a
finished hypothesis if it is among the first `beam`; the others go on, until there are `beam` of them. A hypothesis is worth its summed
log-probability over its length (the end included) to the power of `length_penalty`. A source is done when it has `beam` finished
ones and none that goes on is worth more now than the worst of them. Of equals the earlier beam, then the smaller id comes first.
"""
from typing import List, NamedTuple, Optional, Sequence

import torch

from marian_model import Marian
from training_data import padded

# Tokens at most: this many for each of the source, and some more.
LIMIT_FACTOR, LIMIT_MORE = 3, 16


class Hypothesis(NamedTuple):
    """A translation without start and end; `score` is the summed log-probability over length ** penalty."""

    ids: List[int]
    log_probability: float
    score: float
    ended: bool


class _Live(NamedTuple):
    ids: List[int]
    log_probability: float


class _Source:
    """The search for one source."""

    def __init__(self, beam: int, limit: int, penalty: float, end: int):
        self.beam, self.limit, self.penalty, self.end = beam, limit, penalty, end
        self.live = [_Live([], 0.0)]
        self.finished: List[Hypothesis] = []

    def finish(self, live: _Live, length: int, ended: bool) -> None:
        score = live.log_probability / length ** self.penalty
        self.finished.append(Hypothesis(live.ids, live.log_probability, score, ended))
        self.finished.sort(key=lambda each: -each.score)
        del self.finished[self.beam:]

    def advance(self, values: List[List[float]], tokens: List[List[int]]) -> None:
        """Takes the largest log-probabilities of every live beam, and their tokens."""
        candidates = sorted(
            (-(each.log_probability + value), parent, token)
            for parent, each in enumerate(self.live)
            for value, token in zip(values[parent], tokens[parent])
            if value > -float('inf')
        )
        length = len(self.live[0].ids) + 1
        live: List[_Live] = []
        for rank, (negative, parent, token) in enumerate(candidates[:2 * self.beam]):
            value = -negative
            if token == self.end:
                if rank < self.beam:
                    self.finish(_Live(self.live[parent].ids, value), length, True)
                continue
            live.append(_Live([*self.live[parent].ids, token], value))
            if len(live) == self.beam:
                break
        self.live = live
        if live and length == self.limit:
            for each in live:
                self.finish(each, length, False)
            self.live = []
        elif live and len(self.finished) == self.beam:
            if self.finished[-1].score >= live[0].log_probability / length ** self.penalty:
                self.live = []


@torch.no_grad()
def beam_hypotheses(
    model: Marian, sources: Sequence[List[int]], beam: int, limit: Optional[int] = None, length_penalty: float = 1.0
) -> List[List[Hypothesis]]:
    """The finished hypotheses of every source, best first. `limit`: tokens at most, the end included."""
    size, device = model.size, model.shared.weight.device
    source = padded(sources, size.pad).to(device)
    mask = (source != size.pad).long()
    memory = model.encode(source, mask)
    searches = [
        _Source(beam, limit or LIMIT_FACTOR * len(each) + LIMIT_MORE, length_penalty, size.end) for each in sources
    ]
    active = list(range(len(sources)))
    while active:
        owners = [index for index in active for _ in searches[index].live]
        ids = torch.tensor([[size.pad, *each.ids] for index in active for each in searches[index].live], device=device)
        states = model.decoder_states(ids, memory[owners], mask[owners])[:, -1]
        logits = (states @ model.shared.weight.T).float()
        logits[:, size.pad] = -float('inf')
        # The rest cannot be chosen.
        values, tokens = (part.tolist() for part in logits.log_softmax(1).topk(min(2 * beam, logits.shape[1])))
        start = 0
        for index in list(active):
            count = len(searches[index].live)
            searches[index].advance(values[start:start + count], tokens[start:start + count])
            start += count
        active = [index for index in active if searches[index].live]
    return [search.finished for search in searches]


def beam_search(
    model: Marian, sources: Sequence[List[int]], beam: int, limit: Optional[int] = None, length_penalty: float = 1.0
) -> List[List[int]]:
    """The best translation of every source, as ids without start and end."""
    found = beam_hypotheses(model, sources, beam, limit, length_penalty)
    return [hypotheses[0].ids for hypotheses in found]

"""Beam search in PyTorch, for scoring and as the reference of the product's own: the same rules, written for a batch of sources.

At every step the 2 · beam most probable continuations of all beams of a source are looked at in order. One that ends is a
finished hypothesis if it is among the first `beam`; the others go on, until there are `beam` of them. A hypothesis is worth its summed
log-probability over its length (the end included) to the power of `length_penalty`. A source is done when it has `beam` finished
ones and none that goes on is worth more now than the worst of them. Of equals the earlier beam, then the smaller id comes first.
"""
from typing import List, NamedTuple, Optional, Sequence

import torch
from torch import Tensor

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

    def advance(self, log_probabilities: Tensor) -> List[int]:
        """Takes `[live, vocabulary]`; returns which of the old beams each new one continues. Empty: the search is over."""
        vocabulary = log_probabilities.shape[1]
        base = torch.tensor([each.log_probability for each in self.live], dtype=torch.float64)
        values, indices = torch.sort(
            (log_probabilities.double() + base[:, None]).flatten(), descending=True, stable=True
        )
        length = len(self.live[0].ids) + 1
        live: List[_Live] = []
        parents: List[int] = []
        for rank in range(min(2 * self.beam, len(values))):
            value = float(values[rank])
            if value == -float('inf'):
                break
            parent, token = divmod(int(indices[rank]), vocabulary)
            if token == self.end:
                if rank < self.beam:
                    self.finish(_Live(self.live[parent].ids, value), length, True)
                continue
            live.append(_Live([*self.live[parent].ids, token], value))
            parents.append(parent)
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
        return parents if self.live else []


def _top(log_probabilities: Tensor, count: int) -> Tensor:
    """All but the largest `count` of each row become -inf: the rest cannot be chosen, and sorting is cheap then."""
    values, indices = log_probabilities.topk(min(count, log_probabilities.shape[1]), dim=1)
    return torch.full_like(log_probabilities, -float('inf')).scatter_(1, indices, values)


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
        rows = _top(logits.log_softmax(1), 2 * beam).cpu()
        start = 0
        for index in list(active):
            count = len(searches[index].live)
            searches[index].advance(rows[start:start + count])
            start += count
        active = [index for index in active if searches[index].live]
    return [search.finished for search in searches]


def beam_search(
    model: Marian, sources: Sequence[List[int]], beam: int, limit: Optional[int] = None, length_penalty: float = 1.0
) -> List[List[int]]:
    """The best translation of every source, as ids without start and end."""
    found = beam_hypotheses(model, sources, beam, limit, length_penalty)
    return [hypotheses[0].ids for hypotheses in found]

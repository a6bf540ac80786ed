"""What autograd says of the embeddings: value, saliency and gradient · embedding of every position, and the path of one."""
import json
from typing import Callable, Dict, List, Optional, Tuple

import torch
from torch import Tensor

from recording import GOLDEN, SHIPPED_BERT, SHIPPED_GPT, SHIPPED_MODEL, edited_models
from recording.edits import Edits
from recording.gradient import read_golden

import shipped_language_model
import shipped_model

# Besides the whole text: a place on the path where the padding token's embedding is the baseline.
SHARE = 0.3
# Places on the path from zero, of one target.
PLACES = 8
DIGITS = 6


class PathEdits(Edits):
    """Moves the embeddings to `share` of the way from the baseline, and keeps them as leaves."""

    def __init__(self, interventions: List[Dict], shares: Tensor, baseline: Optional[Tensor]) -> None:
        super().__init__(interventions)
        self.shares, self.baseline = shares[:, None, None], baseline
        self.leaves: List[Tuple[Tensor, Tensor]] = []

    def embed(self, side: str, tokens: Tensor, table: Tensor, counts: List[int]) -> Tensor:
        found = self.recording[f'{side}.embedding.tokens']
        types = self.recording.get(f'{side}.embedding.tokenTypes', torch.zeros_like(tokens))
        scaled = (tokens - types).detach()
        scale = (scaled.norm() / found.norm()).item()
        start = torch.zeros_like(scaled) if self.baseline is None else (self.baseline * scale).expand_as(scaled)
        leaf = (start + self.shares * (scaled - start)).detach().requires_grad_()
        self.leaves.append((leaf, scaled - start))
        return super().embed(side, leaf + types.detach(), table, counts)


Forward = Callable[[int, Edits], Tensor]


def points(
    forward: Forward, targets: List[Tuple[int, int]], shares: List[float], interventions: List[Dict], baseline: Optional[Tensor],
) -> Dict[str, Tensor]:
    """Value `[row]`, norm and product `[row, token]` of one target and one share per row."""
    edits = PathEdits(interventions, torch.tensor(shares), baseline)
    log = forward(len(shares), edits).log_softmax(-1)
    values = torch.stack([log[row, position, token] for row, (position, token) in enumerate(targets)])
    gradients = torch.autograd.grad(values.sum(), [leaf for leaf, _ in edits.leaves])
    differences = [difference for _, difference in edits.leaves]
    return {
        'value': values.detach(),
        'norm': torch.cat([gradient.norm(dim=-1) for gradient in gradients], -1),
        'product': torch.cat([(gradient * x).sum(-1) for gradient, x in zip(gradients, differences)], -1),
    }


def rounded(tensors: Dict[str, Tensor]) -> Dict[str, object]:
    """As JSON, with so many digits that are worth something."""
    def short(value: object) -> object:
        return [short(each) for each in value] if isinstance(value, list) else float(f'{value:.{DIGITS}g}')
    return {name: short(tensor.tolist()) for name, tensor in tensors.items()}


def record_family(forward: Forward, targets: List[Tuple[int, int]], embedding: Tensor, attention: str, pad: int) -> Dict[str, object]:
    """Everything of one text; `path` is of the target in the middle."""
    ones = [1.0] * len(targets)
    gate = [{'kind': 'headGate', 'enabled': True, 'attentions': [attention], 'heads': [0], 'factor': 0}]
    middle = targets[len(targets) // 2]
    places = [place / PLACES for place in range(PLACES + 1)]
    return {
        'whole': rounded(points(forward, targets, ones, [], None)),
        'share': SHARE,
        'fromPadding': rounded(points(forward, targets, [SHARE] * len(targets), [], embedding[pad])),
        'interventions': gate,
        'withoutHead': rounded(points(forward, targets, ones, gate, None)),
        'target': middle[0],
        'path': rounded(points(forward, [middle] * len(places), places, [], None)),
    }


def first_text(family: str) -> Dict[str, Tensor]:
    """The first text of the recorded interventions, without its padding."""
    found = read_golden(GOLDEN / family / 'interventions.safetensors')
    length = int(found['attention_mask'][0].sum())
    target = found.get('decoder_input_ids')
    return {'ids': found['input_ids'][:1, :length], **({} if target is None else {'target': target[:1]})}


def record() -> None:
    """Writes gradient/attribution.json; the texts are those of interventions.record()."""
    found = {'translation': translation(), 'encoder-only': english('encoder-only'), 'decoder-only': english('decoder-only')}
    lines = ',\n'.join(f'{json.dumps(name)}: {json.dumps(entry)}' for name, entry in found.items())
    (GOLDEN / 'gradient' / 'attribution.json').write_text(f'{{\n{lines}\n}}\n', 'utf8')
    print(f'gradient: attribution of {len(found)} models')


def translation() -> Dict[str, object]:
    """The encoder-decoder on its recorded target."""
    model = shipped_model.read(SHIPPED_MODEL)
    text = first_text('translation')
    # The target of the batch's first text is the longer one.
    source, target = text['ids'], text['target']

    def forward(rows: int, edits: Edits) -> Tensor:
        ids, decoder = source.expand(rows, -1), target.expand(rows, -1)
        real = torch.ones_like(ids)
        memory = edited_models.encode(model, ids, real, edits)
        return edited_models.decode(model, decoder, torch.ones_like(decoder), memory, real, edits)

    targets = [(at, int(target[0, at + 1])) for at in range(target.shape[1] - 1)]
    entry = record_family(forward, targets, model.shared.weight.detach(), 'encoder.0.self', model.size.pad)
    return {'source': source[0].tolist(), 'targetIds': target[0].tolist(), **entry}


def english(family: str) -> Dict[str, object]:
    """One of the two English models."""
    is_bert = family == 'encoder-only'
    folder = SHIPPED_BERT if is_bert else SHIPPED_GPT
    model, vocabulary = shipped_language_model.read(folder), shipped_language_model.vocabulary(folder)
    run = edited_models.bert if is_bert else edited_models.gpt
    ids = first_text(family)['ids']

    def forward(rows: int, edits: Edits) -> Tensor:
        batch = ids.expand(rows, -1)
        return run(model, batch, torch.ones_like(batch), edits)

    embedding = model.bert['embeddings']['word_embeddings'] if is_bert else model.transformer['wte']
    shift = 0 if is_bert else 1
    targets = [(at, int(ids[0, at + shift])) for at in range(ids.shape[1] - shift)]
    side, pad = ('encoder', vocabulary.pad) if is_bert else ('decoder', vocabulary.end)
    entry = record_family(forward, targets, embedding.weight.detach(), f'{side}.0.self', pad)
    return {'source': ids[0].tolist(), **entry}

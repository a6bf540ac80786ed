"""Loss curves of PyTorch: fifty steps of a tiny Marian and of the shipped translator, dropout off, with the trainer's order of batches."""
import json
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Sequence

import sentencepiece
import torch
from torch import Tensor, nn

from recording import GOLDEN, ROOT, SHIPPED_MODEL, batch_order, gradient
from recording.layouts import layout, marian
from recording.translation import Translator

import shipped_model

FOLDER = GOLDEN / 'training'
PAIRS = ROOT / 'test' / 'terms' / 'pairs.tsv'
IGNORED = -100
# By the names of TrainingOptions.
OPTIONS = {
    'steps': 50, 'seed': 3, 'schedule': 'linear', 'warmup': 5, 'weightDecay': 0.01, 'clip': 1.0, 'labelSmoothing': 0.1,
    'dropout': 0.0,
}


class Pair(NamedTuple):
    """What encoder and decoder read, and what is to be said."""

    source: List[int]
    decoder: List[int]
    labels: List[int]


def padded(rows: Sequence[Sequence[int]], value: int) -> Tensor:
    """Rows as one tensor."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[value] * (longest - len(row))] for row in rows])


def rate(step: int, options: Dict[str, object]) -> float:
    """Warm-up in a straight line, then down to 0 just after the last step."""
    warmup, steps = options['warmup'], options['steps']
    if step < warmup:
        return options['rate'] * step / warmup
    return options['rate'] * (1 - (step - warmup) / (steps + 1 - warmup))


def curve(
    pairs: Sequence[Pair], logits: Callable[[Tensor, Tensor, Tensor], Tensor], parameters: Sequence[nn.Parameter], pad: int,
    options: Dict[str, object],
) -> List[float]:
    """The loss of every step before it is taken, in nats per label and without smoothing."""
    matrices = [parameter for parameter in parameters if parameter.ndim > 1]
    others = [parameter for parameter in parameters if parameter.ndim == 1]
    adam = torch.optim.AdamW([
        {'params': matrices, 'weight_decay': options['weightDecay']}, {'params': others, 'weight_decay': 0.0},
    ], lr=0.0, betas=(0.9, 0.999), eps=1e-8)
    lengths = [max(len(pair.source), len(pair.decoder)) for pair in pairs]
    losses = []
    order = batch_order.steps(lengths, options['batch'], options['seed'], options['steps'])
    for step, batch in enumerate(order, 1):
        chosen = [pairs[index] for index in batch]
        source = padded([pair.source for pair in chosen], pad)
        mask = padded([[1] * len(pair.source) for pair in chosen], 0)
        rows = logits(source, mask, padded([pair.decoder for pair in chosen], pad)).flatten(0, 1)
        labels = padded([pair.labels for pair in chosen], IGNORED).flatten()
        losses.append(float(nn.functional.cross_entropy(rows, labels, ignore_index=IGNORED).detach()))
        adam.zero_grad()
        nn.functional.cross_entropy(rows, labels, ignore_index=IGNORED, label_smoothing=options['labelSmoothing']).backward()
        nn.utils.clip_grad_norm_(parameters, options['clip'])
        for group in adam.param_groups:
            group['lr'] = rate(step, options)
        adam.step()
    return [float(f'{loss:.9g}') for loss in losses]


def words(row: int, length: int) -> List[int]:
    """Ids from 20 on that follow from a formula: the special tokens w0 and w1 would be found at the beginning of w10."""
    return [20 + (7 * row + 3 * place * place + place) % (layout.VOCABULARY - 20) for place in range(length)]


def tiny() -> Dict[str, object]:
    """The layout `marian`: twelve made-up pairs, batches of five."""
    sides = {}
    for side, decoder in (('encoder', False), ('decoder', True)):
        sides[side] = gradient.marian_like(marian)(decoder)
        gradient.load_weights(sides[side], GOLDEN / 'layouts' / 'marian' / 'onnx' / f'{side}_model.onnx')
        sides[side].embed_positions.weight.requires_grad_(False)
    encoder, decoder = sides['encoder'], sides['decoder']
    encoder.embed_tokens = decoder.embed_tokens
    parameters = {id(each): each for side in sides.values() for each in side.parameters() if each.requires_grad}
    options = {**OPTIONS, 'batch': 5, 'rate': 5e-3}
    texts = [(words(row, 3 + row % 5), words(row + 20, 2 + row * 3 % 7)) for row in range(12)]
    pairs = [Pair([*source, 1], [0, *target], [*target, 1]) for source, target in texts]

    def logits(source: Tensor, mask: Tensor, target: Tensor) -> Tensor:
        return decoder(mask, target, encoder(source, mask))[0]

    lines = ['\t'.join(' '.join(f'w{id}' for id in side) for side in text) for text in texts]
    return {
        'model': 'marian', 'lines': lines, 'options': options,
        'losses': curve(pairs, logits, list(parameters.values()), 0, options),
    }


def shipped(checkpoint: Path) -> Dict[str, object]:
    """The pairs of test/terms, batches of eight."""
    model = shipped_model.read(SHIPPED_MODEL)
    # A graph does not know that padding, which also starts the decoder, would be left out.
    model.shared.padding_idx = None
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(checkpoint / 'spm.model'))
    translator, pairs = Translator(model, pieces), []
    for line in PAIRS.read_text('utf8').splitlines():
        source, target = line.split('\t')
        labels = [*pieces.encode(target), model.size.end]
        pairs.append(Pair(translator.source(source, 'de'), [model.size.pad, *labels[:-1]], labels))

    def logits(source: Tensor, mask: Tensor, target: Tensor) -> Tensor:
        return model.decode(target, model.encode(source, mask), mask)

    options = {**OPTIONS, 'batch': 8, 'rate': 1e-4}
    return {
        'model': SHIPPED_MODEL.name, 'options': options,
        'losses': curve(pairs, logits, list(model.parameters()), model.size.pad, options),
    }


def record(checkpoint: Path) -> None:
    """Writes training/curves.json; `checkpoint`/spm.model is the vocabulary of the shipped translator."""
    entries = [tiny(), shipped(checkpoint)]
    text = ',\n'.join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    (FOLDER / 'curves.json').write_text(f'[\n{text}\n]\n', 'utf8')
    print('training: ' + ', '.join(f"{entry['model']} {entry['losses'][0]:.3f} to {entry['losses'][-1]:.3f}" for entry in entries))

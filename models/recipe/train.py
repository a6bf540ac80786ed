"""Stage 2: trains the translator. Usage: train.py DATA_DIR RUN_DIR [--layers 6] [--steps 100000] [--minutes 60] ...

One command for a GPU and for processors; started again, it goes on where it was. RUN_DIR gets last.pt (everything needed to go
on), weights-STEP.pt (the newest of them are averaged by evaluate.py and export.py) and log.jsonl (the curve).
"""
import argparse
import json
import math
import time
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

import sentencepiece
import torch

import checkpoint
from corpora import LANGUAGES
from marian_model import Marian, Size
from training_data import Batch, Example, epoch, make_batch, read_examples
from translation_loss import smoothed_loss

SMOOTHING = 0.1
CLIP = 1.0


def rate(step: int, width: int, warmup: int, factor: float, steps: int, cooldown: int) -> float:
    """The paper's schedule (section 5.3) times `factor`; over the last `cooldown` of `steps` it falls linearly to 0."""
    paper = factor * width ** -0.5 * min(step ** -0.5, step * warmup ** -1.5)
    return paper * max(0.0, min(1.0, (steps - step) / cooldown)) if cooldown else paper


def batches(examples: List[Example], done: Tuple[int, int], tokens: int, pad: int) -> Iterator[Tuple[Tuple[int, int], Batch]]:
    """Endless batches after `done` (epoch, batches of it), each with the position that comes after it."""
    number, first = done
    while True:
        groups = epoch(examples, number, tokens)
        for index in range(first, len(groups)):
            yield (number, index + 1), make_batch(groups[index], pad)
        number, first = number + 1, 0


class Trainer:
    """Model, optimiser and position in the data; `state` and `load` are what a checkpoint holds."""

    def __init__(self, size: Size, options: argparse.Namespace, device: torch.device):
        self.options, self.device = options, device
        self.model = Marian(size).to(device)
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=0.0, betas=(0.9, 0.98), eps=1e-9)
        self.step = 0
        self.position = (0, 0)
        self.tokens = 0

    def state(self) -> checkpoint.State:
        return {
            'size': self.model.size, 'model': self.model.state_dict(), 'optimiser': self.optimiser.state_dict(),
            'step': self.step, 'position': self.position, 'tokens': self.tokens,
            'random': torch.get_rng_state(),
        }

    def load(self, state: checkpoint.State) -> None:
        if state['size'] != self.model.size:
            raise SystemExit(f'The run was begun with {state["size"]}, not {self.model.size}: choose another RUN_DIR.')
        self.model.load_state_dict(state['model'])
        if 'optimiser' in state:
            self.optimiser.load_state_dict(state['optimiser'])
            torch.set_rng_state(state['random'].cpu())
        self.step, self.position, self.tokens = state['step'], tuple(state['position']), state['tokens']

    def losses(self, batch: Batch):
        """`(smoothed loss, cross-entropy, tokens)` of a batch, summed, in nats."""
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            memory = self.model.encode(batch.source, batch.source_mask)
            states = self.model.decoder_states(batch.inputs, memory, batch.source_mask)
        real = batch.targets != self.model.size.pad
        # In one row: padding would be most of the work of a batch of unequal targets.
        return *smoothed_loss(
            states[real], self.model.shared.weight, batch.targets[real], SMOOTHING, torch.bfloat16
        ), int(real.sum())

    def train(self, batch: Batch) -> Tuple[float, int]:
        """One step; returns the cross-entropy, summed, and the number of target tokens."""
        options = self.options
        self.step += 1
        for group in self.optimiser.param_groups:
            group['lr'] = rate(
                self.step, self.model.size.width, options.warmup, options.factor, options.steps, options.cooldown
            )
        self.model.train()
        loss, plain, count = self.losses(batch.to(self.device))
        self.optimiser.zero_grad(set_to_none=True)
        (loss / count).backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        if math.isfinite(float(norm)):
            self.optimiser.step()
        self.tokens += count
        return float(plain), count

    @torch.no_grad()
    def validate(self, examples: List[Example]) -> float:
        """Cross-entropy per token, in nats."""
        self.model.eval()
        total, tokens = 0.0, 0
        for group in epoch(examples, 0, self.options.batch):
            _, plain, count = self.losses(make_batch(group, self.model.size.pad).to(self.device))
            total, tokens = total + float(plain), tokens + count
        return total / tokens


def run(trainer: Trainer, train: List[Example], valid: Dict[str, List[Example]], folder: Path) -> None:
    """Trains to the end, by steps or by minutes, saving and validating on the way."""
    options, began = trainer.options, time.monotonic()
    total, tokens, since = 0.0, 0, time.monotonic()
    for position, batch in batches(train, trainer.position, options.batch, trainer.model.size.pad):
        if trainer.step >= options.steps or (options.minutes and time.monotonic() - began > 60 * options.minutes):
            break
        loss, count = trainer.train(batch)
        trainer.position = position
        total, tokens = total + loss, tokens + count
        if trainer.step % options.report == 0:
            seconds = time.monotonic() - since
            print(f'{trainer.step} epoch {position[0]} loss {total / tokens:.3f} {tokens / seconds:.0f} tokens/s', flush=True)
            entry = {'step': trainer.step, 'tokens': trainer.tokens, 'train': round(total / tokens, 4)}
            if trainer.step % (5 * options.report) == 0:
                entry.update({name: round(trainer.validate(examples), 4) for name, examples in valid.items()})
                print(f'    validation {entry}', flush=True)
            with open(folder / 'log.jsonl', 'a', encoding='utf8') as log:
                log.write(json.dumps(entry) + '\n')
            total, tokens, since = 0.0, 0, time.monotonic()
        if trainer.step % options.save == 0:
            checkpoint.write(folder / checkpoint.LAST, trainer.state())
            checkpoint.write_weights(folder, trainer.step, trainer.model.state_dict(), options.keep)
    checkpoint.write(folder / checkpoint.LAST, trainer.state())
    checkpoint.write_weights(folder, trainer.step, trainer.model.state_dict(), options.keep)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('data', type=Path)
    arguments.add_argument('run', type=Path)
    arguments.add_argument('--layers', type=int, default=6, help='of the encoder and of the decoder')
    arguments.add_argument('--width', type=int, default=256, help='d_model')
    arguments.add_argument('--heads', type=int, default=8)
    arguments.add_argument('--feed-forward', type=int, default=1024)
    arguments.add_argument('--dropout', type=float, default=0.1)
    arguments.add_argument('--batch', type=int, default=4096, help='padded tokens a side')
    arguments.add_argument('--steps', type=int, default=60_000, help='where training ends')
    arguments.add_argument('--minutes', type=float, help='stop after this long; started again, it goes on')
    arguments.add_argument('--warmup', type=int, default=4000, help='steps')
    arguments.add_argument('--factor', type=float, default=1.0, help='of the learning rate')
    arguments.add_argument('--cooldown', type=int, default=0, help='steps at the end over which the rate falls to 0')
    arguments.add_argument('--save', type=int, default=500, help='steps between checkpoints')
    arguments.add_argument('--keep', type=int, default=8, help='snapshots of the weights')
    arguments.add_argument('--report', type=int, default=100, help='steps between lines of the log')
    arguments.add_argument('--threads', type=int, help='of the processor')
    options = arguments.parse_args()
    options.run.mkdir(parents=True, exist_ok=True)
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(1)

    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(options.data / 'spm.model'))
    size = Size(
        vocabulary=pieces.get_piece_size() + 1, width=options.width, heads=options.heads,
        feed_forward=options.feed_forward, encoder_layers=options.layers, decoder_layers=options.layers,
        dropout=options.dropout,
    )
    trainer = Trainer(size, options, device)
    saved = checkpoint.read_last(options.run, device)
    if saved:
        trainer.load(saved)
    parameters = sum(each.numel() for each in trainer.model.parameters())
    print(f'{parameters / 1e6:.1f} M parameters on {device}, from step {trainer.step}', flush=True)
    train = read_examples(options.data / 'train.tsv', pieces)
    valid = {name: read_examples(options.data / f'valid.{name}.tsv', pieces) for name in LANGUAGES}
    run(trainer, train, valid, options.run)


if __name__ == '__main__':
    main()

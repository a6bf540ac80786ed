"""Stage 2 of the two English models: trains one. Usage: train_language_model.py gpt|bert DATA_DIR RUN_DIR [--epochs 20] ...

One command for a GPU and for processors; started again, it goes on where it was. RUN_DIR gets last.pt (everything needed to go
on), weights-STEP.pt and log.jsonl (the curve). The learning rate rises over the first steps and then falls to 0 at the end of the epochs.
"""
import argparse
import json
import math
import time
from pathlib import Path
from typing import List, Tuple

import torch

import checkpoint
from language_model import FAMILIES, Size
from language_model_data import BATCHES, Batch, read_lines, read_vocabulary
from translation_loss import smoothed_loss

CLIP = 1.0


class Trainer:
    """Model, optimiser and position in the data; `state` and `load` are what a checkpoint holds."""

    def __init__(self, family: str, size: Size, options: argparse.Namespace, device: torch.device):
        self.options, self.device = options, device
        self.model = FAMILIES[family](size).to(device)
        matrices = [each for each in self.model.parameters() if each.ndim > 1]
        vectors = [each for each in self.model.parameters() if each.ndim == 1]
        groups = [{'params': matrices, 'weight_decay': 0.01}, {'params': vectors, 'weight_decay': 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), eps=1e-8)
        self.step, self.tokens, self.position = 0, 0, (0, 0)

    def state(self) -> checkpoint.State:
        return {
            'family': self.model.family, 'size': self.model.size, 'model': self.model.state_dict(),
            'optimiser': self.optimiser.state_dict(), 'step': self.step, 'tokens': self.tokens, 'position': self.position,
        }

    def load(self, state: checkpoint.State) -> None:
        if (state['family'], state['size']) != (self.model.family, self.model.size):
            raise SystemExit(f'The run was begun with {state["family"]} {state["size"]}: choose another RUN_DIR.')
        self.model.load_state_dict(state['model'])
        self.optimiser.load_state_dict(state['optimiser'])
        self.step, self.tokens, self.position = state['step'], state['tokens'], tuple(state['position'])

    def loss(self, batch: Batch) -> Tuple[torch.Tensor, int]:
        """Cross-entropy in nats, summed over the tokens to predict, and their number."""
        model, wanted = self.model, batch.wanted.to(self.device)
        mask = None if batch.attention_mask is None else batch.attention_mask.to(self.device)
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            rows = model.states(batch.inputs.to(self.device), mask)[wanted]
            if model.family == 'bert':
                # The bias of the vocabulary as one more column of the matrix, whose row is always 1.
                rows = torch.nn.functional.pad(model.transformed(rows), (0, 1), value=1.0)
        if model.family == 'bert':
            table = model.bert['embeddings']['word_embeddings'].weight
            table = torch.cat([table, model.cls['predictions'].bias[:, None]], 1)
        else:
            table = model.transformer['wte'].weight
        loss, _ = smoothed_loss(rows, table, batch.targets.to(self.device), 0.0, torch.bfloat16)
        return loss, len(batch.targets)

    def train(self, batch: Batch, done: float) -> Tuple[float, int]:
        """One step at the share `done` of the training; returns the summed cross-entropy and the number of tokens."""
        self.step += 1
        for group in self.optimiser.param_groups:
            group['lr'] = self.options.rate * min(self.step / self.options.warmup, 1.0) * max(0.01, 1 - done)
        loss, count = self.loss(batch)
        self.optimiser.zero_grad(set_to_none=True)
        (loss / count).backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        if math.isfinite(float(norm)):
            self.optimiser.step()
        self.tokens += batch.inputs.numel() if batch.attention_mask is None else int(batch.attention_mask.sum())
        return float(loss), count

    @torch.no_grad()
    def validate(self, batches: List[Batch]) -> float:
        """Cross-entropy per predicted token, in nats."""
        results = [self.loss(batch) for batch in batches]
        return sum(float(loss) for loss, _ in results) / sum(count for _, count in results)


def run(trainer: Trainer, data: Path, folder: Path) -> None:
    """Trains to the end, by epochs or by minutes, saving and validating on the way."""
    options, family = trainer.options, trainer.model.family
    vocabulary = read_vocabulary(data / f'{family}.tokenizer.json')
    lines = read_lines(data / 'train.txt')
    arrange = (vocabulary, options.batch, trainer.model.size.positions)
    valid = list(BATCHES[family](read_lines(data / 'valid.txt'), vocabulary, 0, *arrange[1:]))
    began = since = time.monotonic()
    total, predicted, tokens = 0.0, 0, trainer.tokens

    def report(number: int, share: float, last: bool = False) -> None:
        """A line of the log; every fourth, and the last one, with the validation."""
        nonlocal total, predicted, tokens, since
        speed = (trainer.tokens - tokens) / (time.monotonic() - since)
        entry = {'step': trainer.step, 'epoch': round(number + share, 2), 'tokens': trainer.tokens}
        if predicted:
            entry['train'] = round(total / predicted, 4)
        if last or trainer.step % (4 * options.report) == 0:
            entry['valid'] = round(trainer.validate(valid), 4)
        print(f'{entry} {speed:.0f} tokens/s', flush=True)
        with open(folder / 'log.jsonl', 'a', encoding='utf8') as log:
            log.write(json.dumps(entry) + '\n')
        total, predicted, tokens, since = 0.0, 0, trainer.tokens, time.monotonic()

    def save() -> None:
        checkpoint.write(folder / checkpoint.LAST, trainer.state())
        checkpoint.write_weights(folder, trainer.step, trainer.model.state_dict(), 2)

    for number in range(trainer.position[0], options.epochs):
        batches = list(BATCHES[family](lines, vocabulary, number, *arrange[1:]))
        for index in range(trainer.position[1], len(batches)):
            if options.minutes and time.monotonic() - began > 60 * options.minutes:
                report(number, index / len(batches), last=True)
                return save()
            loss, count = trainer.train(batches[index], (number + index / len(batches)) / options.epochs)
            trainer.position = (number, index + 1)
            total, predicted = total + loss, predicted + count
            if trainer.step % options.report == 0:
                report(number, (index + 1) / len(batches))
            if trainer.step % options.save == 0:
                save()
        trainer.position = (number + 1, 0)
    report(options.epochs, 0, last=True)
    save()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('family', choices=sorted(FAMILIES))
    arguments.add_argument('data', type=Path)
    arguments.add_argument('run', type=Path)
    arguments.add_argument('--epochs', type=int, default=20, help='passes over the sentences, where training ends')
    arguments.add_argument('--minutes', type=float, help='stop after this long; started again, it goes on')
    arguments.add_argument('--batch', type=int, default=4096, help='tokens, padding included')
    arguments.add_argument('--rate', type=float, default=2e-3, help='the highest learning rate')
    arguments.add_argument('--warmup', type=int, default=200, help='steps')
    arguments.add_argument('--save', type=int, default=250, help='steps between checkpoints')
    arguments.add_argument('--report', type=int, default=100, help='steps between lines of the log')
    arguments.add_argument('--threads', type=int, help='of the processor')
    options = arguments.parse_args()
    options.run.mkdir(parents=True, exist_ok=True)
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(1)

    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    pieces = read_vocabulary(options.data / f'{options.family}.tokenizer.json').pieces
    trainer = Trainer(options.family, Size(vocabulary=len(pieces)), options, device)
    saved = checkpoint.read_last(options.run, device)
    if saved:
        trainer.load(saved)
    parameters = sum(each.numel() for each in trainer.model.parameters())
    print(f'{parameters / 1e6:.2f} M parameters on {device}, from step {trainer.step}', flush=True)
    run(trainer, options.data, options.run)


if __name__ == '__main__':
    main()

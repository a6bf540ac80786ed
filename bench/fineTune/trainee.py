"""PyTorch's side of the measurement: the shipped translator in the recipe's module, fine-tuned with the same batch and numbers.

Answers the questions of asks.ts, one JSON object a line. Usage: trainee.py THREADS
"""
import json
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'models' / 'recipe'))

import shipped_model  # noqa: E402  (the path comes first)

IGNORED = -100


def padded(rows, value):
    """Rows of ids as one tensor."""
    longest = max(map(len, rows))
    return torch.tensor([row + [value] * (longest - len(row)) for row in rows])


class Trainee:
    """The model with its optimiser and its one batch."""

    def __init__(self):
        self.model = shipped_model.read(ROOT / 'models' / 'translate-en-de-fr-zh')
        self.products = []

    def open(self, ask):
        """Takes the batch as ours has tokenised it."""
        pad = self.model.size.pad
        rows = ask['examples']
        self.source = padded([row['input'] for row in rows], pad)
        self.mask = padded([[1] * len(row['input']) for row in rows], 0)
        self.target = padded([row['decoder'] for row in rows], pad)
        self.labels = padded([row['labels'] for row in rows], IGNORED)
        self.clip = ask['clip']
        parameters = list(self.model.parameters())
        matrices = [parameter for parameter in parameters if parameter.ndim > 1]
        others = [parameter for parameter in parameters if parameter.ndim == 1]
        groups = [{'params': matrices, 'weight_decay': ask['weightDecay']}, {'params': others, 'weight_decay': 0.0}]
        self.adam = torch.optim.AdamW(groups, lr=ask['rate'])
        return {'trainable': sum(parameter.numel() for parameter in parameters)}

    def loss(self):
        """Mean over the labels, in nats."""
        memory = self.model.encode(self.source, self.mask)
        logits = self.model.decode(self.target, memory, self.mask)
        return functional.cross_entropy(logits.flatten(0, 1), self.labels.flatten(), ignore_index=IGNORED)

    def step(self):
        """Forward, backward, clipping and AdamW."""
        self.adam.zero_grad(set_to_none=True)
        loss = self.loss()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.adam.step()
        return float(loss.detach())

    def forward(self):
        """The loss alone."""
        with torch.no_grad():
            return float(self.loss())

    def open_products(self, ask):
        """Operands as torch.nn.Linear has them: weights [outputs, inputs]."""
        for each in ask['products']:
            rows, inputs, outputs = each['rows'], each['inputs'], each['outputs']
            self.products.append(
                (each['count'], torch.randn(rows, inputs), torch.randn(outputs, inputs), torch.randn(rows, outputs)))
        return {}

    @torch.no_grad()
    def gemm(self):
        """The products of one step, forwards and backwards, and nothing else."""
        for count, x, weight, gradient in self.products:
            for _ in range(count):
                torch.mm(x, weight.t())
                torch.mm(gradient, weight)
                torch.mm(gradient.t(), x)
        return 0.0

    def answer(self, ask):
        """What one question gets."""
        what = ask['do']
        if what == 'open':
            return self.open(ask)
        if what == 'products':
            return self.open_products(ask)
        begin, computed = time.perf_counter(), time.process_time()
        loss = {'step': self.step, 'forward': self.forward, 'gemm': self.gemm}[what]()
        elapsed = 1000 * (time.perf_counter() - begin)
        return {'ms': elapsed, 'run': elapsed, 'cpu': 1000 * (time.process_time() - computed), 'loss': loss}


def main() -> None:
    torch.set_num_threads(int(sys.argv[1]))
    trainee = Trainee()
    for line in sys.stdin:
        print('answer', json.dumps(trainee.answer(json.loads(line))), flush=True)


if __name__ == '__main__':
    main()

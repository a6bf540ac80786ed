"""Records what torch.optim and the schedules compute, for test/unit/training. Usage: record.py; needs torch only."""
import json
import math
from pathlib import Path

import torch

HERE = Path(__file__).parent


def rounded(values) -> list:
    """Numbers with the nine digits that tell all float32 apart."""
    return [float(f'{float(value):.9g}') for value in values]


def optimiser(decay: float, clip: float, betas, eps: float, steps: int) -> dict:
    """A weight of 24 numbers, its gradients, and the weight and moments after every step."""
    generator = torch.Generator().manual_seed(7)
    weight = torch.nn.Parameter(torch.randn(24, generator=generator))
    start = weight.detach().clone()
    adam = torch.optim.AdamW([weight], lr=1.0, betas=betas, eps=eps, weight_decay=decay)
    record = {'weightDecay': decay, 'clip': clip, 'beta1': betas[0], 'beta2': betas[1], 'epsilon': eps,
              'start': rounded(start), 'steps': []}
    for step in range(1, steps + 1):
        gradient = torch.randn(24, generator=generator) * (10 if step == 3 else 1)
        weight.grad = gradient.clone()
        norm = torch.nn.utils.clip_grad_norm_([weight], clip)
        rate = 0.01 * step
        adam.param_groups[0]['lr'] = rate
        adam.step()
        state = adam.state[weight]
        record['steps'].append({
            'rate': rate, 'gradient': rounded(gradient), 'norm': float(norm), 'weight': rounded(weight.detach()),
            'first': rounded(state['exp_avg']), 'second': rounded(state['exp_avg_sq']),
        })
    return record


def xoshiro(state, count: int) -> list:
    """The reference algorithm in unbounded integers."""
    words, mask, out = list(state), 0xFFFFFFFF, []

    def turn(value: int, by: int) -> int:
        return ((value << by) | (value >> (32 - by))) & mask

    for _ in range(count):
        out.append(turn(words[1] * 5 & mask, 7) * 9 & mask)
        shifted = words[1] << 9 & mask
        words[2] ^= words[0]
        words[3] ^= words[1]
        words[1] ^= words[2]
        words[0] ^= words[3]
        words[2] ^= shifted
        words[3] = turn(words[3], 11)
    return out


def paper(step: int, width: int, warmup: int) -> float:
    """Section 5.3."""
    return width ** -0.5 * min(step ** -0.5, step * warmup ** -1.5)


VOCABULARY, WIDTH, HIDDEN = 12, 6, 8


def wave(count: int, phase: float) -> torch.Tensor:
    """Start values that both sides can compute: sin(1.7 i + phase) / 2."""
    return torch.tensor([0.5 * math.sin(1.7 * i + phase) for i in range(count)], dtype=torch.float64).float()


def sequences() -> list:
    """What test/unit/training/toyModel.ts makes: 8 texts of 4 to 7 tokens."""
    return [[(5 * row + 3 * place * place + place) % VOCABULARY for place in range(4 + row % 4)] for row in range(8)]


def toy(steps: int) -> list:
    """Loss without smoothing of every step: all texts in one batch, label smoothing 0.1, clipping at 0.5, the paper's schedule."""
    embedding = torch.nn.Parameter(wave(VOCABULARY * WIDTH, 0.0).view(VOCABULARY, WIDTH))
    up = torch.nn.Parameter(wave(WIDTH * HIDDEN, 1.0).view(WIDTH, HIDDEN))
    bias = torch.nn.Parameter(wave(HIDDEN, 2.0))
    down = torch.nn.Parameter(wave(HIDDEN * VOCABULARY, 3.0).view(HIDDEN, VOCABULARY))
    groups = [{'params': [embedding, up, down], 'weight_decay': 0.01}, {'params': [bias], 'weight_decay': 0.0}]
    adam = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), eps=1e-9)
    inputs = torch.tensor([token for text in sequences() for token in text[:-1]])
    labels = torch.tensor([token for text in sequences() for token in text[1:]])
    losses = []
    for step in range(1, steps + 1):
        for group in adam.param_groups:
            group['lr'] = 0.3 * paper(step, WIDTH, 10)
        logits = torch.tanh(embedding[inputs] @ up + bias) @ down
        losses.append(float(torch.nn.functional.cross_entropy(logits, labels)))
        adam.zero_grad()
        torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.1).backward()
        torch.nn.utils.clip_grad_norm_([embedding, up, bias, down], 0.5)
        adam.step()
    return rounded(losses)


def main() -> None:
    golden = {
        'adamW': [
            optimiser(0.01, 1e9, (0.9, 0.999), 1e-8, 6),
            optimiser(0.0, 1.0, (0.9, 0.98), 1e-9, 6),
            optimiser(0.1, 2.0, (0.8, 0.95), 1e-6, 6),
        ],
        'toy': toy(50),
        'xoshiro': {'state': [1, 2, 3, 4], 'numbers': xoshiro([1, 2, 3, 4], 12)},
        'paper': [[step, paper(step, 512, 4000)] for step in (1, 100, 4000, 4001, 16000, 100000)],
        'cosine': [[step, 0.5 * (1 + math.cos(math.pi * (step - 10) / 91))] for step in (10, 40, 100)],
    }
    (HERE / 'optimiser.json').write_text(json.dumps(golden, indent=None, separators=(',', ':')) + '\n')


if __name__ == '__main__':
    main()

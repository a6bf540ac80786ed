"""Cross-entropy with label smoothing over a tied output matrix, without ever holding the logits of a whole batch.

The logits `[tokens, vocabulary]` are by far the largest tensor of a training step. Here they exist for a few hundred tokens
at a time, and the gradient is taken at once, while they do.
"""
from typing import Tuple

import torch
from torch import Tensor

# Rows of logits at a time: few enough for a processor's cache, enough for fast matrix products.
_ROWS = 512


class _Loss(torch.autograd.Function):
    """`forward(states [n, width], matrix [vocabulary, width], targets [n], smoothing, precision)`: summed loss, in nats."""

    @staticmethod
    def forward(context, states: Tensor, matrix: Tensor, targets: Tensor, smoothing: float, precision: torch.dtype):
        low_states, low_matrix = states.to(precision), matrix.to(precision)
        vocabulary = matrix.shape[0]
        states_gradient = torch.empty_like(low_states)
        matrix_gradient = torch.zeros_like(matrix, dtype=torch.float32)
        total = torch.zeros((), device=states.device)
        plain = torch.zeros((), device=states.device)
        for start in range(0, len(targets), _ROWS):
            rows, wanted = low_states[start:start + _ROWS], targets[start:start + _ROWS, None]
            logits = (rows @ low_matrix.T).float()
            # Section 5.4: the right word gets 1 - ε, and ε is spread evenly over the whole vocabulary.
            mean = logits.mean(1, keepdim=True)
            right = logits.gather(1, wanted)
            normaliser = logits.logsumexp(1, keepdim=True)
            plain += (normaliser - right).sum()
            total += (normaliser - (1 - smoothing) * right - smoothing * mean).sum()
            gradient = logits.sub_(normaliser).exp_().sub_(smoothing / vocabulary)
            gradient.scatter_add_(1, wanted, torch.full_like(right, smoothing - 1))
            gradient = gradient.to(precision)
            states_gradient[start:start + _ROWS] = gradient @ low_matrix
            matrix_gradient += gradient.T @ rows
        context.save_for_backward(states_gradient, matrix_gradient)
        context.mark_non_differentiable(plain)
        return total, plain

    @staticmethod
    def backward(context, scale: Tensor, _plain: Tensor):
        states_gradient, matrix_gradient = context.saved_tensors
        return states_gradient.float() * scale, matrix_gradient * scale, None, None, None


def smoothed_loss(
    states: Tensor, matrix: Tensor, targets: Tensor, smoothing: float, precision: torch.dtype
) -> Tuple[Tensor, Tensor]:
    """`(loss, cross-entropy)` summed over the tokens, in nats; only the first can be differentiated.

    `states [n, width]` times the transposed `matrix [vocabulary, width]` are the logits, computed in `precision`.
    """
    return _Loss.apply(states, matrix, targets, smoothing, precision)

"""The Transformer of the paper in Marian's layout, in PyTorch: the reference that exported files are compared with.

Post-norm, ReLU, sinusoidal positions, one embedding matrix for encoder, decoder and output. Parameters are named
as in Hugging Face's MarianMTModel. A forward pass can record every attention; there is no cache.
"""
import math
from dataclasses import dataclass
from typing import Dict, List, Optional

import numpy as np
import torch
from torch import Tensor, nn

MASKED = -1e9


@dataclass(frozen=True)
class Size:
    """The numbers that make up a model; `vocabulary` includes padding, which is the last id."""

    vocabulary: int
    width: int = 256
    heads: int = 8
    feed_forward: int = 1024
    encoder_layers: int = 3
    decoder_layers: int = 3
    positions: int = 512
    end: int = 0
    # Of embeddings and of every sub-layer's output (section 5.4), in training only.
    dropout: float = 0.1

    @property
    def pad(self) -> int:
        """The id of padding, which also starts the decoder."""
        return self.vocabulary - 1

    @property
    def head_size(self) -> int:
        """d_k, elements of one query or key vector."""
        return self.width // self.heads


# Filled by a forward pass when given: `encoder.0.self.weights` and so on -> tensor.
Recording = Dict[str, Tensor]


def sinusoids(positions: int, width: int) -> Tensor:
    """Section 3.5 of the paper, `[positions, width]`, all sines in the first half and all cosines in the second."""
    position = torch.arange(positions, dtype=torch.float64)[:, None]
    pair = torch.arange(width // 2, dtype=torch.float64)[None]
    angle = position / 10000 ** (2 * pair / width)
    return torch.cat([angle.sin(), angle.cos()], dim=1).float()


class Attention(nn.Module):
    """Multi-head attention (section 3.2.2)."""

    def __init__(self, size: Size):
        super().__init__()
        self.heads, self.head_size = size.heads, size.head_size
        self.k_proj = nn.Linear(size.width, size.width)
        self.v_proj = nn.Linear(size.width, size.width)
        self.q_proj = nn.Linear(size.width, size.width)
        self.out_proj = nn.Linear(size.width, size.width)
        for projection in (self.k_proj, self.v_proj, self.q_proj, self.out_proj):
            nn.init.xavier_uniform_(projection.weight)
            nn.init.zeros_(projection.bias)

    def split(self, states: Tensor) -> Tensor:
        """`[batch, length, width]` to `[batch, head, length, head_size]`."""
        return states.unflatten(-1, (self.heads, self.head_size)).transpose(1, 2)

    def forward(self, states: Tensor, memory: Tensor, mask: Tensor, name: str, recording: Optional[Recording]):
        query, key, value = (
            self.split(self.q_proj(states)), self.split(self.k_proj(memory)), self.split(self.v_proj(memory)),
        )
        scores = query @ key.transpose(-1, -2)
        scaled = scores * self.head_size ** -0.5
        masked = scaled + mask
        weights = masked.softmax(-1)
        if recording is not None:
            stages = {'q': query, 'k': key, 'v': value, 'scores': scores, 'scaled': scaled}
            stages.update({'mask': mask, 'masked': masked, 'weights': weights})
            recording.update({f'{name}.{stage}': tensor for stage, tensor in stages.items()})
        return self.out_proj((weights @ value).transpose(1, 2).flatten(2))


class Layer(nn.Module):
    """One layer of either stack; `cross` adds the attention over the encoder's output."""

    def __init__(self, size: Size, cross: bool):
        super().__init__()
        self.self_attn = Attention(size)
        self.self_attn_layer_norm = nn.LayerNorm(size.width)
        if cross:
            self.encoder_attn = Attention(size)
            self.encoder_attn_layer_norm = nn.LayerNorm(size.width)
        self.fc1 = nn.Linear(size.width, size.feed_forward)
        self.fc2 = nn.Linear(size.feed_forward, size.width)
        self.final_layer_norm = nn.LayerNorm(size.width)
        self.dropout = nn.Dropout(size.dropout)
        for linear in (self.fc1, self.fc2):
            nn.init.xavier_uniform_(linear.weight)
            nn.init.zeros_(linear.bias)

    def feed_forward(self, states: Tensor) -> Tensor:
        """Section 3.3 with its residual connection and norm."""
        return self.final_layer_norm(states + self.dropout(self.fc2(self.fc1(states).relu())))


class Stack(nn.Module):
    """The layers of one side."""

    def __init__(self, size: Size, layers: int, cross: bool):
        super().__init__()
        self.layers = nn.ModuleList(Layer(size, cross) for _ in range(layers))


class Marian(nn.Module):
    """Encoder, decoder and the embedding they share."""

    def __init__(self, size: Size):
        super().__init__()
        self.size = size
        self.shared = nn.Embedding(size.vocabulary, size.width, padding_idx=size.pad)
        nn.init.normal_(self.shared.weight, std=size.width ** -0.5)
        nn.init.zeros_(self.shared.weight[size.pad])
        self.dropout = nn.Dropout(size.dropout)
        self.encoder = Stack(size, size.encoder_layers, cross=False)
        self.decoder = Stack(size, size.decoder_layers, cross=True)
        self.register_buffer('positions', sinusoids(size.positions, size.width), persistent=False)

    def embed(self, ids: Tensor) -> Tensor:
        """Embeddings times √d_model, plus positions."""
        return self.dropout(self.shared(ids) * math.sqrt(self.size.width) + self.positions[: ids.shape[1]])

    def encode(self, ids: Tensor, attention_mask: Tensor, recording: Optional[Recording] = None) -> Tensor:
        """`[batch, source]` ids to `[batch, source, width]`."""
        mask = padding_mask(attention_mask)
        states = self.embed(ids)
        for index, layer in enumerate(self.encoder.layers):
            attended = layer.self_attn(states, states, mask, f'encoder.{index}.self', recording)
            states = layer.feed_forward(layer.self_attn_layer_norm(states + layer.dropout(attended)))
        return states

    def decode(
        self, ids: Tensor, memory: Tensor, attention_mask: Tensor, recording: Optional[Recording] = None
    ) -> Tensor:
        """Teacher-forced: `[batch, target]` decoder inputs to logits `[batch, target, vocabulary]`."""
        return self.decoder_states(ids, memory, attention_mask, recording) @ self.shared.weight.T

    def decoder_states(
        self, ids: Tensor, memory: Tensor, attention_mask: Tensor, recording: Optional[Recording] = None
    ) -> Tensor:
        """What the logits are made of: `[batch, target, width]`."""
        causal, padding = causal_mask(ids.shape[1]).to(ids.device), padding_mask(attention_mask)
        states = self.embed(ids)
        for index, layer in enumerate(self.decoder.layers):
            attended = layer.self_attn(states, states, causal, f'decoder.{index}.self', recording)
            states = layer.self_attn_layer_norm(states + layer.dropout(attended))
            attended = layer.encoder_attn(states, memory, padding, f'decoder.{index}.cross', recording)
            states = layer.feed_forward(layer.encoder_attn_layer_norm(states + layer.dropout(attended)))
        return states

    @torch.no_grad()
    def greedy(self, source: List[int], limit: int = 100) -> List[int]:
        """Ids of the most probable continuation, token by token, without start and end."""
        ids, ones = torch.tensor([source]), torch.ones(1, len(source), dtype=torch.long)
        memory, target = self.encode(ids, ones), [self.size.pad]
        while len(target) <= limit:
            logits = self.decode(torch.tensor([target]), memory, ones)[0, -1]
            logits[self.size.pad] = -math.inf
            target.append(int(logits.argmax()))
            if target[-1] == self.size.end:
                return target[1:-1]
        return target[1:]


def padding_mask(attention_mask: Tensor) -> Tensor:
    """`[batch, 1, 1, key]`: 0 where `attention_mask` is 1."""
    return ((1 - attention_mask.float()) * MASKED)[:, None, None, :]


def causal_mask(length: int) -> Tensor:
    """`[1, 1, query, key]`: 0 where the key is not later than the query."""
    return torch.full((length, length), MASKED).triu(1)[None, None]


def load(tensors: Dict[str, np.ndarray], size: Size, half: bool = True) -> Marian:
    """A model with Hugging Face's `model.*` tensors; `half` rounds the weights to float16, as files store them."""
    state = {name[len('model.'):]: torch.from_numpy(array.copy()) for name, array in tensors.items()}
    if half:
        state = {name: tensor.half().float() for name, tensor in state.items()}
    model = Marian(size)
    model.load_state_dict(state)
    return model.eval()

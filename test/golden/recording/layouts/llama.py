"""Llama's layout: rotary positions, RMSNorm, SwiGLU, grouped queries, one additive mask for everything, a cache."""
import math
from typing import Dict, List, Tuple

import torch
from torch import Tensor, nn

from recording import model_folder
from recording.layouts import layout

KEY_VALUE_HEADS = 2
KEY_VALUE_WIDTH = KEY_VALUE_HEADS * layout.HEAD_SIZE
Cache = Tuple[Tensor, Tensor]


class RmsNorm(nn.Module):
    """Divides by the root of the mean square; no mean, no bias."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(layout.WIDTH))

    def forward(self, states: Tensor) -> Tensor:
        return self.weight * (states * torch.rsqrt(states.pow(2).mean(-1, keepdim=True) + 1e-6))


class Rotary(nn.Module):
    """Cosines and sines of position times frequency, `[batch, length, head_size]`, the halves equal."""

    def __init__(self) -> None:
        super().__init__()
        exponents = torch.arange(0, layout.HEAD_SIZE, 2).float() / layout.HEAD_SIZE
        self.register_buffer('inv_freq', 1.0 / 10000 ** exponents, persistent=False)

    def forward(self, position_ids: Tensor) -> Tuple[Tensor, Tensor]:
        frequencies = self.inv_freq[None, :, None].expand(position_ids.shape[0], -1, 1)
        angles = (frequencies @ position_ids[:, None, :].float()).transpose(1, 2)
        both = torch.cat((angles, angles), dim=-1)
        return both.cos(), both.sin()


def rotate(states: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turns each pair (i, i + head_size / 2) by its angle."""
    first, second = states[..., : layout.HEAD_SIZE // 2], states[..., layout.HEAD_SIZE // 2 :]
    return states * cosine + torch.cat((-second, first), dim=-1) * sine


def repeat(states: Tensor) -> Tensor:
    """Keys or values of each group for every head of the group."""
    batch, heads, length, size = states.shape
    times = layout.HEADS // heads
    return states[:, :, None].expand(batch, heads, times, length, size).reshape(batch, heads * times, length, size)


class Attention(model_folder.RecordedAttention):
    """Grouped-query attention."""

    def __init__(self) -> None:
        super().__init__()
        self.q_proj = nn.Linear(layout.WIDTH, layout.WIDTH, bias=False)
        self.k_proj = nn.Linear(layout.WIDTH, KEY_VALUE_WIDTH, bias=False)
        self.v_proj = nn.Linear(layout.WIDTH, KEY_VALUE_WIDTH, bias=False)
        self.o_proj = nn.Linear(layout.WIDTH, layout.WIDTH, bias=False)

    def forward(self, states: Tensor, mask: Tensor, turn: Tuple[Tensor, Tensor], past: Cache) -> Tuple[Tensor, Cache]:
        cosine, sine = turn[0].unsqueeze(1), turn[1].unsqueeze(1)
        q = rotate(layout.split(self.q_proj(states)), cosine, sine)
        new_k = rotate(layout.split(self.k_proj(states), KEY_VALUE_HEADS), cosine, sine)
        new_v = layout.split(self.v_proj(states), KEY_VALUE_HEADS)
        k, v = torch.cat([past[0], new_k], dim=2), torch.cat([past[1], new_v], dim=2)
        scores = torch.matmul(q, repeat(k).transpose(2, 3))
        scaled = scores / math.sqrt(layout.HEAD_SIZE)
        masked = scaled + mask
        weights = nn.functional.softmax(masked, dim=-1, dtype=torch.float32)
        self.keep(q=q, k=k, v=v, scores=scores, scaled=scaled, mask=mask, masked=masked, weights=weights)
        return self.o_proj(layout.join(torch.matmul(weights, repeat(v)))), (k, v)


class Layer(nn.Module):
    """One layer, with the module names of Llama."""

    def __init__(self) -> None:
        super().__init__()
        self.self_attn = Attention()
        self.gate_proj = nn.Linear(layout.WIDTH, layout.FEED_FORWARD, bias=False)
        self.up_proj = nn.Linear(layout.WIDTH, layout.FEED_FORWARD, bias=False)
        self.down_proj = nn.Linear(layout.FEED_FORWARD, layout.WIDTH, bias=False)
        self.input_layernorm, self.post_attention_layernorm = RmsNorm(), RmsNorm()

    def forward(self, states: Tensor, mask: Tensor, turn: Tuple[Tensor, Tensor], past: Cache) -> Tuple[Tensor, Cache]:
        attended, cache = self.self_attn(self.input_layernorm(states), mask, turn, past)
        states = states + attended
        normed = self.post_attention_layernorm(states)
        return states + self.down_proj(nn.functional.silu(self.gate_proj(normed)) * self.up_proj(normed)), cache


def causal_mask(attention_mask: Tensor, past: int, length: int) -> Tensor:
    """`[batch, 1, query, key]`: lowest float32 for later keys and for padding."""
    total = attention_mask.shape[-1]
    later = torch.arange(total) > torch.arange(past, past + length).reshape(-1, 1)
    mask = torch.full((length, total), layout.LOWEST) * later
    mask = mask[None, None].expand(attention_mask.shape[0], 1, -1, -1)
    padded = (mask + attention_mask[:, None, None, :]) == 0
    return mask.masked_fill(padded, layout.LOWEST)


class Llama(nn.Module):
    """Returns `logits`, then keys and values of every layer."""

    def __init__(self) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(layout.VOCABULARY, layout.WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(layout.LAYERS))
        self.rotary_emb, self.norm = Rotary(), RmsNorm()
        self.lm_head = nn.Linear(layout.WIDTH, layout.VOCABULARY, bias=False)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, position_ids: Tensor, *past: Tensor
    ) -> Tuple[Tensor, ...]:
        states = self.embed_tokens(input_ids)
        mask = causal_mask(attention_mask, past[0].shape[2], input_ids.shape[1])
        turn, presents = self.rotary_emb(position_ids), []
        for index, layer in enumerate(self.layers):
            states, cache = layer(states, mask, turn, (past[2 * index], past[2 * index + 1]))
            presents += cache
        return (self.lm_head(self.norm(states)), *presents)


def cache(batch: int, length: int) -> Dict[str, Tensor]:
    """Past keys and values of zeros."""
    names = (f'past_key_values.{index}.{part}' for index in range(layout.LAYERS) for part in ('key', 'value'))
    return {name: torch.zeros(batch, KEY_VALUE_HEADS, length, layout.HEAD_SIZE) for name in names}


def write() -> None:
    """Writes layouts/llama."""
    model, inputs = Llama(), layout.batch(33)
    model_folder.randomise(model, seed=33, sharp=('q_proj', 'k_proj'), deviation=0.4)
    batch, length = inputs['input_ids'].shape
    inputs['position_ids'] = torch.arange(length).repeat(batch, 1)
    names: List[str] = [name.replace('past_key_values', 'present') for name in cache(batch, 0)]
    longer = torch.ones(batch, length + 2, dtype=torch.long)
    example = {**inputs, 'attention_mask': longer, 'position_ids': inputs['position_ids'] + 2, **cache(batch, 2)}
    total = 'past_sequence_length + sequence_length'
    dynamic = {'attention_mask': {0: 'batch_size', 1: total}}
    dynamic.update({name: {0: 'batch_size', 2: 'past_sequence_length'} for name in cache(batch, 0)})
    dynamic.update({name: {0: 'batch_size', 2: total} for name in names})
    layout.export('llama', model, example, ['logits', *names], opset=14, dynamic=dynamic)
    labels = {f'layers.{index}.self_attn': f'decoder.{index}.self' for index in range(layout.LAYERS)}
    recording = model_folder.record(model, labels, [*inputs.values(), *cache(batch, 0).values()])
    recording['logits'] = recording.pop('outputs')[0]
    # The angle of each pair of dimensions, in radians.
    angles = torch.arange(length).float()[:, None] * model.rotary_emb.inv_freq[None]
    config = {
        'model_type': 'llama', 'hidden_size': layout.WIDTH, 'num_attention_heads': layout.HEADS,
        'num_key_value_heads': KEY_VALUE_HEADS, 'num_hidden_layers': layout.LAYERS, 'rope_theta': 10000.0,
        'max_position_embeddings': layout.POSITIONS, 'pad_token_id': 0,
    }
    layout.write('llama', config, {**inputs, 'positions.decoder': angles, **recording})

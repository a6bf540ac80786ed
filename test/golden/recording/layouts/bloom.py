"""BLOOM's layout: ALiBi enters by baddbmm on merged batch and heads, then a `Where` removes later keys and padding."""
import math

import torch
from torch import Tensor, nn

from recording import model_folder
from recording.layouts import layout


def slopes() -> Tensor:
    """One slope per head: 2^(-8/n), 2^(-16/n), … (Press et al. 2022, section 3)."""
    base = 2 ** (-8 / layout.HEADS)
    return torch.tensor([base ** (head + 1) for head in range(layout.HEADS)])


class Attention(model_folder.RecordedAttention):
    """Self-attention with queries, keys and values of a head side by side in one matrix."""

    def __init__(self) -> None:
        super().__init__()
        self.query_key_value = nn.Linear(layout.WIDTH, 3 * layout.WIDTH)
        self.dense = nn.Linear(layout.WIDTH, layout.WIDTH)

    def forward(self, states: Tensor, alibi: Tensor, removed: Tensor) -> Tensor:
        batch, length, _ = states.shape
        fused = self.query_key_value(states).view(batch, length, layout.HEADS, 3, layout.HEAD_SIZE)
        q, k, v = (fused[..., part, :].transpose(1, 2) for part in range(3))
        merged = (batch * layout.HEADS, length, layout.HEAD_SIZE)
        keys = k.permute(0, 1, 3, 2).reshape(merged[0], layout.HEAD_SIZE, length)
        biased = alibi.baddbmm(q.reshape(merged), keys, beta=1.0, alpha=1.0 / math.sqrt(layout.HEAD_SIZE))
        biased = biased.view(batch, layout.HEADS, length, length)
        masked = biased.masked_fill(removed, layout.LOWEST)
        weights = nn.functional.softmax(masked, dim=-1, dtype=torch.float32)
        scores = torch.matmul(q, k.transpose(-1, -2))
        bias = alibi.view(batch, layout.HEADS, 1, length)
        scaled = scores / math.sqrt(layout.HEAD_SIZE)
        self.keep(q=q, k=k, v=v, scores=scores, scaled=scaled, bias=bias, masked=masked, weights=weights)
        context = torch.bmm(weights.view(merged[0], length, length), v.reshape(merged))
        return self.dense(layout.join(context.view(batch, layout.HEADS, length, layout.HEAD_SIZE)))


class Block(nn.Module):
    """One pre-norm layer."""

    def __init__(self) -> None:
        super().__init__()
        self.self_attention = Attention()
        self.input_layernorm, self.post_attention_layernorm = nn.LayerNorm(layout.WIDTH), nn.LayerNorm(layout.WIDTH)
        self.dense_h_to_4h = nn.Linear(layout.WIDTH, layout.FEED_FORWARD)
        self.dense_4h_to_h = nn.Linear(layout.FEED_FORWARD, layout.WIDTH)

    def forward(self, states: Tensor, alibi: Tensor, removed: Tensor) -> Tensor:
        states = states + self.self_attention(self.input_layernorm(states), alibi, removed)
        hidden = nn.functional.gelu(self.dense_h_to_4h(self.post_attention_layernorm(states)))
        return states + self.dense_4h_to_h(hidden)


class Bloom(nn.Module):
    """Returns `logits`."""

    def __init__(self) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(layout.VOCABULARY, layout.WIDTH)
        self.word_embeddings_layernorm, self.ln_f = nn.LayerNorm(layout.WIDTH), nn.LayerNorm(layout.WIDTH)
        self.h = nn.ModuleList(Block() for _ in range(layout.LAYERS))
        self.lm_head = nn.Linear(layout.WIDTH, layout.VOCABULARY, bias=False)
        self.lm_head.weight = self.word_embeddings.weight

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        batch, length = input_ids.shape
        distance = ((attention_mask.cumsum(dim=-1) - 1) * attention_mask)[:, None, :]
        alibi = (slopes()[..., None] * distance).reshape(batch * layout.HEADS, 1, length)
        positions = torch.arange(length)
        later = (positions[:, None] < positions[None, :])[None, None]
        removed = later | (attention_mask[:, None, None, :] == 0)
        states = self.word_embeddings_layernorm(self.word_embeddings(input_ids))
        for block in self.h:
            states = block(states, alibi, removed)
        return self.lm_head(self.ln_f(states))


def write() -> None:
    """Writes layouts/bloom."""
    model, inputs = Bloom(), layout.batch(34)
    model_folder.randomise(model, seed=34, sharp=('query_key_value',), deviation=0.3)
    layout.export('bloom', model, inputs, ['logits'], opset=14)
    labels = {f'h.{index}.self_attention': f'decoder.{index}.self' for index in range(layout.LAYERS)}
    recording = model_folder.record(model, labels, list(inputs.values()))
    recording['logits'] = recording.pop('outputs')
    config = {
        'model_type': 'bloom', 'hidden_size': layout.WIDTH, 'n_head': layout.HEADS, 'n_layer': layout.LAYERS,
        'pad_token_id': 0, 'tie_word_embeddings': True,
    }
    layout.write('bloom', config, {**inputs, 'slopes': slopes(), **recording})

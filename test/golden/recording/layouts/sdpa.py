"""What newer exporters make of scaled_dot_product_attention: queries and keys are each divided by the root of √d_k."""
import math

import torch
from torch import Tensor, nn

from recording import model_folder
from recording.layouts import layout


class Attention(model_folder.RecordedAttention):
    """Self-attention; the mask is added."""

    def __init__(self) -> None:
        super().__init__()
        for name in ('query', 'key', 'value', 'dense'):
            self.add_module(name, nn.Linear(layout.WIDTH, layout.WIDTH))

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        q, k, v = (layout.split(linear(states)) for linear in (self.query, self.key, self.value))
        root = math.sqrt(1 / math.sqrt(layout.HEAD_SIZE))
        scaled = torch.matmul(q * root, k.transpose(-1, -2) * root)
        masked = scaled + mask
        weights = nn.functional.softmax(masked, dim=-1)
        scores = torch.matmul(q, k.transpose(-1, -2))
        self.keep(q=q, k=k, v=v, scores=scores, scaled=scaled, mask=mask, masked=masked, weights=weights)
        return self.dense(layout.join(torch.matmul(weights, v)))


class Layer(nn.Module):
    """One pre-norm layer."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = Attention()
        self.norm1, self.norm2 = nn.LayerNorm(layout.WIDTH), nn.LayerNorm(layout.WIDTH)
        self.fc1 = nn.Linear(layout.WIDTH, layout.FEED_FORWARD)
        self.fc2 = nn.Linear(layout.FEED_FORWARD, layout.WIDTH)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        states = states + self.attention(self.norm1(states), mask)
        return states + self.fc2(nn.functional.silu(self.fc1(self.norm2(states))))


class Encoder(nn.Module):
    """Returns `last_hidden_state`."""

    def __init__(self) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(layout.VOCABULARY, layout.WIDTH)
        self.position_embeddings = nn.Embedding(layout.POSITIONS, layout.WIDTH)
        self.layer = nn.ModuleList(Layer() for _ in range(layout.LAYERS))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        # The mask is expanded to [batch, 1, query, key], as scaled_dot_product_attention is given it.
        length = input_ids.size(1)
        kept = attention_mask[:, None, None, :].expand(attention_mask.size(0), 1, length, length).to(torch.float32)
        removed = 1.0 - kept
        mask = removed.masked_fill(removed.to(torch.bool), layout.LOWEST)
        states = self.word_embeddings(input_ids) + self.position_embeddings(torch.arange(length))
        for layer in self.layer:
            states = layer(states, mask)
        return states


def write() -> None:
    """Writes layouts/sdpa."""
    model, inputs = Encoder(), layout.batch(32)
    model_folder.randomise(model, seed=32, sharp=('query', 'key'), deviation=0.3)
    layout.export('sdpa', model, inputs, ['last_hidden_state'], opset=14)
    labels = {f'layer.{index}.attention': f'encoder.{index}.self' for index in range(layout.LAYERS)}
    recording = model_folder.record(model, labels, list(inputs.values()))
    recording['last_hidden_state'] = recording.pop('outputs')
    config = {
        'model_type': 'bert', 'hidden_size': layout.WIDTH, 'num_attention_heads': layout.HEADS,
        'num_hidden_layers': layout.LAYERS, 'max_position_embeddings': layout.POSITIONS, 'pad_token_id': 0,
    }
    layout.write('sdpa', config, {**inputs, 'positions.encoder': model.position_embeddings.weight, **recording})

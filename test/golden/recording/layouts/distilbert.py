"""DistilBERT's layout: queries are scaled before the product, and the padding mask is a `Where` (masked_fill)."""
import math

import torch
from torch import Tensor, nn

from recording import model_folder
from recording.layouts import layout


class Attention(model_folder.RecordedAttention):
    """Multi-head self-attention."""

    def __init__(self) -> None:
        super().__init__()
        for name in ('q_lin', 'k_lin', 'v_lin', 'out_lin'):
            self.add_module(name, nn.Linear(layout.WIDTH, layout.WIDTH))

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        q, k, v = (layout.split(linear(states)) for linear in (self.q_lin, self.k_lin, self.v_lin))
        scaled = torch.matmul(q / math.sqrt(layout.HEAD_SIZE), k.transpose(2, 3))
        removed = (mask == 0).view(mask.size(0), 1, 1, mask.size(1)).expand_as(scaled)
        masked = scaled.masked_fill(removed, layout.LOWEST)
        weights = nn.functional.softmax(masked, dim=-1)
        scores = torch.matmul(q, k.transpose(2, 3))
        self.keep(q=q, k=k, v=v, scores=scores, scaled=scaled, masked=masked, weights=weights)
        return self.out_lin(layout.join(torch.matmul(weights, v)))


class Block(nn.Module):
    """One post-norm layer."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = Attention()
        self.sa_layer_norm, self.output_layer_norm = nn.LayerNorm(layout.WIDTH), nn.LayerNorm(layout.WIDTH)
        self.lin1 = nn.Linear(layout.WIDTH, layout.FEED_FORWARD)
        self.lin2 = nn.Linear(layout.FEED_FORWARD, layout.WIDTH)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        states = self.sa_layer_norm(self.attention(states, mask) + states)
        return self.output_layer_norm(self.lin2(nn.functional.gelu(self.lin1(states))) + states)


class DistilBert(nn.Module):
    """Returns `last_hidden_state`."""

    def __init__(self) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(layout.VOCABULARY, layout.WIDTH)
        self.position_embeddings = nn.Embedding(layout.POSITIONS, layout.WIDTH)
        self.LayerNorm = nn.LayerNorm(layout.WIDTH)
        self.layer = nn.ModuleList(Block() for _ in range(layout.LAYERS))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        positions = torch.arange(input_ids.size(1)).unsqueeze(0).expand_as(input_ids)
        states = self.LayerNorm(self.word_embeddings(input_ids) + self.position_embeddings(positions))
        for block in self.layer:
            states = block(states, attention_mask)
        return states


def write() -> None:
    """Writes layouts/distilbert."""
    model, inputs = DistilBert(), layout.batch(31)
    model_folder.randomise(model, seed=31, sharp=('q_lin', 'k_lin'), deviation=0.3)
    layout.export('distilbert', model, inputs, ['last_hidden_state'], opset=12)
    labels = {f'layer.{index}.attention': f'encoder.{index}.self' for index in range(layout.LAYERS)}
    recording = model_folder.record(model, labels, list(inputs.values()))
    recording['last_hidden_state'] = recording.pop('outputs')
    config = {'model_type': 'distilbert', 'dim': layout.WIDTH, 'n_heads': layout.HEADS, 'n_layers': layout.LAYERS}
    golden = {**inputs, 'positions.encoder': model.position_embeddings.weight, **recording}
    layout.write('distilbert', {**config, 'max_position_embeddings': layout.POSITIONS, 'pad_token_id': 0}, golden)

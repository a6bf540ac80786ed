"""The layout of older Marian and BART modules: batch and heads merged, softmax on `[batch·head, query, key]`."""
import math
from typing import Dict, List, Optional, Sequence, Tuple

import torch
from torch import Tensor, nn

from recording import model_folder
from recording.layouts import layout

from marian_model import sinusoids

Cache = Sequence[Tensor]


class Attention(model_folder.RecordedAttention):
    """Queries are scaled when they are made; the mask is added on a view that takes batch and heads apart."""

    def __init__(self) -> None:
        super().__init__()
        for name in ('k_proj', 'v_proj', 'q_proj', 'out_proj'):
            self.add_module(name, nn.Linear(layout.WIDTH, layout.WIDTH))

    def forward(
        self, states: Tensor, memory: Tensor, mask: Tensor, past: Optional[Cache] = None
    ) -> Tuple[Tensor, Tensor, Tensor]:
        batch, length, _ = states.size()
        merged = (batch * layout.HEADS, -1, layout.HEAD_SIZE)
        if past is not None and memory is not states:
            # The encoder's keys and values do not change, so all of them are cached.
            k, v = past
        else:
            k, v = (layout.split(linear(memory)).contiguous() for linear in (self.k_proj, self.v_proj))
            if past is not None:
                k, v = torch.cat([past[0], k], dim=2), torch.cat([past[1], v], dim=2)
        plain = self.q_proj(states)
        scaled_query = layout.split(plain * layout.HEAD_SIZE ** -0.5).contiguous().view(*merged)
        products = torch.bmm(scaled_query, k.view(*merged).transpose(1, 2))
        keys = k.size(2)
        masked = products.view(batch, layout.HEADS, length, keys) + mask
        weights = nn.functional.softmax(masked.view(batch * layout.HEADS, length, keys), dim=-1)
        q, apart = layout.split(plain), (batch, layout.HEADS, length, keys)
        self.keep(
            q=q, k=k, v=v, scores=torch.matmul(q, k.transpose(2, 3)), scaled=products.view(apart), mask=mask,
            masked=masked, weights=weights.view(apart),
        )
        context = torch.bmm(weights, v.view(*merged)).view(batch, layout.HEADS, length, layout.HEAD_SIZE)
        return self.out_proj(layout.join(context)), k, v


class Layer(nn.Module):
    """One post-norm layer of either stack."""

    def __init__(self, decoder: bool) -> None:
        super().__init__()
        self.self_attn, self.self_attn_layer_norm = Attention(), nn.LayerNorm(layout.WIDTH)
        if decoder:
            self.encoder_attn, self.encoder_attn_layer_norm = Attention(), nn.LayerNorm(layout.WIDTH)
        self.fc1 = nn.Linear(layout.WIDTH, layout.FEED_FORWARD)
        self.fc2 = nn.Linear(layout.FEED_FORWARD, layout.WIDTH)
        self.final_layer_norm = nn.LayerNorm(layout.WIDTH)

    def forward(
        self, states: Tensor, mask: Tensor, memory: Optional[Tensor] = None, memory_mask: Optional[Tensor] = None,
        past: Sequence[Tensor] = (),
    ) -> Tuple[Tensor, List[Tensor]]:
        attended, *cache = self.self_attn(states, states, mask, past[:2] or None)
        states = self.self_attn_layer_norm(states + attended)
        if memory is not None:
            attended, *cross = self.encoder_attn(states, memory, memory_mask, past[2:] or None)
            states, cache = self.encoder_attn_layer_norm(states + attended), [*cache, *cross]
        return self.final_layer_norm(states + self.fc2(nn.functional.silu(self.fc1(states)))), cache


def padding(attention_mask: Tensor, queries: int) -> Tensor:
    """`[batch, 1, query, key]`: expanded over the queries, then inverted."""
    batch, keys = attention_mask.size()
    inverted = 1.0 - attention_mask[:, None, None, :].expand(batch, 1, queries, keys).to(torch.float32)
    return inverted.masked_fill(inverted.to(torch.bool), layout.LOWEST)


def causal(ids: Tensor, past: Optional[int]) -> Tensor:
    """`[batch, 1, query, key]`; the `past` keys before them are all seen."""
    length, total = ids.size(1), ids.size(1)
    mask, positions = torch.full((length, length), layout.LOWEST), torch.arange(length)
    mask = mask.masked_fill(positions < (positions + 1).view(length, 1), 0.0)
    if past is not None:
        mask, total = torch.cat([torch.zeros(length, past), mask], dim=-1), length + past
    return mask[None, None, :, :].expand(ids.size(0), 1, length, total)


class Stack(nn.Module):
    """Scaled embeddings, sinusoidal positions in a table, and the layers."""

    def __init__(self, embedding: nn.Embedding, decoder: bool) -> None:
        super().__init__()
        self.embed_tokens = embedding
        self.embed_positions = nn.Embedding(layout.POSITIONS, layout.WIDTH)
        self.layers = nn.ModuleList(Layer(decoder) for _ in range(layout.LAYERS))

    def embed(self, ids: Tensor, past: Optional[int] = None) -> Tensor:
        """Embeddings times √width plus the positions from `past` on."""
        first = 0 if past is None else past
        positions = torch.arange(first, first + ids.size(1), dtype=torch.long)
        return self.embed_tokens(ids) * math.sqrt(layout.WIDTH) + self.embed_positions(positions)


class Encoder(Stack):
    """`input_ids`, `attention_mask` to `last_hidden_state`."""

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        states, mask = self.embed(input_ids), padding(attention_mask, input_ids.size(1))
        for layer in self.layers:
            states, _ = layer(states, mask)
        return states


class Decoder(Stack):
    """Teacher-forced, with the cache among its outputs; logits have a bias of their own."""

    def __init__(self, embedding: nn.Embedding) -> None:
        super().__init__(embedding, decoder=True)
        self.final_logits_bias = nn.Parameter(torch.zeros(layout.VOCABULARY))

    def forward(
        self, encoder_attention_mask: Tensor, input_ids: Tensor, encoder_hidden_states: Tensor, *past: Tensor
    ) -> Tuple[Tensor, ...]:
        length = past[0].size(2) if past else None
        states, presents = self.embed(input_ids, length), []
        mask, memory_mask = causal(input_ids, length), padding(encoder_attention_mask, input_ids.size(1))
        for index, layer in enumerate(self.layers):
            cached = past[4 * index : 4 * index + 4]
            states, cache = layer(states, mask, encoder_hidden_states, memory_mask, cached)
            presents += cache
        return (nn.functional.linear(states, self.embed_tokens.weight) + self.final_logits_bias, *presents)


def labels(decoder: bool) -> Dict[str, str]:
    """Modules that are recorded."""
    side = 'decoder' if decoder else 'encoder'
    names = {f'layers.{index}.self_attn': f'{side}.{index}.self' for index in range(layout.LAYERS)}
    if decoder:
        names.update({f'layers.{index}.encoder_attn': f'decoder.{index}.cross' for index in range(layout.LAYERS)})
    return names


def make() -> Tuple[Encoder, Decoder]:
    """Both stacks with their weights."""
    embedding = nn.Embedding(layout.VOCABULARY, layout.WIDTH)
    encoder, decoder = Encoder(embedding, decoder=False), Decoder(embedding)
    both = nn.ModuleDict({'encoder': encoder, 'decoder': decoder})
    model_folder.randomise(both, seed=37, sharp=('q_proj', 'k_proj'), deviation=0.3)
    for stack in both.values():
        stack.embed_positions.weight.data = sinusoids(layout.POSITIONS, layout.WIDTH)
    return encoder, decoder


def config() -> Dict[str, object]:
    """As Marian's config.json."""
    return {
        'model_type': 'marian', 'd_model': layout.WIDTH, 'encoder_layers': layout.LAYERS,
        'decoder_layers': layout.LAYERS, 'encoder_attention_heads': layout.HEADS,
        'decoder_attention_heads': layout.HEADS, 'max_position_embeddings': layout.POSITIONS, 'scale_embedding': True,
        'is_encoder_decoder': True, 'pad_token_id': 0, 'eos_token_id': 1, 'decoder_start_token_id': 0,
    }


def write() -> None:
    """Writes layouts/marian."""
    encoder, decoder = make()
    source, target = layout.batch(37), layout.batch(38, (7, 7))
    recording = model_folder.record(encoder, labels(False), list(source.values()))
    memory = recording.pop('outputs')
    inputs = layout.decoder_inputs(source, target['input_ids'], memory)
    recording.update(model_folder.record(decoder, labels(True), list(inputs.values())))
    logits = recording.pop('outputs')[0]
    layout.export('marian', encoder, source, ['last_hidden_state'], opset=11, file='encoder_model')
    layout.export_decoder('marian', decoder, inputs, opset=11)
    table = sinusoids(layout.POSITIONS, layout.WIDTH)
    golden = {**source, 'decoder_input_ids': target['input_ids'], 'last_hidden_state': memory, 'logits': logits}
    tables = {'positions.encoder': table, 'positions.decoder': table.clone()}
    layout.write('marian', config(), {**golden, **tables, **recording})

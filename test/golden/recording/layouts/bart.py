"""BART's layout: learned positions from row 2 on, embeddings normalised, post-norm, heads apart, a cache."""
from typing import Dict, List, Sequence, Tuple

import torch
from torch import Tensor, nn

from recording import model_folder
from recording.layouts import layout, marian, merged

# The first rows of the table were once for padding, and are still there.
OFFSET = 2


class Attention(model_folder.RecordedAttention):
    """Scores are scaled after the product; past keys and values come before the new ones."""

    def __init__(self) -> None:
        super().__init__()
        for name in ('k_proj', 'v_proj', 'q_proj', 'out_proj'):
            self.add_module(name, nn.Linear(layout.WIDTH, layout.WIDTH))

    def forward(
        self, states: Tensor, memory: Tensor, mask: Tensor, past: Sequence[Tensor]
    ) -> Tuple[Tensor, Tensor, Tensor]:
        q = layout.split(self.q_proj(states))
        if past and memory is not states:
            # The encoder's keys and values do not change, so all of them are cached.
            k, v = past
        else:
            k, v = layout.split(self.k_proj(memory)), layout.split(self.v_proj(memory))
            if past:
                k, v = torch.cat([past[0], k], dim=2), torch.cat([past[1], v], dim=2)
        scores = torch.matmul(q, k.transpose(2, 3))
        scaled = scores * layout.HEAD_SIZE ** -0.5
        masked = scaled + mask
        weights = nn.functional.softmax(masked, dim=-1)
        self.keep(q=q, k=k, v=v, scores=scores, scaled=scaled, mask=mask, masked=masked, weights=weights)
        return self.out_proj(layout.join(torch.matmul(weights, v))), k, v


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
        self, states: Tensor, mask: Tensor, memory: Sequence[Tensor] = (), past: Sequence[Tensor] = ()
    ) -> Tuple[Tensor, List[Tensor]]:
        """`memory` is the encoder's result and its mask."""
        attended, *cache = self.self_attn(states, states, mask, past[:2])
        states = self.self_attn_layer_norm(states + attended)
        if memory:
            attended, *cross = self.encoder_attn(states, *memory, past[2:])
            states, cache = self.encoder_attn_layer_norm(states + attended), [*cache, *cross]
        return self.final_layer_norm(states + self.fc2(nn.functional.gelu(self.fc1(states)))), cache


class Stack(nn.Module):
    """Embeddings, learned positions, their norm, and the layers."""

    def __init__(self, embedding: nn.Embedding, decoder: bool) -> None:
        super().__init__()
        self.embed_tokens = embedding
        self.embed_positions = nn.Embedding(layout.POSITIONS + OFFSET, layout.WIDTH)
        self.layernorm_embedding = nn.LayerNorm(layout.WIDTH)
        self.layers = nn.ModuleList(Layer(decoder) for _ in range(layout.LAYERS))

    def embed(self, ids: Tensor, past: int = 0) -> Tensor:
        """Positions count from `past` on."""
        positions = torch.arange(past, past + ids.size(1), dtype=torch.long).expand(ids.size(0), -1)
        return self.layernorm_embedding(self.embed_tokens(ids) + self.embed_positions(positions + OFFSET))


class Encoder(Stack):
    """`input_ids`, `attention_mask` to `last_hidden_state`."""

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        states, mask = self.embed(input_ids), marian.padding(attention_mask, input_ids.size(1))
        for layer in self.layers:
            states, _ = layer(states, mask)
        return states


class Decoder(Stack):
    """Returns `logits`, which have a bias of their own, then keys and values of every layer."""

    def __init__(self, embedding: nn.Embedding) -> None:
        super().__init__(embedding, decoder=True)
        self.final_logits_bias = nn.Parameter(torch.zeros(1, layout.VOCABULARY))

    def forward(
        self, encoder_attention_mask: Tensor, input_ids: Tensor, encoder_hidden_states: Tensor, *past: Tensor
    ) -> Tuple[Tensor, ...]:
        length = past[0].size(2) if past else None
        states, presents = self.embed(input_ids, length or 0), []
        mask = marian.causal(input_ids, length)
        memory = (encoder_hidden_states, marian.padding(encoder_attention_mask, input_ids.size(1)))
        for index, layer in enumerate(self.layers):
            states, cache = layer(states, mask, memory, past[4 * index : 4 * index + 4])
            presents += cache
        return (nn.functional.linear(states, self.embed_tokens.weight) + self.final_logits_bias, *presents)


def config() -> Dict[str, object]:
    """As BART's config.json."""
    return {
        **marian.config(), 'model_type': 'bart', 'scale_embedding': False, 'activation_function': 'gelu',
        'tie_word_embeddings': True,
    }


def write() -> None:
    """Writes layouts/bart."""
    embedding = nn.Embedding(layout.VOCABULARY, layout.WIDTH)
    encoder, decoder = Encoder(embedding, decoder=False), Decoder(embedding)
    both = nn.ModuleDict({'encoder': encoder, 'decoder': decoder})
    model_folder.randomise(both, seed=41, sharp=('q_proj', 'k_proj'), deviation=0.3)
    source, target = layout.batch(41), layout.batch(42, (7, 7))
    recording = model_folder.record(encoder, marian.labels(False), list(source.values()))
    memory = recording.pop('outputs')
    inputs = layout.decoder_inputs(source, target['input_ids'], memory)
    recording.update(model_folder.record(decoder, marian.labels(True), list(inputs.values())))
    logits = recording.pop('outputs')[0]
    layout.export('bart', encoder, source, ['last_hidden_state'], opset=14, file='encoder_model')
    layout.export_decoder('bart', decoder, inputs, opset=14)
    cache = merged.export('bart', decoder, inputs, opset=14)
    golden = {**source, 'decoder_input_ids': target['input_ids'], 'last_hidden_state': memory, 'logits': logits}
    tables = {f'positions.{side}': both[side].embed_positions.weight[OFFSET:] for side in ('encoder', 'decoder')}
    layout.write('bart', config(), {**golden, **cache, **tables, **recording})

"""T5's layout: relative position bias shared by all layers, no scale, RMSNorm; encoder and decoder in two files."""
import math
from typing import Dict, List, Optional, Sequence, Tuple

import torch
from torch import Tensor, nn

from recording import model_folder
from recording.layouts import layout, merged

BUCKETS, FURTHEST = 8, 20


class Norm(nn.Module):
    """RMSNorm."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(layout.WIDTH))

    def forward(self, states: Tensor) -> Tensor:
        variance = states.to(torch.float32).pow(2).mean(-1, keepdim=True)
        return self.weight * (states * torch.rsqrt(variance + 1e-6))


def bucket(relative: Tensor, both_ways: bool) -> Tensor:
    """The bucket of key minus query: exact when near, logarithmic when far (Raffel et al. 2020, section 2.1)."""
    count, buckets = BUCKETS, torch.zeros_like(relative)
    if both_ways:
        count //= 2
        buckets = buckets + (relative > 0).to(torch.long) * count
        distance = torch.abs(relative)
    else:
        distance = -torch.min(relative, torch.zeros_like(relative))
    near = count // 2
    far = near + (torch.log(distance.float() / near) / math.log(FURTHEST / near) * (count - near)).to(torch.long)
    far = torch.min(far, torch.full_like(far, count - 1))
    return buckets + torch.where(distance < near, distance, far)


class Attention(model_folder.RecordedAttention):
    """Attention whose scores are not scaled; the first layer's holds the table of biases."""

    def __init__(self, biased: bool, both_ways: bool) -> None:
        super().__init__()
        self.both_ways = both_ways
        for name in 'qkvo':
            self.add_module(name, nn.Linear(layout.WIDTH, layout.WIDTH, bias=False))
        if biased:
            self.relative_attention_bias = nn.Embedding(BUCKETS, layout.HEADS)

    def bias(self, queries: int, keys: int) -> Tensor:
        """`[1, head, query, key]`."""
        relative = torch.arange(keys)[None, :] - torch.arange(queries)[:, None]
        return self.relative_attention_bias(bucket(relative, self.both_ways)).permute([2, 0, 1]).unsqueeze(0)

    def forward(
        self, states: Tensor, memory: Tensor, mask: Tensor, bias: Optional[Tensor], past: Sequence[Tensor] = ()
    ) -> Tuple[Tensor, Tensor, Tensor]:
        q = layout.split(self.q(states))
        if past and memory is not states:
            # The encoder's keys and values do not change, so all of them are cached.
            k, v = past
        else:
            k, v = layout.split(self.k(memory)), layout.split(self.v(memory))
            if past:
                k, v = torch.cat([past[0], k], dim=2), torch.cat([past[1], v], dim=2)
        scores = torch.matmul(q, k.transpose(3, 2))
        masked = scores + (mask if bias is None else bias + mask)
        weights = nn.functional.softmax(masked.float(), dim=-1).type_as(masked)
        self.keep(q=q, k=k, v=v, scores=scores, scaled=scores, mask=mask, masked=masked, weights=weights)
        if bias is not None:
            self.keep(bias=bias)
        return self.o(layout.join(torch.matmul(weights, v))), k, v


class Block(nn.Module):
    """One pre-norm layer of either stack."""

    def __init__(self, first: bool, decoder: bool) -> None:
        super().__init__()
        self.SelfAttention, self.norm = Attention(first, both_ways=not decoder), Norm()
        if decoder:
            self.EncDecAttention, self.cross_norm = Attention(False, both_ways=True), Norm()
        self.wi = nn.Linear(layout.WIDTH, layout.FEED_FORWARD, bias=False)
        self.wo = nn.Linear(layout.FEED_FORWARD, layout.WIDTH, bias=False)
        self.final_norm = Norm()

    def forward(
        self, states: Tensor, mask: Tensor, bias: Tensor, memory: Optional[Tensor], memory_mask: Optional[Tensor],
        past: Sequence[Tensor] = (),
    ) -> Tuple[Tensor, List[Tensor]]:
        normed = self.norm(states)
        attended, *cache = self.SelfAttention(normed, normed, mask, bias, past[:2])
        states = states + attended
        if memory is not None:
            attended, *cross = self.EncDecAttention(self.cross_norm(states), memory, memory_mask, None, past[2:])
            states, cache = states + attended, [*cache, *cross]
        return states + self.wo(nn.functional.relu(self.wi(self.final_norm(states)))), cache


class Stack(nn.Module):
    """Embeddings, layers and the last norm; a decoder also has the output matrix, which is the embedding."""

    def __init__(self, embedding: nn.Embedding, decoder: bool) -> None:
        super().__init__()
        self.embed_tokens, self.decoder = embedding, decoder
        self.block = nn.ModuleList(Block(index == 0, decoder) for index in range(layout.LAYERS))
        self.final_layer_norm = Norm()

    def run(
        self, ids: Tensor, mask: Tensor, memory: Optional[Tensor], memory_mask: Optional[Tensor],
        past: Sequence[Tensor] = (),
    ) -> Tuple[Tensor, List[Tensor]]:
        """The stack's states after the last norm, and the cache; `past` holds 4 tensors for each block."""
        length, states, presents = ids.size(1), self.embed_tokens(ids), []
        total = length + past[0].size(2) if past else length
        bias = self.block[0].SelfAttention.bias(total, total)
        if past:
            # Biases of the new queries only.
            bias = bias[:, :, -length:, :]
        for index, block in enumerate(self.block):
            states, cache = block(states, mask, bias, memory, memory_mask, past[4 * index : 4 * index + 4])
            presents += cache
        return self.final_layer_norm(states), presents


class Encoder(Stack):
    """`input_ids`, `attention_mask` to `last_hidden_state`."""

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return self.run(input_ids, padding(attention_mask), None, None)[0]


class Decoder(Stack):
    """Returns `logits` of the embedding, scaled by 1/√width as T5 does, then keys and values of every layer."""

    def forward(
        self, encoder_attention_mask: Tensor, input_ids: Tensor, encoder_hidden_states: Tensor, *past: Tensor
    ) -> Tuple[Tensor, ...]:
        positions = torch.arange(input_ids.size(1))
        visible = (positions[None, None, :] <= positions[None, :, None]).to(torch.float32)
        if past:
            visible = torch.cat([torch.ones(1, input_ids.size(1), past[0].size(2)), visible], dim=-1)
        mask, memory_mask = (1.0 - visible[:, None]) * layout.LOWEST, padding(encoder_attention_mask)
        states, presents = self.run(input_ids, mask, encoder_hidden_states, memory_mask, past)
        return (nn.functional.linear(states * layout.WIDTH ** -0.5, self.embed_tokens.weight), *presents)


def padding(attention_mask: Tensor) -> Tensor:
    """`[batch, 1, 1, key]`, additive."""
    return (1.0 - attention_mask[:, None, None, :].to(torch.float32)) * layout.LOWEST


def labels(decoder: bool) -> Dict[str, str]:
    """Modules that are recorded."""
    side = 'decoder' if decoder else 'encoder'
    names = {f'block.{index}.SelfAttention': f'{side}.{index}.self' for index in range(layout.LAYERS)}
    if decoder:
        names.update({f'block.{index}.EncDecAttention': f'decoder.{index}.cross' for index in range(layout.LAYERS)})
    return names


def write() -> None:
    """Writes layouts/t5."""
    embedding = nn.Embedding(layout.VOCABULARY, layout.WIDTH)
    encoder, decoder = Encoder(embedding, decoder=False), Decoder(embedding, decoder=True)
    both = nn.ModuleDict({'encoder': encoder, 'decoder': decoder})
    model_folder.randomise(both, seed=35, sharp=('.q.', '.k.', 'relative_attention_bias'), deviation=0.25)
    source, target = layout.batch(35), layout.batch(36, (7, 7))
    recording = model_folder.record(encoder, labels(False), list(source.values()))
    memory = recording.pop('outputs')
    inputs = layout.decoder_inputs(source, target['input_ids'], memory)
    recording.update(model_folder.record(decoder, labels(True), list(inputs.values())))
    logits = recording.pop('outputs')[0]
    layout.export('t5', encoder, source, ['last_hidden_state'], opset=13, file='encoder_model')
    layout.export_decoder('t5', decoder, inputs, opset=13)
    cache = merged.export('t5', decoder, inputs, opset=13)
    config = {
        'model_type': 't5', 'd_model': layout.WIDTH, 'num_heads': layout.HEADS, 'num_layers': layout.LAYERS,
        'num_decoder_layers': layout.LAYERS, 'd_ff': layout.FEED_FORWARD, 'feed_forward_proj': 'relu',
        'd_kv': layout.HEAD_SIZE, 'relative_attention_num_buckets': BUCKETS,
        'relative_attention_max_distance': FURTHEST, 'is_encoder_decoder': True, 'pad_token_id': 0,
        'decoder_start_token_id': 0, 'eos_token_id': 1, 'tie_word_embeddings': True,
    }
    golden = {**source, 'decoder_input_ids': target['input_ids'], 'last_hidden_state': memory, 'logits': logits}
    layout.write('t5', config, {**golden, **cache, **recording})

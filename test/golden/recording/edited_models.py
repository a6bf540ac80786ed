"""The three reference models once more as plain forward passes that a recipe can change, written against `Edits`."""
import math
from typing import List

import torch
from torch import Tensor, nn

from recording.edits import Edits

from language_model import Bert, Gpt, split
from marian_model import Marian, causal_mask, padding_mask


def encode(model: Marian, ids: Tensor, real: Tensor, edits: Edits) -> Tensor:
    """Marian's encoder: `[batch, source]` to `[batch, source, width]`."""
    return _marian(model, 'encoder', ids, real, None, real, edits)


def decode(model: Marian, ids: Tensor, real: Tensor, memory: Tensor, source: Tensor, edits: Edits) -> Tensor:
    """Marian's decoder, teacher-forced, to logits; `real` and `source` are 1 where target and source are no padding."""
    return _marian(model, 'decoder', ids, real, memory, source, edits) @ model.shared.weight.T


def _marian(model: Marian, side: str, ids: Tensor, real: Tensor, memory: Tensor, source: Tensor, edits: Edits) -> Tensor:
    tokens = model.shared(ids)
    edits.recording[f'{side}.embedding.tokens'] = tokens
    states = edits.embed(side, tokens * math.sqrt(model.size.width), model.positions, source.sum(-1).tolist())
    edits.recording[f'{side}.embedding.output'] = states
    own = padding_mask(real) if side == 'encoder' else causal_mask(ids.shape[1])
    for index, layer in enumerate(getattr(model, side).layers):
        kinds = [('self', layer.self_attn, layer.self_attn_layer_norm)]
        if side == 'decoder':
            kinds.append(('cross', layer.encoder_attn, layer.encoder_attn_layer_norm))
        for kind, attention, norm in kinds:
            name, read = f'{side}.{index}.{kind}', states if kind == 'self' else memory
            query, key, value = (
                attention.split(attention.q_proj(states)), attention.split(attention.k_proj(read)),
                attention.split(attention.v_proj(read)),
            )
            mask, keys = (own, real) if kind == 'self' else (padding_mask(source), source)
            joined = edits.attention(name, query, key, value, mask, keys)
            added = edits.add(name, states, edits.project(name, attention.out_proj, joined))
            states = edits.sub_layer(name, edits.norm(name, norm, added))
        name = f'{side}.{index}.feedForward'
        added = edits.add(name, states, layer.fc2(edits.hidden(name, layer.fc1(states), torch.relu)))
        states = edits.sub_layer(name, edits.norm(name, layer.final_layer_norm, added))
        states = edits.after_layer(side, index, states)
    return states


@torch.no_grad()
def greedy(model: Marian, source: List[int], interventions: List[dict], sources, limit: int = 60) -> List[int]:
    """Ids of the translation under a recipe, without start and end; ValueError where two words are nearly equally probable."""
    ids, ones = torch.tensor([source]), torch.ones(1, len(source), dtype=torch.long)
    memory, target = encode(model, ids, ones, Edits(interventions, sources)), [model.size.pad]
    while len(target) <= limit:
        logits = decode(
            model, torch.tensor([target]), torch.ones(1, len(target)), memory, ones, Edits(interventions, sources),
        )[0, -1]
        logits[model.size.pad] = -math.inf
        best = logits.topk(2)
        if best.values[0] - best.values[1] < 1e-3:
            raise ValueError('Two words are nearly equally probable.')
        target.append(int(best.indices[0]))
        if target[-1] == model.size.end:
            return target[1:-1]
    raise ValueError('The translation does not end.')


def gpt(model: Gpt, ids: Tensor, real: Tensor, edits: Edits) -> Tensor:
    """The causal model: logits `[batch, length, vocabulary]`."""
    parts = model.transformer
    tokens = parts['wte'](ids)
    edits.recording['decoder.embedding.tokens'] = tokens
    states = edits.embed('decoder', tokens, parts['wpe'].weight, real.sum(-1).tolist())
    edits.recording['decoder.embedding.output'] = states
    mask = causal_mask(ids.shape[1]) + padding_mask(real)
    for index, block in enumerate(parts['h']):
        name = f'decoder.{index}.self'
        normed = edits.norm(name, block.ln_1, states)
        query, key, value = (split(part, block.heads) for part in block.attn['c_attn'](normed).chunk(3, -1))
        joined = edits.attention(name, query, key, value, mask, real)
        added = edits.add(name, states, edits.project(name, block.attn['c_proj'], joined))
        states = edits.sub_layer(name, added)
        name = f'decoder.{index}.feedForward'
        normed = edits.norm(name, block.ln_2, states)
        units = edits.hidden(name, block.mlp['c_fc'](normed), nn.functional.gelu)
        states = edits.sub_layer(name, edits.add(name, states, block.mlp['c_proj'](units)))
        states = edits.after_layer('decoder', index, states)
    edits.recording['decoder.final'] = parts['ln_f'](states)
    return gpt_logits(model, states)


def gpt_logits(model: Gpt, states: Tensor) -> Tensor:
    """States at any layer as the end of the causal model reads them."""
    parts = model.transformer
    return parts['ln_f'](states) @ parts['wte'].weight.T


def bert(model: Bert, ids: Tensor, real: Tensor, edits: Edits) -> Tensor:
    """The masked model: logits `[batch, length, vocabulary]`."""
    parts = model.bert['embeddings']
    words = parts['word_embeddings'](ids)
    types = parts['token_type_embeddings'].weight[0].expand_as(words)
    edits.recording.update({'encoder.embedding.tokens': words, 'encoder.embedding.tokenTypes': types})
    table = parts['position_embeddings'].weight
    states = parts['LayerNorm'](edits.embed('encoder', words + types, table, real.sum(-1).tolist()))
    edits.recording['encoder.embedding.output'] = states
    mask = padding_mask(real)
    for index, layer in enumerate(model.bert['encoder']['layer']):
        name, own = f'encoder.{index}.self', layer.attention['self']
        query, key, value = (split(own[part](states), layer.heads) for part in ('query', 'key', 'value'))
        joined = edits.attention(name, query, key, value, mask, real)
        output = layer.attention['output']
        added = edits.add(name, states, edits.project(name, output.dense, joined))
        states = edits.sub_layer(name, edits.norm(name, output.LayerNorm, added))
        name = f'encoder.{index}.feedForward'
        units = edits.hidden(name, layer.intermediate['dense'](states), nn.functional.gelu)
        added = edits.add(name, states, layer.output.dense(units))
        states = edits.sub_layer(name, edits.norm(name, layer.output.LayerNorm, added))
        states = edits.after_layer('encoder', index, states)
    return bert_logits(model, states)


def bert_logits(model: Bert, states: Tensor) -> Tensor:
    """States at any layer as the end of the masked model reads them."""
    words = model.bert['embeddings']['word_embeddings']
    return model.transformed(states) @ words.weight.T + model.cls['predictions'].bias

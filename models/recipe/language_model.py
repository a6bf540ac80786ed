"""The two English models in PyTorch, a small GPT-2 and a small BERT: the references that exported files are compared with.

Parameters are named and laid out as in Hugging Face's GPT2LMHeadModel and BertForMaskedLM. A forward pass can record every
attention; there is no cache.
"""
from dataclasses import asdict, dataclass
from typing import Dict, Optional, Sequence, Union

import numpy as np
import torch
from torch import Tensor, nn

MASKED = -1e9
# As the two families' config.json state them.
GPT_EPSILON, BERT_EPSILON = 1e-5, 1e-12

# Filled by a forward pass when given: `encoder.0.self.weights` and so on -> tensor.
Recording = Dict[str, Tensor]


@dataclass(frozen=True)
class Size:
    """The numbers that make up either model."""

    vocabulary: int
    width: int = 160
    heads: int = 5
    layers: int = 4
    feed_forward: int = 640
    positions: int = 256

    @property
    def head_size(self) -> int:
        """d_k, elements of one query or key vector."""
        return self.width // self.heads


def attention(query: Tensor, key: Tensor, value: Tensor, masks: Sequence[Tensor], name: str, recording: Optional[Recording]):
    """Scaled dot-product attention; the masks, each broadcast to `[batch, head, query, key]`, are added one by one."""
    if recording is None:
        return fused_attention(query, key, value, sum(masks))
    scores = query @ key.transpose(-1, -2)
    scaled = scores * query.shape[-1] ** -0.5
    masked = scaled
    for mask in masks:
        masked = masked + mask
    weights = masked.softmax(-1)
    stages = {'q': query, 'k': key, 'v': value, 'scores': scores, 'scaled': scaled, 'mask': sum(masks)}
    stages.update(masked=masked, weights=weights)
    recording.update({f'{name}.{stage}': tensor for stage, tensor in stages.items()})
    return (weights @ value).transpose(1, 2).flatten(2)


def fused_attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    """The same in as few passes over the scores as can be, in the precision of `query`: for training."""
    batch, heads, rows, _ = query.shape
    columns = key.shape[-2]
    wide = mask.to(query.dtype).expand(batch, heads, rows, columns).reshape(-1, rows, columns)
    query, key, value = (part.flatten(0, 1) for part in (query, key, value))
    masked = torch.baddbmm(wide, query, key.transpose(1, 2), alpha=query.shape[-1] ** -0.5)
    context = torch.bmm(masked.softmax(-1), value)
    return context.unflatten(0, (batch, heads)).transpose(1, 2).flatten(2)


def split(states: Tensor, heads: int) -> Tensor:
    """`[batch, length, width]` to `[batch, head, length, head_size]`."""
    return states.unflatten(-1, (heads, states.shape[-1] // heads)).transpose(1, 2)


def padding_mask(attention_mask: Tensor) -> Tensor:
    """`[batch, 1, 1, key]`: 0 where `attention_mask` is 1."""
    return ((1 - attention_mask.float()) * MASKED)[:, None, None, :]


def causal_mask(length: int) -> Tensor:
    """`[1, 1, query, key]`: 0 where the key is not later than the query."""
    return torch.full((length, length), MASKED).triu(1)[None, None]


class Conv1D(nn.Module):
    """GPT-2's linear layer: the matrix is `[in, out]`."""

    def __init__(self, inputs: int, outputs: int, scale: float = 1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs, outputs) * deviation(inputs) * scale)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, states: Tensor) -> Tensor:
        return nn.functional.linear(states, self.weight.T, self.bias)


class GptBlock(nn.Module):
    """One layer: the norms come before attention and feed-forward."""

    def __init__(self, size: Size):
        super().__init__()
        self.heads = size.heads
        # Branches that are added to the residual stream start smaller, the deeper the model (Radford et al. 2019, section 2.3).
        small = (2 * size.layers) ** -0.5
        self.ln_1, self.ln_2 = (nn.LayerNorm(size.width, eps=GPT_EPSILON) for _ in range(2))
        self.attn = nn.ModuleDict({
            'c_attn': Conv1D(size.width, 3 * size.width), 'c_proj': Conv1D(size.width, size.width, small),
        })
        self.mlp = nn.ModuleDict({
            'c_fc': Conv1D(size.width, size.feed_forward), 'c_proj': Conv1D(size.feed_forward, size.width, small),
        })

    def forward(self, states: Tensor, masks: Sequence[Tensor], name: str, recording: Optional[Recording]) -> Tensor:
        parts = self.attn['c_attn'](self.ln_1(states)).chunk(3, -1)
        attended = attention(*(split(part, self.heads) for part in parts), masks, name, recording)
        states = states + self.attn['c_proj'](attended)
        hidden = nn.functional.gelu(self.mlp['c_fc'](self.ln_2(states)))
        return states + self.mlp['c_proj'](hidden)


class Gpt(nn.Module):
    """Predicts the next token: learned positions, pre-norm, causal mask, output tied to the embedding."""

    family = 'gpt'

    def __init__(self, size: Size):
        super().__init__()
        self.size = size
        self.transformer = nn.ModuleDict({
            'wte': nn.Embedding(size.vocabulary, size.width), 'wpe': nn.Embedding(size.positions, size.width),
            'h': nn.ModuleList(GptBlock(size) for _ in range(size.layers)),
            'ln_f': nn.LayerNorm(size.width, eps=GPT_EPSILON),
        })
        for table in (self.transformer['wte'], self.transformer['wpe']):
            nn.init.normal_(table.weight, std=0.02)

    def states(self, ids: Tensor, attention_mask: Optional[Tensor] = None, recording: Optional[Recording] = None) -> Tensor:
        """What the logits are made of: `[batch, length, width]`."""
        parts = self.transformer
        masks = [causal_mask(ids.shape[1]).to(ids.device)]
        if attention_mask is not None:
            masks.append(padding_mask(attention_mask))
        states = parts['wte'](ids) + parts['wpe'].weight[: ids.shape[1]]
        for index, block in enumerate(parts['h']):
            states = block(states, masks, f'decoder.{index}.self', recording)
        return parts['ln_f'](states)

    def forward(self, ids: Tensor, attention_mask: Optional[Tensor] = None, recording: Optional[Recording] = None) -> Tensor:
        """`[batch, length]` ids to logits `[batch, length, vocabulary]` of the token after each."""
        return self.states(ids, attention_mask, recording) @ self.transformer['wte'].weight.T


class BertOutput(nn.Module):
    """A projection, the residual connection and the norm after it."""

    def __init__(self, inputs: int, width: int):
        super().__init__()
        self.dense = linear(inputs, width)
        self.LayerNorm = nn.LayerNorm(width, eps=BERT_EPSILON)

    def forward(self, states: Tensor, residual: Tensor) -> Tensor:
        return self.LayerNorm(self.dense(states) + residual)


class BertLayer(nn.Module):
    """One layer: the norms come after the residual connections."""

    def __init__(self, size: Size):
        super().__init__()
        self.heads = size.heads
        self.attention = nn.ModuleDict({
            'self': nn.ModuleDict({part: linear(size.width, size.width) for part in ('query', 'key', 'value')}),
            'output': BertOutput(size.width, size.width),
        })
        self.intermediate = nn.ModuleDict({'dense': linear(size.width, size.feed_forward)})
        self.output = BertOutput(size.feed_forward, size.width)

    def forward(self, states: Tensor, masks: Sequence[Tensor], name: str, recording: Optional[Recording]) -> Tensor:
        projections = self.attention['self']
        parts = (split(projections[part](states), self.heads) for part in ('query', 'key', 'value'))
        states = self.attention['output'](attention(*parts, masks, name, recording), states)
        return self.output(nn.functional.gelu(self.intermediate['dense'](states)), states)


class Bert(nn.Module):
    """Fills in masked tokens: learned positions, token types, post-norm, padding mask, output tied to the embedding."""

    family = 'bert'

    def __init__(self, size: Size):
        super().__init__()
        self.size = size
        self.bert = nn.ModuleDict({
            'embeddings': nn.ModuleDict({
                'word_embeddings': nn.Embedding(size.vocabulary, size.width),
                'position_embeddings': nn.Embedding(size.positions, size.width),
                'token_type_embeddings': nn.Embedding(2, size.width),
                'LayerNorm': nn.LayerNorm(size.width, eps=BERT_EPSILON),
            }),
            'encoder': nn.ModuleDict({'layer': nn.ModuleList(BertLayer(size) for _ in range(size.layers))}),
        })
        self.cls = nn.ModuleDict({'predictions': nn.ModuleDict({'transform': nn.ModuleDict({
            'dense': linear(size.width, size.width), 'LayerNorm': nn.LayerNorm(size.width, eps=BERT_EPSILON),
        })})})
        self.cls['predictions'].register_parameter('bias', nn.Parameter(torch.zeros(size.vocabulary)))
        for table in ('word_embeddings', 'position_embeddings', 'token_type_embeddings'):
            nn.init.normal_(self.bert['embeddings'][table].weight, std=0.02)

    def states(self, ids: Tensor, attention_mask: Tensor, recording: Optional[Recording] = None) -> Tensor:
        """The last layer's output `[batch, length, width]`; every token is of type 0."""
        parts = self.bert['embeddings']
        masks = [padding_mask(attention_mask)]
        states = parts['LayerNorm'](
            parts['word_embeddings'](ids) + parts['position_embeddings'].weight[: ids.shape[1]]
            + parts['token_type_embeddings'].weight[0]
        )
        for index, layer in enumerate(self.bert['encoder']['layer']):
            states = layer(states, masks, f'encoder.{index}.self', recording)
        return states

    def transformed(self, states: Tensor) -> Tensor:
        """What the logits are made of, of any rows of `states`."""
        transform = self.cls['predictions']['transform']
        return transform['LayerNorm'](nn.functional.gelu(transform['dense'](states).float()))

    def forward(self, ids: Tensor, attention_mask: Tensor, recording: Optional[Recording] = None) -> Tensor:
        """`[batch, length]` ids to logits `[batch, length, vocabulary]` of the token at each place."""
        rows = self.transformed(self.states(ids, attention_mask, recording))
        return rows @ self.bert['embeddings']['word_embeddings'].weight.T + self.cls['predictions'].bias


LanguageModel = Union[Gpt, Bert]
FAMILIES = {'gpt': Gpt, 'bert': Bert}


def deviation(inputs: int) -> float:
    """Of the first weights of a matrix: what 0.02 is to GPT-2's and BERT's 768 dimensions, for any number of them."""
    return 0.02 * (768 / inputs) ** 0.5


def linear(inputs: int, outputs: int) -> nn.Linear:
    """A linear layer whose bias starts at 0."""
    made = nn.Linear(inputs, outputs)
    nn.init.normal_(made.weight, std=deviation(inputs))
    nn.init.zeros_(made.bias)
    return made


def load(tensors: Dict[str, np.ndarray], family: str, size: Size, half: bool = True) -> LanguageModel:
    """A model with these weights, in evaluation mode; `half` rounds them to float16, as files store them."""
    state = {name: torch.from_numpy(np.array(array)) for name, array in tensors.items()}
    if half:
        state = {name: tensor.half().float() for name, tensor in state.items()}
    model = FAMILIES[family](size)
    model.load_state_dict(state)
    return model.eval()


def size_json(size: Size) -> Dict[str, int]:
    """The sizes as a checkpoint keeps them."""
    return asdict(size)

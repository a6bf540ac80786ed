"""A BERT-like model with seeded weights: learned positions, token types, post-norm, GELU, padding mask, MLM head."""
import math
from typing import Dict, Tuple

import torch
from torch import Tensor, nn

from recording import GOLDEN, model_folder, own_text

import word_pieces

WIDTH, HEADS, LAYERS, FEED_FORWARD, POSITIONS, VOCABULARY = 64, 4, 3, 128, 128, 500
TEXTS = ("The animal didn't cross the street because it was too tired.", 'Every student reads a letter.')


class SelfAttention(model_folder.RecordedAttention):
    """Queries, keys and values, and their attention."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)

    def split(self, states: Tensor) -> Tensor:
        """`[batch, length, width]` to `[batch, head, length, head_size]`."""
        shape = states.size()[:-1] + (HEADS, WIDTH // HEADS)
        return states.view(shape).permute(0, 2, 1, 3)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        q, k, v = self.split(self.query(states)), self.split(self.key(states)), self.split(self.value(states))
        scores = torch.matmul(q, k.transpose(-1, -2))
        scaled = scores / math.sqrt(WIDTH // HEADS)
        masked = scaled + mask
        weights = nn.functional.softmax(masked, dim=-1)
        self.keep(q=q, k=k, v=v, scores=scores, scaled=scaled, mask=mask, masked=masked, weights=weights)
        context = torch.matmul(weights, v).permute(0, 2, 1, 3).contiguous()
        return context.view(context.size()[:-2] + (WIDTH,))


class Residual(nn.Module):
    """A projection, the residual connection and the norm after it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, WIDTH)
        self.LayerNorm = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, states: Tensor, residual: Tensor) -> Tensor:
        return self.LayerNorm(self.dense(states) + residual)


class Layer(nn.Module):
    """One encoder layer, with the module names of BERT."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.ModuleDict({'self': SelfAttention(), 'output': Residual(WIDTH)})
        self.intermediate = nn.ModuleDict({'dense': nn.Linear(WIDTH, FEED_FORWARD), 'activation': nn.GELU()})
        self.output = Residual(FEED_FORWARD)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        attended = self.attention['output'](self.attention['self'](states, mask), states)
        hidden = self.intermediate['activation'](self.intermediate['dense'](attended))
        return self.output(hidden, attended)


class Embeddings(nn.Module):
    """Words, positions and token types."""

    def __init__(self) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(VOCABULARY, WIDTH)
        self.position_embeddings = nn.Embedding(POSITIONS, WIDTH)
        self.token_type_embeddings = nn.Embedding(2, WIDTH)
        self.LayerNorm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.register_buffer('position_ids', torch.arange(POSITIONS)[None], persistent=False)

    def forward(self, ids: Tensor, types: Tensor) -> Tensor:
        positions = self.position_embeddings(self.position_ids[:, : ids.size(1)])
        return self.LayerNorm(self.word_embeddings(ids) + self.token_type_embeddings(types) + positions)


class Bert(nn.Module):
    """Returns `last_hidden_state` and the masked-token `logits`."""

    def __init__(self) -> None:
        super().__init__()
        self.embeddings = Embeddings()
        self.encoder = nn.ModuleDict({'layer': nn.ModuleList(Layer() for _ in range(LAYERS))})
        self.transform = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.LayerNorm(WIDTH, eps=1e-12))
        self.decoder = nn.Linear(WIDTH, VOCABULARY)
        self.decoder.weight = self.embeddings.word_embeddings.weight

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tuple[Tensor, Tensor]:
        mask = (1.0 - attention_mask[:, None, None, :].to(torch.float32)) * torch.finfo(torch.float32).min
        states = self.embeddings(input_ids, token_type_ids)
        for layer in self.encoder['layer']:
            states = layer(states, mask)
        return states, self.decoder(self.transform(states))


def config() -> Dict[str, object]:
    """As BERT's config.json."""
    return {
        'architectures': ['BertForMaskedLM'], 'model_type': 'bert', 'vocab_size': VOCABULARY, 'hidden_size': WIDTH,
        'num_hidden_layers': LAYERS, 'num_attention_heads': HEADS, 'intermediate_size': FEED_FORWARD,
        'hidden_act': 'gelu', 'max_position_embeddings': POSITIONS, 'type_vocab_size': 2, 'layer_norm_eps': 1e-12,
        'position_embedding_type': 'absolute', 'pad_token_id': 0, 'tie_word_embeddings': True,
    }


def write() -> None:
    """Writes the folder layouts/bert/ and its golden file."""
    folder = GOLDEN / 'layouts' / 'bert'
    vocabulary = word_pieces.train(own_text.training_text(2000), VOCABULARY)
    model = Bert()
    model_folder.randomise(model, seed=11, sharp=('query', 'key'))
    inputs = model_folder.pad([[vocabulary.start, *vocabulary.encode(text), vocabulary.end] for text in TEXTS], padding=0)
    inputs['token_type_ids'] = torch.zeros_like(inputs['input_ids'])
    outputs = ['last_hidden_state', 'logits']
    axes = {name: {0: 'batch_size', 1: 'sequence_length'} for name in [*inputs, *outputs]}
    model_folder.export(model, folder / 'onnx' / 'model.onnx', inputs, outputs, axes, opset=14)
    model_folder.write_weight_names(folder / 'onnx' / 'model.onnx', model)
    model_folder.write_json(folder / 'config.json', config())
    model_folder.write_json(folder / 'tokenizer.json', word_pieces.tokenizer_json(vocabulary))
    model_folder.write_json(folder / 'tokenizer_config.json', word_pieces.tokenizer_config(POSITIONS))

    labels = {f'encoder.layer.{index}.attention.self': f'encoder.{index}.self' for index in range(LAYERS)}
    recording = model_folder.record(model, labels, list(inputs.values()))
    results = dict(zip(outputs, recording.pop('outputs')))
    table = model.embeddings.position_embeddings.weight
    golden = {**inputs, **results, 'positions.encoder': table, **recording}
    model_folder.write_golden(folder / 'golden.safetensors', golden)
    print(f'layouts/bert: {len(vocabulary.pieces)} pieces, {tuple(inputs["input_ids"].shape)} tokens')

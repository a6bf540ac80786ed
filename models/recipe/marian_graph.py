"""Encoder and decoder of a Marian model as ONNX graphs without branches: an empty and a full cache run the same nodes.

Inputs and outputs are named as in Hugging Face's exports, so that transformers.js loads the files too.
"""
import math
from typing import Dict, Tuple

import numpy as np
import onnx

from graph_builder import FLOAT, INT64, GraphBuilder
from marian_model import MASKED, Size, sinusoids

END_OF_AXIS = np.iinfo(np.int64).max
Weights = Dict[str, np.ndarray]


class MarianGraph:
    """What encoder and decoder have in common; one instance makes one file."""

    def __init__(self, side: str, size: Size, weights: Weights):
        self.side, self.size, self.weights = side, size, weights
        self.graph = GraphBuilder(side)
        self.embedding = self.graph.weight('model.shared.weight', weights['model.shared.weight'])

    # Weights ------------------------------------------------------------------------------------

    def vector(self, name: str) -> str:
        """A bias or norm parameter `[width]`."""
        return self.graph.weight(f'model.{name}', self.weights[f'model.{name}'])

    def linear(self, states: str, name: str, result: str) -> str:
        """`x·Wᵀ + b`; the matrix is stored transposed, `[in, out]`, so that MatMul takes it as it is."""
        matrix = self.graph.weight(f'model.{name}.weight_t', self.weights[f'model.{name}.weight'].T)
        product = self.graph.node('MatMul', [states, matrix], f'{result}_product')
        return self.graph.node('Add', [product, self.vector(f'{name}.bias')], result)

    def norm(self, states: str, attended: str, name: str) -> str:
        """The residual connection and the norm after it (section 5.4: post-norm)."""
        total = self.graph.node('Add', [states, attended], 'residual')
        parameters = [self.vector(f'{name}.weight'), self.vector(f'{name}.bias')]
        return self.graph.node('LayerNormalization', [total, *parameters], 'normalized', axis=-1, epsilon=1e-5)

    # Blocks -------------------------------------------------------------------------------------

    def length(self, tensor: str, axis: int, result: str) -> str:
        """The size of one axis as a scalar."""
        size = self.graph.node('Shape', [tensor], f'{result}_dim', start=axis, end=axis + 1)
        return self.graph.node('Squeeze', [size], result)

    def embed(self, ids: str, positions: str) -> str:
        """Embeddings times √d_model, plus the rows of the positional table at `positions`."""
        graph = self.graph
        with graph.scope('embed'):
            tokens = graph.node('Gather', [self.embedding, ids], 'tokens')
            scale = graph.constant('embed_scale', math.sqrt(self.size.width))
            scaled = graph.node('Mul', [tokens, scale], 'scaled_tokens')
            table = graph.constant(
                f'model.{self.side}.embed_positions.weight', sinusoids(self.size.positions, self.size.width).numpy()
            )
            rows = graph.node('Gather', [table, positions], 'positions')
            return graph.node('Add', [scaled, rows], 'embedded')

    def padding_mask(self, attention_mask: str, result: str) -> str:
        """`[batch, 1, 1, key]`: 0 for tokens, very negative for padding."""
        graph = self.graph
        present = graph.node('Cast', [attention_mask], 'present', to=FLOAT)
        absent = graph.node('Sub', [graph.constant('one', 1.0), present], 'absent')
        penalty = graph.node('Mul', [absent, graph.constant('masked_score', MASKED)], 'penalty')
        return graph.node('Unsqueeze', [penalty, graph.constant('axes_1_2', [1, 2])], result)

    def split(self, states: str, result: str) -> str:
        """`[batch, length, width]` to `[batch, head, length, head_size]`."""
        shape = self.graph.constant('shape_split_heads', [0, 0, self.size.heads, self.size.head_size])
        heads = self.graph.node('Reshape', [states, shape], f'{result}_by_position')
        return self.graph.node('Transpose', [heads], result, perm=[0, 2, 1, 3])

    def attend(self, query: str, key: str, value: str, mask: str, name: str) -> str:
        """Scaled dot-product attention (section 3.2.1) and the output projection."""
        graph = self.graph
        keys_last = graph.node('Transpose', [key], 'key_transposed', perm=[0, 1, 3, 2])
        scores = graph.node('MatMul', [query, keys_last], 'scores')
        scale = graph.constant('attention_scale', self.size.head_size ** -0.5)
        scaled = graph.node('Mul', [scores, scale], 'scaled')
        masked = graph.node('Add', [scaled, mask], 'masked')
        weights = graph.node('Softmax', [masked], 'weights', axis=-1)
        context = graph.node('MatMul', [weights, value], 'context')
        by_position = graph.node('Transpose', [context], 'context_by_position', perm=[0, 2, 1, 3])
        merged = graph.constant('shape_merge_heads', [0, 0, self.size.width])
        joined = graph.node('Reshape', [by_position, merged], 'context_joined')
        return self.linear(joined, f'{name}.out_proj', 'output')

    def feed_forward(self, states: str, name: str) -> str:
        """Section 3.3, with its residual connection and norm."""
        with self.graph.scope('feed_forward'):
            hidden = self.linear(states, f'{name}.fc1', 'hidden')
            active = self.graph.node('Relu', [hidden], 'activation')
            output = self.linear(active, f'{name}.fc2', 'output')
        with self.graph.scope('final_layer_norm'):
            return self.norm(states, output, f'{name}.final_layer_norm')

    def project(self, states: str, name: str, part: str) -> str:
        """Queries, keys or values `[batch, head, length, head_size]` of `states`."""
        return self.split(self.linear(states, f'{name}.{part[0]}_proj', f'{part}_joined'), part)


def encoder(size: Size, weights: Weights) -> onnx.ModelProto:
    """`input_ids`, `attention_mask` [batch, source] to `last_hidden_state` [batch, source, width]."""
    make = MarianGraph('encoder', size, weights)
    graph, dims = make.graph, ['batch_size', 'encoder_sequence_length']
    ids, attention_mask = graph.input('input_ids', INT64, dims), graph.input('attention_mask', INT64, dims)
    with graph.scope('encoder'):
        zero, one = graph.constant('zero_int', 0), graph.constant('one_int', 1)
        positions = graph.node('Range', [zero, make.length(ids, 1, 'source_length'), one], 'source_positions')
        mask = make.padding_mask(attention_mask, 'padding_mask')
        states = make.embed(ids, positions)
        for index in range(size.encoder_layers):
            name = f'encoder.layers.{index}'
            with graph.scope(f'layers.{index}'):
                with graph.scope('self_attn'):
                    parts = [make.project(states, f'{name}.self_attn', part) for part in ('query', 'key', 'value')]
                    attended = make.attend(*parts, mask, f'{name}.self_attn')
                with graph.scope('self_attn_layer_norm'):
                    states = make.norm(states, attended, f'{name}.self_attn_layer_norm')
                states = make.feed_forward(states, name)
    graph.output('last_hidden_state', states, FLOAT, [*dims, size.width])
    return graph.model()


class DecoderGraph(MarianGraph):
    """The decoder with its cache. Cached keys and values are `[batch, head, position, head_size]`."""

    def __init__(self, size: Size, weights: Weights):
        super().__init__('decoder', size, weights)
        graph, batch, source = self.graph, 'batch_size', 'encoder_sequence_length'
        self.ids = graph.input('input_ids', INT64, [batch, 'decoder_sequence_length'])
        self.attention_mask = graph.input('encoder_attention_mask', INT64, [batch, source])
        self.memory = graph.input('encoder_hidden_states', FLOAT, [batch, source, size.width])
        # transformers.js makes the first, empty cache from these dimensions: numbers are kept, batch_size is
        # filled in, any other name becomes 0.
        for index in range(size.decoder_layers):
            for kind in ('decoder', 'encoder'):
                for part in ('key', 'value'):
                    dims = [batch, size.heads, f'past_{kind}_sequence_length', size.head_size]
                    graph.input(f'past_key_values.{index}.{kind}.{part}', FLOAT, dims)

    def query_positions(self) -> Tuple[str, str]:
        """Positions of the new tokens `[query]` and of all tokens so far `[key]`."""
        graph = self.graph
        zero, one = graph.constant('zero_int', 0), graph.constant('one_int', 1)
        past = self.length('past_key_values.0.decoder.key', 2, 'past_length')
        new = self.length(self.ids, 1, 'target_length')
        total = graph.node('Add', [past, new], 'total_length')
        return (
            graph.node('Range', [past, total, one], 'query_positions'),
            graph.node('Range', [zero, total, one], 'key_positions'),
        )

    def causal_mask(self, queries: str, keys: str) -> str:
        """`[1, 1, query, key]`: 0 where the key is not later than the query, else very negative."""
        graph = self.graph
        column = graph.node('Unsqueeze', [queries, graph.constant('axis_1', [1])], 'query_column')
        visible = graph.node('LessOrEqual', [keys, column], 'visible')
        choices = [graph.constant('zero', 0.0), graph.constant('masked_score', MASKED)]
        mask = graph.node('Where', [visible, *choices], 'causal_mask_by_position')
        return graph.node('Unsqueeze', [mask, graph.constant('axes_0_1', [0, 1])], 'causal_mask')

    def uncached_memory(self) -> str:
        """The encoder states that no cached key covers yet: all of them at first, none later."""
        graph = self.graph
        cached = graph.node('Shape', ['past_key_values.0.encoder.key'], 'cached_memory', start=2, end=3)
        bounds = [cached, graph.constant('end_of_axis', [END_OF_AXIS]), graph.constant('axis_1', [1])]
        return graph.node('Slice', [self.memory, *bounds], 'uncached_memory')

    def cached(self, index: int, kind: str, states: str, name: str) -> Tuple[str, str]:
        """Keys and values: the cached ones followed by those of `states`."""
        results = []
        for part in ('key', 'value'):
            new = self.project(states, name, part)
            past = f'past_key_values.{index}.{kind}.{part}'
            results.append(self.graph.node('Concat', [past, new], f'{part}_with_past', axis=2))
        return results[0], results[1]

    def logits(self, states: str) -> str:
        """`x·Eᵀ` with the embedding itself; Gemm reads it transposed, so no second copy is needed."""
        graph = self.graph
        with graph.scope('lm_head'):
            rows = graph.node('Reshape', [states, graph.constant('shape_rows', [-1, self.size.width])], 'rows')
            products = graph.node('Gemm', [rows, self.embedding], 'products', transB=1)
            shape = graph.node('Shape', [self.ids], 'batch_and_length')
            shape = graph.node('Concat', [shape, graph.constant('vocabulary', [self.size.vocabulary])], 'shape', axis=0)
            return graph.node('Reshape', [products, shape], 'logits')


def decoder(size: Size, weights: Weights) -> onnx.ModelProto:
    """New target ids and the cache to `logits` [batch, target, vocabulary] and the longer cache `present.*`."""
    make = DecoderGraph(size, weights)
    graph, presents = make.graph, {}
    with graph.scope('decoder'):
        queries, keys = make.query_positions()
        causal = make.causal_mask(queries, keys)
        padding = make.padding_mask(make.attention_mask, 'cross_padding_mask')
        memory = make.uncached_memory()
        states = make.embed(make.ids, queries)
        for index in range(size.decoder_layers):
            name = f'decoder.layers.{index}'
            with graph.scope(f'layers.{index}'):
                for kind, block, source, mask in (
                    ('decoder', 'self_attn', None, causal), ('encoder', 'encoder_attn', memory, padding),
                ):
                    with graph.scope(block):
                        query = make.project(states, f'{name}.{block}', 'query')
                        key, value = make.cached(index, kind, source or states, f'{name}.{block}')
                        attended = make.attend(query, key, value, mask, f'{name}.{block}')
                    presents[f'present.{index}.{kind}.key'] = key
                    presents[f'present.{index}.{kind}.value'] = value
                    with graph.scope(f'{block}_layer_norm'):
                        states = make.norm(states, attended, f'{name}.{block}_layer_norm')
                states = make.feed_forward(states, name)
    logits = make.logits(states)
    graph.output('logits', logits, FLOAT, ['batch_size', 'decoder_sequence_length', size.vocabulary])
    for name, tensor in presents.items():
        length = 'total_decoder_sequence_length' if '.decoder.' in name else 'encoder_sequence_length'
        graph.output(name, tensor, FLOAT, ['batch_size', size.heads, length, size.head_size])
    return graph.model()

"""The two English models as ONNX graphs: a small GPT-2 with its cache, without branches, and a small BERT.

Inputs and outputs are named as in Hugging Face's exports, so that transformers.js loads the files too.
"""
from typing import Dict, List, Sequence

import numpy as np
import onnx

from graph_builder import FLOAT, INT64, GraphBuilder
from language_model import BERT_EPSILON, GPT_EPSILON, MASKED, Size

Weights = Dict[str, np.ndarray]


class LanguageModelGraph:
    """What both families have in common; one instance makes one file."""

    def __init__(self, name: str, size: Size, weights: Weights, epsilon: float):
        self.size, self.weights, self.epsilon = size, weights, epsilon
        self.graph = GraphBuilder(name)

    def stored(self, name: str) -> str:
        """A weight as the checkpoint has it."""
        return self.graph.weight(name, self.weights[name])

    def linear(self, states: str, name: str, result: str) -> str:
        """`x·W + b`. PyTorch's `[out, in]` is stored transposed, GPT-2's `[in, out]` as it is, so that MatMul takes either."""
        if name.startswith('transformer.'):
            matrix = self.stored(f'{name}.weight')
        else:
            matrix = self.graph.weight(f'{name}.weight_t', self.weights[f'{name}.weight'].T)
        product = self.graph.node('MatMul', [states, matrix], f'{result}_product')
        return self.graph.node('Add', [product, self.stored(f'{name}.bias')], result)

    def norm(self, states: str, name: str, result: str = 'normalized') -> str:
        """A layer norm over the width."""
        parameters = [self.stored(f'{name}.weight'), self.stored(f'{name}.bias')]
        return self.graph.node('LayerNormalization', [states, *parameters], result, axis=-1, epsilon=self.epsilon)

    def gelu(self, states: str) -> str:
        """x·Φ(x), the exact GELU (Hendrycks and Gimpel 2016)."""
        graph = self.graph
        divided = graph.node('Div', [states, graph.constant('sqrt_2', 2.0 ** 0.5)], 'divided')
        erf = graph.node('Erf', [divided], 'erf')
        raised = graph.node('Add', [erf, graph.constant('one', 1.0)], 'erf_plus_one')
        product = graph.node('Mul', [states, raised], 'gated')
        return graph.node('Mul', [product, graph.constant('half', 0.5)], 'activation')

    def rows(self, table: str, ids: str, result: str) -> str:
        """Rows of an embedding table."""
        return self.graph.node('Gather', [self.stored(table), ids], result)

    def padding_mask(self, attention_mask: str) -> str:
        """`[batch, 1, 1, key]`: 0 for tokens, very negative for padding."""
        graph = self.graph
        present = graph.node('Cast', [attention_mask], 'present', to=FLOAT)
        absent = graph.node('Sub', [graph.constant('one', 1.0), present], 'absent')
        penalty = graph.node('Mul', [absent, graph.constant('masked_score', MASKED)], 'penalty')
        return graph.node('Unsqueeze', [penalty, graph.constant('axes_1_2', [1, 2])], 'padding_mask')

    def split(self, states: str, result: str) -> str:
        """`[batch, length, width]` to `[batch, head, length, head_size]`."""
        shape = self.graph.constant('shape_split_heads', [0, 0, self.size.heads, self.size.head_size])
        heads = self.graph.node('Reshape', [states, shape], f'{result}_by_position')
        return self.graph.node('Transpose', [heads], result, perm=[0, 2, 1, 3])

    def attend(self, query: str, key: str, value: str, masks: Sequence[str]) -> str:
        """Scaled dot-product attention, the heads joined again; the masks are added one by one."""
        graph = self.graph
        keys_last = graph.node('Transpose', [key], 'key_transposed', perm=[0, 1, 3, 2])
        scores = graph.node('MatMul', [query, keys_last], 'scores')
        masked = graph.node('Mul', [scores, graph.constant('attention_scale', self.size.head_size ** -0.5)], 'scaled')
        for index, mask in enumerate(masks):
            masked = graph.node('Add', [masked, mask], 'masked' if index == len(masks) - 1 else 'partly_masked')
        weights = graph.node('Softmax', [masked], 'weights', axis=-1)
        context = graph.node('MatMul', [weights, value], 'context')
        by_position = graph.node('Transpose', [context], 'context_by_position', perm=[0, 2, 1, 3])
        merged = graph.constant('shape_merge_heads', [0, 0, self.size.width])
        return graph.node('Reshape', [by_position, merged], 'context_joined')

    def logits(self, states: str, ids: str, table: str, bias: Sequence[str] = ()) -> None:
        """`x·Eᵀ` with the embedding itself; Gemm reads it transposed, so no second copy is needed."""
        graph = self.graph
        with graph.scope('lm_head'):
            flat = graph.node('Reshape', [states, graph.constant('shape_rows', [-1, self.size.width])], 'rows')
            products = graph.node('Gemm', [flat, self.stored(table), *bias], 'products', transB=1)
            shape = graph.node('Shape', [ids], 'batch_and_length')
            shape = graph.node('Concat', [shape, graph.constant('vocabulary', [self.size.vocabulary])], 'shape', axis=0)
            logits = graph.node('Reshape', [products, shape], 'logits')
        graph.output('logits', logits, FLOAT, ['batch_size', 'sequence_length', self.size.vocabulary])


class GptGraph(LanguageModelGraph):
    """The causal model. Cached keys and values are `[batch, head, position, head_size]`, of length 0 at first."""

    def __init__(self, size: Size, weights: Weights):
        super().__init__('gpt', size, weights, GPT_EPSILON)
        graph, dims = self.graph, ['batch_size', 'sequence_length']
        self.ids = graph.input('input_ids', INT64, dims)
        self.attention_mask = graph.input('attention_mask', INT64, ['batch_size', 'total_sequence_length'])
        self.position_ids = graph.input('position_ids', INT64, dims)
        self.presents: Dict[str, str] = {}
        for index in range(size.layers):
            for part in ('key', 'value'):
                shape = ['batch_size', size.heads, 'past_sequence_length', size.head_size]
                graph.input(f'past_key_values.{index}.{part}', FLOAT, shape)

    def length(self, tensor: str, axis: int, result: str) -> str:
        """The size of one axis as a scalar."""
        size = self.graph.node('Shape', [tensor], f'{result}_dim', start=axis, end=axis + 1)
        return self.graph.node('Squeeze', [size], result)

    def causal_mask(self) -> str:
        """`[1, 1, query, key]`: 0 where the key is not later than the query, else very negative."""
        graph = self.graph
        zero, one = graph.constant('zero_int', 0), graph.constant('one_int', 1)
        past = self.length('past_key_values.0.key', 2, 'past_length')
        total = graph.node('Add', [past, self.length(self.ids, 1, 'new_length')], 'total_length')
        queries, keys = (graph.node('Range', [first, total, one], name) for first, name in ((past, 'queries'), (zero, 'keys')))
        column = graph.node('Unsqueeze', [queries, graph.constant('axis_1', [1])], 'query_column')
        visible = graph.node('LessOrEqual', [keys, column], 'visible')
        choices = [graph.constant('zero', 0.0), graph.constant('masked_score', MASKED)]
        mask = graph.node('Where', [visible, *choices], 'causal_mask_by_position')
        return graph.node('Unsqueeze', [mask, graph.constant('axes_0_1', [0, 1])], 'causal_mask')

    def attention(self, states: str, index: int, masks: Sequence[str]) -> str:
        """Self-attention over the cache and the new tokens, and its output projection."""
        graph, name = self.graph, f'transformer.h.{index}.attn'
        joined = self.linear(states, f'{name}.c_attn', 'query_key_value')
        parts: List[str] = graph.split(joined, [self.size.width] * 3, ['query_joined', 'key_joined', 'value_joined'])
        query, key, value = (self.split(part, result) for part, result in zip(parts, ('query', 'key', 'value')))
        longer: List[str] = []
        for part, new in (('key', key), ('value', value)):
            past = f'past_key_values.{index}.{part}'
            longer.append(graph.node('Concat', [past, new], f'{part}_with_past', axis=2))
            self.presents[f'present.{index}.{part}'] = longer[-1]
        return self.linear(self.attend(query, longer[0], longer[1], masks), f'{name}.c_proj', 'output')

    def layer(self, states: str, index: int, masks: Sequence[str]) -> str:
        """Pre-norm: the residual stream itself is never normalised."""
        graph, name = self.graph, f'transformer.h.{index}'
        with graph.scope('ln_1'):
            normalized = self.norm(states, f'{name}.ln_1')
        with graph.scope('attn'):
            attended = self.attention(normalized, index, masks)
        states = graph.node('Add', [states, attended], 'residual_attention')
        with graph.scope('ln_2'):
            normalized = self.norm(states, f'{name}.ln_2')
        with graph.scope('mlp'):
            active = self.gelu(self.linear(normalized, f'{name}.mlp.c_fc', 'hidden'))
            output = self.linear(active, f'{name}.mlp.c_proj', 'output')
        return graph.node('Add', [states, output], 'residual')


def gpt(size: Size, weights: Weights) -> onnx.ModelProto:
    """New ids and the cache to `logits` [batch, new, vocabulary] and the longer cache `present.*`."""
    make = GptGraph(size, weights)
    graph = make.graph
    with graph.scope('transformer'):
        masks = [make.causal_mask(), make.padding_mask(make.attention_mask)]
        with graph.scope('embed'):
            tokens = make.rows('transformer.wte.weight', make.ids, 'tokens')
            positions = make.rows('transformer.wpe.weight', make.position_ids, 'positions')
            states = graph.node('Add', [tokens, positions], 'embedded')
        for index in range(size.layers):
            with graph.scope(f'h.{index}'):
                states = make.layer(states, index, masks)
        with graph.scope('ln_f'):
            states = make.norm(states, 'transformer.ln_f')
    make.logits(states, make.ids, 'transformer.wte.weight')
    for name, tensor in make.presents.items():
        graph.output(name, tensor, FLOAT, ['batch_size', size.heads, 'total_sequence_length', size.head_size])
    return graph.model()


class BertGraph(LanguageModelGraph):
    """The masked model."""

    def __init__(self, size: Size, weights: Weights):
        super().__init__('bert', size, weights, BERT_EPSILON)
        dims = ['batch_size', 'sequence_length']
        self.ids, self.attention_mask, self.types = (
            self.graph.input(name, INT64, dims) for name in ('input_ids', 'attention_mask', 'token_type_ids')
        )

    def embed(self) -> str:
        """Words, token types and positions, normalised."""
        graph, name = self.graph, 'bert.embeddings'
        tokens = self.rows(f'{name}.word_embeddings.weight', self.ids, 'tokens')
        types = self.rows(f'{name}.token_type_embeddings.weight', self.types, 'token_types')
        length = graph.node('Squeeze', [graph.node('Shape', [self.ids], 'length_dim', start=1, end=2)], 'length')
        zero, one = graph.constant('zero_int', 0), graph.constant('one_int', 1)
        places = graph.node('Range', [zero, length, one], 'position_ids')
        positions = self.rows(f'{name}.position_embeddings.weight', places, 'positions')
        total = graph.node('Add', [graph.node('Add', [tokens, types], 'typed_tokens'), positions], 'embedded')
        return self.norm(total, f'{name}.LayerNorm')

    def output(self, states: str, residual: str, name: str) -> str:
        """A projection, the residual connection and the norm after it."""
        projected = self.linear(states, f'{name}.dense', 'output')
        total = self.graph.node('Add', [projected, residual], 'residual')
        return self.norm(total, f'{name}.LayerNorm')

    def layer(self, states: str, index: int, mask: str) -> str:
        """Attention and feed-forward."""
        name = f'bert.encoder.layer.{index}'
        with self.graph.scope('attention'):
            query, key, value = (
                self.split(self.linear(states, f'{name}.attention.self.{part}', f'{part}_joined'), part)
                for part in ('query', 'key', 'value')
            )
            states = self.output(self.attend(query, key, value, [mask]), states, f'{name}.attention.output')
        with self.graph.scope('feed_forward'):
            active = self.gelu(self.linear(states, f'{name}.intermediate.dense', 'hidden'))
            return self.output(active, states, f'{name}.output')


def bert(size: Size, weights: Weights) -> onnx.ModelProto:
    """Ids, padding mask and token types to `logits` [batch, length, vocabulary]."""
    make = BertGraph(size, weights)
    graph, head = make.graph, 'cls.predictions'
    with graph.scope('bert'):
        mask = make.padding_mask(make.attention_mask)
        with graph.scope('embeddings'):
            states = make.embed()
        for index in range(size.layers):
            with graph.scope(f'layer.{index}'):
                states = make.layer(states, index, mask)
    with graph.scope('transform'):
        states = make.gelu(make.linear(states, f'{head}.transform.dense', 'hidden'))
        states = make.norm(states, f'{head}.transform.LayerNorm')
    make.logits(states, make.ids, 'bert.embeddings.word_embeddings.weight', [make.stored(f'{head}.bias')])
    return graph.model()


GRAPHS = {'gpt': gpt, 'bert': bert}


def weights_of(model: onnx.ModelProto) -> Weights:
    """Every weight of a file of either family under its checkpoint's name, in float32."""
    weights: Weights = {}
    for tensor in model.graph.initializer:
        if tensor.name.startswith(('transformer.', 'bert.', 'cls.')):
            array = onnx.numpy_helper.to_array(tensor).astype(np.float32)
            transposed = tensor.name.endswith('.weight_t')
            weights[tensor.name[: -len('_t')] if transposed else tensor.name] = array.T if transposed else array
    return weights

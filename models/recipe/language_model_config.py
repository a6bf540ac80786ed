"""config.json and generation_config.json of the two English models, and the sizes they state."""
from typing import Dict

from language_model import BERT_EPSILON, GPT_EPSILON, Size

Config = Dict[str, object]

# The files hold float16 with casts, not a float16 graph: their default name is the right one everywhere.
_CLIENT = {'dtype': 'fp32'}


def gpt_config(size: Size) -> Config:
    """As GPT-2's; the end of text is the last id."""
    end = size.vocabulary - 1
    return {
        'architectures': ['GPT2LMHeadModel'], 'model_type': 'gpt2', 'vocab_size': size.vocabulary, 'n_embd': size.width,
        'n_layer': size.layers, 'n_head': size.heads, 'n_inner': size.feed_forward, 'n_positions': size.positions,
        'n_ctx': size.positions, 'activation_function': 'gelu', 'layer_norm_epsilon': GPT_EPSILON, 'bos_token_id': end,
        'eos_token_id': end, 'tie_word_embeddings': True, 'use_cache': True, 'transformers.js_config': _CLIENT,
    }


def bert_config(size: Size) -> Config:
    """As BERT's; `[PAD]` is id 0."""
    return {
        'architectures': ['BertForMaskedLM'], 'model_type': 'bert', 'vocab_size': size.vocabulary,
        'hidden_size': size.width, 'num_hidden_layers': size.layers, 'num_attention_heads': size.heads,
        'intermediate_size': size.feed_forward, 'hidden_act': 'gelu', 'max_position_embeddings': size.positions,
        'type_vocab_size': 2, 'layer_norm_eps': BERT_EPSILON, 'position_embedding_type': 'absolute', 'pad_token_id': 0,
        'tie_word_embeddings': True, 'transformers.js_config': _CLIENT,
    }


def generation_config(size: Size) -> Config:
    """Of the causal model: a text ends with the last id."""
    end = size.vocabulary - 1
    return {'bos_token_id': end, 'eos_token_id': end, 'pad_token_id': end, 'max_length': size.positions}


def size_of(config: Config) -> Size:
    """The sizes that config.json of either family states."""
    names = {
        'gpt2': ('n_embd', 'n_head', 'n_layer', 'n_inner', 'n_positions'),
        'bert': (
            'hidden_size', 'num_attention_heads', 'num_hidden_layers', 'intermediate_size', 'max_position_embeddings',
        ),
    }[config['model_type']]
    return Size(config['vocab_size'], *(config[name] for name in names))


CONFIGS = {'gpt': gpt_config, 'bert': bert_config}
FAMILY = {'gpt2': 'gpt', 'bert': 'bert'}

"""Marian's config.json and generation_config.json, and the sizes they state."""
import json
from pathlib import Path
from typing import Dict

from marian_model import Size

Config = Dict[str, object]


def size_of(config: Config) -> Size:
    """The sizes that config.json states."""
    return Size(
        vocabulary=config['vocab_size'],
        width=config['d_model'],
        heads=config['encoder_attention_heads'],
        feed_forward=config['encoder_ffn_dim'],
        encoder_layers=config['encoder_layers'],
        decoder_layers=config['decoder_layers'],
        positions=config['max_position_embeddings'],
        end=config['eos_token_id'],
    )


def training_config(size: Size) -> Config:
    """config.json of a checkpoint of this size."""
    return {
        'architectures': ['MarianMTModel'],
        'model_type': 'marian',
        'vocab_size': size.vocabulary,
        'd_model': size.width,
        'encoder_layers': size.encoder_layers,
        'decoder_layers': size.decoder_layers,
        'encoder_attention_heads': size.heads,
        'decoder_attention_heads': size.heads,
        'encoder_ffn_dim': size.feed_forward,
        'decoder_ffn_dim': size.feed_forward,
        'activation_function': 'relu',
        'normalize_before': False,
        'static_position_embeddings': True,
        'scale_embedding': True,
        'share_encoder_decoder_embeddings': True,
        'tie_word_embeddings': True,
        'max_position_embeddings': size.positions,
        'eos_token_id': size.end,
        'pad_token_id': size.pad,
        'decoder_start_token_id': size.pad,
        'dropout': size.dropout,
    }


def model_config(config: Config) -> Config:
    """config.json as the checkpoint has it, and what transformers.js needs to choose these files and no other."""
    shipped = {
        **config,
        'is_encoder_decoder': True,
        'use_cache': True,
        'num_hidden_layers': config['encoder_layers'],
        'forced_eos_token_id': config['eos_token_id'],
        # The files hold float16 with casts, not a float16 graph: their default name is the right one everywhere.
        'transformers.js_config': {'dtype': 'fp32'},
    }
    shipped.pop('bad_words_ids', None)
    return shipped


def generation_config(size: Size) -> Config:
    """Padding starts the decoder but is no word: it must never be generated."""
    return {
        'decoder_start_token_id': size.pad,
        'eos_token_id': size.end,
        'forced_eos_token_id': size.end,
        'pad_token_id': size.pad,
        'bad_words_ids': [[size.pad]],
        'max_length': size.positions,
    }


def write_json(path: Path, value: object, indent: int = 2) -> None:
    """Indents for people; vocabularies (indent 0) are packed."""
    style = {'indent': indent} if indent else {'separators': (',', ':')}
    path.write_text(json.dumps(value, ensure_ascii=False, **style) + '\n', 'utf8')

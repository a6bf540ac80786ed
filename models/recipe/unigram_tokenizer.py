"""Turns a SentencePiece unigram model into tokenizer.json with the same ids; the reading is SentencePiece's own."""
from typing import Dict, List

import sentencepiece

from clean import WHITE_SPACE

END, UNKNOWN = 0, 1


def added_token(index: int, content: str, special: bool) -> Dict[str, object]:
    """An entry of `added_tokens`: cut out of the text before anything else is done with it."""
    return {
        'id': index, 'content': content, 'single_word': False, 'lstrip': False, 'rstrip': False,
        'normalized': False, 'special': special,
    }


def languages(pieces: sentencepiece.SentencePieceProcessor) -> List[str]:
    """The target-language tags, e.g. `>>deu<<`, in the order of their ids."""
    every = (pieces.id_to_piece(index) for index in range(pieces.get_piece_size()))
    return [piece for piece in every if piece.startswith('>>') and piece.endswith('<<')]


def tokenizer_json(pieces: sentencepiece.SentencePieceProcessor) -> Dict[str, object]:
    """The whole pipeline: language tags and special tokens, cleaning, ▁ for spaces, unigram, `</s>` at the end."""
    size = pieces.get_piece_size()
    vocabulary = [[pieces.id_to_piece(index), pieces.get_score(index)] for index in range(size)]
    specials = [added_token(END, '</s>', True), added_token(UNKNOWN, '<unk>', True)]
    tags = [added_token(pieces.piece_to_id(tag), tag, True) for tag in languages(pieces)]
    metaspace = {'type': 'Metaspace', 'replacement': '▁', 'prepend_scheme': 'always', 'split': False}
    end = {'SpecialToken': {'id': '</s>', 'type_id': 0}}
    first, second = ({'Sequence': {'id': name, 'type_id': 0}} for name in 'AB')
    return {
        'version': '1.0',
        'truncation': None,
        'padding': None,
        'added_tokens': [*specials, *tags, added_token(size, '<pad>', True)],
        'normalizer': {
            'type': 'Sequence',
            'normalizers': [
                {'type': 'NFKC'},
                {'type': 'Replace', 'pattern': {'Regex': WHITE_SPACE}, 'content': ' '},
                {'type': 'Strip', 'strip_left': True, 'strip_right': True},
            ],
        },
        'pre_tokenizer': metaspace,
        'post_processor': {
            'type': 'TemplateProcessing',
            'single': [first, end],
            'pair': [first, second, end],
            'special_tokens': {'</s>': {'id': '</s>', 'ids': [END], 'tokens': ['</s>']}},
        },
        'decoder': metaspace,
        'model': {'type': 'Unigram', 'unk_id': UNKNOWN, 'vocab': vocabulary, 'byte_fallback': False},
    }


def tokenizer_config(limit: int) -> Dict[str, object]:
    """What transformers.js reads beside tokenizer.json."""
    return {
        'tokenizer_class': 'MarianTokenizer',
        'source_lang': 'en',
        'eos_token': '</s>',
        'unk_token': '<unk>',
        'pad_token': '<pad>',
        'model_max_length': limit,
        'clean_up_tokenization_spaces': False,
    }

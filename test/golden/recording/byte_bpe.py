"""A small byte-level BPE vocabulary in GPT-2's manner: every text can be written, a space is part of the next word."""
import re
from collections import Counter
from dataclasses import dataclass
from typing import Dict, List, Sequence

from recording import pair_merges

END = '<|endoftext|>'
# Splits as GPT-2 does for texts of plain ASCII letters, which are the only ones recorded here.
_WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?[^\s\w]+|\s+(?!\S)|\s+")


def _join(left: str, right: str) -> str:
    return left + right


def _byte_names() -> List[str]:
    """GPT-2's printable character for each byte: itself where it is one, else from U+0100 on."""
    printable = {*range(0x21, 0x7f), *range(0xa1, 0xad), *range(0xae, 0x100)}
    others = (byte for byte in range(256) if byte not in printable)
    shifted = {byte: chr(0x100 + index) for index, byte in enumerate(others)}
    return [shifted.get(byte, chr(byte)) for byte in range(256)]


_NAMES = _byte_names()


@dataclass(frozen=True)
class Vocabulary:
    """Pieces by id, and the merges in order."""

    ids: Dict[str, int]
    merges: Sequence[pair_merges.Pair]


def _words(text: str) -> List[pair_merges.Word]:
    return [tuple(_NAMES[byte] for byte in word.encode()) for word in _WORDS.findall(text)]


def train(text: Sequence[str], size: int) -> Vocabulary:
    """The 256 bytes, merged pieces, and the end-of-text token as the last id."""
    counts = Counter(word for line in text for word in _words(line))
    merges = pair_merges.learn(dict(counts), size - 257, _join)
    pieces = [*_NAMES, *(_join(*pair) for pair in merges), END]
    return Vocabulary({piece: index for index, piece in enumerate(pieces)}, merges)


def encode(text: str, vocabulary: Vocabulary) -> List[int]:
    """Ids of the pieces; nothing is added."""
    pieces = (piece for word in _words(text) for piece in pair_merges.apply(word, vocabulary.merges, _join))
    return [vocabulary.ids[piece] for piece in pieces]


def tokenizer_json(vocabulary: Vocabulary) -> Dict[str, object]:
    """The same as tokenizer.json."""
    byte_level = {'type': 'ByteLevel', 'add_prefix_space': False, 'trim_offsets': True, 'use_regex': True}
    end = {
        'id': vocabulary.ids[END], 'content': END, 'single_word': False, 'lstrip': False, 'rstrip': False,
        'normalized': False, 'special': True,
    }
    return {
        'version': '1.0',
        'truncation': None,
        'padding': None,
        'added_tokens': [end],
        'normalizer': None,
        'pre_tokenizer': byte_level,
        'post_processor': byte_level,
        'decoder': byte_level,
        'model': {
            'type': 'BPE', 'dropout': None, 'unk_token': None, 'continuing_subword_prefix': '',
            'end_of_word_suffix': '', 'fuse_unk': False, 'vocab': vocabulary.ids,
            'merges': [' '.join(pair) for pair in vocabulary.merges],
        },
    }


def tokenizer_config(limit: int) -> Dict[str, object]:
    """What goes beside tokenizer.json."""
    return {
        'tokenizer_class': 'GPT2Tokenizer', 'add_prefix_space': False, 'bos_token': END, 'eos_token': END,
        'unk_token': END, 'model_max_length': limit,
    }

"""Byte-level BPE in GPT-2's manner: every text can be written, and a space is part of the next word. The product reads it alike."""
import re
import sys
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import Dict, Iterable, List, Sequence

import pair_merges

END = '<|endoftext|>'
# Unicode's White_Space, written out: Python's \s has more.
_SPACE = '\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000'


def _ranges(category: str) -> str:
    """The inside of a character class: every character whose general category begins with this letter."""
    found: List[List[int]] = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code))[0] == category:
            if found and found[-1][1] == code - 1:
                found[-1][1] = code
            else:
                found.append([code, code])
    return ''.join(f'\\U{first:08x}-\\U{last:08x}' for first, last in found)


def _pattern() -> 're.Pattern[str]':
    """GPT-2's division of a text into words."""
    letters, numbers = _ranges('L'), _ranges('N')
    return re.compile(
        f"'s|'t|'re|'ve|'m|'ll|'d| ?[{letters}]+| ?[{numbers}]+| ?[^{_SPACE}{letters}{numbers}]+"
        f'|[{_SPACE}]+(?![^{_SPACE}])|[{_SPACE}]+'
    )


def _byte_names() -> List[str]:
    """GPT-2's printable character for each byte: itself where it is one, else from U+0100 on."""
    printable = {*range(0x21, 0x7f), *range(0xa1, 0xad), *range(0xae, 0x100)}
    others = (byte for byte in range(256) if byte not in printable)
    shifted = {byte: chr(0x100 + index) for index, byte in enumerate(others)}
    return [shifted.get(byte, chr(byte)) for byte in range(256)]


_WORDS = _pattern()
_NAMES = _byte_names()


def _join(left: str, right: str) -> str:
    return left + right


def _spell(word: str) -> pair_merges.Word:
    return tuple(_NAMES[byte] for byte in word.encode())


@dataclass
class BytePairs:
    """The merges in order; ids are the 256 bytes, the merged pieces, and the end of text as the last."""

    merges: Sequence[pair_merges.Pair]
    _known: Dict[str, List[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        pieces = dict.fromkeys([*_NAMES, *(_join(*pair) for pair in self.merges), END])
        self.ids = {piece: index for index, piece in enumerate(pieces)}
        self.pieces = list(pieces)
        self._ranks = pair_merges.ranked(self.merges)

    @property
    def end(self) -> int:
        """The id between texts."""
        return self.ids[END]

    def encode(self, text: str) -> List[int]:
        """Ids of the pieces; nothing is added."""
        ids: List[int] = []
        for word in _WORDS.findall(text):
            if word not in self._known:
                pieces = pair_merges.apply(_spell(word), self._ranks, _join)
                self._known[word] = [self.ids[piece] for piece in pieces]
            ids += self._known[word]
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text that ids stand for; bytes that are no UTF-8 become U+FFFD."""
        back = {name: byte for byte, name in enumerate(_NAMES)}
        written = ''.join('' if index == self.end else self.pieces[index] for index in ids)
        return bytes(back[character] for character in written).decode('utf8', 'replace')


def train(lines: Iterable[str], size: int) -> BytePairs:
    """A vocabulary of `size` pieces."""
    counts = Counter(word for line in lines for word in _WORDS.findall(line))
    spelled = {_spell(word): times for word, times in counts.items()}
    return BytePairs(pair_merges.learn(spelled, size - 257, _join))


def read(tokenizer: Dict[str, object]) -> BytePairs:
    """The vocabulary of a tokenizer.json that `tokenizer_json` made."""
    return BytePairs([tuple(pair.split(' ')) for pair in tokenizer['model']['merges']])


def tokenizer_json(vocabulary: BytePairs) -> Dict[str, object]:
    """The same as tokenizer.json."""
    byte_level = {'type': 'ByteLevel', 'add_prefix_space': False, 'trim_offsets': True, 'use_regex': True}
    end = {
        'id': vocabulary.end, 'content': END, 'single_word': False, 'lstrip': False, 'rstrip': False,
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
        'unk_token': END, 'model_max_length': limit, 'clean_up_tokenization_spaces': False,
    }

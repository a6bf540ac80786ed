"""WordPiece in BERT's manner: lower case, accents stripped, `##` inside words. The product reads it alike."""
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import Dict, Iterable, List, Sequence

import pair_merges

SPECIALS = ('[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]')
LONGEST_WORD = 100
_IDEOGRAPH = '\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002ebef\U0002f800-\U0002fa1f'
_ASCII_MARKS = frozenset('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~')
# A character seen less often stays unknown.
RAREST_CHARACTER = 3

_ideographs = re.compile(f'([{_IDEOGRAPH}])')


def _join(left: str, right: str) -> str:
    return left + right[2:]


def _bare(text: str) -> str:
    """BERT's clean text: no control characters, ideographs apart, accents stripped, lower case."""
    kept = (' ' if c in '\t\n\r' else c for c in text if c in '\t\n\r' or unicodedata.category(c) not in ('Cc', 'Cf', 'Co', 'Cs'))
    apart = _ideographs.sub(r' \1 ', ''.join(kept).replace('\ufffd', ''))
    return ''.join(c for c in unicodedata.normalize('NFD', apart) if unicodedata.category(c) != 'Mn').lower()


def words(text: str) -> List[str]:
    """Words, and each punctuation mark by itself."""
    marked = (
        f' {c} ' if c in _ASCII_MARKS or unicodedata.category(c)[0] == 'P' else c for c in _bare(text)
    )
    return ''.join(marked).split()


@dataclass
class WordPieces:
    """Ids by piece: special tokens first, then characters at the start and inside of words, then merged pieces."""

    ids: Dict[str, int]
    _known: Dict[str, List[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pieces = list(self.ids)
        self.pad, self.unknown, self.start, self.end, self.mask = (self.ids[token] for token in SPECIALS)

    def encode(self, text: str) -> List[int]:
        """Ids of the pieces, without `[CLS]` and `[SEP]`."""
        ids: List[int] = []
        for word in words(text):
            if word not in self._known:
                self._known[word] = self._cut(word)
            ids += self._known[word]
        return ids

    def _cut(self, word: str) -> List[int]:
        """The longest known piece first; a word with a part that none covers is unknown as a whole."""
        pieces: List[int] = []
        start = 0
        while start < len(word) <= LONGEST_WORD:
            prefix = '##' if start else ''
            ends = (end for end in range(len(word), start, -1) if prefix + word[start:end] in self.ids)
            end = next(ends, None)
            if end is None:
                return [self.unknown]
            pieces.append(self.ids[prefix + word[start:end]])
            start = end
        return pieces or [self.unknown]


def train(lines: Iterable[str], size: int) -> WordPieces:
    """A vocabulary of `size` pieces; where the text has not that many, the last are unused."""
    counts = Counter(word for line in lines for word in words(line))
    spelled = {tuple([word[0], *('##' + c for c in word[1:])]): times for word, times in counts.items()}
    often: Counter = Counter()
    for word, times in spelled.items():
        for symbol in word:
            often[symbol] += times
    letters = sorted(symbol for symbol, times in often.items() if times >= RAREST_CHARACTER)
    merges = pair_merges.learn(spelled, size, _join)
    pieces = dict.fromkeys([*SPECIALS, *letters, *(_join(*pair) for pair in merges)])
    unused = (f'[unused{index}]' for index in range(size))
    return WordPieces({piece: index for index, piece in enumerate([*pieces, *unused][:size])})


def read(tokenizer: Dict[str, object]) -> WordPieces:
    """The vocabulary of a tokenizer.json that `tokenizer_json` made."""
    return WordPieces(dict(tokenizer['model']['vocab']))


def tokenizer_json(vocabulary: WordPieces) -> Dict[str, object]:
    """The same as tokenizer.json."""
    added = [
        {'id': vocabulary.ids[token], 'content': token, 'single_word': False, 'lstrip': False, 'rstrip': False,
         'normalized': False, 'special': True}
        for token in SPECIALS
    ]
    first, second = ({'Sequence': {'id': name, 'type_id': index}} for index, name in enumerate('AB'))
    start, end, last = (
        {'SpecialToken': {'id': token, 'type_id': kind}} for token, kind in (('[CLS]', 0), ('[SEP]', 0), ('[SEP]', 1))
    )
    specials = {token: {'id': token, 'ids': [vocabulary.ids[token]], 'tokens': [token]} for token in ('[CLS]', '[SEP]')}
    return {
        'version': '1.0',
        'truncation': None,
        'padding': None,
        'added_tokens': added,
        'normalizer': {
            'type': 'BertNormalizer', 'clean_text': True, 'handle_chinese_chars': True, 'strip_accents': None,
            'lowercase': True,
        },
        'pre_tokenizer': {'type': 'BertPreTokenizer'},
        'post_processor': {
            'type': 'TemplateProcessing', 'single': [start, first, end], 'pair': [start, first, end, second, last],
            'special_tokens': specials,
        },
        'decoder': {'type': 'WordPiece', 'prefix': '##', 'cleanup': True},
        'model': {
            'type': 'WordPiece', 'unk_token': '[UNK]', 'continuing_subword_prefix': '##',
            'max_input_chars_per_word': LONGEST_WORD, 'vocab': vocabulary.ids,
        },
    }


def tokenizer_config(limit: int) -> Dict[str, object]:
    """What goes beside tokenizer.json."""
    return {
        'tokenizer_class': 'BertTokenizer', 'do_lower_case': True, 'unk_token': '[UNK]', 'sep_token': '[SEP]',
        'pad_token': '[PAD]', 'cls_token': '[CLS]', 'mask_token': '[MASK]', 'model_max_length': limit,
    }

"""A small WordPiece vocabulary in BERT's manner: lower case, accents stripped, `##` inside words."""
import re
import unicodedata
from collections import Counter
from typing import Dict, List, Sequence

from recording import pair_merges

SPECIALS = ('[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]')


def _join(left: str, right: str) -> str:
    return left + right[2:]


def words(text: str) -> List[str]:
    """Words, and each punctuation mark or Chinese character by itself; right for the texts recorded here only."""
    bare = ''.join(c for c in unicodedata.normalize('NFD', text.lower()) if unicodedata.category(c) != 'Mn')
    return re.findall(r'[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+|[^\w\s]', bare)


def train(text: Sequence[str], size: int) -> Dict[str, int]:
    """Pieces by id: special tokens, characters at the start and inside of words, then merged pieces."""
    counts = Counter(word for line in text for word in words(line))
    spelled = {tuple([word[0], *('##' + c for c in word[1:])]): times for word, times in counts.items()}
    letters = sorted({symbol for word in spelled for symbol in word})
    merges = pair_merges.learn(spelled, size, _join)
    pieces = dict.fromkeys([*SPECIALS, *letters, *(_join(*pair) for pair in merges)])
    # Two merges may make the same piece, so as many are learned as there are; what is left stays unused.
    unused = (f'[unused{index}]' for index in range(size))
    return {piece: index for index, piece in enumerate([*pieces, *unused][:size])}


def encode(text: str, vocabulary: Dict[str, int]) -> List[int]:
    """Greedy longest match, `[CLS]` before and `[SEP]` after."""
    ids = [vocabulary['[CLS]']]
    for word in words(text):
        start, pieces = 0, []
        while start < len(word):
            prefix = '##' if start else ''
            ends = (end for end in range(len(word), start, -1) if prefix + word[start:end] in vocabulary)
            end = next(ends, None)
            if end is None:
                pieces = [vocabulary['[UNK]']]
                break
            pieces.append(vocabulary[prefix + word[start:end]])
            start = end
        ids += pieces
    return [*ids, vocabulary['[SEP]']]


def tokenizer_json(vocabulary: Dict[str, int]) -> Dict[str, object]:
    """The same as tokenizer.json."""
    added = [
        {'id': vocabulary[token], 'content': token, 'single_word': False, 'lstrip': False, 'rstrip': False,
         'normalized': False, 'special': True}
        for token in SPECIALS
    ]
    first, second = ({'Sequence': {'id': name, 'type_id': index}} for index, name in enumerate('AB'))
    start, end, last = (
        {'SpecialToken': {'id': token, 'type_id': kind}} for token, kind in (('[CLS]', 0), ('[SEP]', 0), ('[SEP]', 1))
    )
    specials = {token: {'id': token, 'ids': [vocabulary[token]], 'tokens': [token]} for token in ('[CLS]', '[SEP]')}
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
            'max_input_chars_per_word': 100, 'vocab': vocabulary,
        },
    }


def tokenizer_config(limit: int) -> Dict[str, object]:
    """What goes beside tokenizer.json."""
    return {
        'tokenizer_class': 'BertTokenizer', 'do_lower_case': True, 'unk_token': '[UNK]', 'sep_token': '[SEP]',
        'pad_token': '[PAD]', 'cls_token': '[CLS]', 'mask_token': '[MASK]', 'model_max_length': limit,
    }

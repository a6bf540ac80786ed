"""BLEU and chrF of a corpus, computed as sacrebleu 2 does by default, for one or several references per sentence.

BLEU: Papineni et al. 2002, exponential smoothing, words by the rules of mteval-v13a; for Chinese every Chinese character is a
word. chrF: Popović 2015, character n-grams up to 6 without spaces, β = 2. Both are percentages.
"""
import math
import re
from collections import Counter
from typing import Callable, List, Sequence, Tuple

_BLEU_ORDER = 4
_CHRF_ORDER = 6
_CHRF_BETA = 2

_ENTITIES = (('&quot;', '"'), ('&amp;', '&'), ('&lt;', '<'), ('&gt;', '>'))
# ASCII punctuation that always stands alone: all but the apostrophe, comma, hyphen and full stop.
_ALONE = re.compile(r'([!-&(-+/:-@\[-`{-~])')
_MARK_AFTER_OTHER = re.compile(r'([^0-9])([.,])')
_MARK_BEFORE_OTHER = re.compile(r'([.,])([^0-9])')
_HYPHEN_AFTER_DIGIT = re.compile(r'([0-9])(-)')
# Ideographs, their radicals, strokes, punctuation and full-width forms.
_CHINESE = re.compile('([\u2e80-\u2fdf\u2ff0-\u303f\u3105-\u312f\u31a0-\u31ef\u3400-\u9fff\uf900-\ufaff\ufe10-\ufe1f\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0002fa1f])')


def words(text: str) -> List[str]:
    """A Western text's words and punctuation marks, by mteval-v13a's rules."""
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    text = _ALONE.sub(r' \1 ', f' {text} ')
    text = _MARK_AFTER_OTHER.sub(r'\1 \2 ', text)
    text = _MARK_BEFORE_OTHER.sub(r' \1 \2', text)
    return _HYPHEN_AFTER_DIGIT.sub(r'\1 \2 ', text).split()


def chinese_words(text: str) -> List[str]:
    """Every Chinese character alone, everything else by the rules of `words`."""
    return words(_CHINESE.sub(r' \1 ', text))


def _ngrams(items: Sequence[str], order: int) -> Counter:
    return Counter(tuple(items[start:start + order]) for start in range(len(items) - order + 1))


def bleu(
    translations: Sequence[str], references: Sequence[Sequence[str]], split: Callable[[str], List[str]] = words
) -> float:
    """Corpus BLEU, 0 to 100; `references` has a list of sentences per set of references, as long as `translations`."""
    matches, totals = [0] * _BLEU_ORDER, [0] * _BLEU_ORDER
    length, reference_length = 0, 0
    for translation, *wanted in zip(translations, *references):
        mine, others = split(translation), [split(each) for each in wanted]
        length += len(mine)
        # The closest length; of two as close the shorter.
        reference_length += min((abs(len(other) - len(mine)), len(other)) for other in others)[1]
        for order in range(_BLEU_ORDER):
            allowed: Counter = Counter()
            for other in others:
                allowed |= _ngrams(other, order + 1)
            found = _ngrams(mine, order + 1)
            matches[order] += sum((found & allowed).values())
            totals[order] += sum(found.values())
    if not matches[0] or not all(totals):
        return 0.0
    logarithm, missing = 0.0, 1
    for match, total in zip(matches, totals):
        if match == 0:
            missing *= 2
        logarithm += math.log(match / total if match else 1 / (missing * total))
    brevity = min(0.0, 1 - reference_length / length)
    return 100 * math.exp(brevity + logarithm / _BLEU_ORDER)


Statistics = List[Tuple[int, int, int]]


def _chrf_statistics(translation: str, reference: str) -> Statistics:
    """Per order: n-grams of the translation, of the reference, and in both."""
    mine, other = (''.join(text.split()) for text in (translation, reference))
    result = []
    for order in range(1, _CHRF_ORDER + 1):
        left, right = _ngrams(mine, order), _ngrams(other, order)
        result.append((sum(left.values()), sum(right.values()), sum((left & right).values())))
    return result


def _chrf_score(statistics: Statistics) -> float:
    """The F-score of the mean precision and recall over the orders that both texts are long enough for."""
    usable = [(both / left, both / right) for left, right, both in statistics if left and right]
    if not usable:
        return 0.0
    precision, recall = (sum(values) / len(usable) for values in zip(*usable))
    if precision + recall == 0:
        return 0.0
    return 100 * (1 + _CHRF_BETA ** 2) * precision * recall / (_CHRF_BETA ** 2 * precision + recall)


def chrf(translations: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Corpus chrF2, 0 to 100; of several references the one that suits each sentence best counts."""
    total = [(0, 0, 0)] * _CHRF_ORDER
    for translation, *wanted in zip(translations, *references):
        best = max((_chrf_statistics(translation, each) for each in wanted), key=_chrf_score)
        total = [tuple(map(sum, zip(*pair))) for pair in zip(total, best)]
    return _chrf_score(total)

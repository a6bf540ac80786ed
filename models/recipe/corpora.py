"""Reads the parallel corpora as pairs of an English sentence and its translation, and says which may be trained on.

Expected below one folder: `tatoeba-deu-eng`, `tatoeba-fra-eng`, `tatoeba-cmn-eng` (tab-separated files of
manythings.org/anki, plain or in zip files), `tico19` (TMX files in zip files), `tatoeba-test-unseen` (`en-de.tsv`, ...).
"""
import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import Iterator, List, Set, Tuple
from xml.etree import ElementTree

from clean import clean

Pair = Tuple[str, str]

LANGUAGES = ('de', 'fr', 'zh')
TAGS = {'de': '>>deu<<', 'fr': '>>fra<<', 'zh': '>>cmn<<'}
_TATOEBA = {'de': 'deu', 'fr': 'fra', 'zh': 'cmn'}
_TMX_LANGUAGE = '{http://www.w3.org/XML/1998/namespace}lang'
_WORD = re.compile(r'\w+')
# One sentence in this many is kept for validation.
_VALIDATION_SHARE = 200


def key(sentence: str) -> str:
    """What makes two English sentences the same: their words, without case and punctuation."""
    return ' '.join(_WORD.findall(clean(sentence).lower()))


def is_validation(sentence: str) -> bool:
    """Whether an English sentence, with all its translations, is kept out of training to validate on."""
    return int(hashlib.sha256(key(sentence).encode()).hexdigest(), 16) % _VALIDATION_SHARE == 0


def _texts(folder: Path, name: str) -> Iterator[str]:
    """Every file below `folder`, or inside a zip file there, whose name ends in `name`."""
    for path in sorted(folder.rglob('*')):
        if path.suffix == '.zip':
            with zipfile.ZipFile(path) as archive:
                for entry in sorted(archive.namelist()):
                    if entry.endswith(name) and '__MACOSX' not in entry:
                        yield archive.read(entry).decode('utf8')
        elif path.name.endswith(name):
            yield path.read_text('utf8')


def _columns(text: str) -> Iterator[Pair]:
    """The first two columns of tab-separated lines; lines with an empty one are left out."""
    for line in io.StringIO(text):
        cells = line.rstrip('\r\n').split('\t')
        if len(cells) >= 2:
            english, other = clean(cells[0]), clean(cells[1])
            if english and other:
                yield english, other


def tatoeba(corpora: Path, language: str) -> Set[Pair]:
    """The distinct pairs of all copies of one language's file."""
    code = _TATOEBA[language]
    texts = _texts(corpora / f'tatoeba-{code}-eng', f'{code}.txt')
    return {pair for text in texts for pair in _columns(text)}


def tico(corpora: Path, language: str) -> Set[Pair]:
    """TICO-19's pairs; empty for a language that it is not there for."""
    pairs: Set[Pair] = set()
    for text in _texts(corpora / 'tico19', f'en-{language}.tmx'):
        for unit in ElementTree.fromstring(text).iter('tu'):
            segments = {each.get(_TMX_LANGUAGE): clean(each.findtext('seg') or '') for each in unit.iter('tuv')}
            if segments.get('en') and segments.get(language):
                pairs.add((segments['en'], segments[language]))
    return pairs


def test_pairs(corpora: Path, language: str) -> List[Pair]:
    """The unseen test of one language, in its order; never trained or tuned on."""
    text = (corpora / 'tatoeba-test-unseen' / f'en-{language}.tsv').read_text('utf8')
    return list(_columns(text))


def held_out(corpora: Path) -> Set[str]:
    """The keys of every English sentence of the unseen tests of all languages."""
    return {key(english) for language in LANGUAGES for english, _ in test_pairs(corpora, language)}

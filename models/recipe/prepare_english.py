"""Stage 1 of the two English models: corpora to sentences and vocabularies. Usage: prepare_english.py CORPORA_DIR DATA_DIR

Writes train.txt, valid.txt and test.txt (a sentence a line, each once), gpt.tokenizer.json (byte-level BPE), bert.tokenizer.json
(WordPiece) and prepare.json. The same corpora give the same files.
"""
import argparse
import json
import random
import unicodedata
from pathlib import Path
from typing import List, Set

import byte_pairs
import word_pieces
from corpora import LANGUAGES, held_out, is_validation, key, tatoeba, test_pairs, tico
from marian_config import write_json
from prepare import LONGEST_CHARACTERS

VOCABULARY = 6000


def readable(sentence: str) -> bool:
    """Whether a sentence is of a usual length and holds words, and no signs that are not text."""
    return (
        len(sentence) <= LONGEST_CHARACTERS and key(sentence) != ''
        and not any(unicodedata.category(character) in ('Cc', 'Cn', 'Co', 'So') for character in sentence)
    )


def english(corpora: Path) -> List[str]:
    """The distinct English sentences of all pairs that may be trained or validated on, sorted."""
    pairs = (pair for language in LANGUAGES for pair in tatoeba(corpora, language) | tico(corpora, language))
    return sorted({sentence for sentence, _ in pairs})


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('corpora', type=Path)
    arguments.add_argument('data', type=Path)
    options = arguments.parse_args()
    options.data.mkdir(parents=True, exist_ok=True)

    found = english(options.corpora)
    unseen: Set[str] = held_out(options.corpora)
    allowed = [sentence for sentence in found if readable(sentence) and key(sentence) not in unseen]
    test = sorted({sentence for language in LANGUAGES for sentence, _ in test_pairs(options.corpora, language) if readable(sentence)})
    parts = {
        'train': [sentence for sentence in allowed if not is_validation(sentence)],
        'valid': [sentence for sentence in allowed if is_validation(sentence)],
        'test': test,
    }
    for name, sentences in parts.items():
        random.Random(1).shuffle(sentences)
        (options.data / f'{name}.txt').write_text(''.join(f'{sentence}\n' for sentence in sentences), 'utf8')
    assert not {key(sentence) for sentence in parts['train']} & {key(sentence) for part in ('valid', 'test') for sentence in parts[part]}

    for name, maker in (('gpt', byte_pairs), ('bert', word_pieces)):
        vocabulary = maker.train(parts['train'], VOCABULARY)
        write_json(options.data / f'{name}.tokenizer.json', maker.tokenizer_json(vocabulary), indent=0)
        tokens = sum(len(vocabulary.encode(sentence)) for sentence in parts['train'])
        print(f'{name}: {len(vocabulary.pieces)} pieces, {tokens} tokens in training')
    report = {'found': len(found), **{name: len(sentences) for name, sentences in parts.items()}}
    write_json(options.data / 'prepare.json', report)
    print(json.dumps(report))


if __name__ == '__main__':
    main()

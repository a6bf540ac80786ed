"""Stage 1: corpora to training data and a vocabulary. Usage: prepare.py CORPORA_DIR DATA_DIR

Writes train.tsv and valid.LANGUAGE.tsv (`>>tag<< English TAB translation`), spm.model, spm.vocab and prepare.json (what was
kept and left out). The same corpora give the same files.
"""
import argparse
import json
import random
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Dict, Iterable, List

import sentencepiece

from chinese import simplified
from corpora import LANGUAGES, TAGS, Pair, held_out, is_validation, key, tatoeba, test_pairs, tico

VOCABULARY = 16_000
# Longer ones are rarely one sentence, and make batches wasteful.
LONGEST_CHARACTERS = 300
# Seen less often, a character is taken for a misprint and stays unknown.
RAREST_CHARACTER = 2
# Chinese has a tenth of the pairs: without repetition it would get a tenth of the model and of the vocabulary.
REPEAT = {'de': 1, 'fr': 1, 'zh': 2}
REPEAT_FOR_VOCABULARY = {'de': 1, 'fr': 1, 'zh': 4}


def plausible(pair: Pair, language: str) -> bool:
    """Whether a pair can be a translation: readable, of similar length, and not the same text twice."""
    english, other = pair
    if max(map(len, pair)) > LONGEST_CHARACTERS or (english == other and ' ' in english):
        return False
    if any(unicodedata.category(character) in ('Cc', 'Cn', 'Co', 'So') for character in english + other):
        return False
    # A Chinese character says about as much as three Latin letters.
    length = len(other) * (3 if language == 'zh' else 1)
    return 1 / 4 <= (length + 15) / (len(english) + 15) <= 4


def pairs_of(corpora: Path, language: str, unseen: Iterable[str]) -> Dict[str, object]:
    """`train` and `validation` pairs of one language, sorted, and the counts of what was left out."""
    found = sorted(tatoeba(corpora, language) | tico(corpora, language))
    counts = {'found': len(found)}
    if language == 'zh':
        found = sorted(set(zip((english for english, _ in found), simplified([other for _, other in found]))))
        counts['after conversion to simplified'] = len(found)
    believable = [pair for pair in found if plausible(pair, language)]
    counts['implausible'] = len(found) - len(believable)
    allowed = [pair for pair in believable if key(pair[0]) not in unseen]
    counts['in the unseen tests'] = len(believable) - len(allowed)
    train = [pair for pair in allowed if not is_validation(pair[0])]
    validation = [pair for pair in allowed if is_validation(pair[0])]
    counts.update(train=len(train), validation=len(validation))
    return {'train': train, 'validation': validation, 'counts': counts}


def train_vocabulary(lines: List[str], output: Path) -> None:
    """A unigram model over all languages: `</s>` 0, `<unk>` 1, the tags from 2."""
    source = output / 'spm.txt'
    source.write_text('\n'.join(lines) + '\n', 'utf8')
    often = Counter(character for line in lines for character in line)
    required = ''.join(sorted(each for each, times in often.items() if times >= RAREST_CHARACTER and each != ' '))
    sentencepiece.SentencePieceTrainer.train(
        input=str(source), model_prefix=str(output / 'spm'), model_type='unigram', vocab_size=VOCABULARY,
        # Texts are normalised before, in the same way everywhere: see clean.py.
        normalization_rule_name='identity', required_chars=required, character_coverage=0.9995,
        eos_id=0, unk_id=1, bos_id=-1, pad_id=-1, user_defined_symbols=[TAGS[language] for language in LANGUAGES],
        input_sentence_size=0, num_threads=2, minloglevel=1,
    )
    source.unlink()


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Tab-separated lines; clean text holds no tab."""
    path.write_text(''.join(f'{source}\t{target}\n' for source, target in pairs), 'utf8')


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('corpora', type=Path)
    arguments.add_argument('data', type=Path)
    options = arguments.parse_args()
    options.data.mkdir(parents=True, exist_ok=True)

    unseen = held_out(options.corpora)
    report: Dict[str, object] = {}
    everything: List[Pair] = []
    vocabulary_lines: List[str] = []
    for language in LANGUAGES:
        found = pairs_of(options.corpora, language, unseen)
        report[language] = found['counts']
        tagged = {
            part: [(f'{TAGS[language]} {english}', other) for english, other in found[part]]
            for part in ('train', 'validation')
        }
        write_pairs(options.data / f'valid.{language}.tsv', tagged['validation'])
        everything += tagged['train'] * REPEAT[language]
        vocabulary_lines += [other for _, other in found['train']] * REPEAT_FOR_VOCABULARY[language]
        vocabulary_lines += sorted({english for english, _ in found['train']})
        assert not unseen & {key(english) for english, _ in found['train'] + found['validation']}
    random.Random(1).shuffle(everything)
    write_pairs(options.data / 'train.tsv', everything)
    train_vocabulary(vocabulary_lines, options.data)

    pieces = sentencepiece.SentencePieceProcessor(model_file=str(options.data / 'spm.model'))
    report['unknown pieces in the unseen tests'] = {
        language: sum(pieces.encode(other).count(pieces.unk_id()) for _, other in test_pairs(options.corpora, language))
        for language in LANGUAGES
    }
    (options.data / 'prepare.json').write_text(json.dumps(report, indent=2) + '\n', 'utf8')
    print(json.dumps(report, indent=2))


if __name__ == '__main__':
    main()

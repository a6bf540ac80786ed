"""Stage 4: scores a checkpoint on sentences it has never seen. Usage: evaluate.py CHECKPOINT_DIR CORPORA_DIR [--beam 4]

Writes scores.json into CHECKPOINT_DIR and every translation below CHECKPOINT_DIR/translations. The weights are rounded to float16
as the shipped files store them; `--float32` leaves them as trained, to see what rounding costs.
"""
import argparse
import gzip
import json
from pathlib import Path
from typing import Dict, List, NamedTuple

import sentencepiece
import torch

import marian_config
import marian_model
import safetensors_file
from beam import beam_search
from chinese import simplified
from clean import clean
from corpora import LANGUAGES, TAGS, Pair, test_pairs
from metrics import bleu, chinese_words, chrf, words
from training_data import source_ids

# Sentences of similar length that are translated together.
_TOGETHER = 64


class Test(NamedTuple):
    """One test set of one direction."""

    name: str
    language: str
    pairs: List[Pair]


def multi30k(corpora: Path, language: str) -> List[Pair]:
    """Captions of pictures (test2016): another kind of text than the training's. Empty where the corpus is not there."""
    sides = []
    for side in ('en', language):
        path = corpora / 'multi30k' / f'test_2016_flickr.{side}.gz'
        if not path.exists():
            return []
        with gzip.open(path, 'rt', encoding='utf8') as file:
            sides.append([clean(line) for line in file])
    return list(zip(*sides))


def tests(corpora: Path, limit: int) -> List[Test]:
    """All test sets that are there, each cut to its first `limit` sentences."""
    found = [Test('tatoeba-test-unseen', language, test_pairs(corpora, language)) for language in LANGUAGES]
    found += [Test('multi30k-test2016', language, multi30k(corpora, language)) for language in ('de', 'fr')]
    return [test._replace(pairs=test.pairs[:limit]) for test in found if test.pairs]


class Translator:
    """A checkpoint that translates."""

    def __init__(self, folder: Path, beam: int, half: bool):
        self.beam = beam
        self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / 'spm.model'))
        size = marian_config.size_of(json.loads((folder / 'config.json').read_text('utf8')))
        model = marian_model.load(safetensors_file.read(folder / 'model.safetensors'), size, half)
        self.model = model.to('cuda' if torch.cuda.is_available() else 'cpu')

    def translate(self, texts: List[str], language: str) -> List[str]:
        """The texts in another language, in their order."""
        sources = [source_ids(self.pieces, TAGS[language], text) for text in texts]
        order = sorted(range(len(sources)), key=lambda index: -len(sources[index]))
        result = [''] * len(texts)
        for start in range(0, len(order), _TOGETHER):
            indices = order[start:start + _TOGETHER]
            for index, ids in zip(indices, beam_search(self.model, [sources[index] for index in indices], self.beam)):
                result[index] = self.pieces.decode(ids)
        return result


def score(test: Test, translations: List[str]) -> Dict[str, float]:
    """BLEU and chrF; Chinese references are compared in simplified characters, which is all that the model writes."""
    wanted = [other for _, other in test.pairs]
    if test.language == 'zh':
        wanted = simplified(wanted)
    split = chinese_words if test.language == 'zh' else words
    return {
        'sentences': len(wanted),
        'bleu': round(bleu(translations, [wanted], split), 2),
        'chrf': round(chrf(translations, [wanted]), 2),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('checkpoint', type=Path)
    arguments.add_argument('corpora', type=Path)
    arguments.add_argument('--beam', type=int, default=4)
    arguments.add_argument('--limit', type=int, default=1_000_000, help='the first sentences of every test only')
    arguments.add_argument('--float32', action='store_true', help='do not round the weights to float16')
    arguments.add_argument('--threads', type=int, help='of the processor')
    options = arguments.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)

    translator = Translator(options.checkpoint, options.beam, half=not options.float32)
    folder = options.checkpoint / 'translations'
    folder.mkdir(exist_ok=True)
    scores: Dict[str, Dict[str, Dict[str, float]]] = {}
    for test in tests(options.corpora, options.limit):
        translations = translator.translate([english for english, _ in test.pairs], test.language)
        direction = f'en-{test.language}'
        (folder / f'{test.name}.{direction}.txt').write_text('\n'.join(translations) + '\n', 'utf8')
        scores.setdefault(test.name, {})[direction] = score(test, translations)
        print(test.name, direction, scores[test.name][direction], flush=True)
    marian_config.write_json(
        options.checkpoint / 'scores.json',
        {'beam': options.beam, 'weights': 'float32' if options.float32 else 'float16', 'tests': scores},
    )


if __name__ == '__main__':
    main()

"""Records the shipped translation model: every attention of a teacher-forced pass, greedy translations, and beam search."""
import json
from pathlib import Path
from typing import Dict, List

import sentencepiece
import torch

from recording import GOLDEN, ROOT, SHIPPED_MODEL, model_folder

import shipped_model
from beam import beam_hypotheses
from clean import clean
from marian_model import Marian

TAGS = {'de': '>>deu<<', 'fr': '>>fra<<', 'zh': '>>cmn<<'}
TEXTS = ("The animal didn't cross the street because it was too tired.", 'The house is very old.')
LANGUAGE = 'de'
# The whole table of a batch's logits would be most of the file.
LOGIT_POSITIONS, TABLE_ROWS = 4, 64
# Two logits closer than this may change places in another runtime.
SMALLEST_LEAD = 1e-3
BEAMS = 4
# 200 sentences, each searched in one of the languages.
SEARCHED = ROOT / 'test' / 'client' / 'sentences.txt'

SENTENCES = (
    *TEXTS,
    'I love you.', 'Where is the station?', 'He reads a book every evening.', 'We are going home now.',
    'Can you help me, please?', 'It was very cold this morning.', 'My sister lives in a small house near the sea.',
    'I do not understand this question.', 'They were waiting for the last train.', 'What time is it?',
    'The children are playing in the garden.', 'She opened the window because it was hot.', 'Open the door!',
    'If it rains tomorrow, we will stay at home.', 'This is the most expensive restaurant in the city.',
    'I have never seen such a big dog.', 'Water boils at 100 degrees.', 'Thank you very much.',
)


class Translator:
    """Text in, ids and text out, by greedy decoding without a cache."""

    def __init__(self, model: Marian, pieces: sentencepiece.SentencePieceProcessor) -> None:
        self.model, self.pieces = model, pieces

    def source(self, text: str, language: str) -> List[int]:
        """Language tag, pieces, end."""
        return [self.pieces.piece_to_id(TAGS[language]), *self.pieces.encode(clean(text)), self.model.size.end]

    def translate(self, text: str, language: str) -> Dict[str, object]:
        """One entry of greedy.json."""
        source = self.source(text, language)
        ids = self.model.greedy(source)
        if self.lead(source, ids) < SMALLEST_LEAD:
            raise ValueError(f'{text!r} to {language}: two words are equally probable; choose another sentence.')
        translation = self.pieces.decode(ids)
        return {'text': text, 'language': language, 'source': source, 'ids': ids, 'translation': translation}

    @torch.no_grad()
    def lead(self, source: List[int], ids: List[int]) -> float:
        """By how much the chosen logits exceed the second best, at least."""
        size, ones = self.model.size, torch.ones(1, len(source), dtype=torch.long)
        memory = self.model.encode(torch.tensor([source]), ones)
        logits = self.model.decode(torch.tensor([[size.pad, *ids]]), memory, ones)[0, :, : size.pad]
        best = logits.topk(2).values
        return float((best[:, 0] - best[:, 1]).min())

    def search(self, text: str, language: str) -> Dict[str, object]:
        """One entry of beam.json: all finished hypotheses, best first."""
        (hypotheses,) = beam_hypotheses(self.model, [self.source(text, language)], BEAMS)
        found = [{'ids': each.ids, 'score': round(each.score, 7), 'ended': each.ended} for each in hypotheses]
        return {'text': text, 'language': language, 'hypotheses': found}


def write_lines(name: str, entries: List[Dict[str, object]]) -> None:
    """A JSON array with one entry per line."""
    lines = ',\n'.join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    (GOLDEN / 'translation' / name).write_text(f'[\n{lines}\n]\n', 'utf8')


def record_attention(translator: Translator) -> None:
    """Writes golden.safetensors: a padded batch of two, German, fed with the model's own translations."""
    model = translator.model
    entries = [translator.translate(text, LANGUAGE) for text in TEXTS]
    source = model_folder.pad([entry['source'] for entry in entries], model.size.pad)
    target = model_folder.pad([[model.size.pad, *entry['ids']] for entry in entries], model.size.pad)
    recording: model_folder.Tensors = {}
    with torch.no_grad():
        memory = model.encode(source['input_ids'], source['attention_mask'], recording)
        logits = model.decode(target['input_ids'], memory, source['attention_mask'], recording)
    table = model.positions[:TABLE_ROWS]
    model_folder.write_golden(GOLDEN / 'translation' / 'golden.safetensors', {
        **source,
        'decoder_input_ids': target['input_ids'],
        'decoder_attention_mask': target['attention_mask'],
        'last_hidden_state': memory,
        'logits': logits[:, :LOGIT_POSITIONS],
        'best': logits.argmax(-1),
        'positions.encoder': table,
        'positions.decoder': table.clone(),
        **recording,
    })


def record(checkpoint: Path) -> None:
    """Writes the folder translation/; `checkpoint`/spm.model is the vocabulary of the shipped model."""
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(checkpoint / 'spm.model'))
    translator = Translator(shipped_model.read(SHIPPED_MODEL), pieces)
    record_attention(translator)
    wanted = [(text, language) for text in SENTENCES for language in TAGS]
    write_lines('greedy.json', [translator.translate(*each) for each in wanted])
    searched = SEARCHED.read_text('utf8').splitlines()
    tags = list(TAGS)
    searches = [translator.search(text, tags[index % len(tags)]) for index, text in enumerate(searched)]
    write_lines('beam.json', searches)
    print(f'translation: {len(wanted)} greedy translations, {len(searches)} searches')

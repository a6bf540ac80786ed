"""What the heads of a translator attend to. Usage: attention_report.py CHECKPOINT_DIR DATA_DIR

Writes attention.json into CHECKPOINT_DIR: heads that look at the previous or next token, how well cross-attention aligns words
(alignment error rate, Och and Ney 2003, on the 20 sentences of alignments.txt), and what "it" attends to in a known sentence.
"""
import argparse
import json
from pathlib import Path
from typing import Dict, List, NamedTuple, Set, Tuple

import sentencepiece
import torch
from torch import Tensor

import marian_config
import marian_model
import safetensors_file
from corpora import TAGS
from marian_model import Marian
from training_data import read_examples, source_ids

SENTENCE = "The animal didn't cross the street because it was too tired."
# A head that gives this much, on the average, to one relative position is said to look there.
_MOSTLY = 0.5
_SENTENCES = 200

Link = Tuple[int, int]
Pieces = sentencepiece.SentencePieceProcessor


class Aligned(NamedTuple):
    """A sentence pair in words with its links; every sure link is also possible."""

    source: List[str]
    target: List[str]
    sure: Set[Link]
    possible: Set[Link]


def read_alignments(path: Path) -> List[Aligned]:
    """The pairs of alignments.txt."""
    pairs = []
    for line in path.read_text('utf8').splitlines():
        if line.startswith('#'):
            continue
        source, target, links = (part.split() for part in line.split('|||'))
        sure = {tuple(map(int, link.split('-'))) for link in links if '-' in link}
        possible = {tuple(map(int, link.split('?'))) for link in links if '?' in link}
        pairs.append(Aligned(source, target, sure, sure | possible))
    return pairs


def word_ids(words: List[str], pieces: Pieces) -> Tuple[List[int], List[int]]:
    """Ids of the pieces of words, and the word of each."""
    ids, owners = [], []
    for index, word in enumerate(words):
        # Punctuation stands by itself in the list, not in the text.
        inside = word in '.,?!' and pieces.piece_to_id(word) != pieces.unk_id()
        own = [pieces.piece_to_id(word)] if inside else pieces.encode(word)
        ids += own
        owners += [index] * len(own)
    return ids, owners


def by_word(weights: Tensor, queries: List[int], keys: List[int]) -> Tensor:
    """`[query piece, key piece]` to `[query word, key word]`: mean over the queries' pieces, sum over the keys'."""
    rows = torch.zeros(max(queries) + 1, len(queries))
    rows[queries, torch.arange(len(queries))] = 1
    columns = torch.zeros(len(keys), max(keys) + 1)
    columns[torch.arange(len(keys)), keys] = 1
    return rows / rows.sum(1, keepdim=True) @ weights @ columns


@torch.no_grad()
def record(model: Marian, source: List[int], target: List[int]) -> Dict[str, Tensor]:
    """The weights `[head, query, key]` of every attention; the decoder reads the start and then `target`."""
    recording: Dict[str, Tensor] = {}
    ids, ones = torch.tensor([source]), torch.ones(1, len(source), dtype=torch.long)
    memory = model.encode(ids, ones, recording)
    model.decode(torch.tensor([[model.size.pad, *target]]), memory, ones, recording)
    return {name[: -len('.weights')]: tensor[0] for name, tensor in recording.items() if name.endswith('.weights')}


def alignment_errors(model: Marian, pieces: Pieces, pairs: List[Aligned]) -> Dict[str, object]:
    """Error rates of every cross-attention head and of each layer's mean; a target word is linked to its largest weight.

    The row that predicts a word is the one before it (`predicting`); the row that reads it (`reading`) often aligns better.
    """
    found: Dict[str, List[int]] = {}
    for pair in pairs:
        source, source_owners = word_ids(pair.source, pieces)
        target, target_owners = word_ids(pair.target, pieces)
        weights = record(model, [pieces.piece_to_id(TAGS['de']), *source, pieces.eos_id()], target)
        for name, heads in weights.items():
            if not name.endswith('.cross'):
                continue
            for way, rows in (('predicting', heads[:, :-1]), ('reading', heads[:, 1:])):
                # Tag and end are no words.
                rows = rows[:, :, 1:-1]
                for label, matrix in [*((f'head {i + 1}', each) for i, each in enumerate(rows)), ('mean', rows.mean(0))]:
                    best = by_word(matrix, target_owners, source_owners).argmax(1).tolist()
                    links = {(word, index) for index, word in enumerate(best)}
                    counts = [len(links & pair.sure) + len(links & pair.possible), len(links) + len(pair.sure)]
                    key = f'layer {int(name.split(".")[1]) + 1} {label}, {way}'
                    found[key] = [a + b for a, b in zip(found.get(key, [0, 0]), counts)]
    rates = {key: round(1 - hits / total, 3) for key, (hits, total) in found.items()}
    best = sorted(rates, key=rates.get)
    means = {key: rate for key, rate in rates.items() if ' mean' in key}
    return {'best': {key: rates[key] for key in best[:5]}, 'means': means, 'sentences': len(pairs)}


def positional_heads(model: Marian, examples) -> Dict[str, Dict[str, float]]:
    """Mean weight on the previous, same and next token, and on the last one, of the heads of both self-attentions."""
    total: Dict[str, Tensor] = {}
    counts: Dict[str, Tensor] = {}
    for source, target in examples:
        for name, heads in record(model, source, target[:-1]).items():
            if name.endswith('.cross'):
                continue
            sums = [heads.diagonal(offset, 1, 2).sum(1) for offset in (-1, 0, 1)] + [heads[:, :, -1].sum(1)]
            length = heads.shape[1]
            sizes = torch.tensor([length - 1, length, length - 1, length])
            total[name] = total.get(name, 0) + torch.stack(sums, 1)
            counts[name] = counts.get(name, 0) + sizes
    heads = {}
    for name, sums in total.items():
        for index, shares in enumerate((sums / counts[name]).tolist()):
            stack, layer, _ = name.split('.')
            label = f'{stack} layer {int(layer) + 1} head {index + 1}'
            heads[label] = dict(zip(('previous', 'same', 'next', 'last'), (round(share, 3) for share in shares)))
    return heads


def antecedents(model: Marian, pieces: Pieces) -> List[Dict[str, object]]:
    """How much every encoder head gives from "it" to "animal" and to "street" in the known sentence, most first."""
    ids = source_ids(pieces, TAGS['de'], SENTENCE)
    # Words begin where a piece begins with the mark of a space.
    starts = [pieces.id_to_piece(index).startswith('▁') for index in ids]
    owners = torch.tensor(starts).cumsum(0).tolist()
    words = ['', *SENTENCE.split()]
    it, animal, street = (words.index(word) for word in ('it', 'animal', 'street'))
    rows = []
    for name, heads in record(model, ids, []).items():
        if not name.startswith('encoder'):
            continue
        for index, weights in enumerate(heads):
            row = by_word(weights, owners, owners)[it]
            layer = int(name.split('.')[1]) + 1
            rows.append({'layer': layer, 'head': index + 1, 'animal': round(float(row[animal]), 3), 'street': round(float(row[street]), 3)})
    return sorted(rows, key=lambda row: -max(row['animal'], row['street']))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('checkpoint', type=Path)
    arguments.add_argument('data', type=Path)
    options = arguments.parse_args()
    pieces = Pieces(model_file=str(options.checkpoint / 'spm.model'))
    size = marian_config.size_of(json.loads((options.checkpoint / 'config.json').read_text('utf8')))
    model = marian_model.load(safetensors_file.read(options.checkpoint / 'model.safetensors'), size)

    heads = positional_heads(model, read_examples(options.data / 'valid.de.tsv', pieces)[:_SENTENCES])
    report = {
        'alignment': alignment_errors(model, pieces, read_alignments(Path(__file__).parent / 'alignments.txt')),
        'positional': {
            where: {head: shares[where] for head, shares in heads.items() if shares[where] >= _MOSTLY}
            for where in ('previous', 'same', 'next', 'last')
        },
        'it': antecedents(model, pieces)[:8],
    }
    marian_config.write_json(options.checkpoint / 'attention.json', report)
    print(json.dumps(report, indent=2))


if __name__ == '__main__':
    main()

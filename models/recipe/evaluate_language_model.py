"""Stage 3 of the two English models: scores one. Usage: evaluate_language_model.py gpt|bert DATA_DIR RUN_DIR

Writes scores.json into RUN_DIR: how well the newest weights, in float16 as they are shipped, predict the sentences of test.txt, beside a
trigram model over the same tokens; lists of next or missing tokens; and what the heads attend to.
"""
import argparse
import json
import math
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

import torch
from torch import Tensor

import checkpoint
from language_model import LanguageModel, load
from language_model_data import Vocabulary, read_lines, read_vocabulary
from marian_config import write_json
from training_data import padded
from trigram import Trigram

PROMPTS = ('I would like to', 'She opened the', 'The train leaves at', 'He asked me what I', 'It is raining, so take your')
BLANKS = (
    'The cat is sleeping on the [MASK].', 'She [MASK] to school by bus every day.', 'I drink a cup of [MASK] every morning.',
    'Paris is the [MASK] of France.', 'They have been married [MASK] ten years.',
)
# Sentences of the test that every token of is masked in turn: some ten thousand passes.
_MASKED_SENTENCES = 1000
_HEAD_SENTENCES = 300
# A head that gives this much, on the average, to one place is said to look there.
_MOSTLY = 0.4
_ROWS = 64

Model = LanguageModel


def newest(run: Path, half: bool = True) -> Model:
    """The model of the newest snapshot."""
    state = checkpoint.read_last(run, 'cpu')
    weights = torch.load(checkpoint.snapshots(run)[-1], map_location='cpu')
    return load({name: tensor.numpy() for name, tensor in weights.items()}, state['family'], state['size'], half)


def groups(rows: Sequence[object]) -> List[Sequence[object]]:
    """Batches of neighbours."""
    return [rows[start:start + _ROWS] for start in range(0, len(rows), _ROWS)]


@torch.no_grad()
def gpt_cost(model: Model, sentences: List[List[int]], end: int) -> float:
    """Nats for all sentences and their ends, each after an end."""
    total = 0.0
    for group in groups(sorted(sentences, key=len)):
        targets = padded([[*ids, end] for ids in group], -100)
        inputs = padded([[end, *ids] for ids in group], end)
        logits = model(inputs)
        total += float(torch.nn.functional.cross_entropy(logits.transpose(1, 2), targets, ignore_index=-100, reduction='sum'))
    return total


def sizes(lines: List[str], tokens: int) -> Dict[str, int]:
    """What costs are divided by."""
    return {'token': tokens, 'word': sum(len(line.split()) for line in lines), 'character': sum(map(len, lines))}


def gpt_scores(model: Model, vocabulary: Vocabulary, train: List[str], test: List[str]) -> Dict[str, object]:
    """Perplexities by token (ends included) and by word, and bits a character."""
    sentences = [vocabulary.encode(line) for line in test]
    trigram = Trigram((vocabulary.encode(line) for line in train), len(vocabulary.pieces), vocabulary.end, vocabulary.end)
    counts = sizes(test, sum(len(ids) + 1 for ids in sentences))
    costs = {'model': gpt_cost(model, sentences, vocabulary.end), 'trigram': sum(map(trigram.cost, sentences))}
    return {
        'sentences': len(test), 'tokens': counts['token'],
        **{
            name: {
                'perplexity': round(math.exp(cost / counts['token']), 2),
                'perplexityByWord': round(math.exp(cost / counts['word']), 1),
                'bitsByCharacter': round(cost / math.log(2) / counts['character'], 3),
            }
            for name, cost in costs.items()
        },
    }


@torch.no_grad()
def masked_chances(model: Model, vocabulary: Vocabulary, sentences: List[List[int]]) -> Tensor:
    """`[token, 2]`: log-probability and rank of each token of each sentence, masked alone (Salazar et al. 2020)."""
    places = [(ids, place) for ids in sorted(sentences, key=len) for place in range(len(ids))]
    results = []
    for group in groups(places):
        rows = [[vocabulary.start, *ids, vocabulary.end] for ids, _ in group]
        for row, (_, place) in zip(rows, group):
            row[place + 1] = vocabulary.mask
        ids = padded(rows, vocabulary.pad)
        states = model.states(ids, (ids != vocabulary.pad).long())
        chosen = states[torch.arange(len(rows)), torch.tensor([place + 1 for _, place in group])]
        logits = model.transformed(chosen) @ model.bert['embeddings']['word_embeddings'].weight.T
        logs = (logits + model.cls['predictions'].bias).log_softmax(1)
        right = logs.gather(1, torch.tensor([[ids[place]] for ids, place in group]))
        results.append(torch.cat([right, (logs > right).sum(1, keepdim=True).float()], 1))
    return torch.cat(results)


def trigram_chances(trigram: Trigram, sentences: List[List[int]]) -> Tensor:
    """The same of the trigram model, which reads two tokens on either side."""
    results: List[Tuple[float, int]] = []
    for ids in sentences:
        row = [trigram.start, trigram.start, *ids, trigram.end, trigram.end]
        for place in range(2, len(ids) + 2):
            values = trigram.fill(row[place - 2], row[place - 1], row[place + 1], row[place + 2])
            right = values[row[place]]
            results.append((math.log(right), int((values > right).sum())))
    return torch.tensor(results)


def bert_scores(model: Model, vocabulary: Vocabulary, train: List[str], test: List[str]) -> Dict[str, object]:
    """Accuracy and pseudo-perplexity, every token masked in turn."""
    test = test[:_MASKED_SENTENCES]
    sentences = [vocabulary.encode(line) for line in test]
    trigram = Trigram((vocabulary.encode(line) for line in train), len(vocabulary.pieces), vocabulary.start, vocabulary.end)
    chances = {'model': masked_chances(model, vocabulary, sentences), 'trigram': trigram_chances(trigram, sentences)}
    words = sizes(test, 0)['word']
    return {
        'sentences': len(test), 'tokens': sum(map(len, sentences)),
        **{
            name: {
                'accuracy': round(float((each[:, 1] < 1).float().mean()), 4),
                'accuracyOfFive': round(float((each[:, 1] < 5).float().mean()), 4),
                'perplexity': round(math.exp(-float(each[:, 0].double().mean())), 2),
                'perplexityByWord': round(math.exp(-float(each[:, 0].double().sum()) / words), 1),
            }
            for name, each in chances.items()
        },
    }


@torch.no_grad()
def examples(model: Model, vocabulary: Vocabulary) -> List[Dict[str, object]]:
    """Texts with the five tokens that the model thinks likeliest next, or in the gap."""
    results = []
    for text in PROMPTS if model.family == 'gpt' else BLANKS:
        if model.family == 'gpt':
            logits = model(torch.tensor([vocabulary.encode(text)]))[0, -1]
        else:
            before, after = (vocabulary.encode(part) for part in text.split('[MASK]'))
            ids = torch.tensor([[vocabulary.start, *before, vocabulary.mask, *after, vocabulary.end]])
            logits = model(ids, torch.ones_like(ids))[0, len(before) + 1]
        best = logits.softmax(0).topk(5)
        pieces = [vocabulary.pieces[index].replace('Ġ', ' ').strip() for index in best.indices.tolist()]
        results.append({'text': text, 'best': [[piece, round(share, 3)] for piece, share in zip(pieces, best.values.tolist())]})
    return results


@torch.no_grad()
def heads(model: Model, vocabulary: Vocabulary, lines: List[str]) -> Dict[str, List[List[object]]]:
    """Heads that mostly look at the previous, same, next, first or last token, with how much they give to it."""
    total: Dict[str, Tensor] = {}
    counts = torch.zeros(5, 1)
    for line in lines:
        ids = vocabulary.encode(line)
        recording: Dict[str, Tensor] = {}
        if model.family == 'gpt':
            model(torch.tensor([ids]), None, recording)
        else:
            ids = [vocabulary.start, *ids, vocabulary.end]
            model(torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.long), recording)
        # A first query of a causal model sees only itself.
        skipped = 1 if model.family == 'gpt' else 0
        for name, tensor in recording.items():
            if name.endswith('.weights'):
                weights = tensor[0]
                sums = [weights.diagonal(offset, 1, 2)[:, skipped if offset >= 0 else 0:].sum(1) for offset in (-1, 0, 1)]
                sums += [weights[:, skipped:, 0].sum(1), weights[:, skipped:, -1].sum(1)]
                total[name] = total.get(name, 0) + torch.stack(sums)
        length = len(ids)
        counts += torch.tensor([[length - 1], [length - skipped], [length - 1], [length - skipped], [length - skipped]])
    found: Dict[str, List[List[object]]] = {}
    for index, where in enumerate(('previous', 'same', 'next', 'first', 'last')):
        shares = [
            [f'layer {int(name.split(".")[1]) + 1} head {head + 1}', round(float(value), 2)]
            for name, sums in total.items() for head, value in enumerate((sums / counts)[index])
        ]
        found[where] = sorted((each for each in shares if each[1] >= _MOSTLY), key=lambda each: -each[1])
    return found


SCORES = {'gpt': gpt_scores, 'bert': bert_scores}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('family', choices=sorted(SCORES))
    arguments.add_argument('data', type=Path)
    arguments.add_argument('run', type=Path)
    options = arguments.parse_args()
    model = newest(options.run)
    vocabulary = read_vocabulary(options.data / f'{options.family}.tokenizer.json')
    train, test = (read_lines(options.data / f'{part}.txt') for part in ('train', 'test'))
    result = {
        'test': SCORES[options.family](model, vocabulary, train, test),
        'examples': examples(model, vocabulary),
        'heads': heads(model, vocabulary, test[:_HEAD_SENTENCES]),
    }
    write_json(options.run / 'scores.json', result)
    print(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == '__main__':
    main()

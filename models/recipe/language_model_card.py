"""The texts of the folders of the two English models: README.md (the card) and ATTRIBUTION.md."""
from pathlib import Path
from typing import Dict, List

from language_model import LanguageModel
from model_card import table_of_files

_TITLE = {'gpt': 'A small English language model', 'bert': 'A small English masked language model'}
_TASK = {'gpt': 'text-generation', 'bert': 'fill-mask'}
_ABOUT = {
    'gpt': '''A decoder-only Transformer in the layout of GPT-2 (learned positions, pre-norm, causal mask, GELU, output tied to the
embedding, cached keys and values), trained from scratch to predict the next token of everyday English sentences. It is made to be
looked at: every head, mask and position of it can be explored.''',
    'bert': '''An encoder-only Transformer in the layout of BERT (learned positions, token types, post-norm, padding mask, GELU, output tied
to the embedding), trained from scratch to fill in masked tokens of everyday English sentences. It is made to be looked at: every
head, mask and position of it can be explored.''',
}
_VOCABULARY = {
    'gpt': 'byte-level BPE; every text can be written',
    'bert': 'WordPiece; lower case, accents are stripped',
}
_INPUT = {
    'gpt': '''A text may begin with `<|endoftext|>` (id {end}), which also ends it. The tokenizer adds nothing.''',
    'bert': '''A text stands between `[CLS]` and `[SEP]`; `[MASK]` marks a gap. Only token type 0 was trained.''',
}
_TRAINED = {
    'gpt': 'Sentences stand one after the other in rows of {quarter} or {positions} tokens, most of them after `<|endoftext|>`, one in five after a space.',
    'bert': '20 % of the tokens are to be predicted: of these 80 % are `[MASK]`, 10 % another token and 10 % unchanged, chosen anew in '
    'every pass. Most sentences stand alone, some are joined to texts of up to {positions} tokens.',
}
_LIMITS = {
    'gpt': '''- It continues a sentence in the manner of a phrase book. It knows next to nothing about the world and cannot hold a thought
  over several sentences.''',
    'bert': '''- It knows what words go together, and next to nothing about the world. Vectors of whole sentences were not trained.''',
}

CARD = '''---
license: cc-by-2.0
language: [en]
library_name: transformers.js
pipeline_tag: {task}
---

# {title}

{about}

| | |
|---|---|
| layers | {layers} |
| d_model, heads, d_ff | {width}, {heads} (d_k {head_size}), {feed_forward} |
| vocabulary | {vocabulary} ({vocabulary_kind}) |
| parameters | {parameters:,} |
| longest text | {positions} tokens |

{input}

## Scores

{scores}

## Examples

The five likeliest tokens {where}, with their probabilities:

| text | |
|---|---|
{examples}

## Training

{sentences:,} distinct sentences, {epochs:.1f} passes, {steps:,} steps, {tokens:.1f} million tokens; AdamW, a learning rate that rises and then
falls to 0.{history}

{trained}

| step | passes | validation loss |
|---|---|---|
{curve}

Loss is cross-entropy per predicted token in nats, on {valid:,} sentences that are in no training text; nor is any sentence of the test
(compared without case and punctuation).

## What the heads do

{attention}

## Limits

{limits}
- Everyday sentences work best. Long ones, rare words and special subjects do not. Sentences were written by many people and not checked
  for truth or tone.
- The layout is Hugging Face's. The product's tools are tested with this model and with small models in the layout of several
  others; real files of the hub are untested.

## Data and licence

Trained on English sentences of the Tatoeba project and of TICO-19; see [ATTRIBUTION.md](ATTRIBUTION.md). The weights may be
used under the licence of that data, CC BY 2.0 FR.

## Files

Weights are float16 on disk with one `Cast` each.{cache} Made by `models/recipe`.

| file | bytes | sha256 |
|---|---|---|
{files}
'''

ATTRIBUTION = '''# Attribution

The language model in this folder was trained on English sentences written by the contributors of the **Tatoeba** project,
<https://tatoeba.org>, in the selections published by the **Tab-delimited Bilingual Sentence Pairs** of ManyThings,
<https://www.manythings.org/anki/>.

Both publish them under the Creative Commons Attribution 2.0 France licence (CC BY 2.0 FR),
<https://creativecommons.org/licenses/by/2.0/fr/>.

Changes made: sentences were normalised (NFKC, white space), duplicates were left out, and the result was used to train a vocabulary
and the weights of a neural network. The sentences themselves are not part of this folder. Neither Tatoeba nor ManyThings
endorses this model.

The English sentences of TICO-19, <https://tico-19.github.io>, which were trained on too, are in the public domain (CC0 1.0).
'''

Json = Dict[str, object]


def table_of_scores(family: str, test: Json) -> str:
    """The model beside the trigram model."""
    if family == 'gpt':
        head = f'''On {test["sentences"]:,} unseen sentences of Tatoeba (`tatoeba-test-unseen`, English side; {test["tokens"]:,} tokens, ends
included), weights as shipped. Perplexity by word and bits by character count all tokens, so that other vocabularies compare. The
trigram model (interpolated Kneser-Ney) was trained on the same sentences in the same tokens.'''
        columns = (('perplexity by token', 'perplexity'), ('by word', 'perplexityByWord'), ('bits by character', 'bitsByCharacter'))
    else:
        head = f'''On {test["sentences"]:,} unseen sentences of Tatoeba (`tatoeba-test-unseen`, English side), weights as shipped, each of the
{test["tokens"]:,} tokens masked in turn. Pseudo-perplexity: Salazar et al. 2020. The trigram model (interpolated Kneser-Ney), trained on
the same sentences in the same tokens, sees the two tokens on either side.'''
        columns = (
            ('right token', 'accuracy'), ('among the first five', 'accuracyOfFive'), ('pseudo-perplexity by token', 'perplexity'),
            ('by word', 'perplexityByWord'),
        )
    def cell(name: str, value: float) -> str:
        return f'{100 * value:.1f} %' if name.startswith('accuracy') else f'{value}'

    rows = [
        f'| {label} | ' + ' | '.join(cell(name, test[model][name]) for _, name in columns) + ' |'
        for label, model in (('this model', 'model'), ('trigram', 'trigram'))
    ]
    if test['model']['perplexity'] > test['trigram']['perplexity']:
        rows += ['', 'The trigram model is still the better guesser: the training was short, and the loss was still falling.']
    titles = '| | ' + ' | '.join(title for title, _ in columns) + ' |'
    return '\n'.join([head, '', titles, '|---' * (len(columns) + 1) + '|', *rows])


def table_of_examples(examples: List[Json]) -> str:
    """A row per text."""
    return '\n'.join(
        f'| {each["text"]} | ' + ', '.join(f'{piece} {share:.2f}' for piece, share in each['best']) + ' |' for each in examples
    )


def facts_of_heads(heads: Dict[str, List[List[object]]]) -> str:
    """A line per place that some head mostly looks at."""
    places = {'previous': 'the previous token', 'same': 'themselves', 'next': 'the next token', 'first': 'the first token', 'last': 'the last token'}
    found = [
        f'- Mostly at {places[where]}: ' + ', '.join(f'{head} ({share:.2f})' for head, share in listed) + '.'
        for where, listed in heads.items() if listed
    ]
    return '\n'.join(found) or 'No head looks mostly at one place by position.'


def table_of_curve(curve: List[Json], rows: int = 10) -> str:
    """At most about `rows` of the validations, the last one included."""
    validated = [entry for entry in curve if 'valid' in entry]
    chosen = validated[::-1][:: max(1, -(-len(validated) // rows))][::-1]
    return '\n'.join(f'| {entry["step"]:,} | {entry["epoch"]:.2f} | {entry["valid"]:.3f} |' for entry in chosen)


def write(folder: Path, model: LanguageModel, scores: Json, curve: List[Json], prepared: Json, history: str) -> None:
    """Writes both texts; call it when all other files are in place."""
    (folder / 'ATTRIBUTION.md').write_text(ATTRIBUTION, 'utf8')
    family, size = model.family, model.size
    card = CARD.format(
        task=_TASK[family], title=_TITLE[family], about=_ABOUT[family], layers=size.layers, width=size.width,
        heads=size.heads, head_size=size.head_size, feed_forward=size.feed_forward, vocabulary=size.vocabulary,
        vocabulary_kind=_VOCABULARY[family], parameters=sum(each.numel() for each in model.parameters()),
        positions=size.positions, input=_INPUT[family].format(end=size.vocabulary - 1),
        scores=table_of_scores(family, scores['test']), where='that come next' if family == 'gpt' else 'for the gap',
        examples=table_of_examples(scores['examples']), sentences=prepared['train'], valid=prepared['valid'],
        epochs=curve[-1]['epoch'], steps=curve[-1]['step'], tokens=curve[-1]['tokens'] / 1e6,
        history=f' {history}' if history else '', trained=_TRAINED[family].format(positions=size.positions, quarter=size.positions // 4),
        curve=table_of_curve(curve), attention=facts_of_heads(scores['heads']), limits=_LIMITS[family],
        cache=' Past keys and values are always inputs, of length 0 at first.' if family == 'gpt' else '',
        files=table_of_files(folder),
    )
    (folder / 'README.md').write_text(card, 'utf8')

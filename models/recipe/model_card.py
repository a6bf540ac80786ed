"""The texts of a model folder: README.md (the card) and ATTRIBUTION.md."""
import hashlib
from pathlib import Path
from typing import Dict, List

CARD = '''---
license: cc-by-2.0
language: [en, de, fr, zh]
library_name: transformers.js
pipeline_tag: translation
---

# English to German, French and Chinese

A small encoder-decoder Transformer of the architecture of "Attention Is All You Need" (post-norm, ReLU
feed-forward, sinusoidal positions, one embedding matrix for encoder, decoder and output), trained from scratch.
It is made to be looked at: every head, mask and position of it can be explored.

| | |
|---|---|
| layers | {encoder_layers} encoder + {decoder_layers} decoder |
| d_model, heads, d_ff | {d_model}, {encoder_attention_heads} (d_k {head_size}), {encoder_ffn_dim} |
| vocabulary | {vocab_size} (SentencePiece unigram, padding included) |
| parameters | {parameters:,} |
| longest sequence | {max_position_embeddings} tokens |

The source is a language tag (`>>deu<<`, `>>fra<<` or `>>cmn<<`), the pieces of the text, and `</s>`. The decoder
starts with `<pad>` (id {pad_token_id}), which generation must never choose.

## Scores

Beam search with {beam} beams, the weights as shipped. `tatoeba-test-unseen`: sentences of the Tatoeba test set of 2021-08-07
whose English side is in no training pair; Chinese references in simplified characters. `multi30k-test2016`: captions of
pictures, another kind of text than the training's. BLEU and chrF2 as sacrebleu computes them (13a; of Chinese over characters).

| test | direction | sentences | BLEU | chrF |
|---|---|---|---|---|
{scores}

## Training

{steps:,} steps, {target_tokens} million target tokens ({epochs:.1f} passes over {pairs:,} pairs), Adam with the paper's schedule, label smoothing 0.1,
dropout 0.1, the mean of the last {snapshots} snapshots. {history}

| step | millions of target tokens | validation loss en-de | en-fr | en-zh |
|---|---|---|---|---|
{curve}

Loss is cross-entropy per token in nats, without smoothing. English sentences were split before training: a validation sentence
is in no training pair, with no translation.

## What the heads do

- Cross-attention aligns words: on 20 hand-aligned English-German sentences the alignment error rate of the best head is
  {alignment_best} ({alignment_head}); of the best layer's mean over heads {alignment_mean} ({alignment_layer}).
- Mostly at the previous token: {previous}.
- Mostly at the next token: {next}.
- Mostly at themselves: {same}.
- In "The animal didn't cross the street because it was too tired." *it* gives most to *animal* in encoder layer {animal_layer},
  head {animal_head} ({animal}), and most to *street* in layer {street_layer}, head {street_head} ({street}).

## Limits

- Everyday sentences of one clause work best. Long sentences, rare words and special subjects do not.
- English is the only source language. Chinese is written in simplified characters only; it had a tenth of the data.
- The layout is that of Hugging Face's Marian. The product's tools are tested with this model and with small models in the layout of
  several others; real files of the hub are untested.

## Data and licence

Trained on sentence pairs of the Tatoeba project; see [ATTRIBUTION.md](ATTRIBUTION.md). The weights may be used under
the licence of that data, CC BY 2.0 FR.

## Files

Weights are float16 on disk with one `Cast` each; positions are float32. The decoder has no branches: past keys and
values are always inputs, of length 0 at first. Cross-attention keys are computed only for encoder states that the
cache does not cover yet. Made by `models/recipe`.

| file | bytes | sha256 |
|---|---|---|
{files}
'''

ATTRIBUTION = '''# Attribution

The translation model in this folder was trained on sentence pairs (English with German, French and Mandarin
Chinese) written by the contributors of the **Tatoeba** project, <https://tatoeba.org>, in the selections published
by the **Tab-delimited Bilingual Sentence Pairs** of ManyThings, <https://www.manythings.org/anki/>.

Both publish them under the Creative Commons Attribution 2.0 France licence (CC BY 2.0 FR),
<https://creativecommons.org/licenses/by/2.0/fr/>.

Changes made: sentences were normalised (NFKC, white space), traditional Chinese characters were converted to simplified ones,
duplicates and implausible pairs were left out, and the result was used to train a vocabulary and the weights of a neural
network. The sentences themselves are not part of this folder. Neither Tatoeba nor ManyThings endorses this model.

The pairs of TICO-19 (English with French and Chinese), <https://tico-19.github.io>, which were trained on too, are in the
public domain (CC0 1.0).
'''


def table_of_files(folder: Path) -> str:
    """One row per file of the folder but the card itself."""
    rows = []
    for path in sorted(path for path in folder.rglob('*') if path.is_file() and path.name != 'README.md'):
        data = path.read_bytes()
        name, digest = path.relative_to(folder).as_posix(), hashlib.sha256(data).hexdigest()
        rows.append(f'| `{name}` | {len(data):,} | `{digest}` |')
    return '\n'.join(rows)


def table_of_scores(scores: Dict[str, object]) -> str:
    """One row per test and direction of scores.json."""
    return '\n'.join(
        f'| {test} | {direction} | {row["sentences"]:,} | {row["bleu"]:.1f} | {row["chrf"]:.1f} |'
        for test, directions in scores['tests'].items() for direction, row in directions.items()
    )


def table_of_curve(curve: List[Dict[str, float]], rows: int = 12) -> str:
    """At most about `rows` of the validations, evenly spread, the last one included."""
    every = max(1, -(-len(curve) // rows))
    chosen = curve[::-1][::every][::-1]
    return '\n'.join(
        f'| {entry["step"]:,} | {entry["tokens"] / 1e6:.1f} | {entry["de"]:.3f} | {entry["fr"]:.3f} | {entry["zh"]:.3f} |'
        for entry in chosen
    )


def facts_of_heads(attention: Dict[str, object]) -> Dict[str, object]:
    """What attention.json says, as words for the card."""
    def listed(where: str) -> str:
        heads = sorted(attention['positional'][where].items(), key=lambda item: -item[1])
        return ', '.join(f'{head} ({share:.2f})' for head, share in heads) or 'no head by more than half'

    best, rate = next(iter(attention['alignment']['best'].items()))
    mean = min(attention['alignment']['means'], key=attention['alignment']['means'].get)
    facts: Dict[str, object] = {
        'alignment_head': best, 'alignment_best': rate,
        'alignment_layer': mean, 'alignment_mean': attention['alignment']['means'][mean],
        **{where: listed(where) for where in ('previous', 'next', 'same')},
    }
    for noun in ('animal', 'street'):
        row = max(attention['it'], key=lambda each: each[noun])
        facts.update({noun: row[noun], f'{noun}_layer': row['layer'], f'{noun}_head': row['head']})
    return facts


def write(
    folder: Path, config: Dict[str, object], parameters: int, training: Dict[str, object], scores: Dict[str, object],
    attention: Dict[str, object],
) -> None:
    """Writes both texts; call it when all other files are in place."""
    (folder / 'ATTRIBUTION.md').write_text(ATTRIBUTION, 'utf8')
    data = training['data']
    pairs = sum(data[language]['train'] for language in ('de', 'fr', 'zh'))
    card = CARD.format(
        **config, **facts_of_heads(attention),
        head_size=config['d_model'] // config['encoder_attention_heads'], parameters=parameters,
        beam=scores['beam'], scores=table_of_scores(scores),
        steps=training['steps'], target_tokens=round(training['targetTokens'] / 1e6, 1), epochs=training['passes'],
        pairs=pairs, snapshots=len(training['snapshots']), history=training['history'],
        curve=table_of_curve(training['curve']), files=table_of_files(folder),
    )
    (folder / 'README.md').write_text(card, 'utf8')

"""The texts of a model folder: README.md (the card) and ATTRIBUTION.md."""
import hashlib
from pathlib import Path
from typing import Dict

CARD = '''---
license: cc-by-2.0
language: [en, de, fr, zh]
library_name: transformers.js
pipeline_tag: translation
---

# English to German, French and Chinese

A small encoder-decoder Transformer of the architecture of "Attention Is All You Need" (post-norm, ReLU
feed-forward, sinusoidal positions, one embedding matrix for encoder, decoder and output), trained from scratch.
It is made to be looked at: every head, mask and position of it can be explored. As a translator it is a toy.

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

Greedy decoding, first 500 sentences of the Tatoeba test set of 2021-08-07 that no training sentence occurs in;
the weights before rounding to float16. BLEU of Chinese is over characters.

| direction | BLEU | chrF |
|---|---|---|
{scores}

## Limits

- Trained for about three epochs only; the loss was still falling.
- Everyday sentences of one clause work best. Long sentences and rare words do not; it repeats itself.
- Rare Chinese characters come out as unknown: few of the {vocab_size} pieces are Chinese.
- English is the only source language.

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

Changes made: sentences were normalised (NFKC, white space), duplicates and pairs with traditional Chinese
characters were left out, and the result was used to train a vocabulary and the weights of a neural network. The
sentences themselves are not part of this folder. Neither Tatoeba nor ManyThings endorses this model.
'''


def table_of_files(folder: Path) -> str:
    """One row per file of the folder but the card itself."""
    rows = []
    for path in sorted(path for path in folder.rglob('*') if path.is_file() and path.name != 'README.md'):
        data = path.read_bytes()
        name, digest = path.relative_to(folder).as_posix(), hashlib.sha256(data).hexdigest()
        rows.append(f'| `{name}` | {len(data):,} | `{digest}` |')
    return '\n'.join(rows)


def write(folder: Path, config: Dict[str, object], parameters: int, scores: str) -> None:
    """Writes both texts; call it when all other files are in place. `scores` are the rows of the table."""
    (folder / 'ATTRIBUTION.md').write_text(ATTRIBUTION, 'utf8')
    head_size = config['d_model'] // config['encoder_attention_heads']
    card = CARD.format(
        **config, head_size=head_size, parameters=parameters, scores=scores, files=table_of_files(folder)
    )
    (folder / 'README.md').write_text(card, 'utf8')

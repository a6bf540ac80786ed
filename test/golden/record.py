"""Records every golden file again. Usage: record.py CHECKPOINT_DIR

CHECKPOINT_DIR holds spm.model, the SentencePiece vocabulary of models/translate-en-de-fr-zh. Everything else is in
the repository. Needs Python 3.9 with torch, onnx, numpy and sentencepiece; see README.md.
"""
import argparse
from pathlib import Path

from recording import attribution, decoder_only, encoder_only, english_tokens, gradient, interventions, tokenizer, training, translation
from recording.layouts import bart, bert, bloom, distilbert, gpt2, llama, marian, merged, sdpa, t5


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('checkpoint', type=Path)
    checkpoint = arguments.parse_args().checkpoint
    tokenizer.record(checkpoint)
    translation.record(checkpoint)
    encoder_only.record()
    decoder_only.record()
    interventions.record(checkpoint)
    english_tokens.record()
    for layout in (bart, bert, bloom, distilbert, gpt2, llama, marian, merged, sdpa, t5):
        layout.write()
    gradient.record()
    attribution.record()
    training.record(checkpoint)


if __name__ == '__main__':
    main()

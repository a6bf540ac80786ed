"""Turns a trained checkpoint into the folder the product ships. Usage: export_starter.py CHECKPOINT_DIR OUTPUT_DIR

The checkpoint folder holds model.safetensors (Hugging Face's Marian names), spm.model, config.json and scores.txt.
"""
import argparse
import json
import re
from pathlib import Path

import onnx
import sentencepiece

import check_onnx
import marian_config
import marian_graph
import model_card
import safetensors_file
import unigram_tokenizer


def scores_table(text: str) -> str:
    """Rows of `direction | BLEU | chrF` from lines such as `en-de: BLEU 20.7 chrF 42.2 (greedy)`."""
    rows = re.findall(r'^(\S+): BLEU ([\d.]+) chrF ([\d.]+)', text, re.M)
    return '\n'.join(f'| {direction} | {bleu} | {chrf} |' for direction, bleu, chrf in rows)


def write_json(path: Path, value: object, indent: int = 2) -> None:
    """Indents for people; vocabularies (indent 0) are packed."""
    style = {'indent': indent} if indent else {'separators': (',', ':')}
    path.write_text(json.dumps(value, ensure_ascii=False, **style) + '\n', 'utf8')


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('checkpoint', type=Path)
    arguments.add_argument('output', type=Path)
    options = arguments.parse_args()

    config = json.loads((options.checkpoint / 'config.json').read_text('utf8'))
    weights = safetensors_file.read(options.checkpoint / 'model.safetensors')
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(options.checkpoint / 'spm.model'))
    size, output = marian_config.size_of(config), options.output
    (output / 'onnx').mkdir(parents=True, exist_ok=True)

    for name, make in (('encoder_model', marian_graph.encoder), ('decoder_model_merged', marian_graph.decoder)):
        path = output / 'onnx' / f'{name}.onnx'
        onnx.save(make(size, weights), str(path))
        check_onnx.check(path)
    write_json(output / 'config.json', marian_config.model_config(config))
    write_json(output / 'generation_config.json', marian_config.generation_config(size))
    write_json(output / 'tokenizer.json', unigram_tokenizer.tokenizer_json(pieces), indent=0)
    write_json(output / 'tokenizer_config.json', unigram_tokenizer.tokenizer_config(size.positions))
    scores = scores_table((options.checkpoint / 'scores.txt').read_text('utf8'))
    model_card.write(output, marian_config.model_config(config), sum(array.size for array in weights.values()), scores)


if __name__ == '__main__':
    main()

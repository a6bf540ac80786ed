"""Stage 5: turns a scored checkpoint into the folder that is shipped. Usage: export.py CHECKPOINT_DIR OUTPUT_DIR

CHECKPOINT_DIR is what average.py made (model.safetensors, config.json, spm.model, training.json), with the scores.json of
evaluate.py and the attention.json of attention_report.py. The same checkpoint gives the same bytes.
"""
import argparse
import json
from pathlib import Path

import onnx
import sentencepiece

import check_onnx
import marian_config
import marian_graph
import model_card
import safetensors_file
import unigram_tokenizer


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('checkpoint', type=Path)
    arguments.add_argument('output', type=Path)
    options = arguments.parse_args()

    needed = ('config', 'training', 'scores', 'attention')
    missing = [f'{name}.json' for name in needed if not (options.checkpoint / f'{name}.json').exists()]
    if missing:
        raise SystemExit(f'{options.checkpoint} has no {" and no ".join(missing)}: run the stages before this one.')
    config, training, scores, attention = (
        json.loads((options.checkpoint / f'{name}.json').read_text('utf8')) for name in needed
    )
    weights = safetensors_file.read(options.checkpoint / 'model.safetensors')
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(options.checkpoint / 'spm.model'))
    size, output = marian_config.size_of(config), options.output
    (output / 'onnx').mkdir(parents=True, exist_ok=True)

    for name, make in (('encoder_model', marian_graph.encoder), ('decoder_model_merged', marian_graph.decoder)):
        path = output / 'onnx' / f'{name}.onnx'
        onnx.save(make(size, weights), str(path))
        check_onnx.check(path)
    marian_config.write_json(output / 'config.json', marian_config.model_config(config))
    marian_config.write_json(output / 'generation_config.json', marian_config.generation_config(size))
    marian_config.write_json(output / 'tokenizer.json', unigram_tokenizer.tokenizer_json(pieces), indent=0)
    marian_config.write_json(output / 'tokenizer_config.json', unigram_tokenizer.tokenizer_config(size.positions))
    parameters = sum(array.size for array in weights.values())
    model_card.write(output, marian_config.model_config(config), parameters, training, scores, attention)


if __name__ == '__main__':
    main()

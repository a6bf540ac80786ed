"""Stage 4 of the two English models: turns a scored run into the folder that is shipped. Usage: export_language_model.py DATA_DIR RUN_DIR OUTPUT_DIR

The same run gives the same bytes.
"""
import argparse
import json
from pathlib import Path

import onnx

import byte_pairs
import check_onnx
import language_model_card
import language_model_config
import language_model_graph
import language_model_log
import word_pieces
from evaluate_language_model import newest
from marian_config import write_json

# What a small model may take, card included.
LARGEST = 5_000_000


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('data', type=Path)
    arguments.add_argument('run', type=Path)
    arguments.add_argument('output', type=Path)
    arguments.add_argument('--history', default='', help='a sentence for the card, such as that the training was prolonged')
    options = arguments.parse_args()
    if not (options.run / 'scores.json').exists():
        raise SystemExit(f'{options.run} has no scores.json: run evaluate_language_model.py before.')
    model, output = newest(options.run, half=False), options.output
    family, size = model.family, model.size
    (output / 'onnx').mkdir(parents=True, exist_ok=True)

    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    path = output / 'onnx' / 'model.onnx'
    onnx.save(language_model_graph.GRAPHS[family](size, weights), str(path))
    check_onnx.check(path)
    write_json(output / 'config.json', language_model_config.CONFIGS[family](size))
    if family == 'gpt':
        write_json(output / 'generation_config.json', language_model_config.generation_config(size))
    maker = {'gpt': byte_pairs, 'bert': word_pieces}[family]
    tokenizer = json.loads((options.data / f'{family}.tokenizer.json').read_text('utf8'))
    write_json(output / 'tokenizer.json', tokenizer, indent=0)
    write_json(output / 'tokenizer_config.json', maker.tokenizer_config(size.positions))
    scores, prepared = (
        json.loads(file.read_text('utf8')) for file in (options.run / 'scores.json', options.data / 'prepare.json')
    )
    language_model_card.write(output, model, scores, language_model_log.curve(options.run), prepared, options.history)
    total = sum(file.stat().st_size for file in output.rglob('*') if file.is_file())
    if total > LARGEST:
        raise SystemExit(f'{output} takes {total} bytes, more than {LARGEST}.')
    print(f'{output}: {total} bytes')


if __name__ == '__main__':
    main()

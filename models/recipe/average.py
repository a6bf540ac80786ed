"""Stage 3: averages the newest snapshots of a training (section 6.1 of the paper). Usage: average.py RUN_DIR DATA_DIR CHECKPOINT_DIR

CHECKPOINT_DIR gets model.safetensors (Hugging Face's Marian names, float32), config.json, spm.model and training.json (how
long it was trained, the curve, what prepare.py kept), which is all that evaluate.py and export.py need.
"""
import argparse
import json
import shutil
from pathlib import Path
from typing import List

import sentencepiece

import checkpoint
import marian_config
import safetensors_file


def curve(run: Path) -> List[object]:
    """The validations in log.jsonl; after a resume, lines of steps that were done again are replaced by the later ones."""
    entries = {}
    for line in (run / 'log.jsonl').read_text('utf8').splitlines():
        entry = json.loads(line)
        entries[entry['step']] = entry
    return [entries[step] for step in sorted(entries) if len(entries[step]) > 3]


def tokens_in(data: Path) -> int:
    """Target tokens of one pass over the training data, the ends included."""
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(data / 'spm.model'))
    targets = [line.split('\t')[1] for line in (data / 'train.tsv').read_text('utf8').splitlines()]
    return sum(len(ids) + 1 for ids in pieces.encode(targets))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('run', type=Path)
    arguments.add_argument('data', type=Path)
    arguments.add_argument('output', type=Path)
    arguments.add_argument('--history', default='', help='a sentence for the model card, such as what it was grown from')
    arguments.add_argument('--last', type=int, default=5, help='how many snapshots')
    options = arguments.parse_args()

    chosen = checkpoint.snapshots(options.run)[-options.last:]
    if not chosen:
        raise SystemExit(f'{options.run} holds no snapshots: train first.')
    last = checkpoint.read_last(options.run, 'cpu')
    options.output.mkdir(parents=True, exist_ok=True)
    weights = {f'model.{name}': tensor.numpy() for name, tensor in checkpoint.average(chosen).items()}
    safetensors_file.write(options.output / 'model.safetensors', weights)
    marian_config.write_json(options.output / 'config.json', marian_config.training_config(last['size']))
    shutil.copyfile(options.data / 'spm.model', options.output / 'spm.model')
    marian_config.write_json(options.output / 'training.json', {
        'steps': last['step'], 'targetTokens': last['tokens'], 'passes': round(last['tokens'] / tokens_in(options.data), 2),
        'history': options.history,
        'snapshots': [path.stem for path in chosen], 'data': json.loads((options.data / 'prepare.json').read_text('utf8')),
        'curve': curve(options.run),
    })
    print(f'{len(chosen)} snapshots up to step {last["step"]} in {options.output}')


if __name__ == '__main__':
    main()

"""Begins a training from a smaller translator instead of from random weights. Usage: grow.py CHECKPOINT_DIR DATA_DIR RUN_DIR

Layers that change nothing are put between the smaller model's, and every piece of the new vocabulary begins as the mean of the
old pieces that it is made of, so that the larger model starts as good as the smaller one and needs fewer epochs (Chen et al. 2016,
Net2Net; Gong et al. 2019, Efficient Training of BERT by Progressively Stacking). CHECKPOINT_DIR holds model.safetensors, config.json and spm.model. Then run train.py on RUN_DIR.
"""
import argparse
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Dict

import numpy as np
import sentencepiece
import torch
from torch import Tensor

import checkpoint
import marian_config
import safetensors_file
from marian_model import Marian, Size

_LAYER = re.compile(r'(encoder|decoder)\.layers\.(\d+)\.(.+)')
_SPACE = '▁'


def grow_layers(weights: Dict[str, Tensor], old: int, new: int) -> Dict[str, Tensor]:
    """Spreads `old` layers a stack over `new`; the layers in between change nothing at first.

    An inserted layer has the projections of the layer before it, but adds zero: its output matrices are 0, and its norms
    scale by what the norm before them does on the average.
    """
    grown: Dict[str, Tensor] = {}
    for name, tensor in weights.items():
        found = _LAYER.fullmatch(name)
        if not found:
            grown[name] = tensor
            continue
        stack, index, rest = found.groups()
        copies = [layer for layer in range(new) if layer * old // new == int(index)]
        grown[f'{stack}.layers.{copies[0]}.{rest}'] = tensor
        for layer in copies[1:]:
            if 'out_proj' in rest or 'fc2' in rest:
                inserted = torch.zeros_like(tensor)
            elif rest.endswith('layer_norm.weight'):
                before = weights[f'{stack}.layers.{index}.final_layer_norm.weight']
                inserted = torch.full_like(tensor, float(before.pow(2).mean().sqrt()))
            elif rest.endswith('layer_norm.bias'):
                inserted = torch.zeros_like(tensor)
            else:
                inserted = tensor.clone()
            grown[f'{stack}.layers.{layer}.{rest}'] = inserted
    return grown


def grow_embedding(
    matrix: Tensor, old: sentencepiece.SentencePieceProcessor, new: sentencepiece.SentencePieceProcessor, start: Tensor
) -> Tensor:
    """`[new pieces + padding, width]`; pieces that the old vocabulary cannot write keep their random `start`."""
    grown = start.clone()
    for index in range(new.get_piece_size()):
        piece = new.id_to_piece(index)
        known = old.piece_to_id(piece)
        if known != old.unk_id() or index == new.unk_id():
            grown[index] = matrix[known]
            continue
        parts = old.encode(piece.replace(_SPACE, ' '))
        # Encoding puts a space in front, which a piece inside a word does not have.
        if not piece.startswith(_SPACE) and parts[0] == old.piece_to_id(_SPACE):
            parts = parts[1:]
        known_parts = [part for part in parts if part != old.unk_id()]
        if known_parts:
            grown[index] = matrix[known_parts].mean(0) + 0.3 * start[index]
    grown[-1] = 0
    return grown


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('checkpoint', type=Path)
    arguments.add_argument('data', type=Path)
    arguments.add_argument('run', type=Path)
    arguments.add_argument('--layers', type=int, default=6, help='of the encoder and of the decoder')
    options = arguments.parse_args()
    if (options.run / checkpoint.LAST).exists():
        raise SystemExit(f'{options.run} holds a training already: choose another folder.')
    options.run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)

    smaller = marian_config.size_of(json.loads((options.checkpoint / 'config.json').read_text('utf8')))
    tensors: Dict[str, np.ndarray] = safetensors_file.read(options.checkpoint / 'model.safetensors')
    weights = {name[len('model.'):]: torch.from_numpy(array.copy()).float() for name, array in tensors.items()}
    old = sentencepiece.SentencePieceProcessor(model_file=str(options.checkpoint / 'spm.model'))
    new = sentencepiece.SentencePieceProcessor(model_file=str(options.data / 'spm.model'))

    size: Size = replace(
        smaller, vocabulary=new.get_piece_size() + 1, encoder_layers=options.layers, decoder_layers=options.layers
    )
    model = Marian(size)
    grown = grow_layers(weights, smaller.encoder_layers, options.layers)
    grown['shared.weight'] = grow_embedding(weights['shared.weight'], old, new, model.shared.weight.detach())
    model.load_state_dict(grown)
    checkpoint.write(
        options.run / checkpoint.LAST,
        {'size': size, 'model': model.state_dict(), 'step': 0, 'position': (0, 0), 'tokens': 0},
    )
    print(f'{sum(each.numel() for each in model.parameters()) / 1e6:.1f} M parameters in {options.run}')


if __name__ == '__main__':
    main()

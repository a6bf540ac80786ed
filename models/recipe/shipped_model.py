"""Reads an exported folder back into PyTorch: the reference then runs exactly the weights that are shipped."""
import json
from pathlib import Path
from typing import Dict

import numpy as np
import onnx
from onnx import numpy_helper

from marian_config import size_of
from marian_model import Marian, load

_TRANSPOSED = '.weight_t'


def weights(folder: Path) -> Dict[str, np.ndarray]:
    """Every weight of both files under its Hugging Face name, in float32, `[out, in]` like a checkpoint."""
    result: Dict[str, np.ndarray] = {}
    for file in ('encoder_model.onnx', 'decoder_model_merged.onnx'):
        for tensor in onnx.load(str(folder / 'onnx' / file)).graph.initializer:
            if not tensor.name.startswith('model.') or 'embed_positions' in tensor.name:
                continue
            array = numpy_helper.to_array(tensor).astype(np.float32)
            if tensor.name.endswith(_TRANSPOSED):
                result[tensor.name[: -len('_t')]] = array.T
            else:
                result[tensor.name] = array
    return result


def read(folder: Path) -> Marian:
    """The model of an exported folder, in evaluation mode."""
    config = json.loads((folder / 'config.json').read_text('utf8'))
    return load(weights(folder), size_of(config), half=False)

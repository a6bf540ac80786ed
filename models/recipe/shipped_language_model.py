"""Reads the exported folder of an English model back into PyTorch: the reference then runs exactly the weights that are shipped."""
import json
from pathlib import Path

import onnx

from language_model import LanguageModel, load
from language_model_config import FAMILY, size_of
from language_model_data import Vocabulary, read_vocabulary
from language_model_graph import weights_of


def read(folder: Path) -> LanguageModel:
    """The model of an exported folder, in evaluation mode."""
    config = json.loads((folder / 'config.json').read_text('utf8'))
    weights = weights_of(onnx.load(str(folder / 'onnx' / 'model.onnx')))
    return load(weights, FAMILY[config['model_type']], size_of(config), half=False)


def vocabulary(folder: Path) -> Vocabulary:
    """The vocabulary of an exported folder."""
    return read_vocabulary(folder / 'tokenizer.json')

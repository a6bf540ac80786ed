"""Checks that hold for every file the recipe writes: weights in float16, and no matrix stored twice."""
from pathlib import Path
from typing import Dict

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

# Below this, two equal arrays may be a coincidence (biases of zeros, norms of ones).
SMALLEST_MATRIX = 4096


def no_matrix_twice(model: onnx.ModelProto) -> None:
    """@raises ValueError naming two initializers that hold the same matrix, as it is or transposed."""
    seen: Dict[bytes, str] = {}
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.ndim != 2 or array.size < SMALLEST_MATRIX:
            continue
        first, second = np.ascontiguousarray(array), np.ascontiguousarray(array.T)
        for form in (first.tobytes(), second.tobytes()):
            if form in seen and seen[form] != tensor.name:
                raise ValueError(f'{tensor.name} holds the same matrix as {seen[form]}.')
            seen[form] = tensor.name


def weights_in_half(model: onnx.ModelProto) -> None:
    """@raises ValueError for a float32 initializer other than constants and the exact table of positions."""
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and np.prod(tensor.dims) > 1 and 'embed_positions' not in tensor.name:
            raise ValueError(f'{tensor.name} {list(tensor.dims)} is stored as float32.')


def check(path: Path) -> None:
    """All checks of this file and ONNX's own, on the file as it is on disk."""
    model = onnx.load(str(path))
    onnx.checker.check_model(model, full_check=True)
    no_matrix_twice(model)
    weights_in_half(model)

"""What the small recorded models share: seeded weights, the attention recorder, and the files of their folder."""
import contextlib
import io
import json
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

import safetensors_file

Tensors = Dict[str, Tensor]


class RecordedAttention(nn.Module):
    """An attention that keeps the stages of its last run while `recording` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.recording: Optional[Tensors] = None
        self.label = ''

    def keep(self, **stages: Tensor) -> None:
        """Called by the forward pass with q, k, v, scores, scaled, mask, masked and weights."""
        if self.recording is not None:
            self.recording.update({f'{self.label}.{stage}': tensor for stage, tensor in stages.items()})


def randomise(module: nn.Module, seed: int, sharp: Sequence[str] = (), deviation: float = 0.2) -> None:
    """Seeded weights; those whose name contains one of `sharp` (queries, keys) have `deviation`: peaked attention."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in sorted(module.named_parameters()):
        noise = torch.randn(parameter.shape, generator=generator)
        is_scale = parameter.ndim == 1 and name.endswith('weight')
        spread = deviation if any(part in name for part in sharp) and parameter.ndim == 2 else 0.1
        parameter.data = noise * spread + (1.0 if is_scale else 0.0)
    module.eval()


@torch.no_grad()
def record(model: nn.Module, labels: Dict[str, str], inputs: Sequence[Tensor]) -> Tensors:
    """Runs `model` once; `labels` maps module paths to names such as `encoder.0.self`."""
    recording: Tensors = {}
    for path, label in labels.items():
        attention = model.get_submodule(path)
        attention.recording, attention.label = recording, label
    outputs = model(*inputs)
    for path in labels:
        model.get_submodule(path).recording = None
    recording['outputs'] = outputs
    return recording


def export(
    model: nn.Module, path: Path, inputs: Dict[str, Tensor], outputs: Sequence[str], axes: Dict[str, Dict[int, str]],
    opset: int,
) -> None:
    """torch.onnx.export as other people call it, noise included; warnings of the tracer are not printed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.redirect_stderr(io.StringIO()), torch.no_grad():
        torch.onnx.export(
            model, tuple(inputs.values()), str(path), input_names=list(inputs), output_names=list(outputs),
            dynamic_axes=axes, opset_version=opset, do_constant_folding=True,
        )
    onnx.checker.check_model(str(path), full_check=True)


def _initializers(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """Those of the graph, then those of its branches."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _initializers(attribute.g)


def write_weight_names(path: Path, model: nn.Module) -> None:
    """Beside a graph: the tensors that hold each parameter of the module; exporters transpose and rename matrices."""
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in _initializers(onnx.load(str(path)).graph)}
    found: Dict[str, List[Dict[str, object]]] = {}
    for name, parameter in model.named_parameters():
        values = parameter.detach().numpy()
        holders = [
            {'tensor': tensor, 'transposed': transposed}
            for tensor, array in tensors.items()
            for transposed in (False, True)
            if (values.ndim > 1 or not transposed) and np.array_equal(array, values.T if transposed else values)
        ]
        if not holders:
            raise ValueError(f'{path.name} has no tensor with the values of {name}.')
        found[name] = holders
    write_json(path.with_suffix('.weights.json'), found)


def write_json(path: Path, value: object) -> None:
    """Indented for people."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + '\n', 'utf8')


def write_golden(path: Path, tensors: Tensors) -> None:
    """Float32 and int64 tensors as safetensors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    safetensors_file.write(path, {name: tensor.detach().contiguous().numpy() for name, tensor in tensors.items()})


def pad(sequences: Sequence[Sequence[int]], padding: int) -> Dict[str, Tensor]:
    """Right-padded `input_ids` and their `attention_mask`, `[batch, longest]`."""
    longest = max(map(len, sequences))
    return {
        'input_ids': torch.tensor([[*ids, *[padding] * (longest - len(ids))] for ids in sequences]),
        'attention_mask': torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids in sequences]),
    }

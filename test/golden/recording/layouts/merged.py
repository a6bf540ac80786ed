"""Decoders as Hugging Face merges them: one `If` with a branch for an empty cache and one for a full one."""
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Dict, List, Tuple

import onnx
import torch
from onnx import TensorProto, helper

from recording import GOLDEN, model_folder
from recording.layouts import layout, marian

CONDITION = 'use_cache_branch'
# Target tokens that the golden cache holds; the others are read with it.
FIRST = 4


class _Growing(torch.nn.Module):
    """The decoder with a full cache: of the cached tensors it answers only those that grew."""

    def __init__(self, decoder: torch.nn.Module) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, *inputs: torch.Tensor) -> Tuple[torch.Tensor, ...]:
        logits, *presents = self.decoder(*inputs)
        names = layout.cache_names('present')
        return (logits, *(tensor for name, tensor in zip(names, presents) if '.decoder.' in name))


def _branch(
    path: Path, decoder: torch.nn.Module, inputs: Dict[str, torch.Tensor], outputs: List[str], opset: int
) -> onnx.ModelProto:
    """One of the two decoders, exported by itself."""
    past = {name: {0: 'batch_size', 2: 'past_sequence_length'} for name in inputs if name.startswith('past')}
    present = {name: {0: 'batch_size', 2: 'total_sequence_length'} for name in outputs if name.startswith('present')}
    axes = {**layout.axes([*inputs, 'logits']), **past, **present}
    model_folder.export(decoder, path, inputs, outputs, axes, opset)
    return onnx.load(str(path))


def _rename(graph: onnx.GraphProto, names: Dict[str, str]) -> None:
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]


def _share(first: onnx.GraphProto, second: onnx.GraphProto) -> List[TensorProto]:
    """Takes the weights that both branches have out of them, for the graph around the If."""
    values: Dict[Tuple[object, ...], TensorProto] = {}
    for tensor in first.initializer:
        values[(tensor.data_type, tuple(tensor.dims), tensor.raw_data)] = tensor
    shared, names, own = [], {}, []
    for tensor in second.initializer:
        twin = values.pop((tensor.data_type, tuple(tensor.dims), tensor.raw_data), None)
        if twin is None:
            own.append(tensor)
        else:
            names[tensor.name] = twin.name
            shared.append(twin)
    _rename(second, names)
    kept = [tensor for tensor in first.initializer if tensor not in shared]
    for graph, tensors in ((first, kept), (second, own)):
        del graph.initializer[:]
        graph.initializer.extend(tensors)
    return shared


def _merge(without: onnx.ModelProto, with_past: onnx.ModelProto) -> onnx.ModelProto:
    """The If around both; the branches read the inputs of the graph around them."""
    empty, full = without.graph, with_past.graph
    # The full branch does not read the encoder's states, so the tracer has dropped that input from it.
    past = [value for value in full.input if value.name.startswith('past')]
    inputs = [*empty.input, *past, helper.make_tensor_value_info(CONDITION, TensorProto.BOOL, [1])]
    outputs = list(empty.output)
    for output in outputs:
        # With a cache, the encoder's keys and values are known already: a tensor without elements stands for them.
        if output.name not in {known.name for known in full.output}:
            dims = [0, layout.HEADS, 1, layout.HEAD_SIZE]
            nothing = helper.make_tensor(f'{output.name}_nothing', TensorProto.FLOAT, dims, [])
            full.node.append(helper.make_node('Constant', [], [output.name], value=nothing))
            full.output.append(helper.make_tensor_value_info(output.name, TensorProto.FLOAT, dims))
    ordered = {output.name: output for output in full.output}
    del full.output[:]
    full.output.extend(ordered[output.name] for output in outputs)
    shared = _share(empty, full)
    for graph in (empty, full):
        del graph.input[:]
    names = [output.name for output in outputs]
    node = helper.make_node('If', [CONDITION], names, 'optimum::if', then_branch=full, else_branch=empty)
    graph = helper.make_graph([node], 'merged', inputs, outputs, shared)
    return helper.make_model(graph, opset_imports=without.opset_import, ir_version=without.ir_version)


def export(
    folder: str, decoder: torch.nn.Module, inputs: Dict[str, torch.Tensor], opset: int
) -> Dict[str, torch.Tensor]:
    """Writes decoder_model_merged.onnx; returns the cache after the first target tokens, by the names of its inputs."""
    target, presents = inputs['input_ids'], layout.cache_names('present')
    with torch.no_grad():
        _, *cached = decoder(*{**inputs, 'input_ids': target[:, :FIRST]}.values())
    cache = dict(zip(layout.cache_names('past_key_values'), cached))
    growing = ['logits', *(name for name in presents if '.decoder.' in name)]
    later = {**inputs, 'input_ids': target[:, FIRST:], **cache}
    with TemporaryDirectory() as place:
        empty = _branch(Path(place) / 'empty.onnx', decoder, inputs, ['logits', *presents], opset)
        full = _branch(Path(place) / 'full.onnx', _Growing(decoder), later, growing, opset)
    path = GOLDEN / 'layouts' / folder / 'onnx' / 'decoder_model_merged.onnx'
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(_merge(empty, full), str(path))
    onnx.checker.check_model(str(path))
    model_folder.write_weight_names(path, decoder)
    return cache


def write() -> None:
    """Writes layouts/merged: golden logits of all target tokens, and the cache after the first of them."""
    encoder, decoder = marian.make()
    source, target = layout.batch(39), layout.batch(40, (7, 7))['input_ids']
    with torch.no_grad():
        memory = encoder(*source.values())
    inputs = layout.decoder_inputs(source, target, memory)
    cache = export('merged', decoder, inputs, opset=11)
    layout.export('merged', encoder, source, ['last_hidden_state'], opset=11, file='encoder_model')
    recording = model_folder.record(decoder, marian.labels(True), list(inputs.values()))
    logits = recording.pop('outputs')[0]
    golden = {**source, 'decoder_input_ids': target, 'last_hidden_state': memory, 'logits': logits}
    layout.write('merged', marian.config(), {**golden, **cache, **recording})

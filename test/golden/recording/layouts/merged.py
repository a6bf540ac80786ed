"""The decoder of `bart` as Hugging Face merges it: one `If` with a branch for an empty cache and one for a full one."""
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Dict, List, Tuple

import onnx
import torch
from onnx import TensorProto, helper

from recording import GOLDEN, model_folder
from recording.layouts import bart, layout

OPSET = 11
CONDITION = 'use_cache_branch'


class _Growing(torch.nn.Module):
    """The decoder with a full cache: of the cached tensors it answers only those that grew."""

    def __init__(self, decoder: bart.Decoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, *inputs: torch.Tensor) -> Tuple[torch.Tensor, ...]:
        logits, *presents = self.decoder(*inputs)
        names = bart.cache_names('present')
        return (logits, *(tensor for name, tensor in zip(names, presents) if '.decoder.' in name))


def _branch(path: Path, decoder: bart.Decoder, inputs: Dict[str, torch.Tensor], outputs: List[str]) -> onnx.GraphProto:
    """One of the two decoders, exported by itself."""
    past = {name: {0: 'batch_size', 2: 'past_sequence_length'} for name in inputs if name.startswith('past')}
    present = {name: {0: 'batch_size', 2: 'total_sequence_length'} for name in outputs if name.startswith('present')}
    axes = {**layout.axes([*inputs, 'logits']), **past, **present}
    model_folder.export(decoder, path, inputs, outputs, axes, OPSET)
    return onnx.load(str(path)).graph


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


def _merge(empty: onnx.GraphProto, full: onnx.GraphProto) -> onnx.ModelProto:
    """The If around both; the branches read the inputs of the graph around them."""
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
    return helper.make_model(graph, opset_imports=[helper.make_opsetid('', OPSET)], ir_version=6)


def write() -> None:
    """Writes layouts/merged: golden logits of a first pass of 4 tokens, and of the 3 that follow it."""
    encoder, decoder = bart.make()
    source, target = layout.batch(39), layout.batch(40, (7, 7))['input_ids']
    with torch.no_grad():
        memory = encoder(*source.values())
        whole = {
            'encoder_attention_mask': source['attention_mask'], 'input_ids': target, 'encoder_hidden_states': memory,
        }
        logits = decoder(*whole.values())[0]
        _, *cache = decoder(source['attention_mask'], target[:, :4], memory)
    later = {**whole, 'input_ids': target[:, 4:], **dict(zip(bart.cache_names('past_key_values'), cache))}
    presents = bart.cache_names('present')
    with TemporaryDirectory() as folder:
        empty = _branch(Path(folder) / 'empty.onnx', decoder, whole, ['logits', *presents])
        growing = ['logits', *(name for name in presents if '.decoder.' in name)]
        full = _branch(Path(folder) / 'full.onnx', _Growing(decoder), later, growing)
    model = _merge(empty, full)
    path = GOLDEN / 'layouts' / 'merged' / 'onnx' / 'decoder_model_merged.onnx'
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))
    onnx.checker.check_model(str(path))
    layout.export('merged', encoder, source, ['last_hidden_state'], opset=OPSET, file='encoder_model')
    recording = model_folder.record(decoder, bart.labels(True), list(whole.values()))
    recording.pop('outputs')
    golden = {**source, 'decoder_input_ids': target, 'last_hidden_state': memory, 'logits': logits}
    caches = dict(zip(bart.cache_names('past_key_values'), cache))
    layout.write('merged', bart.config(), {**golden, **caches, **recording})

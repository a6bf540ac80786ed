"""Writes ONNX graphs by hand with readable names; knows nothing of Transformers."""
from contextlib import contextmanager
from typing import Dict, List, Sequence, Union

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
Dim = Union[int, str]


class GraphBuilder:
    """Collects nodes and weights; names of nodes and tensors are paths such as `/decoder/layers.0/self_attn/scores`."""

    def __init__(self, name: str):
        self.name = name
        self._path: List[str] = []
        self._nodes: List[onnx.NodeProto] = []
        self._casts: List[onnx.NodeProto] = []
        self._initializers: Dict[str, onnx.TensorProto] = {}
        self._names: Dict[str, int] = {}
        self._inputs: List[onnx.ValueInfoProto] = []
        self._outputs: List[onnx.ValueInfoProto] = []

    @contextmanager
    def scope(self, name: str):
        """Names made inside begin with this path element."""
        self._path.append(name)
        yield
        self._path.pop()

    def input(self, name: str, kind: int, dims: Sequence[Dim]) -> str:
        """Declares an input of the graph."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, dims))
        return name

    def output(self, name: str, tensor: str, kind: int, dims: Sequence[Dim]) -> None:
        """Declares an output of the graph, which is `tensor` under another name."""
        self._outputs.append(helper.make_tensor_value_info(name, kind, dims))
        for node in self._nodes:
            # The producer is renamed and not copied by an Identity: one tensor, one name.
            for slots in (node.input, node.output):
                slots[:] = [name if slot == tensor else slot for slot in slots]

    def weight(self, name: str, array: np.ndarray) -> str:
        """A weight stored as float16; answers the name of its float32 value. Asking twice stores it once."""
        value = f'{name}/float32'
        if name not in self._initializers:
            self._initializers[name] = numpy_helper.from_array(np.ascontiguousarray(array, np.float16), name)
            self._casts.append(helper.make_node('Cast', [name], [value], f'{name}/Cast', to=FLOAT))
        return value

    def constant(self, name: str, value: Union[float, Sequence[int], np.ndarray]) -> str:
        """A constant stored as it is: float32 for numbers with a point, int64 for the rest. Same name, same value."""
        if name not in self._initializers:
            array = np.asarray(value)
            array = array.astype(np.float32 if array.dtype.kind == 'f' else np.int64)
            self._initializers[name] = numpy_helper.from_array(array, name)
        return name

    def node(self, op: str, inputs: Sequence[str], result: str, **attributes) -> str:
        """Adds `op` and answers the name of its only output, `result` in the current scope."""
        output = self._unique(result)
        self._nodes.append(helper.make_node(op, inputs, [output], self._unique(op), **attributes))
        return output

    def split(self, tensor: str, sizes: Sequence[int], results: Sequence[str]) -> List[str]:
        """Cuts the last axis into parts of these sizes and answers their names, `results` in the current scope."""
        outputs = [self._unique(result) for result in results]
        lengths = self.constant('split_' + '_'.join(map(str, sizes)), sizes)
        self._nodes.append(helper.make_node('Split', [tensor, lengths], outputs, self._unique('Split'), axis=-1))
        return outputs

    def model(self) -> onnx.ModelProto:
        """The finished model, checked."""
        graph = helper.make_graph(
            self._casts + self._nodes, self.name, self._inputs, self._outputs, list(self._initializers.values())
        )
        model = helper.make_model(
            graph, producer_name='transformer-explorer', opset_imports=[helper.make_opsetid('', OPSET)]
        )
        model.ir_version = 8
        onnx.checker.check_model(model, full_check=True)
        return model

    def _unique(self, name: str) -> str:
        path = '/' + '/'.join([*self._path, name])
        count = self._names.get(path, 0)
        self._names[path] = count + 1
        return f'{path}_{count}' if count else path

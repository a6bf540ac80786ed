"""Small calculations of one ONNX node each, with the function of PyTorch that they are: what autograd says of them."""
import math
from typing import Callable, Dict, List, Optional, Sequence, Union

import torch
from torch import Tensor, nn

Attribute = Union[int, float, str, Sequence[int]]
Result = Union[Tensor, Sequence[Tensor]]
Case = Dict[str, object]

CASES: List[Case] = []
_generator = torch.Generator().manual_seed(6)


def noise(*dims: int, low: float = -1.5, high: float = 1.5) -> Tensor:
    """Distinct numbers of three decimals in [low, high], in float64, so that both sides read the same."""
    count = math.prod(dims)
    steps = torch.randperm(count, generator=_generator).double() / max(count - 1, 1)
    jitter = torch.rand(count, generator=_generator).double() * 0.4 / max(count, 2)
    return (low + (high - low) * (steps * 0.9 + jitter)).mul(1000).round().div(1000).reshape(dims)


def ints(*values: object) -> Tensor:
    """Whole numbers."""
    return torch.tensor(list(values), dtype=torch.int64)


def case(
    name: str, op: str, inputs: Dict[str, Optional[Tensor]], function: Callable[..., Result],
    attributes: Optional[Dict[str, Attribute]] = None, domain: str = '', fixed: Sequence[str] = (), opset: int = 18,
    blanks: int = 0, spare: int = 0,
) -> None:
    """
    Records one node. `function` takes the inputs in order; its results times fixed numbers are added up to the loss. Floating point
    inputs are differentiated unless they are `fixed`; None leaves an optional input out. `blanks` is the number of optional
    outputs before the last one, `spare` of those after it that nothing reads.
    """
    tensors = {key: tensor.clone() for key, tensor in inputs.items() if tensor is not None}
    wanted = [key for key, tensor in tensors.items() if tensor.is_floating_point() and key not in fixed]
    for key in wanted:
        tensors[key].requires_grad_()
    results = function(*(None if tensor is None else tensors[key] for key, tensor in inputs.items()))
    results = [results] if isinstance(results, Tensor) else list(results)
    seeds = [noise(*result.shape) if result.ndim else torch.tensor(0.7).double() for result in results]
    loss = sum((result * seed).sum() for result, seed in zip(results, seeds))
    gradients = torch.autograd.grad(loss, [tensors[key] for key in wanted])
    CASES.append({
        'name': name, 'opType': op, 'domain': domain, 'opset': opset, 'blanks': blanks, 'spare': spare,
        'attributes': attributes or {},
        'inputs': [key if tensor is not None else '' for key, tensor in inputs.items()],
        'tensors': {key: described(tensor) for key, tensor in tensors.items()},
        'results': [described(result) for result in results], 'seeds': [described(seed) for seed in seeds],
        'gradients': {key: described(gradient) for key, gradient in zip(wanted, gradients)},
    })


def described(tensor: Tensor) -> Dict[str, object]:
    """Type, shape and numbers."""
    kind = 'float' if tensor.is_floating_point() else 'bool' if tensor.dtype == torch.bool else 'int'
    values = tensor.detach().reshape(-1).tolist()
    return {
        'kind': kind, 'dims': list(tensor.shape),
        'values': [float(f'{value:.12g}') for value in values] if kind == 'float' else [int(value) for value in values],
    }


def scalar(value: float) -> Tensor:
    """A number without axes."""
    return torch.tensor(value, dtype=torch.float64)


def pointwise() -> None:
    """Functions of one number."""
    wide, positive = noise(2, 5, low=-2.5, high=2.5), noise(2, 5, low=0.2, high=3.0)
    functions: Dict[str, Callable[[Tensor], Tensor]] = {
        'Identity': lambda x: x * 1, 'Neg': torch.neg, 'Abs': torch.abs, 'Exp': torch.exp, 'Sin': torch.sin, 'Cos': torch.cos,
        'Tanh': torch.tanh, 'Sigmoid': torch.sigmoid, 'Erf': torch.erf, 'Relu': torch.relu, 'Softplus': nn.functional.softplus,
    }
    for op, function in functions.items():
        case(op, op, {'x': wide}, function)
    for op, function in {'Sqrt': torch.sqrt, 'Reciprocal': torch.reciprocal, 'Log': torch.log}.items():
        case(op, op, {'x': positive}, function)
    case('LeakyRelu', 'LeakyRelu', {'x': wide}, lambda x: nn.functional.leaky_relu(x, 0.1), {'alpha': 0.1})
    case('Elu', 'Elu', {'x': wide}, lambda x: nn.functional.elu(x, 0.7), {'alpha': 0.7})
    case('Gelu', 'Gelu', {'x': wide}, nn.functional.gelu, opset=20)
    tanh_gelu = lambda x: nn.functional.gelu(x, approximate='tanh')
    case('Gelu, tanh', 'Gelu', {'x': wide}, tanh_gelu, {'approximate': 'tanh'}, opset=20)
    case('com.microsoft:Gelu', 'Gelu', {'x': wide}, nn.functional.gelu, domain='com.microsoft')
    case('com.microsoft:FastGelu', 'FastGelu', {'x': wide}, tanh_gelu, domain='com.microsoft')
    bias = noise(5)
    case('com.microsoft:FastGelu, bias', 'FastGelu', {'x': wide, 'b': bias}, lambda x, b: tanh_gelu(x + b), domain='com.microsoft')
    case('com.microsoft:BiasGelu', 'BiasGelu', {'x': wide, 'b': bias}, lambda x, b: nn.functional.gelu(x + b), domain='com.microsoft')
    quick = lambda x: x * torch.sigmoid(1.702 * x)
    case('com.microsoft:QuickGelu', 'QuickGelu', {'x': wide}, quick, {'alpha': 1.702}, domain='com.microsoft')
    case('Cast', 'Cast', {'x': wide}, lambda x: x * 1, {'to': 1})
    case('Clip', 'Clip', {'x': wide, 'low': scalar(-1.0), 'high': scalar(0.5)}, lambda x, low, high: x.clamp(-1.0, 0.5), fixed=('low', 'high'))
    case('Clip, above only', 'Clip', {'x': wide, 'low': None, 'high': scalar(0.5)}, lambda x, low, high: x.clamp(max=0.5), fixed=('high',))
    case('Dropout, not training', 'Dropout', {'x': wide, 'ratio': scalar(0.5)}, lambda x, ratio: x * 1, fixed=('ratio',))


def arithmetic() -> None:
    """Several operands, broadcast in every way."""
    a, b = noise(2, 3, 4), noise(3, 1, low=0.5, high=2.0)
    functions: Dict[str, Callable[..., Tensor]] = {'Add': torch.add, 'Sub': torch.sub, 'Mul': torch.mul, 'Div': torch.div}
    for op, function in functions.items():
        case(op, op, {'a': a, 'b': b}, function)
        case(f'{op}, both repeated', op, {'a': noise(3, 1), 'b': noise(2, 1, 4, low=0.5, high=2.0)}, function)
        case(f'{op}, a number', op, {'a': noise(4), 'b': scalar(1.3)}, function)
    case('Mul, by itself', 'Mul', {'a': a}, lambda x: x * x)
    CASES[-1]['inputs'] = ['a', 'a']
    positive = noise(2, 3, low=0.3, high=2.0)
    case('Pow', 'Pow', {'a': positive, 'b': noise(3)}, torch.pow)
    for exponent in (0.0, 1.0, 2.0, 3.0, 0.5, -1.5):
        power = lambda x, e, exponent=exponent: x.pow(exponent)
        case(f'Pow, {exponent}', 'Pow', {'a': positive, 'e': scalar(exponent)}, power, fixed=('e',))
    case('Pow, of negative numbers', 'Pow', {'a': noise(5), 'e': scalar(2.0)}, lambda x, e: x.pow(2), fixed=('e',))
    for op, function in {'Max': torch.maximum, 'Min': torch.minimum}.items():
        case(op, op, {'a': a, 'b': noise(4)}, function)
        case(f'{op}, equal numbers', op, {'a': torch.tensor([1.0, 2.0, 3.0]).double(), 'b': scalar(2.0)}, function)
        nested = lambda x, y, z, function=function: function(function(x, y), z)
        case(f'{op} of three', op, {'a': noise(2, 3), 'b': noise(3, low=-1.4, high=1.4), 'c': noise(2, 1)}, nested)
    case('Sum', 'Sum', {'a': noise(2, 3), 'b': noise(3), 'c': noise(2, 1)}, lambda x, y, z: x + y + z)
    case('Mean', 'Mean', {'a': noise(2, 3), 'b': noise(3)}, lambda x, y: (x + y) / 2)
    condition = torch.tensor([[True, False, True], [False, False, True]])
    case('Where', 'Where', {'c': condition, 'a': noise(2, 3), 'b': noise(3)}, torch.where)
    case('Where, a number', 'Where', {'c': condition, 'a': scalar(0.5), 'b': noise(4, 2, 3)}, torch.where)


def matrices() -> None:
    """Products of matrices."""
    product = {
        'weight': ((2, 3, 4), (4, 5)), 'matrices': ((3, 4), (4, 5)), 'batches': ((2, 3, 4), (2, 4, 5)),
        'left repeated': ((1, 3, 4), (2, 4, 5)), 'right repeated': ((2, 2, 3, 4), (2, 1, 4, 5)), 'matrix times batch': ((3, 4), (2, 4, 5)),
        'vectors': ((4,), (4,)), 'times vector': ((2, 3, 4), (4,)), 'vector times': ((4,), (2, 4, 5)), 'vector times matrix': ((4,), (4, 5)),
    }
    for name, (left, right) in product.items():
        case(f'MatMul, {name}', 'MatMul', {'a': noise(*left), 'b': noise(*right)}, torch.matmul)
    for trans_a in (0, 1):
        for trans_b in (0, 1):
            a, b = noise(*((4, 3) if trans_a else (3, 4))), noise(*((5, 4) if trans_b else (4, 5)))
            turned = lambda x, y, c, p=trans_a, q=trans_b: 0.5 * (x.t() if p else x) @ (y.t() if q else y) + 2 * c
            attributes = {'transA': trans_a, 'transB': trans_b, 'alpha': 0.5, 'beta': 2.0}
            case(f'Gemm, {trans_a}{trans_b}', 'Gemm', {'a': a, 'b': b, 'c': noise(5)}, turned, attributes)
    case('Gemm, no bias', 'Gemm', {'a': noise(3, 4), 'b': noise(4, 5)}, torch.matmul)
    equations = {'bhqd,bhkd->bhqk': ((2, 2, 3, 4), (2, 2, 5, 4)), 'bqk,bkd->bqd': ((2, 3, 5), (2, 5, 4)), 'ij,jk->ik': ((3, 4), (4, 2)),
                 'ij,k->k': ((2, 3), (4,)), 'i,j->ij': ((3,), (4,))}
    for equation, (left, right) in equations.items():
        function = lambda x, y, equation=equation: torch.einsum(equation, x, y)
        case(f'Einsum, {equation}', 'Einsum', {'a': noise(*left), 'b': noise(*right)}, function, {'equation': equation})
    case('Einsum, one operand', 'Einsum', {'a': noise(2, 3, 4)}, lambda x: torch.einsum('ijk->ki', x), {'equation': 'ijk->ki'})
    case('com.microsoft:FusedMatMul', 'FusedMatMul', {'a': noise(2, 4, 3), 'b': noise(2, 5, 4)},
         lambda x, y: 0.5 * x.transpose(1, 2) @ y.transpose(1, 2), {'transA': 1, 'transB': 1, 'alpha': 0.5}, 'com.microsoft')


def rms(x: Tensor, axes: Sequence[int] = (-1,)) -> Tensor:
    """x over the root of its mean square."""
    return x * torch.rsqrt(x.pow(2).mean(tuple(axes), keepdim=True) + 1e-5)


def norms() -> None:
    """Softmax and normalisations."""
    x = noise(2, 3, 4)
    for axis in (-1, 1):
        case(f'Softmax, axis {axis}', 'Softmax', {'x': x}, lambda x, axis=axis: torch.softmax(x, axis), {'axis': axis})
        case(f'LogSoftmax, axis {axis}', 'LogSoftmax', {'x': x}, lambda x, axis=axis: torch.log_softmax(x, axis), {'axis': axis})
    gain, bias = noise(4, low=0.5, high=1.5), noise(4)
    layer_norm = lambda x, g, b: nn.functional.layer_norm(x, (4,), g, b, 1e-5)
    case('LayerNormalization', 'LayerNormalization', {'x': x, 'g': gain, 'b': bias}, layer_norm, {'axis': -1, 'epsilon': 1e-5})
    case('LayerNormalization, no bias', 'LayerNormalization', {'x': x, 'g': gain}, lambda x, g: layer_norm(x, g, None), {'axis': -1, 'epsilon': 1e-5})
    both = lambda x, g, b: nn.functional.layer_norm(x, (3, 4), g, b, 1e-5)
    case('LayerNormalization, two axes', 'LayerNormalization', {'x': x, 'g': noise(3, 4), 'b': noise(3, 4)}, both, {'axis': 1, 'epsilon': 1e-5})
    case('SimplifiedLayerNormalization', 'SimplifiedLayerNormalization', {'x': x, 'g': gain}, lambda x, g: rms(x) * g, {'axis': -1, 'epsilon': 1e-5})
    case('RMSNormalization', 'RMSNormalization', {'x': x, 'g': gain}, lambda x, g: rms(x) * g, {'axis': -1, 'epsilon': 1e-5}, opset=23)
    skip = noise(2, 3, 4)
    case('com.microsoft:SkipLayerNormalization', 'SkipLayerNormalization', {'x': x, 's': skip, 'g': gain, 'b': bias, 'c': noise(4)},
         lambda x, s, g, b, c: (layer_norm(x + s + c, g, b), x + s + c), {'epsilon': 1e-5}, 'com.microsoft', blanks=2)
    case('com.microsoft:SkipSimplifiedLayerNormalization', 'SkipSimplifiedLayerNormalization', {'x': x, 's': skip, 'g': gain},
         lambda x, s, g: (rms(x + s) * g, x + s), {'epsilon': 1e-5}, 'com.microsoft', blanks=2)
    ids, kinds = ints([1, 4, 1], [0, 2, 3]), ints([0, 0, 1], [1, 0, 0])
    embed = lambda i, t, w, p, k, g, b: layer_norm(w[i.long()] + p[:3] + k[t.long()], g, b)
    case('com.microsoft:EmbedLayerNormalization', 'EmbedLayerNormalization',
         {'i': ids.int(), 't': kinds.int(), 'w': noise(5, 4), 'p': noise(6, 4), 'k': noise(2, 4), 'g': gain, 'b': bias},
         embed, {'epsilon': 1e-5}, 'com.microsoft', spare=1)


def reductions() -> None:
    """Over axes, kept and dropped."""
    x = noise(2, 3, 4, low=0.2, high=2.0)
    functions: Dict[str, Callable[..., Tensor]] = {
        'ReduceSum': torch.sum, 'ReduceMean': torch.mean, 'ReduceMax': torch.amax, 'ReduceMin': torch.amin,
        'ReduceLogSumExp': torch.logsumexp, 'ReduceSumSquare': lambda x, dim, keepdim: x.pow(2).sum(dim, keepdim),
        'ReduceL2': lambda x, dim, keepdim: x.pow(2).sum(dim, keepdim).sqrt(), 'ReduceL1': lambda x, dim, keepdim: x.abs().sum(dim, keepdim),
    }
    for op, function in functions.items():
        for axes, keep in (((-1,), 1), ((0, 2), 0), ((1,), 0)):
            apply = lambda x, _, function=function, axes=axes, keep=keep: function(x, axes, bool(keep))
            case(f'{op}, axes {axes}, keepdims {keep}', op, {'x': x, 'axes': ints(*axes)}, apply, {'keepdims': keep})
        case(f'{op}, all', op, {'x': x}, lambda x, function=function: function(x, (0, 1, 2), False), {'keepdims': 0})
    case('ReduceMax, equal numbers', 'ReduceMax', {'x': torch.tensor([[1.0, 3.0, 3.0]]).double(), 'axes': ints(1)}, lambda x, _: x.amax(1, True))
    for exclusive in (0, 1):
        for reverse in (0, 1):
            def running(x: Tensor, _: Tensor, exclusive: int = exclusive, reverse: int = reverse) -> Tensor:
                x = x.flip(1) if reverse else x
                total = x.cumsum(1) - (x if exclusive else 0)
                return total.flip(1) if reverse else total
            case(f'CumSum, {exclusive}{reverse}', 'CumSum', {'x': x, 'axis': torch.tensor(1)}, running, {'exclusive': exclusive, 'reverse': reverse})


def arranging() -> None:
    """Elements moved, repeated, joined and cut."""
    x = noise(2, 3, 4)
    case('Reshape', 'Reshape', {'x': x, 'shape': ints(0, -1)}, lambda x, _: x.reshape(2, 12))
    case('Flatten', 'Flatten', {'x': x}, lambda x: x.reshape(6, 4), {'axis': 2})
    case('Squeeze', 'Squeeze', {'x': noise(2, 1, 3, 1), 'axes': ints(1, -1)}, lambda x, _: x.reshape(2, 3))
    case('Unsqueeze', 'Unsqueeze', {'x': x, 'axes': ints(0, -1)}, lambda x, _: x[None, ..., None])
    case('Transpose', 'Transpose', {'x': x}, lambda x: x.permute(2, 0, 1), {'perm': [2, 0, 1]})
    case('Transpose, reversed', 'Transpose', {'x': x}, lambda x: x.permute(2, 1, 0))
    case('Expand', 'Expand', {'x': noise(3, 1), 'shape': ints(2, 1, 4)}, lambda x, _: x.expand(2, 3, 4))
    case('Tile', 'Tile', {'x': noise(2, 3), 'n': ints(2, 3)}, lambda x, _: x.tile(2, 3))
    case('Concat', 'Concat', {'a': noise(2, 1, 3), 'b': noise(2, 4, 3), 'c': noise(2, 2, 3)}, lambda *all: torch.cat(all, 1), {'axis': -2})
    case('Split', 'Split', {'x': x, 'sizes': ints(1, 2, 1)}, lambda x, _: x.split((1, 2, 1), 2), {'axis': -1})
    case('Split, even', 'Split', {'x': x}, lambda x: x.split(2, 2), {'axis': 2, 'num_outputs': 2})
    case('Slice', 'Slice', {'x': x, 's': ints(1, -3), 'e': ints(2 ** 62, -1), 'axes': ints(1, -1)}, lambda x, *_: x[:, 1:, -3:-1])
    case('Slice, whole axes', 'Slice', {'x': x, 's': ints(0, 1), 'e': ints(1, 99)}, lambda x, *_: x[:1, 1:])
    case('Slice, steps', 'Slice', {'x': x, 's': ints(1), 'e': ints(4), 'axes': ints(2), 'n': ints(2)}, lambda x, *_: x[..., 1::2])
    case('Slice, backwards', 'Slice', {'x': x, 's': ints(-1), 'e': ints(-99), 'axes': ints(2), 'n': ints(-1)}, lambda x, *_: x.flip(2))
    case('Pad', 'Pad', {'x': x, 'pads': ints(0, 1, 2, 1, 0, 1)}, lambda x, _: nn.functional.pad(x, (2, 1, 1, 0, 0, 1)))
    case('Pad, one axis', 'Pad', {'x': x, 'pads': ints(1, 2), 'v': scalar(3.0), 'axes': ints(-1)},
         lambda x, *_: nn.functional.pad(x, (1, 2), value=3.0), fixed=('v',))
    case('Trilu, upper', 'Trilu', {'x': noise(2, 3, 3), 'k': torch.tensor(1)}, lambda x, _: x.triu(1), {'upper': 1})
    case('Trilu, lower', 'Trilu', {'x': noise(3, 4)}, torch.tril, {'upper': 0})


def picking() -> None:
    """Elements chosen and placed by index."""
    case('Gather, table', 'Gather', {'x': noise(5, 3), 'i': ints([1, 4, 1], [0, -1, 1])}, lambda x, i: x[i])
    case('Gather, table of three axes', 'Gather', {'x': noise(4, 2, 3), 'i': ints(1, 3, 1)}, lambda x, i: x[i])
    case('Gather, middle axis', 'Gather', {'x': noise(2, 4, 3), 'i': ints([1, 3], [1, 0])}, lambda x, i: x[:, i], {'axis': 1})
    case('Gather, last axis, a number', 'Gather', {'x': noise(2, 4, 3), 'i': torch.tensor(-1)}, lambda x, i: x[..., -1], {'axis': -1})
    case('Gather, first axis, a number', 'Gather', {'x': noise(4, 3), 'i': torch.tensor(2)}, lambda x, i: x[2])
    places = ints([[0, 1], [1, 1]], [[1, 0], [1, 1]])
    case('GatherElements', 'GatherElements', {'x': noise(2, 2, 2), 'i': places}, lambda x, i: x.gather(1, i), {'axis': 1})
    case('GatherND', 'GatherND', {'x': noise(2, 3, 4), 'i': ints([0, 2], [1, 0], [0, 2])}, lambda x, i: x[i[:, 0], i[:, 1]])
    batched = lambda x, i: torch.stack([x[0, i[0, 0]], x[1, i[1, 0]]])
    case('GatherND, batches', 'GatherND', {'x': noise(2, 3, 4), 'i': ints([2], [0])}, batched, {'batch_dims': 1})
    scatter = {'x': noise(3, 4), 'i': ints([0, 2], [1, 0]), 'u': noise(2, 2)}
    case('ScatterElements', 'ScatterElements', scatter, lambda x, i, u: x.scatter(1, i, u), {'axis': 1})
    case('ScatterElements, add', 'ScatterElements', scatter, lambda x, i, u: x.scatter_add(1, i, u), {'axis': 1, 'reduction': 'add'})
    rows = {'x': noise(4, 3), 'i': ints([2], [0]), 'u': noise(2, 3)}
    case('ScatterND', 'ScatterND', rows, lambda x, i, u: x.index_put((i[:, 0],), u))
    case('ScatterND, add', 'ScatterND', rows, lambda x, i, u: x.index_put((i[:, 0],), u, accumulate=True), {'reduction': 'add'})
    case('TopK', 'TopK', {'x': noise(3, 5), 'k': ints(2)}, lambda x, k: x.topk(2, 1)[0], {'axis': -1}, spare=1)


def rotate(x: Tensor, cosine: Tensor, sine: Tensor, interleaved: bool) -> Tensor:
    """Pairs (i, i + d/2), or neighbours, turned by their angles."""
    first, second = (x[..., ::2], x[..., 1::2]) if interleaved else x.chunk(2, -1)
    turned = first * cosine - second * sine, second * cosine + first * sine
    return torch.stack(turned, -1).flatten(-2) if interleaved else torch.cat(turned, -1)


def layers() -> None:
    """Rotary positions and fused attention."""
    x, angles, positions = noise(2, 2, 3, 4), noise(6, 2, low=0.0, high=3.0), ints([0, 1, 2], [2, 4, 5])
    waves = {'cos': angles.cos().mul(1e4).round().div(1e4), 'sin': angles.sin().mul(1e4).round().div(1e4)}
    for interleaved in (0, 1):
        def turned(x: Tensor, p: Tensor, c: Tensor, s: Tensor, interleaved: int = interleaved) -> Tensor:
            return rotate(x, c[p][:, None], s[p][:, None], bool(interleaved))
        case(f'com.microsoft:RotaryEmbedding, {interleaved}', 'RotaryEmbedding', {'x': x, 'p': positions, **waves}, turned,
             {'interleaved': interleaved}, 'com.microsoft', fixed=('cos', 'sin'))
    case('RotaryEmbedding', 'RotaryEmbedding', {'x': x, **waves, 'p': positions}, lambda x, c, s, p: rotate(x, c[p][:, None], s[p][:, None], False),
         fixed=('cos', 'sin'), opset=23)

    def attend(q: Tensor, k: Tensor, v: Tensor, mask: Union[Tensor, float] = 0.0) -> Tensor:
        weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + mask, -1)
        return weights @ v

    def split(x: Tensor, heads: int) -> Tensor:
        return x.reshape(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)

    def join(x: Tensor) -> Tensor:
        return x.transpose(1, 2).flatten(2)

    q, k, v, bias = noise(2, 3, 4), noise(2, 5, 4), noise(2, 5, 4), noise(12)
    padding = ints([1, 1, 1, 1, 0], [1, 1, 1, 0, 0]).int()

    def multi_head(q: Tensor, k: Tensor, v: Tensor, b: Tensor, p: Tensor) -> Tensor:
        mask = (1.0 - p[:, None, None].double()) * -10000.0
        return join(attend(split(q + b[:4], 2), split(k + b[4:8], 2), split(v + b[8:], 2), mask))

    case('com.microsoft:MultiHeadAttention', 'MultiHeadAttention', {'q': q, 'k': k, 'v': v, 'b': bias, 'p': padding}, multi_head,
         {'num_heads': 2}, 'com.microsoft')

    def packed(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
        q, k, v = (x @ w + b).chunk(3, -1)
        causal = torch.full((3, 3), -1e30).double().triu(1)
        return join(attend(split(q, 2), split(k, 2), split(v, 2), causal))

    case('com.microsoft:Attention', 'Attention', {'x': noise(2, 3, 4), 'w': noise(4, 12), 'b': bias}, packed,
         {'num_heads': 2, 'unidirectional': 1}, 'com.microsoft')
    grouped = lambda q, k, v: join(attend(split(q, 2), split(k, 1), split(v, 1)))
    case('Attention', 'Attention', {'q': q, 'k': noise(2, 5, 2), 'v': noise(2, 5, 2)}, grouped, {'q_num_heads': 2, 'kv_num_heads': 1}, opset=23)

    def group_query(q: Tensor, k: Tensor, v: Tensor, *_: Tensor) -> Tensor:
        causal = torch.full((3, 3), -1e30).double().triu(1)
        return join(attend(split(q, 2), split(k, 1), split(v, 1), causal))

    case('com.microsoft:GroupQueryAttention', 'GroupQueryAttention',
         {'q': noise(2, 3, 16), 'k': noise(2, 3, 8), 'v': noise(2, 3, 8), 'pk': None, 'pv': None, 'lengths': ints(2, 2).int(),
          'total': torch.tensor(3).int()},
         lambda q, k, v, pk, pv, *rest: group_query(q, k, v), {'num_heads': 2, 'kv_num_heads': 1}, 'com.microsoft')


def all_cases() -> List[Case]:
    """Every case, in a fixed order."""
    CASES.clear()
    _generator.manual_seed(6)
    for group in (pointwise, arithmetic, matrices, norms, reductions, arranging, picking, layers):
        group()
    return CASES

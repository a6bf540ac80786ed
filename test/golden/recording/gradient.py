"""What autograd says: of single operators, of the cross-entropy, and of every layout's weights."""
import json
import math
from pathlib import Path
from typing import Callable, Dict, List, Tuple

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from recording import GOLDEN, gradient_rules
from recording.layouts import bart, bert, bloom, distilbert, gpt2, layout, llama, marian, sdpa, t5

FOLDER = GOLDEN / 'gradient'
SMOOTHING = 0.1


def wave(count: int, phase: float) -> Tensor:
    """Numbers in [-1, 1] that both languages make from a formula: sin(1.7·i + phase)."""
    return torch.from_numpy(np.sin(1.7 * np.arange(count, dtype=np.float64) + phase))


def marian_like(module: object) -> Callable[[bool], nn.Module]:
    """Makes a stack of an encoder-decoder."""
    def make(decoder: bool) -> nn.Module:
        embedding = nn.Embedding(layout.VOCABULARY, layout.WIDTH)
        return module.Decoder(embedding, decoder=True) if decoder and module is t5 else (
            module.Decoder(embedding) if decoder else module.Encoder(embedding, decoder=False))
    return make


MODELS: Dict[Tuple[str, str], Callable[[], nn.Module]] = {
    ('bert', 'model'): bert.Bert, ('bloom', 'model'): bloom.Bloom, ('distilbert', 'model'): distilbert.DistilBert,
    ('gpt2', 'model'): gpt2.Gpt, ('llama', 'model'): llama.Llama, ('sdpa', 'model'): sdpa.Encoder,
    **{
        (module.__name__.split('.')[-1], f'{side}_model'): (lambda module=module, side=side: marian_like(module)(side == 'decoder'))
        for module in (bart, marian, t5) for side in ('encoder', 'decoder')
    },
}


def read_golden(path: Path) -> Dict[str, Tensor]:
    """The tensors of a safetensors file."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], 'little')
    header = json.loads(data[8:8 + size])
    kinds = {'F32': np.float32, 'I64': np.int64}
    return {
        name: torch.from_numpy(np.frombuffer(
            data, kinds[entry['dtype']], math.prod(entry['shape']), 8 + size + entry['data_offsets'][0],
        ).reshape(entry['shape']).copy())
        for name, entry in header.items() if name != '__metadata__'
    }


def load_weights(model: nn.Module, path: Path) -> None:
    """Puts the weights of an exported graph back into its module."""
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(str(path)).graph.initializer}
    holders = json.loads(path.with_suffix('.weights.json').read_text('utf8'))
    for name, parameter in model.named_parameters():
        holder = holders[name][0]
        values = torch.from_numpy(tensors[holder['tensor']].copy())
        parameter.data = values.t().contiguous() if holder['transposed'] else values
    model.eval()


def feeds(folder: str, file: str, path: Path) -> List[Tensor]:
    """The recorded run of a layout, in the order of the graph's inputs; the cache is empty."""
    golden = read_golden(GOLDEN / 'layouts' / folder / 'golden.safetensors')
    found = []
    for item in onnx.load(str(path)).graph.input:
        name = item.name
        if name.startswith('past_key_values'):
            dims = [dim.dim_value for dim in item.type.tensor_type.shape.dim]
            found.append(torch.zeros(golden['input_ids'].shape[0], dims[1], 0, dims[3]))
        elif file == 'decoder_model':
            found.append(golden[{
                'input_ids': 'decoder_input_ids', 'encoder_attention_mask': 'attention_mask', 'encoder_hidden_states': 'last_hidden_state',
            }[name]])
        else:
            found.append(golden[name])
    return found


def cross_entropy(logits: Tensor) -> Tensor:
    """The weighted loss of labels that follow from a formula; every third position counts nothing."""
    rows, classes = logits.reshape(-1, logits.shape[-1]), logits.shape[-1]
    labels = torch.arange(rows.shape[0]) * 7 % classes
    weights = torch.tensor([0.0 if index % 3 == 2 else 1.0 + index % 2 for index in range(rows.shape[0])])
    losses = nn.functional.cross_entropy(rows, labels, reduction='none', label_smoothing=SMOOTHING)
    return (losses * weights.to(losses.dtype)).sum() / weights.sum().to(losses.dtype)


def record_layout(folder: str, file: str) -> Dict[str, object]:
    """The loss, and of every parameter's gradient its norm and its products with two waves."""
    path = GOLDEN / 'layouts' / folder / 'onnx' / f'{file}.onnx'
    model = MODELS[folder, file]()
    load_weights(model, path)
    inputs = feeds(folder, file, path)
    outputs = [output.name for output in onnx.load(str(path)).graph.output]
    results = model(*inputs)
    named = dict(zip(outputs, [results] if isinstance(results, Tensor) else results))
    if 'logits' in named:
        loss = cross_entropy(named['logits'])
    else:
        states = named['last_hidden_state']
        loss = (states * wave(states.numel(), 0.3).reshape(states.shape).float()).sum()
    parameters = dict(model.named_parameters())
    gradients = torch.autograd.grad(loss, list(parameters.values()), allow_unused=True)
    entries = {}
    for name, gradient in zip(parameters, gradients):
        if gradient is not None:
            flat = gradient.double().reshape(-1)
            waves = [float((flat * wave(flat.numel(), phase)).sum()) for phase in (0.1, 0.9)]
            entries[name] = {'norm': float(flat.norm()), 'waves': waves}
    return {'folder': folder, 'file': file, 'loss': float(loss.detach()), 'gradients': entries}


def record_cross_entropy() -> Dict[str, object]:
    """Losses and gradients of logits `[2, 3, 7]` for several label smoothings, in float64."""
    logits = (4 * wave(42, 0.5)).mul(1000).round().div(1000).reshape(2, 3, 7).requires_grad_()
    labels, weights = torch.tensor([[1, 6, 0], [3, 3, 2]]), torch.tensor([[1.0, 0.5, 0.0], [1.0, 2.0, 1.0]]).double()
    divisor, runs = 4.0, []
    for smoothing in (0.0, 0.1, 0.6):
        losses = nn.functional.cross_entropy(logits.reshape(6, 7), labels.reshape(6), reduction='none', label_smoothing=smoothing).reshape(2, 3)
        loss = (losses * weights).sum() / divisor
        gradient = torch.autograd.grad(loss, logits)[0]
        runs.append({
            'smoothing': smoothing, 'loss': float(loss.detach()), 'positions': gradient_rules.described(losses),
            'gradient': gradient_rules.described(gradient),
        })
    return {
        'logits': gradient_rules.described(logits), 'labels': gradient_rules.described(labels), 'weights': gradient_rules.described(weights),
        'divisor': divisor, 'runs': runs,
    }


def write(file: str, value: object) -> None:
    """One case per line, so that a change shows."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if isinstance(value, list):
        text = '[\n' + ',\n'.join(json.dumps(item) for item in value) + '\n]\n'
    else:
        text = json.dumps(value, indent=1) + '\n'
    (FOLDER / file).write_text(text, 'utf8')


def record() -> None:
    """Writes golden/gradient."""
    cases = gradient_rules.all_cases()
    write('rules.json', cases)
    write('crossEntropy.json', record_cross_entropy())
    layouts = [record_layout(folder, file) for folder, file in MODELS]
    write('layouts.json', layouts)
    print(f'gradient: {len(cases)} operators, {len(layouts)} graphs')

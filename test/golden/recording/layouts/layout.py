"""Sizes, inputs and files that all layouts share."""
from typing import Dict, List, Optional, Sequence

import torch
from torch import Tensor, nn

from recording import GOLDEN, model_folder

WIDTH, HEADS, LAYERS, FEED_FORWARD, VOCABULARY, POSITIONS = 32, 4, 2, 48, 64, 32
HEAD_SIZE = WIDTH // HEADS
LOWEST = torch.finfo(torch.float32).min


def batch(seed: int, lengths: Sequence[int] = (9, 6)) -> Dict[str, Tensor]:
    """Random ids from 1 on, padded with 0 on the right, and their mask."""
    generator = torch.Generator().manual_seed(seed)
    texts = [torch.randint(1, VOCABULARY, (length,), generator=generator).tolist() for length in lengths]
    return model_folder.pad(texts, padding=0)


def split(states: Tensor, heads: int = HEADS) -> Tensor:
    """`[batch, length, width]` to `[batch, head, length, head_size]`."""
    return states.view(states.size(0), states.size(1), heads, HEAD_SIZE).transpose(1, 2)


def join(context: Tensor) -> Tensor:
    """The reverse of `split`."""
    context = context.transpose(1, 2).contiguous()
    return context.view(context.size(0), context.size(1), WIDTH)


def axes(names: Sequence[str]) -> Dict[str, Dict[int, str]]:
    """Dynamic batch and length of every tensor; encoder's tensors have a length of their own."""
    encoder = ('encoder_attention_mask', 'encoder_hidden_states')
    lengths = {name: 'encoder_sequence_length' if name in encoder else 'sequence_length' for name in names}
    return {name: {0: 'batch_size', 1: length} for name, length in lengths.items()}


def cache_names(prefix: str) -> List[str]:
    """Names of a decoder's cached tensors, in the order of its arguments and results."""
    kinds, parts = ('decoder', 'encoder'), ('key', 'value')
    return [f'{prefix}.{index}.{kind}.{part}' for index in range(LAYERS) for kind in kinds for part in parts]


def decoder_inputs(source: Dict[str, Tensor], target: Tensor, memory: Tensor) -> Dict[str, Tensor]:
    """What the decoder of an encoder-decoder reads, by the names of its inputs."""
    return {
        'encoder_attention_mask': source['attention_mask'], 'input_ids': target, 'encoder_hidden_states': memory,
    }


def export(
    folder: str, model: nn.Module, inputs: Dict[str, Tensor], outputs: Sequence[str], opset: int, file: str = 'model',
    dynamic: Optional[Dict[str, Dict[int, str]]] = None,
) -> None:
    """Writes layouts/`folder`/onnx/`file`.onnx; `dynamic` replaces the axes of single tensors."""
    path = GOLDEN / 'layouts' / folder / 'onnx' / f'{file}.onnx'
    model_folder.export(model, path, inputs, outputs, {**axes([*inputs, *outputs]), **(dynamic or {})}, opset)
    model_folder.write_weight_names(path, model)


def export_decoder(folder: str, decoder: nn.Module, inputs: Dict[str, Tensor], opset: int) -> None:
    """Writes decoder_model.onnx, which reads no cache and answers one."""
    presents = cache_names('present')
    dynamic = {name: {0: 'batch_size', 2: 'sequence_length'} for name in presents}
    export(folder, decoder, inputs, ['logits', *presents], opset, 'decoder_model', dynamic)


def write(folder: str, config: Dict[str, object], golden: Dict[str, Tensor]) -> None:
    """Writes the configuration and the golden file of a layout."""
    model_folder.write_json(GOLDEN / 'layouts' / folder / 'config.json', {**config, 'vocab_size': VOCABULARY})
    model_folder.write_golden(GOLDEN / 'layouts' / folder / 'golden.safetensors', golden)

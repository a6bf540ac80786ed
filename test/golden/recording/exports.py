"""Tiny Transformers of Hugging Face's library as torch's two exporters write them, with the gradients that autograd finds.

    python3 test/golden/recording/exports.py

writes ../exports. It was run with Python 3.11, torch 2.13, transformers 5.17, onnx 1.23.1, onnxscript 0.7.2 and peft 0.21,
on a CPU and without network: all weights are random. It is no part of record.py, whose torch is older.
"""
import gzip
import json
import os
from pathlib import Path
from typing import Dict, Sequence, Tuple

os.environ.update(CUDA_VISIBLE_DEVICES='', HF_HUB_OFFLINE='1', TRANSFORMERS_VERBOSITY='error')

import numpy as np
import onnx
import torch
import transformers
from onnx import numpy_helper
from safetensors.torch import save_file
from torch import Tensor, nn

FOLDER = Path(__file__).resolve().parent.parent / 'exports'

WIDTH, HEADS, LAYERS, INNER, WORDS, PLACES = 16, 4, 2, 24, 60, 32
LLAMA = dict(
    vocab_size=WORDS, hidden_size=WIDTH, intermediate_size=INNER, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
    num_key_value_heads=2, max_position_embeddings=PLACES, bos_token_id=1, eos_token_id=2, pad_token_id=0,
)
BERT = dict(
    vocab_size=WORDS, hidden_size=WIDTH, intermediate_size=INNER, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
    max_position_embeddings=PLACES, pad_token_id=0,
)
BART = dict(
    vocab_size=WORDS, d_model=WIDTH, encoder_layers=LAYERS, decoder_layers=LAYERS, encoder_attention_heads=HEADS,
    decoder_attention_heads=HEADS, encoder_ffn_dim=INNER, decoder_ffn_dim=INNER, max_position_embeddings=PLACES,
    pad_token_id=0, eos_token_id=2, bos_token_id=1, decoder_start_token_id=0, forced_eos_token_id=None,
)
T5 = dict(
    vocab_size=WORDS, d_model=WIDTH, d_kv=4, d_ff=INNER, num_layers=LAYERS, num_decoder_layers=LAYERS, num_heads=HEADS,
    relative_attention_num_buckets=8, relative_attention_max_distance=12, pad_token_id=0, eos_token_id=1, decoder_start_token_id=0,
)

# name: (class, its configuration)
FAMILIES = {
    'bert': ('BertForMaskedLM', 'BertConfig', BERT),
    'bertclass': ('BertForSequenceClassification', 'BertConfig', dict(**BERT, num_labels=3)),
    'gpt2': ('GPT2LMHeadModel', 'GPT2Config', dict(
        vocab_size=WORDS, n_embd=WIDTH, n_layer=LAYERS, n_head=HEADS, n_inner=INNER, n_positions=PLACES, bos_token_id=1, eos_token_id=2)),
    'llama': ('LlamaForCausalLM', 'LlamaConfig', LLAMA),
    'marian': ('MarianMTModel', 'MarianConfig', dict(
        **BART, decoder_vocab_size=WORDS, activation_function='swish', scale_embedding=True, static_position_embeddings=True,
        share_encoder_decoder_embeddings=True)),
    't5': ('T5ForConditionalGeneration', 'T5Config', dict(**T5, feed_forward_proj='relu')),
    't5gated': ('T5ForConditionalGeneration', 'T5Config', dict(**T5, feed_forward_proj='gated-gelu', tie_word_embeddings=False)),
}

# family, part, attention, exporter, operator set
EXPORTS: Sequence[Tuple[str, str, str, str, int]] = (
    ('bert', 'model', 'eager', 'script', 11),
    ('bert', 'model', 'eager', 'script', 17),
    ('bertclass', 'model', 'eager', 'script', 17),
    ('gpt2', 'model', 'eager', 'dynamo', 20),
    ('gpt2', 'model', 'eager', 'script', 17),
    ('llama', 'model', 'eager', 'script', 17),
    ('llama', 'model', 'sdpa', 'dynamo', 18),
    ('marian', 'decoder', 'eager', 'script', 17),
    ('marian', 'encoder', 'eager', 'dynamo', 23),
    ('marian', 'encoder', 'eager', 'script', 17),
    ('t5', 'encoder', 'eager', 'script', 11),
    ('t5gated', 'decoder', 'eager', 'script', 17),
)


def wave(count: int, phase: float) -> Tensor:
    """Numbers in [-1, 1] that both languages make from a formula: sin(1.7·i + phase)."""
    return torch.from_numpy(np.sin(1.7 * np.arange(count, dtype=np.float64) + phase))


def cross_entropy(logits: Tensor) -> Tensor:
    """As in gradient.py: labels from a formula, every third position counts nothing, label smoothing 0.1."""
    rows, classes = logits.reshape(-1, logits.shape[-1]), logits.shape[-1]
    labels = torch.arange(rows.shape[0]) * 7 % classes
    weights = torch.tensor([0.0 if index % 3 == 2 else 1.0 + index % 2 for index in range(rows.shape[0])])
    losses = nn.functional.cross_entropy(rows, labels, reduction='none', label_smoothing=0.1)
    return (losses * weights).sum() / weights.sum()


def randomise(model: nn.Module, seed: int) -> None:
    """Weights large enough that attention is not even and gradients are not small."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                noise = torch.randn(parameter.shape, generator=generator)
                is_norm = parameter.dim() == 1 and name.endswith('weight')
                parameter.copy_(1 + 0.2 * noise if is_norm else (0.1 if parameter.dim() == 1 else 0.3) * noise)
        for name, buffer in model.named_buffers():
            if name.endswith('final_logits_bias'):
                buffer.copy_(0.1 * torch.randn(buffer.shape, generator=generator))


def make(family: str, attention: str = 'eager') -> nn.Module:
    """A model with the same random weights every time."""
    architecture, config_class, options = FAMILIES[family]
    config = getattr(transformers, config_class)(**options)
    config.use_cache = False
    config._attn_implementation = attention
    model = getattr(transformers, architecture)(config)
    randomise(model, seed=7)
    return model.eval()


def shaped(model: nn.Module, part: str) -> nn.Module:
    """The model, or its encoder, with a forward pass of the inputs and the output that the hub's ONNX files have."""
    module = model.get_encoder() if part == 'encoder' else model
    base = type(module)

    def text(self: nn.Module, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return base.forward(self, input_ids=input_ids, attention_mask=attention_mask).logits

    def encoder(self: nn.Module, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return base.forward(self, input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    def decoder(self: nn.Module, encoder_attention_mask: Tensor, input_ids: Tensor, encoder_hidden_states: Tensor) -> Tensor:
        return base.forward(
            self, encoder_outputs=(encoder_hidden_states,), attention_mask=encoder_attention_mask, decoder_input_ids=input_ids, use_cache=False,
        ).logits

    forward = {'model': text, 'encoder': encoder, 'decoder': decoder}[part]
    # A class of the same name: the exporters write names of modules and classes into the graph.
    module.__class__ = type(base.__name__, (base,), {'forward': forward})
    return module.eval()


def ids(batch: int, length: int, seed: int) -> Tensor:
    """Random words."""
    return torch.randint(3, WORDS, (batch, length), generator=torch.Generator().manual_seed(seed))


def inputs_of(part: str) -> Dict[str, Tensor]:
    """Two texts, the second padded on the right."""
    mask = torch.ones(2, 7, dtype=torch.int64)
    mask[-1, -2:] = 0
    if part == 'decoder':
        states = wave(2 * 7 * WIDTH, 0.7).reshape(2, 7, WIDTH).float()
        return {'encoder_attention_mask': mask, 'input_ids': ids(2, 5, 4), 'encoder_hidden_states': states}
    return {'input_ids': ids(2, 7, 3), 'attention_mask': mask}


def record(family: str, part: str) -> None:
    """Inputs, output, parameters and gradients of one part, with eager attention."""
    module, inputs = shaped(make(family), part), inputs_of(part)
    if 'encoder_hidden_states' in inputs:
        inputs['encoder_hidden_states'].requires_grad_()
    output = module(*inputs.values())
    is_encoder = part == 'encoder'
    loss = (output * wave(output.numel(), 0.3).reshape(output.shape).float()).sum() if is_encoder else cross_entropy(output)
    named = dict(module.named_parameters())
    wanted = {f'gradient/{name}': each for name, each in named.items() if each.requires_grad}
    wanted.update({f'input_gradient/{name}': each for name, each in inputs.items() if each.requires_grad})
    found = torch.autograd.grad(loss, list(wanted.values()), allow_unused=True)
    tensors = {name: each.contiguous() for name, each in zip(wanted, found) if each is not None}
    kept = {f'input/{name}': each for name, each in inputs.items()} | {f'parameter/{name}': each for name, each in named.items()}
    tensors.update({name: each.detach().clone().contiguous() for name, each in {**kept, 'output': output}.items()})
    save_file(tensors, str(FOLDER / f'{family}.{part}.safetensors'))
    about = {'loss': float(loss.detach()), 'output': 'last_hidden_state' if is_encoder else 'logits', 'inputs': list(inputs)}
    (FOLDER / f'{family}.{part}.json').write_text(json.dumps(about) + '\n', 'utf8')


def export(family: str, part: str, attention: str, exporter: str, opset: int) -> None:
    """One graph, with batch and lengths left open, and which initializer holds which parameter."""
    module, inputs = shaped(make(family, attention), part), inputs_of(part)
    output = 'last_hidden_state' if part == 'encoder' else 'logits'
    path = FOLDER / f'{family}.{part}.{attention}.{exporter}.{opset}.onnx'
    shared = dict(input_names=list(inputs), output_names=[output], opset_version=opset)
    with torch.no_grad():
        if exporter == 'script':
            lengths = {name: ('encoder_' if name.startswith('encoder') else '') + 'sequence_length' for name in inputs}
            axes = {name: {0: 'batch_size', 1: length} for name, length in lengths.items()}
            axes[output] = {0: 'batch_size'} if family == 'bertclass' else {0: 'batch_size', 1: 'output_length'}
            torch.onnx.export(module, tuple(inputs.values()), str(path), dynamic_axes=axes, dynamo=False, **shared)
        else:
            shapes = {name: {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC} for name in inputs}
            torch.onnx.export(
                module, tuple(inputs.values()), str(path), dynamic_shapes=shapes, dynamo=True, external_data=False, verbose=False, **shared)
    model = onnx.load(str(path))
    holders = strip(model, dict(module.named_parameters()))
    path.unlink()
    path.with_suffix('.onnx.gz').write_bytes(gzip.compress(model.SerializeToString(), 9, mtime=0))
    about = {'family': family, 'part': part, 'attention': attention, 'exporter': exporter, 'opset': opset}
    lines = [f' {json.dumps(name)}: {json.dumps(value)},' for name, value in about.items()]
    held = ',\n'.join(f'  {json.dumps(name)}: {json.dumps(value)}' for name, value in holders.items())
    path.with_suffix('.json').write_text('\n'.join(['{', *lines, ' "holders": {', held, ' }', '}', '']), 'utf8')


def strip(model: onnx.ModelProto, parameters: Dict[str, Tensor]) -> Dict[str, Dict[str, object]]:
    """Zeros in place of parameters, no traces of source lines; and which initializer held which parameter."""
    arrays = {name: each.detach().numpy() for name, each in parameters.items()}
    holders = {}
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < 2:
            continue
        for name in sorted(arrays, key=lambda name: name != tensor.name):
            same = np.array_equal(arrays[name], values)
            if same or arrays[name].ndim == 2 and np.array_equal(arrays[name].T, values):
                holders[tensor.name] = {'parameter': name, 'transposed': not same}
                tensor.CopyFrom(numpy_helper.from_array(np.zeros_like(values), tensor.name))
                break
    for item in [*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer, model.graph]:
        del item.metadata_props[:]
        item.doc_string = ''
    return holders


def record_adapters() -> None:
    """Adapters that PEFT makes, and the logits of the models that it adapts with them."""
    import peft
    targets = {
        'bert': ['query', 'value', 'intermediate.dense'], 'gpt2': ['c_attn', 'c_proj'], 'llama': ['q_proj', 'v_proj', 'down_proj'],
        'marian': ['q_proj', 'v_proj', 'fc1'],
    }
    for family, modules in targets.items():
        base = make(family)
        inputs = {'input_ids': ids(2, 7, 3), 'attention_mask': torch.ones(2, 7, dtype=torch.int64)}
        if family == 'marian':
            inputs['decoder_input_ids'] = ids(2, 5, 4)
        with torch.no_grad():
            before = base(**inputs).logits
            config = peft.LoraConfig(r=3, lora_alpha=6, target_modules=modules, fan_in_fan_out=family == 'gpt2')
            model = peft.get_peft_model(base, config).eval()
            generator = torch.Generator().manual_seed(11)
            for name, parameter in model.named_parameters():
                if 'lora_' in name:
                    parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
            after = model(**inputs).logits
        folder = FOLDER / 'adapters' / family
        model.save_pretrained(str(folder))
        (folder / 'README.md').unlink()
        save_file({**inputs, 'before': before.contiguous(), 'after': after.contiguous()}, str(folder / 'golden.safetensors'))


if __name__ == '__main__':
    FOLDER.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    for family_and_part in sorted({each[:2] for each in EXPORTS}):
        record(*family_and_part)
    for each in EXPORTS:
        export(*each)
    record_adapters()

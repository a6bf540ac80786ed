"""A GPT-2-like model with seeded weights: learned positions, pre-norm, causal Where, padding mask, cache."""
from typing import Dict, List, Tuple

import torch
from torch import Tensor, nn

from recording import GOLDEN, model_folder, own_text

import byte_pairs

WIDTH, HEADS, LAYERS, POSITIONS, VOCABULARY = 64, 4, 3, 128, 500
HEAD_SIZE, LOWEST = WIDTH // HEADS, torch.finfo(torch.float32).min
TEXTS = ("The animal didn't cross the street because it was too tired.", 'Every student reads a letter.')
Cache = Tuple[Tensor, Tensor]


class Conv1D(nn.Module):
    """GPT-2's linear layer: the matrix is `[in, out]`."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.empty(outputs))

    def forward(self, states: Tensor) -> Tensor:
        shape = states.size()[:-1] + (self.weight.size(1),)
        return torch.addmm(self.bias, states.view(-1, states.size(-1)), self.weight).view(shape)


class SelfAttention(model_folder.RecordedAttention):
    """Queries, keys and values from one matrix; past keys and values come before the new ones."""

    def __init__(self) -> None:
        super().__init__()
        self.c_attn = Conv1D(WIDTH, 3 * WIDTH)
        self.c_proj = Conv1D(WIDTH, WIDTH)
        visible = torch.tril(torch.ones(POSITIONS, POSITIONS, dtype=torch.bool))
        self.register_buffer('bias', visible[None, None], persistent=False)

    def split(self, states: Tensor) -> Tensor:
        """`[batch, length, width]` to `[batch, head, length, head_size]`."""
        return states.view(states.size()[:-1] + (HEADS, HEAD_SIZE)).permute(0, 2, 1, 3)

    def forward(self, states: Tensor, padding: Tensor, past: Cache) -> Tuple[Tensor, Cache]:
        q, new_k, new_v = (self.split(part) for part in self.c_attn(states).split(WIDTH, dim=2))
        k, v = torch.cat((past[0], new_k), dim=-2), torch.cat((past[1], new_v), dim=-2)
        scores = torch.matmul(q, k.transpose(-1, -2))
        scaled = scores / torch.full([], HEAD_SIZE ** 0.5, dtype=torch.float32)
        causal = self.bias[:, :, k.size(-2) - q.size(-2) : k.size(-2), : k.size(-2)]
        chosen = torch.where(causal, scaled, torch.full([], LOWEST, dtype=torch.float32))
        masked = chosen + padding
        weights = nn.functional.softmax(masked, dim=-1)
        self.keep(
            q=q, k=k, v=v, scores=scores, scaled=scaled, causal=causal.long(), padding=padding, masked=masked,
            weights=weights,
        )
        context = torch.matmul(weights, v).permute(0, 2, 1, 3).contiguous()
        return self.c_proj(context.view(context.size()[:-2] + (WIDTH,))), (k, v)


class Activation(nn.Module):
    """GELU by tanh, as GPT-2 writes it."""

    def forward(self, states: Tensor) -> Tensor:
        cubed = states + 0.044715 * torch.pow(states, 3.0)
        return 0.5 * states * (1.0 + torch.tanh(0.7978845608028654 * cubed))


class Block(nn.Module):
    """One layer, with the module names of GPT-2; norms come first."""

    def __init__(self) -> None:
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attn = SelfAttention()
        self.mlp = nn.Sequential(Conv1D(WIDTH, 2 * WIDTH), Activation(), Conv1D(2 * WIDTH, WIDTH))

    def forward(self, states: Tensor, padding: Tensor, past: Cache) -> Tuple[Tensor, Cache]:
        attended, cache = self.attn(self.ln_1(states), padding, past)
        states = states + attended
        return states + self.mlp(self.ln_2(states)), cache


class Gpt(nn.Module):
    """Returns `logits`, then keys and values of every layer."""

    def __init__(self) -> None:
        super().__init__()
        self.wte, self.wpe = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(POSITIONS, WIDTH)
        self.h = nn.ModuleList(Block() for _ in range(LAYERS))
        self.ln_f = nn.LayerNorm(WIDTH)
        self.lm_head = nn.Linear(WIDTH, VOCABULARY, bias=False)
        self.lm_head.weight = self.wte.weight

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, position_ids: Tensor, *past: Tensor
    ) -> Tuple[Tensor, ...]:
        padding = (1.0 - attention_mask[:, None, None, :].to(torch.float32)) * LOWEST
        states = self.wte(input_ids) + self.wpe(position_ids)
        presents: List[Tensor] = []
        for index, block in enumerate(self.h):
            states, cache = block(states, padding, (past[2 * index], past[2 * index + 1]))
            presents += cache
        return (self.lm_head(self.ln_f(states)), *presents)


def config() -> Dict[str, object]:
    """As GPT-2's config.json."""
    return {
        'architectures': ['GPT2LMHeadModel'], 'model_type': 'gpt2', 'vocab_size': VOCABULARY, 'n_embd': WIDTH,
        'n_layer': LAYERS, 'n_head': HEADS, 'n_inner': 2 * WIDTH, 'n_positions': POSITIONS, 'n_ctx': POSITIONS,
        'activation_function': 'gelu_new', 'layer_norm_epsilon': 1e-5, 'bos_token_id': VOCABULARY - 1,
        'eos_token_id': VOCABULARY - 1, 'tie_word_embeddings': True, 'use_cache': True,
    }


def empty_cache(batch: int) -> Dict[str, Tensor]:
    """Past keys and values of length 0."""
    names = (f'past_key_values.{index}.{part}' for index in range(LAYERS) for part in ('key', 'value'))
    return {name: torch.zeros(batch, HEADS, 0, HEAD_SIZE) for name in names}


def axes_of(name: str) -> Dict[int, str]:
    """Names of the dynamic axes, as Hugging Face's exporter gives them."""
    if name.startswith('past_key_values'):
        return {0: 'batch_size', 2: 'past_sequence_length'}
    if name.startswith('present') or name == 'attention_mask':
        return {0: 'batch_size', (2 if name.startswith('present') else 1): 'past_sequence_length + sequence_length'}
    return {0: 'batch_size', 1: 'sequence_length'}


def write() -> None:
    """Writes the folder layouts/gpt2/ and its golden file."""
    folder = GOLDEN / 'layouts' / 'gpt2'
    vocabulary = byte_pairs.train(own_text.training_text(2000), VOCABULARY)
    model = Gpt()
    model_folder.randomise(model, seed=12, sharp=('c_attn',))
    inputs = model_folder.pad([vocabulary.encode(text) for text in TEXTS], padding=VOCABULARY - 1)
    batch, length = inputs['input_ids'].shape
    inputs['position_ids'] = torch.arange(length).repeat(batch, 1)
    presents = [f'present.{index}.{part}' for index in range(LAYERS) for part in ('key', 'value')]

    # Traced with a cache of length 3: a tracer forgets what depends on an axis of length 0.
    past = {name: torch.zeros(batch, HEADS, 3, HEAD_SIZE) for name in empty_cache(batch)}
    longer = torch.ones(batch, length + 3, dtype=torch.long)
    example = {**inputs, 'attention_mask': longer, 'position_ids': inputs['position_ids'] + 3, **past}
    axes = {name: axes_of(name) for name in [*example, 'logits', *presents]}
    model_folder.export(model, folder / 'onnx' / 'model.onnx', example, ['logits', *presents], axes, opset=17)
    model_folder.write_weight_names(folder / 'onnx' / 'model.onnx', model)
    model_folder.write_json(folder / 'config.json', config())
    model_folder.write_json(folder / 'tokenizer.json', byte_pairs.tokenizer_json(vocabulary))
    model_folder.write_json(folder / 'tokenizer_config.json', byte_pairs.tokenizer_config(POSITIONS))

    labels = {f'h.{index}.attn': f'decoder.{index}.self' for index in range(LAYERS)}
    recording = model_folder.record(model, labels, [*inputs.values(), *empty_cache(batch).values()])
    logits = recording.pop('outputs')[0]
    golden = {**inputs, 'logits': logits, 'positions.decoder': model.wpe.weight, **recording}
    model_folder.write_golden(folder / 'golden.safetensors', golden)
    print(f'layouts/gpt2: {len(vocabulary.ids)} pieces, {(batch, length)} tokens')

"""A recipe's interventions as a forward pass asks for them: attention, residual branches, states and positions, edited in PyTorch."""
import math
from typing import Callable, Dict, List, Optional

import torch
from torch import Tensor, nn

from recording import mask_choices
from recording.shuffles import shuffled

Tensors = Dict[str, Tensor]
# Activations of the unchanged model for a patch's source: `NAME.context` `[head, row, d]` or `SIDE.layer.L` `[row, width]`.
Source = Callable[[Dict], Tensors]


class Edits:
    """What the forward passes call; records what it sees. `sources` runs the unchanged model on a patch's text."""

    def __init__(self, interventions: List[Dict], sources: Optional[Source] = None) -> None:
        self.all, self.sources = [each for each in interventions if each['enabled']], sources
        self.recording: Tensors = {}

    def _on(self, name: str, kind: str) -> List[Dict]:
        """Interventions of a kind that mean this attention."""
        side, _, part = name.split('.')
        group = {'encoderself': 'encoderSelf', 'decoderself': 'decoderSelf', 'decodercross': 'cross'}[side + part]
        return [
            each for each in self.all
            if each['kind'] == kind and (each['attentions'] in ('all', group) or name in each['attentions'])
        ]

    def _per_head(self, name: str, kind: str, heads: int, neutral: float, update: Callable[[float, Dict], float]) -> Tensor:
        values = [neutral] * heads
        for each in self._on(name, kind):
            for head in range(heads) if each['heads'] == 'all' else each['heads']:
                values[head] = update(values[head], each)
        return torch.tensor(values)[:, None, None]

    def attention(self, name: str, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, real_keys: Tensor) -> Tensor:
        """Softmax(q·kᵀ·scale + mask)·v with everything that the recipe changes; heads joined, `[batch, query, width]`."""
        batch, heads, queries, size = query.shape
        root = math.sqrt(size)
        named = {'none': 1.0, 'sqrt': 1 / root, 'twiceSqrt': 1 / (2 * root), 'full': 1 / size}
        scale = self._per_head(name, 'scoreScale', heads, 1 / root, lambda _, each: named.get(each['scale'], each['scale']))
        heat = self._per_head(name, 'temperature', heads, 1.0, lambda before, each: before * each['temperature'])
        scaled = query @ key.transpose(-1, -2) * scale / heat
        masked = (scaled + mask).expand(batch, heads, queries, -1)
        removed = (mask < -1e3).expand(masked.shape).clone()
        for each in self._on(name, 'mask'):
            chosen = mask_choices.cells(each['mask'], queries, real_keys)[:, None].expand(masked.shape)
            meant = torch.zeros(batch, heads, 1, 1, dtype=torch.bool)
            texts = range(batch) if each['texts'] == 'all' else each['texts']
            for head in range(heads) if each['heads'] == 'all' else each['heads']:
                meant[list(texts), head] = True
            replaces = meant & ~chosen.isnan()
            removed = torch.where(replaces, chosen == 0, removed)
            masked = torch.where(replaces, torch.where(removed, torch.tensor(-math.inf), scaled), masked)
        weights = masked.masked_fill(removed, -math.inf).softmax(-1).nan_to_num(0.0)
        positive = masked.masked_fill(removed, 0.0).relu()
        total = positive.sum(-1, keepdim=True)
        relu = torch.where(total > 0, positive / total.clamp_min(1e-30), torch.zeros(()))
        bent = self._per_head(name, 'normaliser', heads, 0.0, lambda _, each: float(each['by'] == 'relu'))
        weights = torch.where(bent == 1, relu, weights)
        context = self._patched_heads(name, weights @ value)
        context = context * self._per_head(name, 'headGate', heads, 1.0, lambda before, each: before * each['factor'])
        joined = context.transpose(1, 2).flatten(2)
        self.recording.update({f'{name}.weights': weights, f'{name}.context': context, f'{name}.joined': joined})
        return joined

    def project(self, name: str, output: nn.Module, joined: Tensor) -> Tensor:
        """The output projection W_O; records what each head adds to it, too: `[batch, head, query, width]`."""
        context = self.recording[f'{name}.context']
        # nn.Linear keeps its matrix as [out, in], GPT-2's layer as [in, out].
        matrix = output.weight.T if isinstance(output, nn.Linear) else output.weight
        parts = matrix.reshape(context.shape[1], context.shape[3], -1)
        projected = output(joined)
        self.recording.update({f'{name}.headOutput': context @ parts, f'{name}.projected': projected})
        return projected

    def norm(self, name: str, norm: nn.Module, states: Tensor) -> Tensor:
        """The norm of a sub-layer, before it or behind it."""
        normed = norm(states)
        self.recording.update({f'{name}.normInput': states, f'{name}.normOutput': normed})
        return normed

    def sub_layer(self, name: str, states: Tensor) -> Tensor:
        """The state that the next sub-layer reads."""
        self.recording[f'{name}.output'] = states
        return states

    def _patches(self, of: str) -> List[Dict]:
        return [each for each in self.all if each['kind'] == 'patch' and each['target']['of'] == of]

    def _patched_heads(self, name: str, context: Tensor) -> Tensor:
        context = context.clone()
        for each in self._patches('head'):
            head = each['target']['head']
            if each['target']['attention'] == name:
                rows = self.sources(each['source'])[f'{name}.context'][head]
                self._put(context[:, head], rows, each)
        return context

    @staticmethod
    def _put(states: Tensor, rows: Tensor, patch: Dict) -> None:
        """Copies rows of the source into `states` `[batch, row, width]`, in place."""
        pairs = patch.get('tokens') or [{'from': i, 'to': i} for i in range(len(rows))]
        for text in range(len(states)) if patch['texts'] == 'all' else patch['texts']:
            for pair in pairs:
                if pair['from'] < len(rows) and pair['to'] < states.shape[1]:
                    states[text, pair['to']] = rows[pair['from']]

    def add(self, name: str, skip: Tensor, branch: Tensor) -> Tensor:
        """The residual connection of a sub-layer."""
        for each in self.all:
            if each['kind'] == 'subLayer' and name in each['subLayers']:
                branch = branch * each['factor']
        self.recording.update({f'{name}.input': skip, f'{name}.branch': branch, f'{name}.residual': skip + branch})
        return skip + branch

    def after_layer(self, side: str, layer: int, states: Tensor) -> Tensor:
        """The state that the next layer reads."""
        states = states.clone()
        for each in self._patches('layer'):
            if (each['target']['side'], each['target']['layer']) == (side, layer):
                self._put(states, self.sources(each['source'])[f'{side}.layer.{layer}'], each)
        self.recording[f'{side}.layer.{layer}'] = states
        return states

    def hidden(self, name: str, before: Tensor, activation: Callable[[Tensor], Tensor]) -> Tensor:
        """Units of a feed-forward before and after the activation; the latter are returned."""
        units = activation(before)
        self.recording.update({f'{name}.before': before, f'{name}.hidden': units})
        return units

    def embed(self, side: str, tokens: Tensor, table: Tensor, counts: List[int]) -> Tensor:
        """Tokens `[batch, length, width]` with positions; `counts` are the tokens that a shuffle moves, by text."""
        batch, length, width = tokens.shape
        changes = [each['change'] for each in self.all if each['kind'] == 'positions' and each['side'] == side]
        rows = torch.stack([self._rows(changes, table, length, counts[text]) for text in range(batch)])
        multiplied = any(change['to'] == 'multiply' for change in changes)
        embedded = tokens * rows if multiplied else tokens + rows
        self.recording[f'{side}.embedding.positions'] = rows
        return embedded

    @staticmethod
    def _rows(changes: List[Dict], table: Tensor, length: int, count: int) -> Tensor:
        # A shuffle may move positions that are not read yet.
        places, factor = list(range(2048)), 1.0
        for change in changes:
            kind = change['to']
            if kind == 'remove':
                factor = 0.0
            elif kind == 'scale':
                factor *= change['factor']
            elif kind == 'shift':
                places = [place + change['by'] for place in places]
            elif kind == 'shuffle':
                order = shuffled(change.get('among', count), change['seed'])
                places = [places[i] for i in order] + places[len(order):]
            elif kind == 'table':
                table = torch.tensor(change['rows'])
            elif kind == 'sinusoidal':
                pair = torch.arange(table.shape[1]) // 2 * 2 / table.shape[1]
                angle = torch.arange(1024)[:, None].double() / 10000 ** pair.double()[None]
                table = torch.where(torch.arange(table.shape[1]) % 2 == 0, angle.sin(), angle.cos()).float()
        return table[[min(max(place, 0), len(table) - 1) for place in places[:length]]] * factor

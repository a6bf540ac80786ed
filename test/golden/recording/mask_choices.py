"""What a chosen mask does to each cell: 1 keeps, 0 removes, nan leaves it to the model."""
from typing import Dict

import torch
from torch import Tensor

LEFT = float('nan')


def cells(choice: Dict, queries: int, real_keys: Tensor) -> Tensor:
    """`[batch, query, key]` of a recipe's mask; `real_keys` `[batch, key]` is 1 where a key is no padding."""
    batch, keys = real_keys.shape
    query, key = torch.arange(queries)[:, None], torch.arange(keys)[None]
    preset = choice['preset']
    if preset in ('cells', 'rows'):
        chosen = torch.full((queries, keys), LEFT)
        if preset == 'cells':
            for cell in choice['cells']:
                chosen[cell['query'], cell['key']] = float(cell['keep'])
        else:
            for i, row in enumerate(choice['rows'][:queries]):
                for j, value in enumerate(row[:keys]):
                    chosen[i, j] = LEFT if value is None else float(value)
        return chosen.expand(batch, queries, keys)
    kept = {
        'none': lambda: key >= 0,
        'padding': lambda: key >= 0,
        'causal': lambda: key <= query,
        'prefix': lambda: (key < choice['length']) | (key <= query),
        'window': lambda: ((query - key).abs() <= choice['size']) & ~(bool(choice.get('causal')) & (key > query)),
    }[preset]().expand(batch, queries, keys)
    shows_padding = preset == 'none' or choice.get('padding') == 'visible'
    return (kept & (real_keys[:, None, :].bool() | shows_padding)).float()

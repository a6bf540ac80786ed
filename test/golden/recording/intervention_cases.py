"""Recipes that between them use every kind of intervention, made for a model of any number of layers and heads."""
from typing import Dict, List

Cases = Dict[str, List[Dict]]


def _on(attentions: object, heads: object, **fields: object) -> Dict:
    return {'enabled': True, 'attentions': attentions, 'heads': heads, **fields}


def _positions(side: str, **change: object) -> Dict:
    return {'kind': 'positions', 'enabled': True, 'side': side, 'change': change}


def cases(kinds: Dict[str, str], layers: Dict[str, int], heads: int, width: int, source: Dict) -> Cases:
    """By name. `kinds`: attention kind to the pattern of its names; `source`: the text to patch from."""
    found: Cases = {'plain': []}
    for kind, pattern in kinds.items():
        side = pattern.split('.')[0]
        first, last = pattern.format(0), pattern.format(layers[side] - 1)
        gate, one = {'kind': 'headGate'}, {'texts': 'all'}
        found.update({
            f'{kind}-head-removed': [_on([last], [1], **gate, factor=0.0)],
            f'{kind}-heads-scaled': [_on(kind, [0, heads - 1], **gate, factor=2.5)],
            f'{kind}-temperature': [_on([first], 'all', kind='temperature', temperature=2.0)],
            f'{kind}-scale-none': [_on(kind, 'all', kind='scoreScale', scale='none')],
            f'{kind}-scale-full': [_on([first], [2], kind='scoreScale', scale='full')],
            f'{kind}-scale-twice': [_on([last], 'all', kind='scoreScale', scale='twiceSqrt')],
            f'{kind}-scale-number': [_on([first], [1, 3], kind='scoreScale', scale=0.5)],
            f'{kind}-relu': [_on([first], [0, 2], kind='normaliser', by='relu')],
            f'{kind}-window': [_on(kind, 'all', kind='mask', mask={'preset': 'window', 'size': 1}, **one)],
            f'{kind}-window-causal': [
                _on([first], 'all', kind='mask', mask={'preset': 'window', 'size': 2, 'causal': True}, **one),
            ],
            f'{kind}-padding': [_on([last], 'all', kind='mask', mask={'preset': 'padding'}, **one)],
            f'{kind}-no-mask': [_on([first], 'all', kind='mask', mask={'preset': 'none'}, **one)],
            f'{kind}-causal': [_on([last], 'all', kind='mask', mask={'preset': 'causal', 'padding': 'visible'}, **one)],
            f'{kind}-prefix': [_on([first], [1], kind='mask', mask={'preset': 'prefix', 'length': 2}, **one)],
            # The second query is left with nothing to read, in one head of one text.
            f'{kind}-rows': [_on([first], [1], kind='mask', texts=[0], mask={
                'preset': 'rows', 'rows': [[1, 0, None], [0] * 64, [None, 1]],
            })],
            f'{kind}-cells': [_on([last], 'all', kind='mask', **one, mask={
                'preset': 'cells', 'cells': [{'query': 2, 'key': 1, 'keep': False}, {'query': 1, 'key': 3, 'keep': True}],
            })],
            f'{kind}-head-patched': [{
                'kind': 'patch', 'enabled': True, 'source': source, 'texts': 'all',
                'target': {'of': 'head', 'attention': last, 'head': 1},
            }],
        })
    for side, count in layers.items():
        skipped = {'kind': 'subLayer', 'enabled': True}
        found.update({
            f'{side}-feed-forward-skipped': [{**skipped, 'subLayers': [f'{side}.{count - 1}.feedForward'], 'factor': 0.0}],
            f'{side}-attention-halved': [{**skipped, 'subLayers': [f'{side}.0.self'], 'factor': 0.5}],
            f'{side}-layer-patched': [{
                'kind': 'patch', 'enabled': True, 'source': source, 'texts': [1],
                'target': {'of': 'layer', 'side': side, 'layer': 0},
                'tokens': [{'from': 2, 'to': 1}, {'from': 0, 'to': 3}],
            }],
            f'{side}-positions-removed': [_positions(side, to='remove')],
            f'{side}-positions-shifted': [_positions(side, to='shift', by=3)],
            f'{side}-positions-shuffled': [_positions(side, to='shuffle', seed=7)],
            f'{side}-positions-halved': [_positions(side, to='scale', factor=0.5)],
            f'{side}-positions-multiplied': [_positions(side, to='multiply')],
            f'{side}-positions-sinusoidal': [_positions(side, to='sinusoidal')],
            f'{side}-positions-table': [_positions(side, to='table', rows=[
                [(i % 7 - 3) / 8 if i % 3 else (row - 1) / 4 for i in range(width)] for row in range(3)
            ])],
        })
    kind, pattern = next(iter(kinds.items()))
    side = pattern.split('.')[0]
    found['several'] = [
        *found[f'{kind}-head-removed'], *found[f'{kind}-window'], *found[f'{side}-positions-shuffled'],
        _positions(side, to='shift', by=-1), *found[f'{side}-attention-halved'],
        {**found[f'{kind}-relu'][0], 'enabled': False},
    ]
    return found

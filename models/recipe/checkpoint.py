"""Checkpoints of a training: everything that is needed to go on, written so that a kill at any moment loses at most one interval."""
import os
import re
from pathlib import Path
from typing import Dict, List, Optional

import torch
from torch import Tensor

State = Dict[str, object]

LAST = 'last.pt'
_WEIGHTS = re.compile(r'weights-(\d+)\.pt')


def write(path: Path, state: State) -> None:
    """Writes beside the file and then replaces it: the old one stays whole until the new one is."""
    draft = path.with_suffix('.part')
    with open(draft, 'wb') as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def read_last(folder: Path, device: torch.device) -> Optional[State]:
    """The checkpoint to go on from; None at the start."""
    path = folder / LAST
    return torch.load(path, map_location=device) if path.exists() else None


def write_weights(folder: Path, step: int, weights: Dict[str, Tensor], keep: int) -> None:
    """Weights alone, to be averaged; older than the newest `keep` are deleted."""
    write(folder / f'weights-{step}.pt', weights)
    for path in snapshots(folder)[:-keep]:
        path.unlink()


def snapshots(folder: Path) -> List[Path]:
    """The files of `write_weights`, oldest first."""
    found = [path for path in folder.iterdir() if _WEIGHTS.fullmatch(path.name)]
    return sorted(found, key=lambda path: int(_WEIGHTS.fullmatch(path.name).group(1)))


def average(paths: List[Path]) -> Dict[str, Tensor]:
    """The mean of the weights of several checkpoints (section 6.1), in float32."""
    total: Dict[str, Tensor] = {}
    for path in paths:
        for name, tensor in torch.load(path, map_location='cpu').items():
            total[name] = total[name] + tensor.double() if name in total else tensor.double()
    return {name: (tensor / len(paths)).float() for name, tensor in total.items()}

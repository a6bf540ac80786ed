"""Reads the log of a training of an English model."""
import json
from pathlib import Path
from typing import Dict, List


def curve(run: Path) -> List[Dict[str, float]]:
    """The lines in the order of their steps; steps that were done again after a resume count once."""
    entries: Dict[int, Dict[str, float]] = {}
    for line in (run / 'log.jsonl').read_text('utf8').splitlines():
        entry = json.loads(line)
        entries[entry['step']] = entry
    return [entries[step] for step in sorted(entries)]

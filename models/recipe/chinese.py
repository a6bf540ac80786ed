"""Simplified Chinese only: traditional characters are converted by OpenCC's command, `opencc -c t2s` (Debian: `opencc`)."""
import shutil
import subprocess
from typing import List


def simplified(lines: List[str]) -> List[str]:
    """The lines with every traditional character or word written in its simplified form.

    Raises SystemExit where OpenCC is not installed: training on a mixture would teach the model to mix them.
    """
    if not shutil.which('opencc'):
        raise SystemExit('opencc is missing: install it (on Debian and Ubuntu: apt-get install opencc) and start again.')
    done = subprocess.run(
        ['opencc', '-c', 't2s'], input='\n'.join(lines) + '\n', capture_output=True, check=True, encoding='utf8'
    )
    converted = done.stdout.split('\n')[:-1]
    if len(converted) != len(lines):
        raise SystemExit(f'opencc returned {len(converted)} lines for {len(lines)}.')
    return converted

"""Scores what another program wrote, as evaluate.py scores a checkpoint. Usage: evaluate_lines.py CORPORA_DIR LANGUAGE < LINES

LINES are translations of the first sentences of the unseen test, one on each line, for example of the product's own beam search:

    cut -f1 CORPORA_DIR/tatoeba-test-unseen/en-de.tsv | head -500 | npm run --silent engine -- translate --to de --beams 4 \\
        | python3 models/recipe/evaluate_lines.py CORPORA_DIR de
"""
import argparse
import sys
from pathlib import Path

from corpora import LANGUAGES, test_pairs
from evaluate import Test, score


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument('corpora', type=Path)
    arguments.add_argument('language', choices=list(LANGUAGES))
    options = arguments.parse_args()
    lines = sys.stdin.read().split('\n')[:-1]
    pairs = test_pairs(options.corpora, options.language)[: len(lines)]
    if len(lines) != len(pairs) or not lines:
        raise SystemExit(f'{len(lines)} lines for {len(pairs)} sentences.')
    print(score(Test('tatoeba-test-unseen', options.language, pairs), lines))


if __name__ == '__main__':
    main()

"""Records what other programs compute, for the tests to compare with; the reference model is the recipe's."""
import sys
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent.parent
ROOT = GOLDEN.parent.parent
SHIPPED_MODEL = ROOT / 'models' / 'translate-en-de-fr-zh'
SHIPPED_GPT = ROOT / 'models' / 'english-gpt-mini'
SHIPPED_BERT = ROOT / 'models' / 'english-bert-mini'

sys.path.insert(0, str(ROOT / 'models' / 'recipe'))

"""The one text normalisation of the product: NFKC, then white space; no lower-casing, no other mapping."""
import re
import unicodedata

# Written out, because Python, JavaScript and Rust disagree about \s: Python leaves out U+FEFF, the others
# U+001C to U+001F and U+0085. U+2581 is SentencePiece's own mark for a space, so it counts as one.
WHITE_SPACE = '[\\s\u001c-\u001f\u0085\ufeff\u2581]+'

_white_space = re.compile(WHITE_SPACE)


def clean(text: str) -> str:
    """Text as the model is trained on it: NFKC, every run of white space one space, none at the ends."""
    return _white_space.sub(' ', unicodedata.normalize('NFKC', text)).strip(' ')

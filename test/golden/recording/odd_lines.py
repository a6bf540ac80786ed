"""Seeded lines of text that are hard on a tokenizer: every kind of character, space and mark."""
import random
import unicodedata
from typing import Callable, List, Sequence

from recording import own_text

_SPACES = (
    '  ', '\t', ' \t ', '\r\n', '\n', '\u00a0', '\u3000', '\u2009', '\u2028', '\u1680', '   ', '\ufeff', '\u0085', '▁',
)
_MARKS = '\u0300\u0301\u0302\u0303\u0308\u030a\u0327\u0323\u0338\u20d7\u3099\u0e31\u05b0\u064b'
_COMPATIBILITY = 'ﬁﬂﬀﬄſ①②㊗㎏㎡℃№™½¼ⅷⅫ²³₁ªº…‥“”‘’–—〜～ＡＢＣｘｙｚ０１９！？（）ｶﾞｷﾞ㌔㍿﷼ǆŉ´¨'
_EMOJI = (
    '😀', '👍🏽', '👩‍🚀', '🇫🇷', '❤️', '🏳️‍🌈', '👨‍👩‍👧‍👦', '🤷🏾‍♀️', '1️⃣', '☕', '🫠', '♟️',
)
_CODE = (
    'const x = a[i] ?? 0;', 'if (n >= 10) { return; }', 'for i in range(3): print(i)', '<p class="a">text</p>',
    'https://example.org/a?b=1&c=%20#d', 'user@example.org', '/usr/bin/env', 'x_1 += y**2 // 3', '# heading', '- [ ] item',
    '{"key": null}', '`code`', '**bold**', 'C:\\dir\\file.txt', '$\\sqrt{d_k}$', 'snake_case camelCase kebab-case',
)
_RANGES = (
    (0x20, 0x7f), (0xa0, 0x250), (0x370, 0x400), (0x400, 0x500), (0x590, 0x600), (0x600, 0x700), (0x900, 0x980),
    (0xe00, 0xe80), (0x1e00, 0x2000), (0x2000, 0x2070), (0x2100, 0x2200), (0x3040, 0x3100), (0x4e00, 0x9fa0),
    (0xac00, 0xd7a0), (0xf900, 0xfb00), (0xfb00, 0xfb50), (0xff00, 0xffef), (0x1d400, 0x1d800), (0x1f300, 0x1f650),
    (0x20000, 0x2a6d0),
)

Maker = Callable[[random.Random], str]


def _assigned(rng: random.Random) -> str:
    """One assigned character: how an unassigned one normalises depends on the Unicode version."""
    while True:
        character = chr(rng.randrange(*rng.choice(_RANGES)))
        if unicodedata.category(character) not in ('Cn', 'Cs'):
            return character


def _random_characters(rng: random.Random) -> str:
    return ''.join(_assigned(rng) for _ in range(rng.randrange(1, 25)))


def _decomposed(rng: random.Random) -> str:
    """A sentence with its accents taken apart, or marks put where none belong."""
    sentence = own_text.foreign(rng)
    if rng.random() < 0.5:
        return unicodedata.normalize('NFD', sentence)
    return ''.join(c + (rng.choice(_MARKS) * rng.randrange(1, 3) if rng.random() < 0.2 else '') for c in sentence)


def _spaced(rng: random.Random) -> str:
    """A sentence with odd white space inside, and sometimes around it."""
    words = own_text.english(rng).split(' ')
    line = ''.join(word + (rng.choice(_SPACES) if rng.random() < 0.4 else ' ') for word in words)
    return rng.choice(('', '', ' ', '\t', '\r\n')) + (line if rng.random() < 0.5 else line.strip())


def _compatibility(rng: random.Random) -> str:
    """A sentence with characters that NFKC replaces by others, often by more or fewer."""
    words = own_text.english(rng).split(' ')
    odd = (''.join(rng.choice(_COMPATIBILITY) for _ in range(rng.randrange(1, 5))) for _ in words)
    return ' '.join(rng.choice((word, extra, word + extra)) for word, extra in zip(words, odd))


def _emoji(rng: random.Random) -> str:
    words = (own_text.english(rng) if rng.random() < 0.6 else own_text.foreign(rng)).split(' ')
    return ' '.join(word + (rng.choice(_EMOJI) * rng.randrange(1, 3) if rng.random() < 0.3 else '') for word in words)


def _mixed_scripts(rng: random.Random) -> str:
    return ''.join(own_text.foreign(rng)[: rng.randrange(2, 12)] + rng.choice(('', ' ')) for _ in range(4))


def _code(rng: random.Random) -> str:
    return ' '.join(rng.choice(_CODE) for _ in range(rng.randrange(1, 4)))


def _numbers(rng: random.Random) -> str:
    parts = (
        f'{rng.randrange(10 ** rng.randrange(1, 8)):,}', f'{rng.random():.3f}', f'{rng.randrange(24)}:{rng.randrange(60):02}',
        '3 × 10⁸', '50 %',
    )
    return ' '.join(rng.choice(parts) for _ in range(rng.randrange(1, 8)))


def _repeated(rng: random.Random) -> str:
    """Runs of the same few characters: many segmentations, few differences between them."""
    alphabet = rng.choice(('ab', 'ha', '.-', '! ', 'e e', '。，', '=>'))
    return ''.join(rng.choice(alphabet) for _ in range(rng.randrange(1, 40)))


def _nearly_empty(rng: random.Random) -> str:
    spaces = ('', ' ', '\t\t', '\r\n', '\u3000', '\u200b', '\ufeff')
    return rng.choice((*spaces, '.', '\u0301', ' \u0301', '▁', '\u00ad', 'a', '文', '🙂'))


def lines(count: int, pieces: Sequence[str]) -> List[str]:
    """`count` lines, the same every time; `pieces` are those of the vocabulary, with spaces for ▁."""

    def from_pieces(rng: random.Random) -> str:
        return ''.join(rng.choice(pieces) for _ in range(rng.randrange(1, 16)))

    makers: Sequence[Maker] = (
        from_pieces, from_pieces, own_text.english, own_text.english, own_text.foreign, _decomposed, _spaced, _spaced,
        _compatibility, _emoji, _mixed_scripts, _code, _numbers, _repeated, _random_characters, _nearly_empty,
    )
    rng = random.Random(7)
    return [rng.choice(makers)(rng) for _ in range(count)]

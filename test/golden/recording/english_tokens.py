"""Records how the recipe cuts English sentences, for both English models, to compare the product's tokenizer with."""
import json

from recording import GOLDEN, ROOT, SHIPPED_BERT, SHIPPED_GPT

import shipped_language_model

# With what the two vocabularies treat apart: spaces, accents, cases, digits, signs, and scripts that English has not.
UNUSUAL = (
    ' two  spaces and an end ', "They'd said it's what we've got, and I'll go.", 'In 1984, 3.5% of 2,000 people moved.',
    'Café, naïve, Zürich and El Niño.', 'SHOUTING and CamelCase words', 'e-mail: someone@example.org / “quoted” – dashed…',
    'Привет, 你好 and γειά', 'x² + ½ = ①', 'smile 🙂 please', 'tabs\tand\nlines', 'supercalifragilisticexpialidocious',
)


def record() -> None:
    """Writes tokenizer/english.json: `text`, and ids of `gpt` and `bert`, without `[CLS]` and `[SEP]`."""
    sentences = (ROOT / 'test' / 'client' / 'sentences.txt').read_text('utf8').splitlines()
    gpt, bert = (shipped_language_model.vocabulary(folder) for folder in (SHIPPED_GPT, SHIPPED_BERT))
    lines = [
        json.dumps({'text': text, 'gpt': gpt.encode(text), 'bert': bert.encode(text)}, ensure_ascii=False)
        for text in [*filter(None, sentences), *UNUSUAL]
    ]
    (GOLDEN / 'tokenizer' / 'english.json').write_text('[\n' + ',\n'.join(lines) + '\n]\n', 'utf8')
    print(f'tokenizer: {len(lines)} English lines')

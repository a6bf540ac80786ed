"""Sentences written for these tests, and a seeded generator of more: nothing here is quoted from anywhere."""
import random
from typing import List

_SUBJECTS = (
    'the animal', 'a small dog', 'the old clock', 'my neighbour', 'the model', 'every student', 'the blue train',
    'an open window', 'the gardener', 'a quiet child', 'the long road', 'our teacher', 'the decoder', 'the river',
)
_VERBS = (
    'crosses', 'watches', 'remembers', 'repairs', 'reads', 'follows', 'forgets', 'opens', 'measures', 'paints',
    'translates', 'hides', 'carries', 'answers',
)
_OBJECTS = (
    'the street', 'a letter', 'the second question', 'the broken bridge', 'three short words', 'a green bottle',
    'the evening sky', 'an honest answer', 'the garden wall', 'the last sentence', 'a heavy box', 'the station',
)
_ENDINGS = (
    'because it is tired', 'before the rain begins', 'without a sound', 'in the early morning', 'near the harbour',
    'although nobody asked', 'when the lights go out', 'as slowly as possible', 'for the first time', 'again and again',
)
_GERMAN = (
    'Die Straße ist heute länger als gestern.', 'Über den Dächern fliegt eine müde Möwe.',
    'Größere Schlüssel öffnen nicht jede Tür.', 'Wir hätten früher zurückkehren können.',
)
_FRENCH = (
    "L'été dernier, la forêt était déjà brûlée.", 'Où as-tu caché les clés du théâtre ?',
    "Ça m'étonne que le garçon soit français.", 'Le cœur bat plus vite à la fenêtre.',
)
_CHINESE = (
    '这只小狗不想过马路。', '他昨天在图书馆里读了三本书。', '天气太冷了，我们明天再去吧！', '请问，火车站在哪里？',
)


def english(rng: random.Random) -> str:
    """One made-up English sentence; grammatical, not sensible."""
    words = [rng.choice(_SUBJECTS), rng.choice(_VERBS), rng.choice(_OBJECTS)]
    if rng.random() < 0.6:
        words.append(rng.choice(_ENDINGS))
    sentence = ' '.join(words)
    return sentence[0].upper() + sentence[1:] + rng.choice('....!?')


def foreign(rng: random.Random) -> str:
    """A sentence in German, French or Chinese."""
    return rng.choice(rng.choice((_GERMAN, _FRENCH, _CHINESE)))


def training_text(sentences: int) -> List[str]:
    """The same sentences every time, for training the small vocabularies of the test models."""
    rng = random.Random(20)
    return [english(rng) if rng.random() < 0.8 else foreign(rng) for _ in range(sentences)]

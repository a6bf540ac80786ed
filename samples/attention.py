"""Attention in twenty lines, to read beside the real thing. Select a sentence in a comment and explore it."""

import math


def attend(query, keys, values):
    # Every word asks a question. The question is compared with the key of every other word.
    scores = [sum(q * k for q, k in zip(query, key)) for key in keys]

    # Long vectors give large scores, and large scores leave no doubt. Dividing keeps the model curious.
    scores = [score / math.sqrt(len(query)) for score in scores]

    # The scores become weights. No weight is negative, and together they make one.
    largest = max(scores)
    exponentials = [math.exp(score - largest) for score in scores]
    weights = [e / sum(exponentials) for e in exponentials]

    # The answer is a mixture of the values. A word with a large weight has a loud voice.
    return [sum(w * value[i] for w, value in zip(weights, values)) for i in range(len(values[0]))]


print(attend([1.0, 0.0], [[4.0, 0.0], [0.0, 4.0]], [[1.0, 2.0], [3.0, 4.0]]))

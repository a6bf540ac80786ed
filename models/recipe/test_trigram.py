"""The trigram model gives probabilities that sum to 1, and its vectors agree with its single values."""
import unittest

import numpy as np

from trigram import Trigram

START, END, SIZE = 0, 1, 8
SENTENCES = [[2, 3, 4], [2, 3, 5], [2, 3, 4, 6], [5, 3, 4], [6, 2, 3], [4, 4, 2], [2], [5, 5]]


class TrigramTest(unittest.TestCase):
    def setUp(self) -> None:
        self.model = Trigram(SENTENCES, SIZE, START, END)

    def test_next_token_sums_to_one(self) -> None:
        for a in range(SIZE):
            for b in range(SIZE):
                values = self.model.next(a, b)
                self.assertAlmostEqual(float(values.sum()), 1)
                self.assertTrue(np.allclose(values, [self.model.probability(a, b, c) for c in range(SIZE)]))

    def test_filling_in_is_the_product_of_the_three_trigrams(self) -> None:
        for a, b, c, d in ((0, 2, 4, 1), (2, 3, 4, 6), (7, 7, 3, 4), (0, 0, 3, 5), (3, 4, END, END)):
            model = self.model
            expected = np.array([
                model.probability(a, b, v) * model.probability(b, v, c) * (1 if c == END else model.probability(v, c, d))
                for v in range(SIZE)
            ])
            self.assertTrue(np.allclose(model.fill(a, b, c, d), expected / expected.sum()))

    def test_what_was_seen_is_likelier(self) -> None:
        self.assertEqual(int(self.model.next(2, 3).argmax()), 4)
        self.assertLess(self.model.cost([2, 3, 4]), self.model.cost([4, 3, 2]))


if __name__ == '__main__':
    unittest.main()

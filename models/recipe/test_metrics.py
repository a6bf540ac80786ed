"""Checks metrics.py against values that sacrebleu publishes. Usage: python3 -m unittest discover models/recipe"""
import unittest

from metrics import bleu, chinese_words, chrf, words

# sacrebleu's README and its tests of BLEU.
SYSTEM = ['The dog bit the man.', "It wasn't surprising.", 'The man had just bitten him.']
FIRST = ['The dog bit the man.', 'It was not unexpected.', 'The man bit him first.']
SECOND = ['The dog had bit the man.', 'No one was surprised.', 'The man had bitten the dog.']


class Bleu(unittest.TestCase):
    def test_published_score_with_two_references(self):
        self.assertAlmostEqual(bleu(SYSTEM, [FIRST, SECOND]), 48.530827, places=6)

    def test_published_score_without_word_splitting(self):
        self.assertAlmostEqual(bleu(SYSTEM, [FIRST, SECOND], str.split), 49.1919566, places=6)

    def test_nothing_translated(self):
        self.assertEqual(bleu(['', '', ''], [FIRST, SECOND]), 0)

    def test_smoothing_halves_what_is_missing(self):
        # One word of four is right: 1/4, then 1/(2·3), 1/(4·2), 1/(8·1).
        expected = 100 * (1 / 4 * 1 / 6 * 1 / 8 * 1 / 8) ** (1 / 4)
        self.assertAlmostEqual(bleu(['a x y z'], [['a b c d']]), expected)

    def test_brevity(self):
        self.assertAlmostEqual(bleu(['a b c d'], [['a b c d e f g h']]), 100 * 2.718281828459045 ** -1)


class Chrf(unittest.TestCase):
    def test_published_score_with_two_references(self):
        self.assertAlmostEqual(chrf(SYSTEM, [FIRST, SECOND]), 59.73, places=2)

    def test_orders_that_are_too_long_do_not_count(self):
        self.assertEqual(chrf(['a'], [['a']]), 100)
        self.assertEqual(chrf(['a b c'], [['abc']]), 100)
        self.assertEqual(chrf(['aa'], [['ab']]), 25)
        self.assertEqual(chrf(['a', 'b'], [['a', 'c']]), 50)
        self.assertEqual(chrf([''], [['reference']]), 0)


class Words(unittest.TestCase):
    def test_punctuation(self):
        self.assertEqual(words("It's 3.5, isn't it? (1,000-fold)"), "It's 3.5 , isn't it ? ( 1,000 - fold )".split())
        self.assertEqual(words('&quot;a&quot; &amp; b.'), ['"', 'a', '"', '&', 'b', '.'])

    def test_chinese(self):
        self.assertEqual(chinese_words('我有3.5本书，OK。'), ['我', '有', '3.5', '本', '书', '，', 'OK', '。'])


if __name__ == '__main__':
    unittest.main()

"""The best segmentation of a text under a unigram model, in float64: to tell true ties from differences."""
from typing import Dict, List

# SentencePiece gives an unknown character the lowest score minus this.
_UNKNOWN_PENALTY = 10.0


class Unigram:
    """Scores of pieces, without user-defined symbols."""

    def __init__(self, scores: Dict[str, float]):
        self.scores = scores
        self.unknown = min(scores.values()) - _UNKNOWN_PENALTY
        self.longest = max(map(len, scores))

    def pieces(self, text: str) -> List[str]:
        """The pieces of `text`, spaces already ▁. Of equal scores the one whose last piece is longest."""
        best, start = [0.0] + [float('-inf')] * len(text), [0] * (len(text) + 1)
        for end in range(1, len(text) + 1):
            for begin in range(max(0, end - self.longest), end):
                score = self.scores.get(text[begin:end])
                if score is None and end - begin == 1:
                    score = self.unknown
                if score is not None and best[begin] + score > best[end]:
                    best[end], start[end] = best[begin] + score, begin
        result, end = [], len(text)
        while end > 0:
            result.append(text[start[end]:end])
            end = start[end]
        return result[::-1]

    def score(self, pieces: List[str]) -> float:
        """The sum of log-probabilities."""
        return sum(self.scores.get(piece, self.unknown * len(piece)) for piece in pieces)

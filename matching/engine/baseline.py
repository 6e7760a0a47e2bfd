"""What the shipped text part is measured against: BM25 over segmented words, and its own formula
without any rounding.

The formula is that of Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework: BM25
and Beyond", §3.4: each word of the query adds idf · tf / (tf + k1 · (1 − b + b · dl / avdl)).
(Their factor k1 + 1 is the same for all and left out.) idf is ln(1 + (N − df + ½) / (df + ½)),
which unlike the plain ln of the ratio never turns negative, as in Lucene. k1 and b are the
usual defaults (rank_bm25, bm25s).

Words come from jieba's search mode, meant for search engines: the words of the segmentation and,
for long ones, the shorter words within. A query is segmented like the titles; its body counts
too, a fifth as much as its title. Both choices make the baseline stronger than plain segmentation
of titles alone, and were fixed for that reason. jieba's full mode (all dictionary words,
overlapping) comes closer still to the shipped ranking, but it is an index of character sequences
and no longer a segmentation.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import rjieba
from numpy.typing import NDArray

from matching.engine.text import IDF_POWER, codes, fold

K1 = 1.5
B = 0.75
BODY_WEIGHT = 0.2


class WordBM25:
    """An index over titles; ``scores`` is a Scorer of ``matching.engine.evaluation``."""

    def __init__(self, titles: Sequence[str]) -> None:
        counts = [Counter(words(title)) for title in titles]
        lengths = np.array([each.total() for each in counts], dtype=np.float64)
        # Titles without any word have nothing to score; 1 only keeps the division defined.
        average = lengths.mean() if lengths.any() else 1.0
        saturation = K1 * (1 - B + B * lengths / average)
        postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for position, count in enumerate(counts):
            for word, frequency in count.items():
                postings[word].append((position, frequency))
        self._size = len(titles)
        self._postings: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
        for word, entries in postings.items():
            positions = np.array([position for position, _ in entries], dtype=np.int64)
            frequencies = np.array([frequency for _, frequency in entries], dtype=np.float64)
            idf = np.log1p((self._size - len(entries) + 0.5) / (len(entries) + 0.5))
            weights = idf * frequencies / (frequencies + saturation[positions])
            self._postings[word] = positions, weights

    def scores(self, title: str, body: str) -> NDArray[np.float64]:
        """One score per title, (n,), in the order given to the index."""
        query: dict[str, float] = defaultdict(float)
        for text, weight in ((title, 1.0), (body, BODY_WEIGHT)):
            for word in words(text):
                query[word] += weight
        scores = np.zeros(self._size)
        for word, weight in query.items():
            if word in self._postings:
                positions, weights = self._postings[word]
                scores[positions] += weight * weights
        return scores


class Unrounded:
    """The text part as its formula says, in floats and without caps: what whole numbers lose is
    the difference. An index over titles; ``scores`` as above.
    """

    def __init__(self, titles: Sequence[str]) -> None:
        counts = [Counter(_terms(title)) for title in titles]
        lengths = np.array([each.total() for each in counts], dtype=np.float64)
        norms = K1 * (1 - B + B * lengths / (lengths.mean() or 1.0))
        self._size = len(titles)
        self._postings: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for position, count in enumerate(counts):
            for term, times in count.items():
                impact = (K1 + 1) * times / (times + norms[position])
                self._postings[term].append((position, impact))

    def scores(self, title: str, body: str) -> NDArray[np.float64]:
        said, more = Counter(_terms(title)), Counter(_terms(body))
        scores = np.zeros(self._size)
        for term in said | more:
            own = self._postings.get(term, [])
            idf = np.log1p((self._size - len(own) + 0.5) / (len(own) + 0.5)) ** IDF_POWER
            weight = idf * (np.log2(1 + said[term]) + BODY_WEIGHT * np.log2(1 + more[term]))
            for position, impact in own:
                scores[position] += weight * impact
        return scores


def _terms(text: str) -> list[int]:
    """Characters and neighbouring pairs that are letters or digits, as often as they occur."""
    folded = fold(text)
    single, double = codes(folded)
    return [
        *(code for code, sign in zip(single.tolist(), folded, strict=True) if sign != " "),
        *(
            code
            for code, pair in zip(double.tolist(), pairwise(folded), strict=True)
            if " " not in pair
        ),
    ]


def words(text: str) -> list[str]:
    """The words of a text, in lower case, without those that hold no letter or digit."""
    found = (word.lower() for word in rjieba.cut_for_search(text))
    return [word for word in found if any(map(str.isalnum, word))]

"""Text likeness: BM25 over character unigrams and bigrams, in whole numbers.

A scenario's text is the query, a capability's text the document. Title and body are weighed as in
BM25F (Robertson & Zaragoza 2009, §3.6); idf is raised to the power 1.5, which favours telling
words over common characters; words repeated in a query count by their logarithm. What reached
which figure on judged pairs: ``manage.py evaluate_ranking``.

Points are whole numbers: the weights of a query are divided by what a capability would reach that
says exactly what the scenario says (its title, or title and body, whichever is more), so that 1.0
means the same for long and short scenarios, then quantised; what occurs at all counts at least one
step, else a very long text would say nothing. Whole numbers add up alike in every order, hence in
every kernel.
"""

from __future__ import annotations

import math
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Text = tuple[str, str]  # title, body

K1 = 1.5
B = 0.75
BODY_WEIGHT = 0.2
IDF_POWER = 1.5
WEIGHT_ONE = 1 << 20  # a query weight of 1.0
IMPACT_ONE = 100  # a document impact of 1.0; the largest is K1 + 1
ROUNDING = 1e-6  # above every error of floats: what is even in theory is rounded one way
_SHIFT = 21  # bits of a code point


def fold(text: str) -> str:
    """``text`` in one width and in small letters, with a space for whatever is no letter."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(each if each.isalnum() else " " for each in folded)


def terms(text: str) -> Ints:
    """Codes of all unigrams and bigrams, in order, repeated as often as they occur.

    Width and capitals are folded; what is no letter or digit separates and is no term.
    """
    unigrams, bigrams = codes(fold(text))
    letters = unigrams != ord(" ")
    return np.concatenate([unigrams[letters], bigrams[letters[:-1] & letters[1:]]])


def codes(folded: str) -> tuple[Ints, Ints]:
    """The code of each character, and of each with the next one, separators not left out.

    A unigram is its code point, a bigram two code points in 42 bits: no two terms share a code.
    """
    signs = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    points = signs.astype(np.int64)
    return points, (points[:-1] << _SHIFT) | points[1:]


def _counts(text: str) -> tuple[Ints, Ints]:
    found, counts = np.unique(terms(text), return_counts=True)
    return found, counts.astype(np.int64)


def _weighed(text: Text, *, damped: bool) -> tuple[Ints, Floats]:
    """Different terms of title and body with their weighed frequencies."""
    title, body = (_counts(part) for part in text)
    found = np.union1d(title[0], body[0])
    weights = np.zeros(len(found))
    for (own, counts), weight in ((title, 1.0), (body, BODY_WEIGHT)):
        frequencies = np.log2(1 + counts) if damped else counts
        weights[np.searchsorted(found, own)] += weight * frequencies
    return found, weights


@dataclass(frozen=True, eq=False)
class TextModel:
    """Statistics of all capability texts, frozen at a full run.

    ``vocabulary``: term codes, ascending; ``frequencies``: in how many texts each occurs; terms
    unseen at the freeze count as the rarest.
    """

    vocabulary: Ints
    frequencies: Ints
    texts: int
    average_length: float

    @classmethod
    def freeze(cls, texts: Sequence[Text]) -> TextModel:
        weighed = [_weighed(text, damped=False) for text in texts]
        every = np.concatenate([found for found, _ in weighed] or [np.zeros(0, np.int64)])
        vocabulary, frequencies = np.unique(every, return_counts=True)
        # Exact, so that the order of the texts is no matter.
        total = math.fsum(float(weights.sum()) for _, weights in weighed)
        return cls(vocabulary, frequencies.astype(np.int64), len(texts), total / max(len(texts), 1))

    @cached_property
    def _idf(self) -> Floats:
        odds = (self.texts - self.frequencies + 0.5) / (self.frequencies + 0.5)
        return np.asarray(np.log1p(odds) ** IDF_POWER)

    @cached_property
    def _unseen(self) -> float:
        """The idf of a term that one text has; no smaller for terms that none had."""
        return float(self._idf.max()) if len(self._idf) else 1.0

    def spread(self, codes: Ints) -> Ints:
        """In how many texts each term occurs."""
        if not len(self.vocabulary):
            return np.zeros(len(codes), np.int64)
        places = np.searchsorted(self.vocabulary, codes).clip(max=len(self.vocabulary) - 1)
        return np.where(self.vocabulary[places] == codes, self.frequencies[places], 0)

    def idf(self, codes: Ints) -> Floats:
        if not len(self.vocabulary):
            return np.full(len(codes), self._unseen)
        places = np.searchsorted(self.vocabulary, codes).clip(max=len(self.vocabulary) - 1)
        return np.where(self.vocabulary[places] == codes, self._idf[places], self._unseen)

    def impacts(self, text: Text) -> tuple[Ints, Ints]:
        """Terms of a document and what each adds per unit of query weight, in 1/IMPACT_ONE.

        At least 1: beside short capabilities every term of a very long text would round to nothing.
        """
        found, weights = _weighed(text, damped=False)
        norm = K1 * (1 - B + B * weights.sum() / (self.average_length or 1.0))
        impacts = IMPACT_ONE * weights * (K1 + 1) / (weights + norm)
        return found, np.maximum(np.floor(impacts + 0.5 + ROUNDING), 1).astype(np.int64)

    def query(self, text: Text) -> tuple[Ints, Ints]:
        """Terms of a scenario and their weights, in 1/WEIGHT_ONE of the scenario's own maximum."""
        found, weights = _weighed(text, damped=True)
        weights *= self.idf(found)
        own = max(self._reached(found, weights, each) for each in ((text[0], ""), text))
        if own == 0:  # no letter at all
            return found[:0], np.zeros(0, np.int64)
        # Rounded up, so that the scenario's own words reach the maximum. A weight that reaches it
        # alone needs to be no larger.
        whole = np.ceil(WEIGHT_ONE * weights / own - ROUNDING)
        return found, np.minimum(whole, WEIGHT_ONE * IMPACT_ONE).astype(np.int64)

    def _reached(self, found: Ints, weights: Floats, text: Text) -> float:
        """What a capability reaches that says ``text``, which is part of the query."""
        said, impacts = self.impacts(text)
        return float(weights[np.searchsorted(found, said)] @ impacts) / IMPACT_ONE

    def pack(self) -> bytes:
        """For storing; ``unpack`` gives an equal model."""
        head = np.array([self.texts, len(self.vocabulary)], dtype="<i8").tobytes()
        head += np.array([self.average_length], dtype="<f8").tobytes()
        gaps = np.diff(self.vocabulary, prepend=0).astype("<i8").tobytes()
        return zlib.compress(head + gaps + self.frequencies.astype("<i4").tobytes())

    @classmethod
    def unpack(cls, packed: bytes) -> TextModel:
        data = zlib.decompress(packed)
        texts, size = (int(each) for each in np.frombuffer(data, "<i8", 2))
        length = float(np.frombuffer(data, "<f8", 1, 16)[0])
        vocabulary = np.cumsum(np.frombuffer(data, "<i8", size, 24))
        frequencies = np.frombuffer(data, "<i4", size, 24 + 8 * size).astype(np.int64)
        return cls(vocabulary, frequencies, texts, length)


class TextIndex:
    """Documents by term, for asking one query at a time."""

    def __init__(self, model: TextModel, texts: Sequence[Text]) -> None:
        self.model = model
        self.size = len(texts)
        documents = [model.impacts(text) for text in texts]
        lengths = [len(found) for found, _ in documents]
        codes = np.concatenate([found for found, _ in documents] or [np.zeros(0, np.int64)])
        impacts = np.concatenate([each for _, each in documents] or [np.zeros(0, np.int64)])
        order = np.argsort(codes, kind="stable")
        found, starts = np.unique(codes[order], return_index=True)
        self._terms = np.append(found, np.iinfo(np.int64).max)  # no term, to end every search
        self._bounds = np.append(starts, len(codes))
        self._rows = np.repeat(np.arange(self.size), lengths)[order]
        self._impacts = impacts[order]

    def points(self, text: Text, maximum: int) -> Ints:
        """Points of every document for the query ``text``, 0 to ``maximum``; shape (documents,)."""
        asked, weights = self.model.query(text)
        places = np.searchsorted(self._terms, asked)
        known = self._terms[places] == asked
        places, weights = places[known], weights[known]
        starts, ends = self._bounds[places], self._bounds[places + 1]
        # Most terms stand in one document, all of them where there is but one: no loop for those.
        once = ends - starts == 1
        first = starts[once]
        total = np.bincount(self._rows[first], weights[once] * self._impacts[first], self.size)
        often = zip(starts[~once].tolist(), ends[~once].tolist(), weights[~once], strict=True)
        for start, end, weight in often:
            total[self._rows[start:end]] += weight * self._impacts[start:end]
        # Sums stay far below 2**53, where doubles hold whole numbers exactly.
        whole = total.astype(np.int64)
        return np.minimum(whole * maximum // (WEIGHT_ONE * IMPACT_ONE), maximum)

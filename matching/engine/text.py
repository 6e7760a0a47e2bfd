"""Text likeness: BM25 over character unigrams and bigrams, in whole numbers.

A scenario's text is the query, a capability's text the document. Title and body are weighed as in
BM25F (Robertson & Zaragoza 2009, §3.6); idf is raised to the power 1.5, which favours telling
words over common characters; words repeated in a query count by their logarithm. What reached
which figure on judged pairs: ``manage.py evaluate_ranking``.

Points are whole numbers: the weights of a query are divided by what a capability would reach that
says exactly what the scenario says (its title, or title and body, whichever is more), so that 1.0
means the same for long and short scenarios; what occurs at all counts at least one step, else a
very long text would say nothing. Once the idf of each term is rounded there is no float: whole
numbers add up alike in every order, hence in every kernel and on every machine.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Text = tuple[str, str]  # title, body

TITLE = 5  # a term in the title counts so many times as much as one in the body
IDF_POWER = 1.5
# BM25's k1 = 1.5 and b = 0.75 as whole numbers, in eighths of a term in the body:
# 8 · TITLE · k1 · (1 - b) and 8 · TITLE · k1 · b. An impact is at most k1 + 1 = 2.5.
_EIGHTHS, _FLAT, _SLOPE = 8, 15, 45
IMPACT_ONE = 100
IMPACT_MAX = 250
# A scenario's own words reach this. Sums of weight · impact stay below 2**31 whatever a document
# says: weights add up to little more than WEIGHT_ONE, since their own impacts are 1 or more.
WEIGHT_ONE = 1 << 23
_IDF_ONE = 1 << 12
_LOG_ONE = 1 << 10
_SHIFT = 21  # bits of a code point
_CODE_BITS = 2 * _SHIFT
# What most texts hold: without these, nearly all are normal already, which is found ten times as
# fast as it is brought about.
_NARROW = tuple((wide, unicodedata.normalize("NFKC", wide)) for wide in "，：；（）！？％～＋／")
_SEPARATORS = re.compile(r"[\W_]")  # exactly what ``str.isalnum`` denies
_CHUNK = 1024  # texts tokenised at once: their number and a term fit in 63 bits


def fold(text: str) -> str:
    """``text`` in one width and in small letters, with a space for whatever is no letter."""
    return _SEPARATORS.sub(" ", _plain(text))


def _plain(text: str) -> str:
    for wide, narrow in _NARROW:
        text = text.replace(wide, narrow)
    return unicodedata.normalize("NFKC", text).lower()


def codes(folded: str) -> tuple[Ints, Ints]:
    """The code of each character, and of each with the next one, separators not left out.

    A unigram is its code point, a bigram two code points in 42 bits: no two terms share a code.
    """
    points = _points(folded)
    return points, (points[:-1] << _SHIFT) | points[1:]


def _points(text: str) -> Ints:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)


@lru_cache(maxsize=1)
def _letters() -> NDArray[np.bool_]:
    """Whether each code point of the first plane is a letter or digit."""
    return np.array([chr(point).isalnum() for point in range(1 << 16)])


def _are_letters(points: Ints) -> NDArray[np.bool_]:
    first = _letters()
    known = first[points & 0xFFFF] & (points < len(first))
    (rare,) = np.nonzero(points >= len(first))
    known[rare] = [chr(point).isalnum() for point in points[rare].tolist()]
    return np.asarray(known, bool)


@dataclass(frozen=True, eq=False)
class Tokens:
    """The different terms of texts, those of text ``i`` at ``bounds[i]:bounds[i + 1]``, ascending
    by code; ``titles`` and ``bodies``: how often each stands there.

    Terms are character unigrams and bigrams. Width and capitals are folded; what is no letter or
    digit separates and is no term.
    """

    bounds: Ints
    codes: Ints
    titles: Ints
    bodies: Ints

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @property
    def owners(self) -> Ints:
        """The text that each term belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.bounds))

    @property
    def counts(self) -> Ints:
        """How often each term occurs, weighed by place; shape (terms,)."""
        return TITLE * self.titles + self.bodies

    def only_titles(self) -> Tokens:
        kept = self.titles > 0
        bounds = np.concatenate([[0], np.cumsum(kept)])[self.bounds]
        return Tokens(bounds, self.codes[kept], self.titles[kept], np.zeros_like(self.bodies[kept]))


def tokenize(texts: Sequence[Text]) -> Tokens:
    parts = list(token_chunks(texts))
    if not parts:
        none = np.zeros(0, np.int64)
        return Tokens(np.zeros(1, np.int64), none, none, none)
    offsets = np.cumsum([0, *(len(part.codes) for part in parts)])
    bounds = [part.bounds[:-1] + offset for part, offset in zip(parts, offsets, strict=False)]
    return Tokens(
        np.concatenate([*bounds, offsets[-1:]]),
        np.concatenate([part.codes for part in parts]),
        np.concatenate([part.titles for part in parts]),
        np.concatenate([part.bodies for part in parts]),
    )


def token_chunks(texts: Sequence[Text]) -> Iterator[Tokens]:
    """The tokens of many texts a chunk at a time, so that memory does not grow with them."""
    for start in range(0, len(texts), _CHUNK):
        yield _tokens(texts[start : start + _CHUNK])


def _tokens(texts: Sequence[Text]) -> Tokens:
    fields = [_plain(field) for text in texts for field in text]
    points = _points("\n".join(fields))
    field = np.repeat(np.arange(len(fields)), [len(each) + 1 for each in fields])[: len(points)]
    letters = _are_letters(points)
    pairs = letters[:-1] & letters[1:]
    terms = np.concatenate([points[letters], (points[:-1][pairs] << _SHIFT) | points[1:][pairs]])
    fields_of = np.concatenate([field[letters], field[:-1][pairs]])
    # One number a term: text, code, field. Sorted, they are grouped as they are wanted.
    every = ((fields_of >> 1) << (_CODE_BITS + 1)) | (terms << 1) | (fields_of & 1)
    found, counts = np.unique(every, return_counts=True)
    first = np.append(True, (found[1:] >> 1) != (found[:-1] >> 1))[: len(found)]
    place = np.cumsum(first) - 1
    in_body = (found & 1).astype(bool)
    titles, bodies = np.zeros((2, int(first.sum())), np.int64)
    titles[place[~in_body]] = counts[~in_body]
    bodies[place[in_body]] = counts[in_body]
    owners = found[first] >> (_CODE_BITS + 1)
    bounds = np.searchsorted(owners, np.arange(len(texts) + 1))
    return Tokens(bounds, (found[first] >> 1) & ((1 << _CODE_BITS) - 1), titles, bodies)


def _sums(values: Ints, bounds: Ints) -> Ints:
    """Of each text's values; exact."""
    total = np.concatenate([[0], np.cumsum(values)])
    return np.asarray(total[bounds[1:]] - total[bounds[:-1]])


@dataclass(frozen=True, eq=False)
class TextModel:
    """Statistics of all capability texts, frozen at a full run.

    ``vocabulary``: term codes, ascending; ``frequencies``: in how many texts each occurs; terms
    unseen at the freeze count as the rarest. ``length``: of all texts together, in terms of the
    body.
    """

    vocabulary: Ints
    frequencies: Ints
    texts: int
    length: int

    @classmethod
    def freeze(cls, texts: Sequence[Text]) -> TextModel:
        length = 0
        found = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
        for tokens in token_chunks(texts):
            length += int(tokens.counts.sum())
            found.append(np.unique(tokens.codes, return_counts=True))
        vocabulary, places = np.unique(
            np.concatenate([codes for codes, _ in found]), return_inverse=True
        )
        frequencies = np.bincount(
            places, np.concatenate([counts for _, counts in found]), len(vocabulary)
        )
        return cls(vocabulary, frequencies.astype(np.int64), len(texts), length)

    @cached_property
    def _idf(self) -> Ints:
        """Of each term of the vocabulary, in 1/_IDF_ONE; at least 1."""
        odds = (self.texts - self.frequencies + 0.5) / (self.frequencies + 0.5)
        idf = np.rint(_IDF_ONE * np.log1p(odds) ** IDF_POWER).astype(np.int64)
        return np.maximum(idf, 1)

    @cached_property
    def _unseen(self) -> int:
        """The idf of a term that one text has; no smaller for terms that none had."""
        return int(self._idf.max()) if len(self._idf) else _IDF_ONE

    def spread(self, codes: Ints) -> Ints:
        """In how many texts each term occurs."""
        return self._of_terms(codes, self.frequencies, 0)

    def idf(self, codes: Ints) -> Ints:
        return self._of_terms(codes, self._idf, self._unseen)

    def _of_terms(self, codes: Ints, values: Ints, otherwise: int) -> Ints:
        if not len(self.vocabulary):
            return np.full(len(codes), otherwise)
        places = np.searchsorted(self.vocabulary, codes).clip(max=len(self.vocabulary) - 1)
        return np.where(self.vocabulary[places] == codes, values[places], otherwise)

    def impacts(self, tokens: Tokens) -> Ints:
        """What each term of documents adds per unit of query weight, in 1/IMPACT_ONE.

        BM25, rounded half up; at least 1: beside short capabilities every term of a very long
        text would round to nothing.
        """
        counts = tokens.counts
        lengths = _sums(counts, tokens.bounds) * max(self.texts, 1)
        length = max(self.length, 1)
        own = _EIGHTHS * counts * length
        norm = np.repeat(_FLAT * length + _SLOPE * lengths, np.diff(tokens.bounds))
        impacts = (2 * IMPACT_MAX * own + own + norm) // (2 * (own + norm))
        return np.maximum(impacts, 1)

    def weights(self, tokens: Tokens) -> Ints:
        """What each term of scenarios weighs, in 1/WEIGHT_ONE of the scenario's own maximum.

        Rounded up, so that the scenario's own words reach the maximum.
        """
        logs = np.rint(
            _LOG_ONE
            * np.log2(
                1 + np.arange(1 + max(tokens.titles.max(initial=0), tokens.bodies.max(initial=0)))
            )
        ).astype(np.int64)
        weights = (TITLE * logs[tokens.titles] + logs[tokens.bodies]) * self.idf(tokens.codes)
        titles = tokens.only_titles()
        own = np.maximum(
            _sums(weights * self.impacts(tokens), tokens.bounds),
            _sums(weights[tokens.titles > 0] * self.impacts(titles), titles.bounds),
        )
        own = np.repeat(np.maximum(own, 1), np.diff(tokens.bounds))
        return np.asarray(-(-weights * WEIGHT_ONE // own))

    def pack(self) -> bytes:
        """For storing; ``unpack`` gives an equal model."""
        head = np.array([self.texts, len(self.vocabulary), self.length], dtype="<i8").tobytes()
        gaps = np.diff(self.vocabulary, prepend=0).astype("<i8").tobytes()
        return zlib.compress(head + gaps + self.frequencies.astype("<i4").tobytes(), level=1)

    @classmethod
    def unpack(cls, packed: bytes) -> TextModel:
        data = zlib.decompress(packed)
        texts, size, length = (int(each) for each in np.frombuffer(data, "<i8", 3))
        vocabulary = np.cumsum(np.frombuffer(data, "<i8", size, 24))
        frequencies = np.frombuffer(data, "<i4", size, 24 + 8 * size).astype(np.int64)
        return cls(vocabulary, frequencies, texts, length)


def text_points(likeness: Ints, maximum: int) -> Ints:
    """Points for sums of weight · impact; ``maximum`` where the scenario's own words reach it."""
    return np.minimum(likeness * maximum // WEIGHT_ONE, maximum)


class TextIndex:
    """Documents by term, for asking one query at a time."""

    def __init__(self, model: TextModel, texts: Sequence[Text]) -> None:
        self.model = model
        self.size = len(texts)
        tokens = tokenize(texts)
        impacts = model.impacts(tokens)
        order = np.argsort(tokens.codes, kind="stable")
        found, starts = np.unique(tokens.codes[order], return_index=True)
        self._terms = np.append(found, np.iinfo(np.int64).max)  # no term, to end every search
        self._bounds = np.append(starts, len(order))
        self._rows = tokens.owners[order]
        self._impacts = impacts[order]

    def points(self, text: Text, maximum: int) -> Ints:
        """Points of every document for the query ``text``, 0 to ``maximum``; shape (documents,)."""
        return np.asarray(self.points_each([text], maximum)[0])

    def points_each(self, texts: Sequence[Text], maximum: int) -> Ints:
        """``points`` of many queries; shape (texts, documents)."""
        asked = tokenize(texts)
        weights = self.model.weights(asked)
        places = np.searchsorted(self._terms, asked.codes)
        known = self._terms[places] == asked.codes
        places, weights, owners = places[known], weights[known], asked.owners[known]
        counts = self._bounds[places + 1] - self._bounds[places]
        # All postings of all terms asked for, in one row.
        begins = np.repeat(self._bounds[places] - np.cumsum(counts) + counts, counts)
        postings = begins + np.arange(counts.sum())
        shares = np.repeat(weights, counts) * self._impacts[postings]
        cells = np.repeat(owners, counts) * self.size + self._rows[postings]
        # Sums stay far below 2**53, where doubles hold whole numbers exactly.
        likeness = np.bincount(cells, shares, len(texts) * self.size).astype(np.int64)
        return text_points(likeness, maximum).reshape(len(texts), self.size)

"""Records like those of a province, in any number, the same for the same numbers and seed.

Concepts, their mappings, cities and focus areas are those of the policy edition. Texts are a walk
from word to word through the Chinese of ``seeds/``, texts and demonstration alike: at each word it
goes on as some text did (60 %), or to a word of the record's own concepts (25 %), or to any word,
as often as the texts have it (15 %). So characters and pairs of characters are as unevenly spread
as in real texts, and records of one field share more of them: about 300 terms a record, of which a
pair shares about 40 (records of the demonstration: 43).

Facts follow the demonstration's: one to three tags, mostly akin to each other; cities by the size
of their economies; prices and budgets round, over three orders; a third of the suppliers serve
named cities only; every fact is left out by some.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rjieba
from numpy.typing import NDArray

from matching.engine.records import CapabilityRecord, Range, ScenarioRecord
from matching.engine.scoring import Tables

Numbers = NDArray[np.int64]

ONWARD, OWN = 0.60, 0.25  # of all steps from word to word; the rest goes anywhere
TITLE_WORDS, SENTENCE_WORDS = 11, 9
CAPABILITY_WORDS, SCENARIO_WORDS = 92, 125  # on average, half as many or more by chance
SEED = 20261121
ORGANIZATIONS = 60_000  # high-tech enterprises of Guangdong, in round numbers
QUALIFICATIONS = 24
# Shares of suppliers by technology readiness, from "not stated" (0) to 9.
READINESS = (0.02, 0.0, 0.0, 0.02, 0.04, 0.08, 0.16, 0.27, 0.31, 0.10)
TAG_COUNTS = (0.02, 0.16, 0.70, 0.12)  # shares of records with 0, 1, 2, 3 tags


@dataclass(frozen=True)
class Data:
    """What is to be ranked: the domain's tables and the records of either side."""

    tables: Tables
    scenarios: list[ScenarioRecord]
    capabilities: list[CapabilityRecord]


def generate(
    tables: Tables,
    names: Sequence[str],
    seeds: Path,
    *,
    scenarios: int,
    capabilities: int,
    seed: int = SEED,
) -> Data:
    """``names``: the words of each concept, by its number; ``seeds``: the folder of YAML files."""
    draw = _Draw(np.random.default_rng(seed), tables, _Language.learn(seeds, names))
    return Data(tables, draw.scenarios(scenarios), draw.capabilities(capabilities))


@dataclass(frozen=True)
class _Language:
    """``words`` by number; ``text``: the words of all texts in their order; ``starts`` and
    ``ends``: where in ``next`` the followers of each word stand; ``own``: words of each concept.
    """

    words: NDArray[np.object_]
    text: Numbers
    starts: Numbers
    ends: Numbers
    next: Numbers
    own: list[Numbers]

    @classmethod
    def learn(cls, seeds: Path, names: Sequence[str]) -> _Language:
        text: list[str] = []
        for file in sorted(seeds.rglob("*.yaml")):
            for run in re.findall(r"[\u4e00-\u9fff]+", file.read_text(encoding="utf-8")):
                text += rjieba.cut(run)
        cut = [rjieba.cut("".join(re.findall(r"[\u4e00-\u9fff]+", name))) for name in names]
        words, numbers = np.unique(
            np.array([*text, *(word for own in cut for word in own)], dtype=object),
            return_inverse=True,
        )
        said, rest = numbers[: len(text)], numbers[len(text) :]
        by_word = np.argsort(said[:-1], kind="stable")
        places = np.arange(len(words))
        return cls(
            words,
            said,
            np.searchsorted(said[:-1][by_word], places, "left"),
            np.searchsorted(said[:-1][by_word], places, "right"),
            said[1:][by_word],
            np.split(rest, np.cumsum([len(own) for own in cut])[:-1]),
        )


class _Draw:
    def __init__(self, chance: np.random.Generator, tables: Tables, language: _Language) -> None:
        self._chance = chance
        self._language = language
        size = len(tables.near.value)
        # A few fields are crowded, most are not.
        self._popularity = chance.permutation(1.0 / (5 + np.arange(size)))
        self._popularity /= self._popularity.sum()
        self._akin = [np.flatnonzero(row) for row in tables.near.value]
        cities = len(tables.focus)
        self._economies = 1.0 / (1 + np.arange(cities)) ** 1.2
        self._economies /= self._economies.sum()

    def scenarios(self, count: int) -> list[ScenarioRecord]:
        chance = self._chance
        tags = self._tags(count)
        texts = self._texts(tags, SCENARIO_WORDS)
        hosts = chance.integers(1, ORGANIZATIONS, (count, 2)).tolist()
        cities = self._cities(count, elsewhere=0.0)
        lowest = chance.integers(3, 9, count).tolist()
        budgets = self._ranges(count, 8e8)
        luck = chance.random((count, 5)).tolist()
        needed = chance.integers(0, QUALIFICATIONS, count).tolist()
        return [
            ScenarioRecord(
                key=row + 1,
                organizations=frozenset(hosts[row] if luck[row][0] < 0.2 else hosts[row][:1]),
                title=texts[row][0],
                body=texts[row][1],
                concepts=tags[row],
                city=cities[row] if luck[row][0] < 0.97 else None,
                readiness=(None, None) if luck[row][1] < 0.1 else (lowest[row], lowest[row] + 2),
                budget=budgets[row],
                must_concepts=tags[row][:1] if luck[row][2] < 0.12 else (),
                must_qualifications=frozenset(
                    {f"q{needed[row]}"} if luck[row][3] < 0.06 else set()
                ),
                must_readiness=luck[row][4] < 0.15,
            )
            for row in range(count)
        ]

    def capabilities(self, count: int) -> list[CapabilityRecord]:
        chance = self._chance
        tags = self._tags(count)
        texts = self._texts(tags, CAPABILITY_WORDS)
        owners = chance.integers(1, ORGANIZATIONS, count).tolist()
        cities = self._cities(count, elsewhere=0.08)
        levels = chance.choice(10, count, p=READINESS).tolist()
        prices = self._ranges(count, 4e8)
        luck = chance.random(count).tolist()
        served = chance.choice(len(self._economies), (count, 4), p=self._economies).tolist()
        holds = chance.integers(0, QUALIFICATIONS, (count, 3)).tolist()
        return [
            CapabilityRecord(
                key=row + 1,
                organization=owners[row],
                title=texts[row][0],
                body=texts[row][1],
                concepts=tags[row],
                city=cities[row],
                readiness=levels[row] or None,
                price=prices[row],
                qualifications=frozenset(f"q{each}" for each in holds[row]),
                cities_served=frozenset(served[row] if luck[row] < 0.33 else ()),
            )
            for row in range(count)
        ]

    def _tags(self, count: int) -> list[tuple[int, ...]]:
        chance = self._chance
        first = chance.choice(len(self._popularity), count, p=self._popularity).tolist()
        other = chance.choice(len(self._popularity), (count, 2), p=self._popularity).tolist()
        counts = chance.choice(4, count, p=TAG_COUNTS).tolist()
        luck = chance.random((count, 2)).tolist()
        tags = []
        for row in range(count):
            akin = self._akin[first[row]]
            drawn = [first[row]]
            for place in range(2):
                strange = luck[row][place] > 0.8
                near = akin[int(luck[row][place] / 0.8 * len(akin)) % len(akin)]
                drawn.append(other[row][place] if strange else int(near))
            tags.append(tuple(sorted(set(drawn[: counts[row]]))))
        return tags

    def _cities(self, count: int, *, elsewhere: float) -> list[int | None]:
        drawn = self._chance.choice(len(self._economies), count, p=self._economies)
        outside = self._chance.random(count) < elsewhere
        return [None if out else city for city, out in zip(drawn.tolist(), outside, strict=True)]

    def _ranges(self, count: int, middle: float) -> list[Range]:
        """Two figures in fen, of two significant digits; some state one of them, some none."""
        lower = middle * np.exp(self._chance.normal(0, 1.2, count))
        upper = lower * (1 + self._chance.random(count) * 2)
        ends = np.stack([lower, upper], axis=1)
        digit = 10.0 ** (np.floor(np.log10(ends)) - 1)
        rounded = (np.round(ends / digit) * digit).astype(np.int64).tolist()
        luck = self._chance.random(count).tolist()
        return [
            (None, None) if draw < 0.12 else (None, high) if draw < 0.2 else (low, high)
            for (low, high), draw in zip(rounded, luck, strict=True)
        ]

    def _texts(self, tags: list[tuple[int, ...]], length: int) -> list[tuple[str, str]]:
        walks = self._walks(tags, length * 3 // 2)
        lengths = self._chance.integers(length // 2, length * 3 // 2 + 1, len(tags)).tolist()
        words = self._language.words
        texts = []
        for walk, words_of in zip(walks, lengths, strict=True):
            said = words[walk[:words_of]].tolist()
            body = said[TITLE_WORDS:]
            sentences = (
                "".join(body[at : at + SENTENCE_WORDS])
                for at in range(0, len(body), SENTENCE_WORDS)
            )
            texts.append(("".join(said[:TITLE_WORDS]), "，".join(sentences)))
        return texts

    def _walks(self, tags: list[tuple[int, ...]], length: int) -> NDArray[np.int32]:
        """Words of every record, step by step for all records at once; (records, length)."""
        chance, language = self._chance, self._language
        own = [
            np.concatenate([language.own[tag] for tag in each] or [np.zeros(1, np.int64)])
            for each in tags
        ]
        counts = np.array([len(each) for each in own])
        every = np.concatenate(own).astype(np.int64)
        begins = np.cumsum(counts) - counts
        walks = np.empty((len(tags), length), dtype=np.int32)
        here = language.text[chance.integers(0, len(language.text), len(tags))]
        for step in range(length):
            walks[:, step] = here
            luck, place = chance.random((2, len(tags)))
            starts, ends = language.starts[here], language.ends[here]
            onward = language.next[
                (starts + place * (ends - starts)).astype(np.int64) % len(language.next)
            ]
            mine = every[begins + (place * counts).astype(np.int64)]
            anywhere = language.text[(place * len(language.text)).astype(np.int64)]
            here = np.where(luck < ONWARD, onward, np.where(luck < ONWARD + OWN, mine, anywhere))
        return walks

"""Records as arrays, laid out for the kernel; every array can be written to disk and mapped.

Capabilities are sorted by their tags into blocks of ``BLOCK`` rows: what a scenario asks for then
lies in few blocks. Rows beyond the blocks are room for later changes. A text is split in two: the
``frequent`` terms (those of a tenth of all capabilities, ``FREQUENT`` at most) stand in a dense
table, the ``rare`` ones in lists by record and, for blocks, in postings by term.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.engine.concepts import ONE
from matching.engine.profile import Profile
from matching.engine.records import CapabilityRecord, Range, ScenarioRecord
from matching.engine.scoring import Tables
from matching.engine.text import Ints, Text, TextModel, Tokens, token_chunks, tokenize

Array = NDArray[Any]
T = TypeVar("T", bound=Any)  # Capabilities, Scenarios, or what they are made of

BLOCK = 2048  # a block's sums stay in the first cache; rows of a block fit in 16 bits
FREQUENT, MIDDLE = 10, 100  # in a tenth, in a hundredth of all texts
DENSE = 512
COMMON = 1 << 16  # numbers of frequent and middle terms fit in 16 bits
LOW = 15  # bits of a weight that multiply as a number of 16
WIDE = 64  # frequent terms in a multiple of so many columns: no loop has a rest
WORD = 64  # cities are bits of words
_LEAST_LIST = 64
_GOLDEN = (5**0.5 - 1) / 2
_ENOUGH_BITS = 10  # a thousand scenarios: their best will fill any list


class Domain(NamedTuple):
    """What concepts and cities mean to each other, and what each part of a score weighs.

    ``near`` (concepts, concepts), ``focus`` (cities, concepts): thousandths; ``covers``
    (concepts, concepts), ``metro`` (cities, cities): 0 or 1; ``points`` by part, as in PARTS.
    """

    near: NDArray[np.int32]
    focus: NDArray[np.int32]
    covers: NDArray[np.uint8]
    metro: NDArray[np.uint8]
    points: NDArray[np.int32]

    @classmethod
    def of(cls, tables: Tables, profile: Profile) -> Domain:
        return cls(
            np.ascontiguousarray(tables.near.value, np.int32),
            np.ascontiguousarray(tables.focus, np.int32),
            np.ascontiguousarray(tables.near.covers, np.uint8),
            np.ascontiguousarray(tables.metro, np.uint8),
            np.array(list(profile.maxima().values()), np.int32),
        )


class Lists(NamedTuple):
    """A list for each row: that of row ``i`` is ``values[bounds[i]:bounds[i + 1]]``."""

    bounds: NDArray[np.int64]
    values: Array


class Terms(NamedTuple):
    """Terms of each row, by number, and what each adds (impacts) or weighs (weights)."""

    bounds: NDArray[np.int64]
    terms: Array
    values: Array


class Capabilities(NamedTuple):
    """One row a capability. What is not stated: -1, for readiness 0.

    ``group``: the number of its set of tags; ``served``: a bit for each city that is served;
    ``held``: qualifications; ``frequent``: (rows, frequent terms); ``norms``: (rows, 2), Euclidean,
    of middle and frequent impacts.
    """

    key: NDArray[np.int64]
    alive: NDArray[np.uint8]
    organization: NDArray[np.int64]
    group: NDArray[np.int32]
    city: NDArray[np.int32]
    readiness: NDArray[np.int32]
    price: NDArray[np.int64]
    served: NDArray[np.uint64]
    held: Lists
    rare: Terms
    middle: Terms
    frequent: Array
    norms: NDArray[np.float64]
    bounds: NDArray[np.float32]


class Scenarios(NamedTuple):
    """One row a scenario; what is not stated as above, readiness 0 at both ends.

    ``purse``: what it can pay at most; ``wanted``: qualifications that a supplier must hold.
    """

    key: NDArray[np.int64]
    alive: NDArray[np.uint8]
    city: NDArray[np.int32]
    lowest: NDArray[np.int32]
    highest: NDArray[np.int32]
    must_readiness: NDArray[np.int32]
    purse: NDArray[np.int64]
    organizations: Lists
    tags: Lists
    must_tags: Lists
    wanted: Lists
    rare: Terms
    middle: Terms
    frequent: NDArray[np.int16]
    above: NDArray[np.int16]
    heavy: NDArray[np.uint8]
    norms: NDArray[np.float64]


class Blocks(NamedTuple):
    """Postings of rare and middle terms by block, whose rows are ``rows[b]`` to ``rows[b + 1]``.

    Its terms, ascending, are ``terms[bounds[b]:bounds[b + 1]]``; the postings of term ``t`` stand
    at ``term_bounds[t]:term_bounds[t + 1]``, ``row`` counted from the block's first. ``runs``:
    the first rows of neighbours with the same tags, and behind them the block's end.
    """

    rows: NDArray[np.int64]
    runs: Lists
    bounds: NDArray[np.int64]
    terms: NDArray[np.int32]
    term_bounds: NDArray[np.int32]
    row: NDArray[np.uint16]
    impact: NDArray[np.uint8]


class Numbers:
    """Numbers for things in the order in which they are first met."""

    def __init__(self, known: Iterable[Hashable] = ()) -> None:
        self.known: dict[Any, int] = {each: number for number, each in enumerate(known)}

    def of(self, thing: Hashable) -> int:
        return self.known.setdefault(thing, len(self.known))


class Vocabulary:
    """Numbers for terms, by falling frequency: so what is looked up most lies close together.

    Frequent terms are those below ``frequent``, middle ones those below ``common``. Terms that
    come later get numbers behind all others.
    """

    def __init__(self, codes: Ints, numbers: NDArray[np.int32], frequent: int, common: int) -> None:
        self.codes = codes  # ascending
        self.known = numbers
        self.frequent = frequent
        self.common = common
        self.later = Numbers()

    @classmethod
    def freeze(cls, model: TextModel, asked: Sequence[Ints]) -> Vocabulary:
        """Of all terms of capabilities, as the model has them, and of the scenarios' ``asked``."""
        codes = np.unique(np.concatenate([model.vocabulary, *asked]))
        spread = model.spread(codes)
        numbers = np.empty(len(codes), np.int32)
        numbers[np.argsort(-spread, kind="stable")] = np.arange(len(codes))
        frequent, common = (
            min(int((spread * share >= max(model.texts, 1)).sum()), most)
            for share, most in ((FREQUENT, DENSE), (MIDDLE, COMMON))
        )
        return cls(codes, numbers, frequent, common)

    def __len__(self) -> int:
        return len(self.codes) + len(self.later.known)

    def numbers(self, codes: Ints) -> NDArray[np.int32]:
        places = np.searchsorted(self.codes, codes)
        inside = np.minimum(places, max(len(self.codes) - 1, 0))
        if not len(self.codes):
            known, numbers = np.zeros(len(codes), bool), np.zeros(len(codes), np.int32)
        else:
            known, numbers = self.codes[inside] == codes, self.known[inside]
        for place in np.flatnonzero(~known).tolist():
            numbers[place] = len(self.codes) + self.later.of(int(codes[place]))
        return numbers


class Encoder:
    """Turns records into rows; gives numbers to tag sets and qualifications as they come."""

    def __init__(
        self,
        model: TextModel,
        vocabulary: Vocabulary,
        cities: int,
        groups: Sequence[tuple[int, ...]] = (),
        qualifications: Sequence[str] = (),
    ) -> None:
        self.model = model
        self.vocabulary = vocabulary
        self.groups = Numbers(groups)
        self.qualifications = Numbers(qualifications)
        self._words = max(-(-cities // WORD), 1)

    def capabilities(self, records: Sequence[CapabilityRecord]) -> Capabilities:
        text = self._texts([(each.title, each.body) for each in records], asked=False)
        held = (map(self.qualifications.of, sorted(each.qualifications)) for each in records)
        return Capabilities(
            key=_column((each.key for each in records), np.int64),
            alive=np.ones(len(records), np.uint8),
            organization=_column((each.organization for each in records), np.int64),
            group=_column((self.groups.of(each.concepts) for each in records), np.int32),
            city=_column((_number(each.city) for each in records), np.int32),
            readiness=_column((each.readiness or 0 for each in records), np.int32),
            price=_column((_first(each.price) for each in records), np.int64),
            served=self._served(records),
            held=_lists(held, np.int32),
            bounds=np.nextafter(text["norms"][:, 1].astype(np.float32), np.float32(np.inf)),
            **text,
        )

    def scenarios(self, records: Sequence[ScenarioRecord]) -> Scenarios:
        text = self._texts([(each.title, each.body) for each in records], asked=True)
        wanted = (map(self.qualifications.of, sorted(each.must_qualifications)) for each in records)
        stated = [each.readiness != (None, None) for each in records]
        return Scenarios(
            key=_column((each.key for each in records), np.int64),
            alive=np.ones(len(records), np.uint8),
            city=_column((_number(each.city) for each in records), np.int32),
            lowest=_column(
                ((each.readiness[0] or 1) * has for each, has in zip(records, stated, strict=True)),
                np.int32,
            ),
            highest=_column(
                ((each.readiness[1] or 9) * has for each, has in zip(records, stated, strict=True)),
                np.int32,
            ),
            must_readiness=_column(
                ((each.readiness[0] or 0) if each.must_readiness else 0 for each in records),
                np.int32,
            ),
            purse=_column((_first(each.budget[::-1]) for each in records), np.int64),
            organizations=_lists((sorted(each.organizations) for each in records), np.int64),
            tags=_lists((each.concepts for each in records), np.int32),
            must_tags=_lists((each.must_concepts for each in records), np.int32),
            wanted=_lists(wanted, np.int32),
            **_in_two(text),
        )

    def _served(self, records: Sequence[CapabilityRecord]) -> NDArray[np.uint64]:
        served = np.full((len(records), self._words), np.iinfo(np.uint64).max, np.uint64)
        for row, each in enumerate(records):
            if each.cities_served:
                for word in range(self._words):
                    served[row, word] = sum(
                        1 << (city % WORD) for city in each.cities_served if city // WORD == word
                    )
        return served

    def _texts(self, texts: Sequence[Text], *, asked: bool) -> dict[str, Any]:
        """The fields that hold text, by name."""
        chunks = [self._split(each, asked=asked) for each in token_chunks(texts)]
        chunks = chunks or [self._split(tokenize([]), asked=asked)]
        return {
            **{name: _joined([each[name] for each in chunks]) for name in ("rare", "middle")},
            **{
                name: np.concatenate([each[name] for each in chunks])
                for name in ("frequent", "norms")
            },
        }

    def _split(self, tokens: Tokens, *, asked: bool) -> dict[str, Any]:
        values = self.model.weights(tokens) if asked else self.model.impacts(tokens)
        values = values.astype(np.int32 if asked else np.uint8)
        terms = self.vocabulary.numbers(tokens.codes)
        common = terms < self.vocabulary.frequent
        width = -(-self.vocabulary.frequent // WIDE) * WIDE
        frequent = np.zeros((len(tokens), width), values.dtype)
        frequent[tokens.owners[common], terms[common]] = values[common]
        rare = terms >= self.vocabulary.common
        tiers = [
            Terms(
                np.concatenate([[0], np.cumsum(tier)])[tokens.bounds],
                terms[tier].astype(kind),
                values[tier],
            )
            for tier, kind in ((rare, np.int32), (~common & ~rare, np.uint16))
        ]
        squares = np.stack(
            [_squares(tokens, values, ~common & ~rare), _squares(tokens, values, common)], axis=1
        )
        return {
            "rare": tiers[0],
            "middle": tiers[1],
            "frequent": frequent,
            "norms": np.sqrt(squares),
        }


def _in_two(text: dict[str, Any]) -> dict[str, Any]:
    """Weights of frequent terms as their low bits and those ``above``, which few texts have."""
    weights = text["frequent"]
    above = weights >> LOW
    return {
        **text,
        "frequent": (weights & ((1 << LOW) - 1)).astype(np.int16),
        "above": above.astype(np.int16),
        "heavy": above.any(axis=1).astype(np.uint8),
    }


def _squares(tokens: Tokens, values: Array, counted: Array) -> NDArray[np.float64]:
    """The sum of the squares that count, of each text."""
    sums = np.concatenate([[0], np.cumsum(np.where(counted, values.astype(np.int64) ** 2, 0))])
    return np.asarray(sums[tokens.bounds[1:]] - sums[tokens.bounds[:-1]], np.float64)


def _joined(parts: Sequence[Terms]) -> Terms:
    ends = np.cumsum([0, *(len(each.terms) for each in parts)])
    bounds = [each.bounds[:-1] + end for each, end in zip(parts, ends, strict=False)]
    return Terms(
        np.concatenate([*bounds, ends[-1:]]),
        np.concatenate([each.terms for each in parts]),
        np.concatenate([each.values for each in parts]),
    )


def order_for_blocks(
    records: Sequence[CapabilityRecord], scenarios: Sequence[ScenarioRecord], tables: Tables
) -> list[CapabilityRecord]:
    """Those with the same tags side by side, apart from those that few scenarios suit.

    The lists of those few take almost anything: blocks of their own, that the others need not be
    looked at again and again for their sake. Only speed hangs on the order.
    """
    asked = _demand(scenarios, tables)
    place = _places(tables.near.value)
    near = tables.near.value > 0

    def position(record: CapabilityRecord) -> tuple[object, ...]:
        tags = list(record.concepts)
        demand = max((int(asked[tag][_cities(record)].sum()) for tag in tags), default=0)
        mixed = not near[np.ix_(tags, tags)].all()
        places = sorted(int(place[tag]) for tag in tags)
        bits = min(demand.bit_length(), _ENOUGH_BITS)
        return bits, mixed, places, _number(record.city), record.key

    return sorted(records, key=position)


def spread_out(records: Sequence[CapabilityRecord], block: int) -> list[CapabilityRecord]:
    """The same blocks in another order, so that any few neighbours are a fair sample of all:
    multiples of the golden ratio, each the farthest from those before it.

    A process that ranks some of them then finds good candidates for every scenario, hence high
    thresholds, and has as much to do as the others. What does not fill a block stays last.
    """
    whole = len(records) // block
    order = np.argsort(np.arange(whole) * _GOLDEN % 1, kind="stable")
    rows = (np.append(order, whole)[:, None] * block + np.arange(block)).ravel()
    return [records[row] for row in rows.tolist() if row < len(records)]


def _places(near: Ints) -> Ints:
    """Concepts in a row, akin ones close together: by the second eigenvector of the graph's
    Laplacian (Fiedler 1975).
    """
    if len(near) < 2:
        return np.arange(len(near))
    ties = np.maximum(near, near.T) / ONE + 1 / len(near) ** 2
    _, vectors = np.linalg.eigh(np.diag(ties.sum(axis=1)) - ties)
    places = np.empty(len(near), np.int64)
    places[np.argsort(vectors[:, 1], kind="stable")] = np.arange(len(near))
    return places


def _cities(record: CapabilityRecord) -> list[int] | slice:
    """Columns of ``_demand`` from which scenarios may come, the last for those without a city."""
    return [*record.cities_served, -1] if record.cities_served else slice(None)


def _demand(scenarios: Sequence[ScenarioRecord], tables: Tables) -> Ints:
    """How many scenarios in each city ask for something near each tag: (tags, cities + 1)."""
    asked = np.zeros((len(tables.near.value), len(tables.focus) + 1), np.int64)
    near = tables.near.value > 0
    for each in scenarios:
        asked[near[list(each.concepts)].any(axis=0), _number(each.city)] += 1
    return asked


def block_index(rows: Capabilities, size: int = BLOCK) -> Blocks:
    count = len(rows.key)
    edges = np.append(np.arange(0, count, size), count)
    parts = [_postings((rows.rare, rows.middle), *each) for each in pairwise(edges.tolist())]
    none = np.zeros(0, np.int64)
    terms, counts, row, impact = (
        np.concatenate([none, *(part[place] for part in parts)]) for place in range(4)
    )
    return Blocks(
        rows=edges,
        runs=_lists((_runs(rows.group, *each) for each in pairwise(edges.tolist())), np.int64),
        bounds=np.cumsum([0, *(len(part[0]) for part in parts)]),
        terms=terms.astype(np.int32),
        term_bounds=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        row=row.astype(np.uint16),
        impact=impact.astype(np.uint8),
    )


def _runs(group: NDArray[np.int32], first: int, last: int) -> list[int]:
    changes = np.flatnonzero(np.diff(group[first:last])) + 1
    return [first, *(first + changes).tolist(), last]


def _postings(lists: Sequence[Terms], first: int, last: int) -> tuple[Array, Array, Array, Array]:
    slices = [slice(*each.bounds[[first, last]]) for each in lists]
    terms = np.concatenate(
        [each.terms[own].astype(np.int64) for each, own in zip(lists, slices, strict=True)]
    )
    row = np.concatenate(
        [
            np.repeat(np.arange(last - first), np.diff(each.bounds[first : last + 1]))
            for each in lists
        ]
    )
    values = np.concatenate([each.values[own] for each, own in zip(lists, slices, strict=True)])
    order = np.argsort((terms << 16) | row)
    found, counts = np.unique(terms, return_counts=True)
    return found.astype(np.int32), counts, row[order].astype(np.uint16), values[order]


@dataclass
class Index:
    """Everything that a ranking reads; rows from the counts on are room for later changes."""

    domain: Domain
    groups: Lists
    capabilities: Capabilities
    blocks: Blocks
    scenarios: Scenarios
    encoder: Encoder
    capability_count: int
    scenario_count: int

    @classmethod
    def build(
        cls,
        scenarios: Sequence[ScenarioRecord],
        capabilities: Sequence[CapabilityRecord],
        tables: Tables,
        profile: Profile,
        *,
        block: int = BLOCK,
        room: int = 0,
    ) -> Index:
        """``block``: rows of a block; ``room``: for so many more rows on either side."""
        offered = spread_out(order_for_blocks(capabilities, scenarios, tables), block)
        model = TextModel.freeze([(each.title, each.body) for each in offered])
        texts = [(each.title, each.body) for each in scenarios]
        asked = [np.unique(tokens.codes) for tokens in token_chunks(texts)]
        encoder = Encoder(model, Vocabulary.freeze(model, asked), len(tables.focus))
        rows = encoder.capabilities(offered)
        asking = encoder.scenarios(scenarios)
        groups = _lists(map(tuple, encoder.groups.known), np.int32)
        return cls(
            Domain.of(tables, profile),
            with_room(groups, room),
            with_room(rows, room),
            block_index(rows, block),
            with_room(asking, room),
            encoder,
            len(offered),
            len(scenarios),
        )

    @property
    def arrays(self) -> tuple[Domain, Lists, Capabilities, Blocks, Scenarios]:
        """As the kernel takes them."""
        return self.domain, self.groups, self.capabilities, self.blocks, self.scenarios

    @cached_property
    def group_bits(self) -> NDArray[np.uint64]:
        """The tags of each group as bits of words; of those that blocks have."""
        count = int(self.capabilities.group[: self.blocks.rows[-1]].max(initial=-1)) + 1
        tags = self.groups.values[: self.groups.bounds[count]].astype(np.int64)
        bits = np.zeros((count, max(-(-len(self.domain.near) // WORD), 1)), np.uint64)
        group = np.repeat(np.arange(count), np.diff(self.groups.bounds[: count + 1]))
        np.bitwise_or.at(
            bits, (group, tags // WORD), np.uint64(1) << (tags % WORD).astype(np.uint64)
        )
        return bits

    def add_capability(self, record: CapabilityRecord) -> int:
        """The row of a new capability; raises Full and adds nothing, or ValueError."""
        self._check(record.concepts, [record.city, *record.cities_served])
        groups = self.encoder.groups.known
        if record.concepts not in groups:
            put(self.groups, len(groups), _lists([record.concepts], np.int32))
        put(self.capabilities, self.capability_count, self.encoder.capabilities([record]))
        self.capability_count += 1
        return self.capability_count - 1

    def add_scenario(self, record: ScenarioRecord) -> int:
        """The row of a new scenario; raises Full and adds nothing, or ValueError."""
        self._check([*record.concepts, *record.must_concepts], [record.city])
        put(self.scenarios, self.scenario_count, self.encoder.scenarios([record]))
        self.scenario_count += 1
        return self.scenario_count - 1

    def _check(self, concepts: Iterable[int], cities: Iterable[int | None]) -> None:
        """The kernel reads tables by these numbers and does not look where they end."""
        for what, numbers, end in (
            ("concept", concepts, len(self.domain.near)),
            ("city", cities, len(self.domain.focus)),
        ):
            for number in numbers:
                if number is not None and not 0 <= number < end:
                    raise ValueError(f"{what} {number} is none of the {end} that this index knows")


class Full(Exception):
    """There is no room for another row."""


def with_room(rows: T, room: int) -> T:
    """A copy with space for ``room`` more rows, and for lists of twice the average length."""
    fields: list[Any] = []
    if isinstance(rows, Lists | Terms):
        used = int(rows.bounds[-1])
        lists = room * (2 * used // max(len(rows.bounds) - 1, 1) + _LEAST_LIST)
        fields = [_longer(rows.bounds, room), *(_longer(each, lists) for each in rows[1:])]
    else:
        fields = [
            with_room(each, room) if isinstance(each, tuple) else _longer(each, room)
            for each in rows
        ]
    return type(rows)(*fields)  # type: ignore[no-any-return]


def _longer(array: Array, room: int) -> Array:
    longer = np.zeros((len(array) + room, *array.shape[1:]), array.dtype)
    longer[: len(array)] = array
    return longer


def fits(rows: T, count: int, new: T) -> bool:
    """Whether there is room for ``new`` behind the first ``count`` rows."""
    if isinstance(rows, Lists | Terms):
        end = rows.bounds[count] + new.bounds[-1]
        return count + len(new.bounds) <= len(rows.bounds) and end <= len(rows[1])
    return all(
        fits(old, count, each) if isinstance(each, tuple) else count + len(each) <= len(old)
        for old, each in zip(rows, new, strict=True)
    )


def put(rows: T, count: int, new: T) -> None:
    """Write ``new`` behind the first ``count`` rows; raises Full and writes nothing."""
    if not fits(rows, count, new):
        raise Full
    _put(rows, count, new)


def _put(rows: T, count: int, new: T) -> None:
    if isinstance(rows, Lists | Terms):
        start = rows.bounds[count]
        rows.bounds[count : count + len(new.bounds)] = new.bounds + start
        for old, each in zip(rows[1:], new[1:], strict=True):
            old[start : start + len(each)] = each
        return
    for old, each in zip(rows, new, strict=True):
        if isinstance(each, tuple):
            _put(old, count, each)
        else:
            old[count : count + len(each)] = each


def _lists(values: Iterable[Iterable[int]], kind: type[np.generic]) -> Lists:
    every = [list(each) for each in values]
    bounds = np.cumsum([0, *map(len, every)])
    return Lists(bounds, np.fromiter((one for each in every for one in each), kind))


def _column(values: Iterable[int], kind: type[np.generic]) -> NDArray[Any]:
    return np.fromiter(values, kind)


def _number(value: int | None) -> int:
    return -1 if value is None else value


def _first(stated: Range) -> int:
    """The first end that is stated, -1 for none."""
    return next((end for end in stated if end is not None), -1)

"""Other engines at the same work, for ``manage.py benchmark_matching --peers``.

Every peer ranks the capabilities of a scenario, the best 50, on the terms of our own engine
(``matching.engine.text``) and on one thread. That is half of what our engine does, which also
lists the best scenarios of each capability. A spread sample of scenarios is measured and scaled
up; time to build an index is told apart, as it is for ours.

Each is set up for speed, as its documentation tells and beyond where measuring showed a way:

- *bm25s*, text: eager impacts in its CSC arrays, from weighed counts as ours are, which its own
  ``index`` cannot take; the faster of its numba and numpy backends; every term of a scenario once,
  since it knows no weights of a query.
- *bm25s*, features: its scores of all capabilities, points for tags, city focus, readiness and
  scale added and must-haves taken out in numpy, from tables of the different tags, cities and
  prices.
- *scipy*: product of CSR matrices of float32, then ``argpartition``.
- *tantivy*: one segment in memory, without positions or stored fields; a union of boosted terms,
  near tags among them; hits not counted, so that it may skip.
- *PostgreSQL*: ``tsvector`` with GIN index, title above body by ``ts_rank``'s weights, whole in
  the connection's own memory and out of TOAST; not parallel. Nearly every capability shares some
  character with a scenario, so it reads the table rather than the index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from matching.engine.concepts import ONE
from matching.engine.profile import STANDARD
from matching.engine.ranking import TOP
from matching.engine.records import CapabilityRecord, Range, ScenarioRecord
from matching.engine.scoring import ABOVE_PER_LEVEL, BELOW_PER_LEVEL, Tables
from matching.engine.text import IDF_POWER, TITLE, Ints, Tokens, tokenize

Floats = NDArray[np.float32]
Rank = Callable[[Ints], list[Ints]]  # numbers of scenarios to their capabilities, best first

K1, B = 1.5, 0.75
TAG_BOOST = 30.0  # of a tag beside one character: tags lead, as they do in ours
LEVELS = 10  # of readiness, 0 for not stated
OUT = np.float32(-1e6)  # points of what a must-have leaves out
SEED = 20261121
GOLDEN = (5**0.5 - 1) / 2


class PeersMissing(Exception):
    """A peer is not installed: they are for development only."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is not installed; run: deploy/venv requirements-embedded requirements-dev"
        )


@dataclass(frozen=True, eq=False)
class Texts:
    """Terms of record ``i`` at ``ptr[i]:ptr[i + 1]``, by number in a common vocabulary.

    ``counts``: how often each is said, a time in the title as much as ``TITLE`` in the body.
    """

    ptr: Ints
    terms: NDArray[np.int32]
    counts: Ints

    def __len__(self) -> int:
        return len(self.ptr) - 1

    def of(self, row: int) -> tuple[NDArray[np.int32], Ints]:
        place = slice(self.ptr[row], self.ptr[row + 1])
        return self.terms[place], self.counts[place]

    @property
    def owners(self) -> Ints:
        return np.repeat(np.arange(len(self)), np.diff(self.ptr))


@dataclass(frozen=True, eq=False)
class Case:
    """What all peers are given; ``size``: of the vocabulary."""

    scenarios: Texts
    capabilities: Texts
    size: int
    scenario_records: Sequence[ScenarioRecord]
    capability_records: Sequence[CapabilityRecord]
    tables: Tables

    @classmethod
    def of(
        cls,
        scenarios: Sequence[ScenarioRecord],
        capabilities: Sequence[CapabilityRecord],
        tables: Tables,
    ) -> Case:
        asked = tokenize([(each.title, each.body) for each in scenarios])
        offered = tokenize([(each.title, each.body) for each in capabilities])
        vocabulary = np.unique(np.concatenate([asked.codes, offered.codes]))
        return cls(
            _texts(asked, vocabulary),
            _texts(offered, vocabulary),
            len(vocabulary),
            scenarios,
            capabilities,
            tables,
        )


def _texts(tokens: Tokens, vocabulary: Ints) -> Texts:
    terms = np.searchsorted(vocabulary, tokens.codes).astype(np.int32)
    return Texts(tokens.bounds, terms, tokens.counts)


@dataclass(frozen=True, eq=False)
class Sample:
    """``order``: numbers of all scenarios as they are to be measured, ``at_once`` between two
    looks at the clock, until ``seconds`` are over.
    """

    order: Ints
    at_once: int = 20
    seconds: float = 10.0

    @classmethod
    def spread(cls, texts: Texts, seed: int = SEED) -> Sample:
        """However soon it ends, it has short and long texts in proportion: work goes by length."""
        start = np.random.default_rng(seed).random()
        # Multiples of the golden ratio stay evenly spread; by rank, so that each comes once.
        places = np.argsort(np.argsort((start + GOLDEN * np.arange(len(texts))) % 1.0))
        return cls(np.argsort(np.diff(texts.ptr), kind="stable")[places])


@dataclass(frozen=True)
class PeerResult:
    """``seconds``: for all scenarios, in proportion to the ``sampled`` ones; without the index."""

    name: str
    seconds: float
    sampled: int
    build_seconds: float


def bm25s_text(case: Case, sample: Sample) -> PeerResult:
    return measure("bm25s_text", lambda: bm25s_text_ranker(case), sample)


def bm25s_features(case: Case, sample: Sample) -> PeerResult:
    return measure("bm25s_features", lambda: bm25s_features_ranker(case), sample)


def scipy_product(case: Case, sample: Sample) -> PeerResult:
    return measure("scipy", lambda: scipy_ranker(case), sample)


def tantivy_boosted(case: Case, sample: Sample) -> PeerResult:
    return measure("tantivy", lambda: tantivy_ranker(case), sample)


def postgres_ts_rank(case: Case, sample: Sample, dsn: str) -> PeerResult:
    """Each scenario takes seconds: few are measured, for longer. Leaves nothing behind."""
    few = replace(sample, at_once=3, seconds=3 * sample.seconds)
    with psycopg.connect(dsn, autocommit=True) as connection:
        return measure("postgres_ts_rank", lambda: postgres_ranker(case, connection), few)


def measure(
    name: str, build: Callable[[], Rank], sample: Sample, clock: Callable[[], float] = perf_counter
) -> PeerResult:
    began = clock()
    rank = build()
    built = clock() - began
    rank(sample.order[:1])  # compilers and caches warm up
    done, spent = 0, 0.0
    while done < len(sample.order) and (not done or spent < sample.seconds):
        rows = sample.order[done : done + sample.at_once]
        began = clock()
        rank(rows)
        spent += clock() - began
        done += len(rows)
    return PeerResult(name, spent * len(sample.order) / max(done, 1), done, built)


def bm25s_text_ranker(case: Case) -> Rank:
    def ranker(backend: str) -> Rank:
        retriever = bm25s_retriever(case, backend)
        most = min(TOP, len(case.capabilities))

        def rank(rows: Ints) -> list[Ints]:
            # Without any term: the one that stands nowhere.
            asked = [case.scenarios.of(row)[0].tolist() or [case.size] for row in rows]
            found = retriever.retrieve(asked, k=most, show_progress=False)
            return [
                documents[scores > 0]
                for documents, scores in zip(found.documents, found.scores, strict=True)
            ]

        return rank

    return _faster(ranker, case)


def bm25s_features_ranker(case: Case) -> Rank:
    features = Features(case.capability_records, case.tables)

    def ranker(backend: str) -> Rank:
        retriever = bm25s_retriever(case, backend)
        module = "bm25s.numba.selection" if backend == "numba" else "bm25s.selection"
        topk = peer_module(module).topk
        most = min(TOP, len(case.capabilities))

        def best(row: int) -> Ints:
            points = retriever.get_scores_from_ids(case.scenarios.of(row)[0])
            # Its scores have no upper end: the most alike stands for the whole of the part.
            points *= STANDARD.text / (points.max() or 1.0)
            points += features.points(case.scenario_records[row])
            scores, documents = topk(points, most, backend=backend, sorted=True)
            return np.asarray(documents[scores > 0])

        return lambda rows: [best(row) for row in rows]

    return _faster(ranker, case)


def scipy_ranker(case: Case) -> Rank:
    sparse = peer_module("scipy.sparse")
    documents = _impacts(case).T  # by term, CSR; (vocabulary, capabilities)

    def rank(rows: Ints) -> list[Ints]:
        asked = [case.scenarios.of(row) for row in rows]
        weights = np.concatenate([counts for _, counts in asked]).astype(np.float32)
        terms = np.concatenate([terms for terms, _ in asked])
        ptr = np.cumsum([0, *(len(terms) for terms, _ in asked)])
        queries = sparse.csr_array((weights, terms, ptr), shape=(len(rows), documents.shape[0]))
        scores = queries @ documents
        return [
            scores.indices[start:end][_best(scores.data[start:end])]
            for start, end in pairwise(scores.indptr)
        ]

    return rank


def tantivy_ranker(case: Case) -> Rank:
    tantivy = peer_module("tantivy")
    words = _words(case.size)
    schema = (
        tantivy.SchemaBuilder()
        # Frequencies in every field: without them a union of terms may not skip.
        .add_text_field("text", tokenizer_name="words", index_option="freq")
        .add_text_field("tags", tokenizer_name="words", index_option="freq")
        .add_integer_field("row", fast=True)
        .build()
    )
    index = tantivy.Index(schema)
    splitter = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("words", splitter)
    # Room and a thread for a single segment.
    writer = index.writer(heap_size=2_000_000_000, num_threads=1)
    for row, record in enumerate(case.capability_records):
        terms, counts = case.capabilities.of(row)
        text = " ".join([words[each] for each in np.repeat(terms, counts).tolist()])
        tags = " ".join(map(str, record.concepts))
        writer.add_document(tantivy.Document(text=text, tags=tags, row=row))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    near = case.tables.near.value

    def boosted(field: str, word: str, boost: float) -> Any:
        term = tantivy.Query.term_query(schema, field, word, "freq")
        return tantivy.Occur.Should, tantivy.Query.boost_query(term, boost)

    def best(row: int) -> Ints:
        terms, counts = case.scenarios.of(row)
        likeness = near[list(case.scenario_records[row].concepts)].max(axis=0, initial=0)
        (tags,) = np.nonzero(likeness)
        query = tantivy.Query.boolean_query(
            [
                boosted("text", words[term], count / TITLE)
                for term, count in zip(terms.tolist(), counts.tolist(), strict=True)
            ]
            + [boosted("tags", str(tag), TAG_BOOST * likeness[tag] / ONE) for tag in tags.tolist()]
        )
        hits = searcher.search(query, limit=TOP, count=False).hits
        found = searcher.fast_field_values("row", [address for _, address in hits])
        return np.array(found, dtype=np.int64)

    return lambda rows: [best(row) for row in rows]


def postgres_ranker(case: Case, connection: psycopg.Connection[Any]) -> Rank:
    """The table is a temporary one: it ends with the connection, however that ends."""
    words = _words(case.size)
    for setting in (
        "temp_buffers = '1GB'",
        "work_mem = '256MB'",
        "maintenance_work_mem = '512MB'",
        "max_parallel_workers_per_gather = 0",
    ):
        connection.execute(f"SET {setting}")
    connection.execute(
        "CREATE TEMPORARY TABLE peer_texts (row integer, terms tsvector)"
        " WITH (toast_tuple_target = 8160)"
    )
    places = [[f"{word}:1" for word in words], [f"{word}:1A" for word in words]]
    with connection.cursor().copy("COPY peer_texts FROM STDIN") as copy:
        for row in range(len(case.capabilities)):
            terms, counts = case.capabilities.of(row)
            in_title = (counts >= TITLE).tolist()
            said = zip(in_title, terms.tolist(), strict=True)
            copy.write(f"{row}\t{' '.join([places[title][term] for title, term in said])}\n")
    connection.execute("CREATE INDEX ON peer_texts USING gin (terms)")
    connection.execute("ANALYZE peer_texts")

    def best(row: int) -> Ints:
        # Sorts these for every row of the table; in this order they are sorted as it reads them.
        query = " | ".join(
            sorted((words[term] for term in case.scenarios.of(row)[0]), reverse=True)
        )
        found = connection.execute(
            "SELECT row FROM peer_texts WHERE terms @@ %(query)s::tsquery"
            " ORDER BY ts_rank('{0.2, 0.2, 0.2, 1}', terms, %(query)s::tsquery) DESC LIMIT %(top)s",
            {"query": query, "top": TOP},
        )
        return np.array([number for (number,) in found], dtype=np.int64)

    return lambda rows: [best(row) for row in rows]


def peer_module(name: str) -> Any:
    """Raises PeersMissing when the module cannot be imported."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise PeersMissing(name) from error


class Features:
    """Points for all but the text: looked up by what capabilities have in common.

    A hundred thousand capabilities state some nine thousand sets of tags, three times as many with
    their cities, ten levels of readiness and a few hundred prices. Points are shares of what the
    parts give at most, not rounded. Nearness of cities has no weight and is left out.
    """

    def __init__(self, records: Sequence[CapabilityRecord], tables: Tables) -> None:
        # A concept more, near to nothing, fills up where there are fewer tags.
        self._none = len(tables.near.value)
        self._near = np.pad(tables.near.value / ONE, ((0, 1), (0, 1))).astype(np.float32)
        self._focus = np.pad(tables.focus / ONE, ((0, 0), (0, 1))).astype(np.float32)
        self._covers = np.pad(tables.near.covers, ((0, 0), (0, 1)))
        self._take_tags_and_cities(records)
        self._take_stages(records)
        self._owned: dict[int, list[int]] = {}
        self._lacking: dict[str, Floats] = {}
        self._elsewhere = np.zeros((len(tables.focus), len(records)), dtype=np.float32)
        for row, each in enumerate(records):
            self._owned.setdefault(each.organization, []).append(row)
            for name in each.qualifications:
                self._lacking.setdefault(name, np.full(len(records), OUT))[row] = 0
            if each.cities_served:
                self._elsewhere[:, row] = OUT
                self._elsewhere[list(each.cities_served), row] = 0

    def _take_tags_and_cities(self, records: Sequence[CapabilityRecord]) -> None:
        """``_tags``: (tag, set of tags); ``_supplier``: worth in the city, (tag, kind)."""
        sets: dict[tuple[int, ...], int] = {}
        kinds: dict[tuple[int, int | None], int] = {}  # set of tags and city
        self._kind = np.zeros(len(records), dtype=np.intp)
        for row, each in enumerate(records):
            number = sets.setdefault(each.concepts, len(sets))
            self._kind[row] = kinds.setdefault((number, each.city), len(kinds))
        width = max(map(len, sets))
        filled = [(*tags, *[self._none] * (width - len(tags))) for tags in sets]
        self._tags = np.array(filled, dtype=np.intp).reshape(len(sets), width).T.copy()
        self._set = np.array([number for number, _ in kinds], dtype=np.intp)
        cities = np.array([-1 if city is None else city for _, city in kinds], dtype=np.intp)
        self._supplier = self._focus[cities, self._tags[:, self._set]] * (cities >= 0)
        self._supplier = self._supplier.astype(np.float32) * STANDARD.supplier_focus

    def _take_stages(self, records: Sequence[CapabilityRecord]) -> None:
        """``_stage``: number of the price and the readiness together."""
        lowest = [each.price[0] if each.price[0] is not None else each.price[1] for each in records]
        self._prices, price = np.unique(
            [-1 if each is None else each for each in lowest], return_inverse=True
        )
        self._stage = price * LEVELS + np.array([each.readiness or 0 for each in records])

    def points(self, scenario: ScenarioRecord) -> Floats:
        """Of every capability; far below 0 for what a must-have leaves out."""
        points = _look_up(self._by_kind(scenario), self._kind)
        by_stage = self._by_price(scenario.budget)[:, None] + self._by_readiness(scenario)
        points += _look_up(by_stage.ravel(), self._stage)
        if scenario.city is not None:
            points += self._elsewhere[scenario.city]
        for each in scenario.must_qualifications:
            points += self._lacking.get(each, OUT)
        for organization in scenario.organizations:
            points[self._owned.get(organization, [])] = OUT
        return points

    def _by_kind(self, scenario: ScenarioRecord) -> Floats:
        asked = self._near[list(scenario.concepts or (self._none,))]
        met = np.array([_look_up(each, self._tags).max(axis=0, initial=0) for each in asked])
        points = (met.max(axis=0) + met.mean(axis=0)) * np.float32(STANDARD.tag / 2)
        relevance = asked.max(axis=0)
        if scenario.city is not None:
            host = relevance * self._focus[scenario.city] * STANDARD.host_focus
            points += _look_up(host, self._tags).max(axis=0, initial=0)
        for concept in scenario.must_concepts:
            points[~self._covers[concept][self._tags].any(axis=0)] = OUT
        offered = _look_up(relevance, self._tags)
        supplier = [
            _look_up(each, self._set) * worth
            for each, worth in zip(offered, self._supplier, strict=True)
        ]
        found = _look_up(points, self._set)
        found += np.max(supplier, axis=0, initial=0)
        return found

    def _by_readiness(self, scenario: ScenarioRecord) -> Floats:
        lower, upper = scenario.readiness
        levels = np.arange(LEVELS)
        points = np.zeros(LEVELS, dtype=np.float32)
        if scenario.readiness != (None, None):
            below = np.maximum((lower or 1) - levels, 0) * BELOW_PER_LEVEL
            above = np.maximum(levels - (upper or 9), 0) * ABOVE_PER_LEVEL
            points += np.maximum(ONE - below - above, 0) * (STANDARD.readiness / ONE)
            points[0] = 0  # not stated
        if scenario.must_readiness and lower is not None:
            points[levels < lower] = OUT
        return points

    def _by_price(self, budget: Range) -> Floats:
        purse = budget[1] if budget[1] is not None else budget[0]
        if purse is None:
            return np.zeros(len(self._prices), dtype=np.float32)
        share = float(purse) / np.maximum(self._prices, 1)
        share[self._prices <= purse] = 1
        share[(self._prices < 0) | (share < 0.5)] = 0
        return np.asarray(share * STANDARD.scale, dtype=np.float32)


def _look_up(values: Floats, places: NDArray[np.intp]) -> Floats:
    """``values[places]``; a third faster, since nothing is checked."""
    found: Floats = values.take(places, mode="clip")
    return found


def _impacts(case: Case) -> Any:
    """BM25 of every capability's terms, idf included; CSC of float32, (capabilities, vocabulary)
    and an empty column more, for scenarios without a term.
    """
    sparse = peer_module("scipy.sparse")
    texts = case.capabilities
    owners = texts.owners
    lengths = np.bincount(owners, texts.counts, len(texts))
    frequencies = np.bincount(texts.terms, minlength=case.size)
    odds = (len(texts) - frequencies + 0.5) / (frequencies + 0.5)
    norm = TITLE * K1 * (1 - B + B * lengths / (lengths.mean() or 1.0))
    shares = texts.counts * (K1 + 1) / (texts.counts + norm[owners])
    impacts = (np.log1p(odds) ** IDF_POWER)[texts.terms] * shares
    rows = sparse.csr_array(
        (impacts.astype(np.float32), texts.terms, texts.ptr), shape=(len(texts), case.size + 1)
    )
    return rows.tocsc()


def bm25s_retriever(case: Case, backend: str) -> Any:
    bm25s = peer_module("bm25s")
    columns = _impacts(case)
    retriever = bm25s.BM25(backend=backend)
    if backend == "numba":
        retriever.activate_numba_scorer()
    # What its ``index`` sets from whole counts.
    retriever.scores = {
        "data": columns.data,
        "indices": columns.indices,
        "indptr": columns.indptr,
        "num_docs": columns.shape[0],
    }
    retriever.nonoccurrence_array = None
    retriever.vocab_dict = {"": columns.shape[1] - 1}
    retriever.unique_token_ids_set = set(range(columns.shape[1]))
    return retriever


def _faster(ranker: Callable[[str], Rank], case: Case) -> Rank:
    """Of the backends of bm25s, on a few scenarios."""
    few = Sample.spread(case.scenarios).order[:5]

    def seconds(rank: Rank) -> float:
        rank(few[:1])
        began = perf_counter()
        rank(few)
        return perf_counter() - began

    return min((ranker(backend) for backend in ("numba", "numpy")), key=seconds)


def _best(scores: Floats) -> Ints:
    """Places of the highest, best first."""
    chosen = np.argpartition(scores, -TOP)[-TOP:] if len(scores) > TOP else np.arange(len(scores))
    return np.asarray(chosen[np.argsort(-scores[chosen], kind="stable")])


def _words(size: int) -> list[str]:
    """A word for each term, for engines that read text: letters and digits need no quotes."""
    return [format(term, "x") for term in range(size)]

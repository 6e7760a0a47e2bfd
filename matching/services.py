"""Ranks everything, or what has changed.

All writers of lists meet at the row of ``CurrentRun``: who holds it sees every change that was
committed before and is the only one who writes. Readers never wait.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import Max
from psycopg.errors import LockNotAvailable

import capabilities.queries
import outbox.services
import scenarios.queries
from common.errors import Conflict
from common.progress import Watch, unwatched
from matching.engine.profile import DEFINITION, STANDARD, Profile
from matching.engine.ranking import TOP, TopList, rank
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.engine.scoring import Ints, Mask, Scorer
from matching.engine.text import TextModel
from matching.models import CurrentRun, MatchList, MatchRun, Side
from matching.pipeline import Loaded, R, Snapshot, versions
from outbox.consumers import Busy
from policy.queries import edition_key

log = structlog.get_logger(__name__)

BATCH = 1000
KEPT_GENERATIONS = 2  # the one that readers see, and the one before it for those just reading
# 平台默认: with more changes than this at once a full run is quicker than single ones.
FEW_CHANGES = 200
# 平台默认: term statistics are frozen again when the texts have become so many more or fewer.
DRIFT_PERCENT = 20
# 平台默认: how long the last step of a full run waits for those who write single lists.
LAST_STEP_SECONDS = 120
_FULL_RUN = "matching full run"


class RankingElsewhere(Conflict, Busy):
    """Somebody else is ranking, or was quicker: the same may be asked again shortly."""


@dataclass(frozen=True)
class Changes:
    """Keys of records whose lists no longer agree with them."""

    scenarios: frozenset[int] = frozenset()
    capabilities: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.scenarios) + len(self.capabilities)


def rank_all(*, force: bool = False, watch: Watch = unwatched) -> MatchRun | None:
    """Rank every pair into a new generation and show it when it is whole.

    Returns the run, or None when nothing has changed since the present one (unless ``force``).
    Deliveries that ask for a ranking of what the run has read are done with it.
    Raises RankingElsewhere when another full run is under way, or overtook this one.
    """
    with transaction.atomic():
        if not _only_full_run():
            raise RankingElsewhere("另一轮全量匹配正在进行，请稍后再试。")
        # Their changes were committed before anything is read: this run does what they ask for.
        served = outbox.services.pending(consumers="matching.")
        base = CurrentRun.objects.select_related("run").first()
        # Before the facts, so that a run never claims an edition newer than what it read.
        edition = edition_key()[1]
        snapshot = Snapshot.read()
        digest = _digest(snapshot)
        if not force and base and base.run.input_digest == digest and not stale(base.run):
            # An edition that means the same to the engine: else every sweep would look again.
            MatchRun.objects.filter(pk=base.run_id).update(policy_digest=edition)
            return None
        offered = snapshot.capabilities.records
        model = TextModel.freeze([(each.title, each.body) for each in offered])
        scorer = Scorer(offered, snapshot.domain.tables, model, STANDARD)
        ranking = rank(watch(snapshot.scenarios.records, "匹配"), scorer)
        run = MatchRun.objects.create(
            generation=(MatchRun.objects.aggregate(last=Max("generation"))["last"] or 0) + 1,
            definition=DEFINITION,
            profile=_profile_name(STANDARD),
            policy_digest=edition,
            input_digest=digest,
            statistics=model.pack(),
            scenario_count=len(ranking.of_scenarios),
            capability_count=len(ranking.of_capabilities),
        )
        _write(run, Side.SCENARIO, ranking.of_scenarios, snapshot.scenarios)
        _write(run, Side.CAPABILITY, ranking.of_capabilities, snapshot.capabilities)
        _show(run, base)
        outbox.services.settle(served)
    log.info("matching_ranked", generation=run.generation, scenarios=run.scenario_count)
    return run


def rank_changed(changes: Changes) -> None:
    """Bring the lists of these records, and all lists that they touch, up to date.

    Records that are no longer open leave all lists. Exact: the lists are then what a full run
    with the frozen statistics of the present generation would give. Raises RankingElsewhere.
    """
    if _outgrown() and rank_all() is not None:
        return
    with transaction.atomic():
        _rank_changed(_held_pointer().run, changes)


def sweep() -> int:
    """Rank what no message has brought up to date; returns how many records that were.

    Raises RankingElsewhere.
    """
    changes = None if _outgrown() else stale(CurrentRun.objects.select_related("run").get().run)
    if changes is None or len(changes) > FEW_CHANGES:
        run = rank_all()
        return run.scenario_count + run.capability_count if run else 0
    if len(changes):
        rank_changed(changes)
    return len(changes)


def _outgrown() -> bool:
    """Whether only a full run will do: there is none, or it was made by other rules, from other
    policy facts, or with statistics of far fewer or far more texts than there are now.
    """
    pointer = CurrentRun.objects.select_related("run").defer("run__statistics").first()
    if pointer is None:
        return True
    run = pointer.run
    rules = (run.definition, run.profile, run.policy_digest)
    if rules != (DEFINITION, _profile_name(STANDARD), edition_key()[1]):
        return True
    now = capabilities.queries.open_for_matching().count()
    return abs(now - run.capability_count) > run.capability_count * DRIFT_PERCENT / 100


def stale(run: MatchRun) -> Changes:
    """Records that changed, came or went since their lists in ``run`` were written."""
    return _behind(
        run,
        versions(scenarios.queries.open_for_matching()),
        versions(capabilities.queries.open_for_matching()),
    )


def _behind(run: MatchRun, asking: dict[int, datetime], offered: dict[int, datetime]) -> Changes:
    """Records whose lists in ``run`` were not written from these versions of theirs."""
    written: dict[str, dict[int, datetime]] = {side: {} for side in Side.values}
    for side, key, version in run.lists.values_list("side", "record_id", "version"):
        written[side][key] = version
    return Changes(
        _different(written[Side.SCENARIO], asking),
        _different(written[Side.CAPABILITY], offered),
    )


def _different(written: dict[int, datetime], present: dict[int, datetime]) -> frozenset[int]:
    return frozenset(
        key for key in written.keys() | present.keys() if written.get(key) != present.get(key)
    )


def _only_full_run() -> bool:
    """Whether no other full run is under way; holds until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [_FULL_RUN])
        row = cursor.fetchone()
    return bool(row and row[0])


def _held_pointer() -> CurrentRun:
    """The pointer, locked until the transaction ends.

    Its run takes a query of its own: joined, PostgreSQL would look for the run that the pointer
    named before the wait, and find no row at all once a full run has moved it on. Raises
    RankingElsewhere when others hold it for longer than ``lock_timeout``.
    """
    try:
        return CurrentRun.objects.select_for_update().get()
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise RankingElsewhere("匹配清单正在更新，请稍后再试。") from error
        raise


def _be_patient() -> None:
    """Let the rest of this transaction wait longer than a request may.

    Minutes of work hang on it, and those who hold the pointer let go within seconds; a queue of
    them may yet take longer than one ``lock_timeout``.
    """
    with connection.cursor() as cursor:
        for name, seconds in (
            ("lock_timeout", LAST_STEP_SECONDS),
            ("statement_timeout", 2 * LAST_STEP_SECONDS),
        ):
            cursor.execute("SELECT set_config(%s, %s, true)", [name, f"{seconds}s"])


def _show(run: MatchRun, base: CurrentRun | None) -> None:
    """Swap the pointer, if it still stands where this run found it.

    What changed while the run was reading and writing is ranked first, with the pointer held, so
    that the new generation never knows less than the old one.
    """
    if base is None:
        _, first = CurrentRun.objects.get_or_create(id=1, defaults={"run": run})
        if not first:
            raise RankingElsewhere("另一轮全量匹配先完成了，本轮结果作废。")
    else:
        _be_patient()
        if _held_pointer().run_id != base.run_id:
            raise RankingElsewhere("另一轮全量匹配先完成了，本轮结果作废。")
    if late := stale(run):
        _rank_changed(run, late)
    CurrentRun.objects.update(run=run)
    old = MatchRun.objects.filter(generation__lte=run.generation - KEPT_GENERATIONS)
    MatchList.objects.filter(run__in=old).delete()
    old.update(statistics=b"")  # only single rankings of a present run need them


def _rank_changed(run: MatchRun, told: Changes) -> None:
    """Ranks beside what was told whatever else has changed by now.

    Lists that a change touches are written from what is read here, and count as up to date:
    so nothing that is read may be left half taken in, with its own list alone.
    """
    snapshot = Snapshot.read()
    behind = _behind(run, snapshot.scenarios.versions, snapshot.capabilities.versions)
    changes = Changes(told.scenarios | behind.scenarios, told.capabilities | behind.capabilities)
    model = TextModel.unpack(bytes(run.statistics))
    touched = _touched(run, changes, snapshot, model)
    tables = snapshot.domain.tables
    found, offered = snapshot.scenarios, snapshot.capabilities
    if asking := found.only(touched.scenarios):
        scorer = Scorer(offered.records, tables, model, STANDARD)
        _write(run, Side.SCENARIO, rank(asking, scorer).of_scenarios, found)
    if answering := offered.only(touched.capabilities):
        scorer = Scorer(answering, tables, model, STANDARD)
        _write(run, Side.CAPABILITY, rank(found.records, scorer).of_capabilities, offered)
    for side, gone in (
        (Side.SCENARIO, changes.scenarios - found.versions.keys()),
        (Side.CAPABILITY, changes.capabilities - offered.versions.keys()),
    ):
        run.lists.filter(side=side, record_id__in=gone).delete()


def _touched(run: MatchRun, changes: Changes, snapshot: Snapshot, model: TextModel) -> Changes:
    """Open records whose lists may come out differently: those that changed, those whose list
    holds a changed one, and those whose list a changed one may now enter.
    """
    found, offered, tables = snapshot.scenarios, snapshot.capabilities, snapshot.domain.tables
    of_scenarios = _Stored.read(run, Side.SCENARIO, list(found.versions))
    of_capabilities = _Stored.read(run, Side.CAPABILITY, list(offered.versions))
    scenarios_touched = of_scenarios.holding(changes.scenarios, changes.capabilities)
    if moved := offered.only(changes.capabilities):
        scorer = Scorer(moved, tables, model, STANDARD)
        best = np.array([scorer.score(each).counted.max() for each in found.records], np.int64)
        scenarios_touched |= best >= of_scenarios.entry
    capabilities_touched = of_capabilities.holding(changes.capabilities, changes.scenarios)
    if asking := found.only(changes.scenarios):
        scorer = Scorer(offered.records, tables, model, STANDARD)
        for scenario in asking:
            capabilities_touched |= scorer.score(scenario).counted >= of_capabilities.entry
    return Changes(
        frozenset(of_scenarios.records[scenarios_touched].tolist()),
        frozenset(of_capabilities.records[capabilities_touched].tolist()),
    )


@dataclass(frozen=True)
class _Stored:
    """Lists of one side: ``members`` (records, TOP), padded with -1; ``entry``: the score from
    which a newcomer may get in (an equal score gets in by a smaller key).
    """

    records: Ints
    members: Ints
    entry: Ints

    @classmethod
    def read(cls, run: MatchRun, side: Side, records: list[int]) -> _Stored:
        keys = np.array(records, dtype=np.int64)
        places = {key: place for place, key in enumerate(records)}
        members = np.full((len(records), TOP), -1, dtype=np.int64)
        entry = np.ones(len(records), dtype=np.int64)
        rows = run.lists.filter(side=side).values_list("record_id", "keys", "scores")
        for record, packed_keys, packed_scores in rows.iterator(chunk_size=BATCH):
            if (place := places.get(record)) is not None:
                own = unpack(bytes(packed_keys), bytes(packed_scores))
                members[place, : len(own.keys)] = own.keys
                if len(own.keys) == TOP:
                    entry[place] = own.scores[-1]
        return cls(keys, members, entry)

    def holding(self, records: frozenset[int], others: frozenset[int]) -> Mask:
        """Which lists belong to one of ``records`` or hold one of ``others``."""
        return np.isin(self.records, list(records)) | np.isin(self.members, list(others)).any(
            axis=1
        )


def pack(top: TopList) -> tuple[bytes, bytes]:
    return top.keys.astype("<i8").tobytes(), top.scores.astype("<i4").tobytes()


def unpack(keys: bytes, scores: bytes) -> TopList:
    return TopList(
        np.frombuffer(keys, "<i8").astype(np.int64), np.frombuffer(scores, "<i4").astype(np.int64)
    )


def _write(run: MatchRun, side: Side, lists: dict[int, TopList], loaded: Loaded[R]) -> None:
    rows = []
    for key, own in lists.items():
        keys, scores = pack(own)
        version = loaded.versions[key]
        rows.append(
            MatchList(run=run, side=side, record_id=key, version=version, keys=keys, scores=scores)
        )
    MatchList.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["run", "side", "record_id"],
        update_fields=["version", "keys", "scores", "ranked_at"],
    )


def _profile_name(profile: Profile) -> str:
    return f"{profile.name}-{profile.version}"


def _digest(snapshot: Snapshot) -> str:
    """Of everything that decides the outcome: definition, weights, tables and records."""
    digest = hashlib.sha256(f"{DEFINITION} {STANDARD}".encode())
    digest.update(snapshot.domain.digest())
    every: list[ScenarioRecord | CapabilityRecord] = [
        *snapshot.scenarios.records,
        *snapshot.capabilities.records,
    ]
    for each in every:
        digest.update(repr(_ordered(each)).encode())
    return digest.hexdigest()


def _ordered(record: ScenarioRecord | CapabilityRecord) -> list[object]:
    """The record's values with sets in a fixed order: their own depends on the process."""
    return [
        sorted(value) if isinstance(value, frozenset) else value for value in vars(record).values()
    ]

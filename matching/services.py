"""Ranks everything, or what has changed.

A full run goes through three verbs, each safe to run again: ``begin_run`` reads the records and
lays out the snapshot, ``rank_part`` ranks some of its blocks, ``finish_run`` merges, writes and
shows the lists. ``rank_all`` does all three in this process; tasks spread the parts over workers.

All who show lists meet at the row of ``CurrentRun``: who holds it sees every change that was
committed before and is the only one who writes. Readers never wait.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING, Any

import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import Max, QuerySet
from django.db.models.functions import Now
from psycopg.errors import LockNotAvailable

import outbox.services
from capabilities.queries import open_for_matching as _open_capabilities
from common.errors import Conflict
from common.progress import Watch, unwatched
from matching import lists
from matching.engine.index import Full, Index
from matching.engine.profile import DEFINITION, STANDARD, Profile
from matching.engine.records import CapabilityRecord, ScenarioRecord
from matching.models import (
    CurrentRun,
    MatchChange,
    MatchList,
    MatchPart,
    MatchRun,
    RunState,
    Side,
)
from matching.pipeline import (
    Loaded,
    R,
    Snapshot,
    load_capabilities,
    load_domain,
    load_scenarios,
    packed,
    versioned,
)
from outbox.consumers import Busy
from policy.queries import edition_key
from scenarios.queries import open_for_matching as _open_scenarios

if TYPE_CHECKING:
    from matching.engine.book import Standing

log = structlog.get_logger(__name__)

KEPT_GENERATIONS = 2  # the one that readers see, and the one before it for those just reading
# 平台默认: with more changes than this at once a full run is quicker than single ones.
FEW_CHANGES = 200
# 平台默认: term statistics are frozen again when the texts have become so many more or fewer.
DRIFT_PERCENT = 20
# 平台默认: room for later changes on either side; when it is used up a full run makes more.
ROOM, ROOM_PERCENT = 1000, 6
# 平台默认: how long the last step of a full run waits for those who write single lists.
LAST_STEP_SECONDS = 120
# 平台默认: a run that nobody has worked on for so long is taken up again, or gives way to another.
IDLE_SECONDS = 10
PROGRESS_SECONDS = 0.5
_FULL_RUN = "matching full run"


class RankingElsewhere(Conflict, Busy):
    """Somebody else is ranking, or was quicker: the same may be asked again shortly."""


class Outdated(RankingElsewhere):
    """A run cannot be finished from what it has read: another must begin."""


class _OtherFacts(Exception):
    """The policy facts are others than those that a run has read."""


@dataclass(frozen=True)
class Changes:
    """Keys of records whose lists no longer agree with them."""

    scenarios: frozenset[int] = frozenset()
    capabilities: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.scenarios) + len(self.capabilities)


def rank_all(*, force: bool = False, watch: Watch = unwatched) -> MatchRun | None:
    """Rank every pair into a new generation and show it when it is whole, in this process.

    Returns the run, or None when nothing has changed since the present one (unless ``force``).
    Deliveries that ask for a ranking of what the run has read are done with it.
    Raises RankingElsewhere when another full run is under way, or overtook this one.
    """
    run = begin_run(force=force, parts=1)
    if run is None:
        return None
    try:
        for number in range(run.parts.count()):
            rank_part(run, number, watch=watch)
        finish_run(run)
    except BaseException:
        give_up(run)
        raise
    return run


def give_up(run: MatchRun) -> None:
    """Whoever still works on the run is told; another may begin."""
    if _active_runs().filter(pk=run.pk).update(state=RunState.ABANDONED):
        _worker().clear([run])


def begin_run(*, force: bool = False, parts: int) -> MatchRun | None:
    """Read everything that is open and lay it out for ``parts`` processes.

    Returns None when nothing has changed since the present generation (unless ``force``). Raises
    RankingElsewhere when another full run is under way.
    """
    run = _announced()
    try:
        with _working_on(run):
            return _laid_out(run, force=force, parts=parts)
    except BaseException:
        give_up(run)
        raise


def _laid_out(run: MatchRun, *, force: bool, parts: int) -> MatchRun | None:
    # Their changes were committed before anything is read: this run does what they ask for.
    run.served = outbox.services.pending(consumers="matching.")
    # Before the facts, so that a run never claims an edition newer than what it read.
    run.policy_digest = edition_key()[1]
    snapshot = Snapshot.read()
    run.input_digest = _digest(snapshot)
    base = run.base
    if not force and base and base.input_digest == run.input_digest and not stale(base):
        # An edition that means the same to the engine: else every sweep would look again.
        MatchRun.objects.filter(pk=base.pk).update(policy_digest=run.policy_digest, seen_at=Now())
        run.delete()
        return None
    asking, offered = snapshot.scenarios.records, snapshot.capabilities.records
    room = ROOM + (len(asking) + len(offered)) * ROOM_PERCENT // 100
    index = Index.build(asking, offered, snapshot.domain.tables, STANDARD, room=room)
    run.snapshot = uuid.uuid4()
    run.statistics = index.encoder.model.pack()
    run.scenario_count, run.capability_count = len(asking), len(offered)
    _worker().keep(run, index, snapshot.scenarios.versions, snapshot.capabilities.versions)
    with transaction.atomic():
        _still_wanted(run)
        run.state = RunState.RANKING
        run.save()
        MatchPart.objects.bulk_create(
            MatchPart(run=run, number=number, first_block=first, last_block=last)
            for number, (first, last) in enumerate(_shares(len(index.blocks.rows) - 1, parts))
        )
    return run


def rank_part(run: MatchRun, number: int, *, watch: Watch = unwatched) -> None:
    """Rank some blocks of a run; nothing is done twice at once, or again.

    Raises RankingElsewhere when the run was given up meanwhile, Outdated when its snapshot is gone.
    """
    part = run.parts.get(number=number)
    if part.done_at is not None:
        return

    def told(blocks: Iterable[int]) -> Iterator[int]:
        heard = 0.0
        for done, block in enumerate(watch(list(blocks), "匹配")):
            if time.monotonic() - heard > PROGRESS_SECONDS:
                _still_wanted(run)
                MatchPart.objects.filter(pk=part.pk).update(blocks_done=done)
                heard = time.monotonic()
            yield block

    with _working_on(run), _or_outdated():
        _worker().rank_part(run, part, told)
    with transaction.atomic():
        _still_wanted(run)
        MatchPart.objects.filter(pk=part.pk).update(
            blocks_done=part.last_block - part.first_block, done_at=Now()
        )


def is_ranked(run: MatchRun) -> bool:
    """Whether all parts are done and the run only waits to be finished."""
    return not waiting_parts(run)


def finish_run(run: MatchRun) -> None:
    """Merge the parts, write the lists, prove that they are whole, and swap the pointer.

    Raises RankingElsewhere when the run was given up, or another was quicker; Outdated when its
    snapshot is gone, or what changed meanwhile is more than there is room for, or the policy facts.
    """
    worker = _worker()
    with _working_on(run), _or_outdated(), transaction.atomic():
        if MatchRun.objects.select_for_update().get(pk=run.pk).state == RunState.DONE:
            return
        _still_wanted(run)
        ranked = worker.merge(run)
        for side, own, known in zip(Side, ranked, worker.versions_of(run), strict=True):
            lists.write_all(run, side, own, known)
        _show(run)
        outbox.services.settle(run.served)
        MatchRun.objects.filter(pk=run.pk).update(state=RunState.DONE, created_at=Now())
        old = MatchRun.objects.filter(generation__lte=run.generation - KEPT_GENERATIONS)
        over = [*old.exclude(snapshot=None)]
        MatchList.objects.filter(run__in=old).delete()
        MatchChange.objects.filter(run__in=old).delete()
        old.update(statistics=b"", snapshot=None)  # only single rankings of a present run need them
    run.refresh_from_db()
    transaction.on_commit(lambda: worker.clear(over, shown=run))
    log.info("matching_ranked", generation=run.generation, scenarios=run.scenario_count)


def rank_changed(changes: Changes) -> None:
    """Bring the lists of these records, and all lists that they touch, up to date.

    Records that are no longer open leave all lists. Exact: the lists are then what a full run
    with the frozen statistics of the present generation would give. Raises RankingElsewhere.
    """
    if _is_of_other_rules() and rank_all() is not None:
        return
    worker = _worker()
    try:
        with transaction.atomic():
            run = _plain_runs().get(pk=_held_pointer().run_id)
            capabilities = _take_in(run, changes)
    except (Full, _OtherFacts, worker.SnapshotMissing) as error:
        log.info("matching_full_run_needed", reason=type(error).__name__)
        rank_all(force=True)
        return
    if _has_drifted(run.capability_count, capabilities):
        rank_all()


def sweep() -> int:
    """Rank what no message has brought up to date; returns how many records that were.

    Raises RankingElsewhere.
    """
    changes = (
        None if needs_full_run() else stale(_plain_runs().get(pk=CurrentRun.objects.get().run_id))
    )
    if changes is None or len(changes) > FEW_CHANGES:
        run = rank_all()
        return run.scenario_count + run.capability_count if run else 0
    if len(changes):
        rank_changed(changes)
    return len(changes)


def needs_full_run() -> bool:
    """Whether single rankings will not do: there is no generation, it was made by other rules, or
    with statistics of far fewer or far more texts than there are now.
    """
    if _is_of_other_rules():
        return True
    then = CurrentRun.objects.values_list("run__capability_count", flat=True).get()
    return _has_drifted(then, _open_capabilities().count())


def _has_drifted(then: int, now: int) -> bool:
    return abs(now - then) > then * DRIFT_PERCENT / 100


def idle_runs() -> list[MatchRun]:
    """Runs that lost their workers: their parts may be done again. What lost its reader is given
    up: there is nothing to go on from.
    """
    for run in MatchRun.objects.filter(state=RunState.READING):
        if _is_idle(run):
            give_up(run)
    return [run for run in MatchRun.objects.filter(state=RunState.RANKING) if _is_idle(run)]


def is_at_work() -> bool:
    """Whether somebody reads, ranks or finishes a full run now, or did so a moment ago."""
    return any(not _is_idle(run) for run in _active_runs())


def _active_runs() -> QuerySet[MatchRun]:
    return MatchRun.objects.filter(state__in=[RunState.READING, RunState.RANKING])


def waiting_parts(run: MatchRun) -> list[int]:
    """Numbers of the parts that are not done."""
    return list(run.parts.filter(done_at=None).values_list("number", flat=True))


def _plain_runs() -> QuerySet[MatchRun]:
    """Without what may take megabytes."""
    return MatchRun.objects.defer("statistics", "served")


def _is_of_other_rules() -> bool:
    """Whether there is no generation, or it was made by other rules or from other policy facts."""
    rules = CurrentRun.objects.values_list(
        "run__definition", "run__profile", "run__policy_digest"
    ).first()
    return rules != (DEFINITION, _profile_name(STANDARD), edition_key()[1])


def stale(run: MatchRun) -> Changes:
    """Records that changed, came or went since their lists in ``run`` were written."""
    return Changes(
        _different(run, Side.SCENARIO, _open_scenarios()),
        _different(run, Side.CAPABILITY, _open_capabilities()),
    )


def _different(run: MatchRun, side: Side, present: QuerySet[Any]) -> frozenset[int]:
    """Keys of records without a list of their version, and of lists without a record."""
    known = versioned(present.order_by()).values_list("pk", "version")
    sql, parameters = known.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(record_id, own.pk) FROM (SELECT record_id, version"  # noqa: S608
            " FROM matching_matchlist WHERE run_id = %s AND side = %s) AS written"
            f" FULL JOIN ({sql}) AS own (pk, version) ON own.pk = record_id"
            " WHERE written.version IS DISTINCT FROM own.version",
            [run.pk, side.value, *parameters],
        )
        return frozenset(key for (key,) in cursor)


def _announced() -> MatchRun:
    """A run that everybody can see is under way; takes the place of one that is stalled."""
    with transaction.atomic():
        if not _only_full_run():
            raise RankingElsewhere("另一轮全量匹配正在进行，请稍后再试。")
        if is_at_work():
            raise RankingElsewhere("另一轮全量匹配正在进行，请稍后再试。")
        _active_runs().update(state=RunState.ABANDONED)
        pointer = CurrentRun.objects.select_related("run").first()
        return MatchRun.objects.create(
            generation=(MatchRun.objects.aggregate(last=Max("generation"))["last"] or 0) + 1,
            state=RunState.READING,
            base=pointer.run if pointer else None,
            definition=DEFINITION,
            profile=_profile_name(STANDARD),
        )


@contextmanager
def _working_on(run: MatchRun) -> Iterator[None]:
    """Let others see that somebody works on the run: PostgreSQL lets go when this process ends."""
    lock: list[str | int] = [_FULL_RUN, run.pk]
    if connection.in_atomic_block:
        _call("pg_advisory_xact_lock_shared(hashtextextended(%s, %s))", lock)
        yield
        return
    _call("pg_advisory_lock_shared(hashtextextended(%s, %s))", lock)
    try:
        yield
    finally:
        _call("pg_advisory_unlock_shared(hashtextextended(%s, %s))", lock)


def _is_idle(run: MatchRun) -> bool:
    """Whether nobody works on the run, or has done so a moment ago."""
    long_ago = Now() - timedelta(seconds=IDLE_SECONDS)
    if not MatchRun.objects.filter(pk=run.pk, seen_at__lt=long_ago).exists():
        return False
    with transaction.atomic():
        return _call("pg_try_advisory_xact_lock(hashtextextended(%s, %s))", [_FULL_RUN, run.pk])


def _call(function: str, arguments: list[str | int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}", arguments)
        row = cursor.fetchone()
    return bool(row and row[0])


def _still_wanted(run: MatchRun) -> None:
    """Tell that somebody works on the run. Raises RankingElsewhere when it was given up."""
    if not _active_runs().filter(pk=run.pk).update(seen_at=Now()):
        raise RankingElsewhere("本轮匹配已被放弃，结果作废。")


def _only_full_run() -> bool:
    """Whether no other full run is beginning; holds until the end of the transaction."""
    return _call("pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [_FULL_RUN])


def _shares(blocks: int, parts: int) -> list[tuple[int, int]]:
    """The blocks in at most ``parts`` shares, at least one even of nothing."""
    parts = max(min(parts, blocks), 1)
    edges = [blocks * each // parts for each in range(parts + 1)]
    return list(pairwise(edges))


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


def _show(run: MatchRun) -> None:
    """Swap the pointer, if it still stands where this run found it.

    What changed while the run was reading and writing is ranked first, with the pointer held, so
    that the new generation never knows less than the old one.
    """
    if run.base_id is None:
        _, first = CurrentRun.objects.get_or_create(id=1, defaults={"run": run})
        if not first:
            raise RankingElsewhere("另一轮全量匹配先完成了，本轮结果作废。")
    else:
        _be_patient()
        if _held_pointer().run_id != run.base_id:
            raise RankingElsewhere("另一轮全量匹配先完成了，本轮结果作废。")
    if late := stale(run):
        _take_in(run, late)
    lists.remember(run)
    CurrentRun.objects.update(run=run)


def _take_in(run: MatchRun, changes: Changes) -> int:
    """Rank records as they are now, one after the other, and write all lists that this touches.

    Returns how many capabilities have a list then. Raises Full, _OtherFacts.
    """
    domain = load_domain()
    if domain.edition[1] != run.policy_digest:
        raise _OtherFacts  # concepts and cities have other numbers now
    worker = _worker()
    try:
        book = worker.book_of(run)
        if keys := changes.scenarios:
            scenarios = load_scenarios(_open_scenarios().filter(pk__in=keys), domain)
            _take_in_side(run, Side.SCENARIO, keys, scenarios, book.scenarios)
        if keys := changes.capabilities:
            capabilities = load_capabilities(_open_capabilities().filter(pk__in=keys), domain)
            _take_in_side(run, Side.CAPABILITY, keys, capabilities, book.capabilities)
        for side, own in zip(Side, book.touched(), strict=True):
            lists.write_changed(run, side, own)
        return len(book.capabilities.rows)
    except BaseException:
        worker.forget()
        raise


def _take_in_side(
    run: MatchRun, side: Side, keys: frozenset[int], loaded: Loaded[R], own: Standing
) -> None:
    records = {record.key: record for record in loaded.records}
    for key in sorted(keys):
        record = records.get(key)
        change = MatchChange.objects.create(
            run=run, side=side, record_id=key, record=packed(record) if record else None
        )
        _worker().take_in(run, change)
        if record is None:
            run.lists.filter(side=side, record_id=key).delete()
        else:
            listed = own.listed[own.rows[key]]
            lists.write_own(run, side, key, loaded.versions[key], listed)


@contextmanager
def _or_outdated() -> Iterator[None]:
    try:
        yield
    except (Full, _OtherFacts, _worker().SnapshotMissing) as error:
        raise Outdated(
            "匹配期间变动过多、政策数据已更新或快照已丢失，本轮作废，将重新开始。"
        ) from error


def _worker() -> ModuleType:
    """Imported when something is ranked: nobody else needs compiled code."""
    from matching import worker

    return worker


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

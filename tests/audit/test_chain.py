"""The hash chain: unbroken whatever happens at once, and telling whoever tampers."""

from __future__ import annotations

import importlib
import json
import random
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

import audit.services
from audit.chain import Anchor, faults, head, read_anchors, write_anchor
from audit.models import AuditLink
from common.actor import Actor
from tests.conftest import address_of, owner_address
from tests.support.models import Ticket

WRITES = 10_000
WRITER = Actor.system("writer")
Tamper = Callable[[psycopg.Connection], object]


def write(ticket: Ticket, number: int = 0) -> None:
    audit.services.record(actor=WRITER, verb="note", obj=ticket, details={"number": number})


def found() -> list[str]:
    return [str(fault) for fault in faults([])]


@pytest.fixture
def ticket(committed_db: str) -> Ticket:
    made = Ticket.objects.create(title="a")
    for number in range(20):
        with transaction.atomic():
            write(made, number)
    return made


@pytest.fixture
def owner(ticket: Ticket) -> Iterator[psycopg.Connection]:
    """Whoever got hold of the tables themselves: their triggers keep nobody out any more."""
    with psycopg.connect(owner_address(connection.settings_dict["NAME"]), autocommit=True) as held:
        for table in ("audit_auditevent", "audit_auditlink"):
            held.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        held.execute(f"ALTER TABLE audit_auditlink DROP CONSTRAINT {foreign_key()}")
        yield held


def foreign_key() -> str:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "audit_auditlink")
    return next(name for name, each in constraints.items() if each["foreign_key"])


def test_links_follow_the_order_of_commits_not_of_numbers(committed_db: str) -> None:
    first, second = Ticket.objects.create(title="a"), Ticket.objects.create(title="b")

    def meanwhile() -> None:
        with transaction.atomic():
            write(second, 2)
        connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        write(first, 1)
        pool.submit(meanwhile).result()

    links = AuditLink.objects.order_by("-seq").select_related("event")[:2]
    assert [link.event.details["number"] for link in links] == [1, 2]
    assert found() == []


def test_a_rolled_back_event_leaves_no_gap(ticket: Ticket) -> None:
    before, _ = head()

    with transaction.atomic():
        write(ticket)
        transaction.set_rollback(True)
    with transaction.atomic():
        write(ticket)

    assert head()[0] == before + 1
    assert found() == []


def test_many_events_of_one_transaction_are_all_chained(ticket: Ticket) -> None:
    before, _ = head()

    with transaction.atomic():
        for number in range(50):
            write(ticket, number)

    assert head()[0] == before + 50
    assert found() == []


def test_transactions_that_touch_two_objects_in_either_order_neither_break_nor_lock(
    committed_db: str,
) -> None:
    tickets = [Ticket.objects.create(title=str(number)) for number in range(4)]
    before, _ = head()

    def touch(number: int) -> None:
        drawn = random.Random(number)
        with transaction.atomic():
            for each in drawn.sample(tickets, 2):
                write(each, number)

    def work(part: int) -> None:
        try:
            for number in range(part, WRITES, 20):
                touch(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(work, range(20)))

    assert head()[0] == before + 2 * WRITES
    assert found() == []


SEVENTH = "details = '{\"number\": 7}'"
TAMPERED: dict[str, tuple[str, str]] = {
    "edited": (
        f"UPDATE audit_auditevent SET details = '{{\"number\": 99}}' WHERE {SEVENTH}",
        "事件被改动",
    ),
    "actor exchanged": (
        f"UPDATE audit_auditevent SET actor_label = 'somebody' WHERE {SEVENTH}",
        "事件被改动",
    ),
    "moved in time": (
        f"UPDATE audit_auditevent SET at = at - interval '1 microsecond' WHERE {SEVENTH}",
        "事件被改动",
    ),
    "event removed": (f"DELETE FROM audit_auditevent WHERE {SEVENTH}", "事件已被删除"),
    "event and link removed": (
        f"""WITH gone AS (DELETE FROM audit_auditevent WHERE {SEVENTH} RETURNING id)
            DELETE FROM audit_auditlink WHERE event_id IN (SELECT id FROM gone)""",
        "前面缺少",
    ),
    "reordered": (
        """UPDATE audit_auditlink a SET seq = -b.seq FROM audit_auditlink b,
            (SELECT max(seq) AS last FROM audit_auditlink) m
            WHERE a.seq + b.seq = 2 * m.last - 11 AND a.seq IN (m.last - 5, m.last - 6);
        UPDATE audit_auditlink SET seq = -seq WHERE seq < 0""",
        "调换",
    ),
    "contents exchanged": (
        """UPDATE audit_auditevent a SET details = b.details FROM audit_auditevent b
            WHERE (a.details, b.details) IN (('{"number": 7}', '{"number": 8}'),
                                             ('{"number": 8}', '{"number": 7}'))""",
        "事件被改动",
    ),
    "written past the chain": (
        """INSERT INTO audit_auditevent (actor_kind, actor_label, verb, object_type, object_id,
            details, request_id) VALUES ('system', '', 'x', 'y', '1', '{}', '')""",
        "没有连入操作链",
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_of_the_owner_is_found(owner: psycopg.Connection, name: str) -> None:
    statement, message = TAMPERED[name]
    assert found() == []

    for each in statement.split(";"):
        assert owner.execute(each).rowcount > 0

    assert any(message in fault for fault in found())
    with pytest.raises(CommandError, match=message):
        call_command("verify_audit")


CUT = {
    "tail cut": "DELETE FROM audit_auditlink WHERE seq > (SELECT max(seq) - 3 FROM audit_auditlink)"
    ";DELETE FROM audit_auditevent e WHERE NOT EXISTS"
    " (SELECT FROM audit_auditlink WHERE event_id = e.id)",
    "truncated": "TRUNCATE audit_auditevent, audit_auditlink",
    "computed anew": "UPDATE audit_auditevent SET verb = 'other';"
    "WITH RECURSIVE chain AS (SELECT l.event_id, l.seq, audit_hash(NULL, e) AS hash"
    " FROM audit_auditlink l JOIN audit_auditevent e ON e.id = l.event_id WHERE l.seq = 1"
    " UNION ALL SELECT l.event_id, l.seq, audit_hash(chain.hash, e) FROM chain"
    " JOIN audit_auditlink l ON l.seq = chain.seq + 1 JOIN audit_auditevent e ON e.id = l.event_id)"
    " UPDATE audit_auditlink l SET hash = chain.hash FROM chain WHERE l.event_id = chain.event_id",
}


@pytest.mark.parametrize("name", CUT)
def test_what_the_chain_itself_cannot_show_a_published_anchor_does(
    owner: psycopg.Connection, tmp_path: Path, name: str
) -> None:
    write_anchor(tmp_path, "2026-11-21")
    call_command("verify_audit", anchors=tmp_path)

    for each in CUT[name].split(";"):
        owner.execute(each)

    assert found() == []  # a whole chain, as far as it goes
    with pytest.raises(CommandError, match="2026-11-21"):
        call_command("verify_audit", anchors=tmp_path)


def test_the_first_anchor_of_a_day_stands(ticket: Ticket, tmp_path: Path) -> None:
    first = write_anchor(tmp_path, "2026-11-21").read_text()
    with transaction.atomic():
        write(ticket)
    write_anchor(tmp_path, "2026-11-21")
    write_anchor(tmp_path, "2026-11-22")

    assert (tmp_path / "2026-11-21.json").read_text() == first
    seq, digest = head()
    assert [(each.day, each.seq) for each in read_anchors(tmp_path)] == [
        ("2026-11-21", seq - 1),
        ("2026-11-22", seq),
    ]
    assert json.loads((tmp_path / "2026-11-22.json").read_text())["hash"] == digest
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "2026-11-21.json",
        "2026-11-22.json",
    ]


def anchored(folder: Path, day: str, **changes: object) -> None:
    file = write_anchor(folder, day)
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_anchors_of_quiet_days_each_count(ticket: Ticket, tmp_path: Path) -> None:
    for day in ("2026-11-20", "2026-11-21", "2026-11-22"):
        anchored(tmp_path, day)
    assert list(faults(read_anchors(tmp_path))) == []

    anchored(tmp_path, "2026-11-21", hash="00" * 32)

    place = f"第 {head()[0]} 环"
    told = [str(fault) for fault in faults(read_anchors(tmp_path))]
    assert len(told) == 2
    assert "2026-11-20、2026-11-21、2026-11-22 的锚点" in told[0]
    assert place in told[0]
    assert "互相矛盾" in told[0]
    assert "与 2026-11-21 公布的锚点不符" in told[1]


def test_anchors_beyond_the_end_that_disagree_are_all_told(ticket: Ticket, tmp_path: Path) -> None:
    beyond = head()[0] + 3
    anchored(tmp_path, "2026-11-20", seq=beyond)
    anchored(tmp_path, "2026-11-21", seq=beyond, hash="00" * 32)

    told = [str(fault) for fault in faults(read_anchors(tmp_path))]

    assert "互相矛盾" in told[0]
    assert [line[:10] for line in told[1:]] == ["2026-11-20", "2026-11-21"]
    assert all("末尾被截断" in line for line in told[1:])


def test_anchors_that_nobody_published_yet_are_missed_aloud(
    ticket: Ticket, tmp_path: Path, settings
) -> None:
    def told(folder: Path) -> str:
        settings.AUDIT_ANCHORS = folder
        said, warned = StringIO(), StringIO()
        call_command("verify_audit", stdout=said, stderr=warned)
        assert said.getvalue().startswith("完整：")
        return warned.getvalue()

    assert "没有锚点" in told(tmp_path)
    assert str(tmp_path / "none") in told(tmp_path / "none")
    write_anchor(tmp_path, "2026-11-21")
    assert told(tmp_path) == ""


def test_a_folder_that_is_named_must_hold_anchors(ticket: Ticket, tmp_path: Path) -> None:
    empty = {"day": "2026-11-21", "seq": 0, "hash": ""}
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "2026-11-21.json").write_text(json.dumps(empty))
    (tmp_path / "file").touch()
    for folder in (tmp_path, tmp_path / "first", tmp_path / "file", tmp_path / "none"):
        with pytest.raises(CommandError, match=f"{re.escape(str(folder))} 不存在，或"):
            call_command("verify_audit", "--anchors", str(folder))

    write_anchor(tmp_path, "2026-11-22")
    call_command("verify_audit", "--anchors", str(tmp_path))


@pytest.mark.parametrize("role", ["site", "owner"])
def test_nobody_states_the_time_of_an_event(ticket: Ticket, role: str) -> None:
    name = connection.settings_dict["NAME"]
    with (
        psycopg.connect((address_of if role == "site" else owner_address)(name)) as held,
        held.transaction(),
    ):
        written = held.execute(
            "INSERT INTO audit_auditevent (at, actor_kind, actor_label, verb, object_type,"
            " object_id, details, request_id)"
            " SELECT time, 'system', '', 'note', 'y', '1', '{}', ''"
            " FROM unnest(ARRAY['2020-01-01', '2100-01-01']::timestamptz[]) AS time"
            " RETURNING at BETWEEN now() AND clock_timestamp()"
        ).fetchall()

    assert written == [(True,), (True,)]
    assert found() == []


ANCHOR = {"day": "2026-11-21", "seq": 3, "hash": "0a" * 32}
NO_ANCHORS = {
    "cut off": "{",
    "no text": b"\xff\xfe",
    "a list": "[]",
    "seq of letters": json.dumps(ANCHOR | {"seq": "abc"}),
    "seq in quotation marks": json.dumps(ANCHOR | {"seq": "3"}),
    "seq that is true": json.dumps(ANCHOR | {"seq": True}),
    "negative seq": json.dumps(ANCHOR | {"seq": -3}),
    "no hash": json.dumps(ANCHOR | {"hash": ""}),
    "hash of no event": json.dumps(ANCHOR | {"seq": 0}),
    "short hash": json.dumps(ANCHOR | {"hash": "0a"}),
    "hash of other letters": json.dumps(ANCHOR | {"hash": "0g" * 32}),
    "hash as number": json.dumps(ANCHOR | {"hash": 12}),
    "no day": json.dumps({"seq": 3, "hash": "0a" * 32}),
    "other day": json.dumps(ANCHOR | {"day": "21 November"}),
    "something more": json.dumps(ANCHOR | {"note": ""}),
}


@pytest.mark.parametrize("name", NO_ANCHORS)
def test_a_file_that_is_no_anchor_is_named(tmp_path: Path, name: str) -> None:
    written = NO_ANCHORS[name]
    content = written if isinstance(written, bytes) else written.encode()
    (tmp_path / "2026-11-21.json").write_bytes(content)

    with pytest.raises(CommandError, match=r"2026-11-21\.json"):
        call_command("verify_audit", "--anchors", str(tmp_path))


def test_what_is_written_is_read_again(ticket: Ticket, tmp_path: Path) -> None:
    (tmp_path / "2026-11-20.json").write_text(json.dumps(ANCHOR | {"day": "2026-11-20"}))
    write_anchor(tmp_path, "2026-11-21")

    seq, digest = head()
    assert read_anchors(tmp_path) == [
        Anchor(day="2026-11-20", seq=3, hash="0a" * 32),
        Anchor(day="2026-11-21", seq=seq, hash=digest),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_auditlink (event_id) SELECT max(id) FROM audit_auditevent",
        "UPDATE audit_auditlink SET seq = seq + 1000",
        "DELETE FROM audit_auditlink",
        "TRUNCATE audit_auditlink",
        "TRUNCATE audit_auditevent CASCADE",
        "UPDATE audit_auditevent SET verb = 'x'",
        "DELETE FROM audit_auditevent",
        "ALTER TABLE audit_auditevent DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_append_link ON audit_auditevent",
        "DROP TRIGGER audit_time_of_the_database ON audit_auditevent",
        "SET session_replication_role = replica",
        "DROP FUNCTION audit_entry CASCADE",
    ],
)
def test_the_role_of_the_site_may_do_none_of_it(ticket: Ticket, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert found() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET verb = 'other'",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent, audit_auditlink",
        "UPDATE audit_auditlink SET seq = -seq",
        "DELETE FROM audit_auditlink",
        "TRUNCATE audit_auditlink",
    ],
)
def test_even_the_owner_has_to_switch_triggers_off_first(ticket: Ticket, statement: str) -> None:
    with (
        psycopg.connect(owner_address(connection.settings_dict["NAME"])) as held,
        pytest.raises(psycopg.Error, match="append-only"),
    ):
        held.execute(statement)


def test_events_before_the_chain_are_chained_by_the_migration(
    owner: psycopg.Connection,
) -> None:
    chained = importlib.import_module("audit.migrations.0004_chain").FORWARD
    backfill = re.search(r"DO \$\$.*?END \$\$;", chained, re.DOTALL)[0]
    before = head()
    owner.execute("DELETE FROM audit_auditlink")

    owner.execute(backfill)

    assert head() == before
    assert found() == []

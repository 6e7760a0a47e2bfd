"""Who did what: the pages of audit administrators."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

import audit.services
from audit.models import AuditEvent
from scenarios.models import Scenario
from scenarios.services import submit_scenario
from tests.pages import read, signed_in
from tests.records import (
    GUANGZHOU,
    SYSTEM,
    ZHUHAI,
    make_administrator,
    make_member,
    make_organization,
    make_scenario,
    user_of,
)

pytestmark = pytest.mark.django_db

LIST = "/administration/audit/"


@pytest.fixture
def scenario() -> Scenario:
    made = make_scenario(make_organization("岭南港务", city=GUANGZHOU), published=False)
    submit_scenario(scenario=made, actor=make_member(made.organization))
    return made


def rows(page: str) -> list[str]:
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    plain = [re.sub(r"<[^>]+>", " ", row) for row in body.split("</tr>")]
    return [" ".join(row.split()) for row in plain if row.strip()]


@pytest.mark.parametrize("duty", ["system", "content", "catalogue"])
def test_no_other_duty_reads_the_audit_log(duty: str) -> None:
    client = signed_in(make_administrator(duty))

    assert client.get(LIST).status_code == 403
    event = AuditEvent.objects.first()
    assert event is not None
    assert client.get(f"{LIST}{event.pk}/").status_code == 403
    assert LIST not in read(client, "/administration/")


def test_the_provinces_auditor_finds_who_did_what(scenario: Scenario) -> None:
    client = signed_in(make_administrator("audit"))
    assert LIST in read(client, "/administration/")

    found = rows(read(client, f"{LIST}?object=scenarios.scenario:{scenario.pk}"))

    assert [row.partition("场景")[0].split()[-1] for row in found] == ["提交审核", "创建"]
    assert all("岭南港务" in row for row in found)


def test_filters_narrow_and_combine(scenario: Scenario) -> None:
    client = signed_in(make_administrator("audit"))
    writer = AuditEvent.objects.get(verb="scenarios.scenario.submit")
    person = writer.actor_label

    def count(query: str) -> int:
        found = re.search(r"共 (\d+) 条", read(client, f"{LIST}?{query}"))
        assert found
        return int(found[1])

    assert count(f"who={person}") == count(f"who={person}&verb=submit") == 1
    assert count(f"who={person}&verb=create") == 0
    assert count("organization=岭南") == AuditEvent.objects.exclude(organization_id=None).count()
    assert count("object=scenarios.scenario") == 2
    assert count("since=2000-01-01&until=2000-01-02") == 0
    assert count("since=2000-01-01") == AuditEvent.objects.count()
    assert count("trace=203.0.113.") == 0


def test_a_day_that_is_none_is_refused_by_name() -> None:
    page = read(signed_in(make_administrator("audit")), f"{LIST}?since=yesterday")

    assert "从" in page.partition('class="alert')[2][:400] or "有效" in page
    assert "<tbody>" not in page


def test_an_auditor_of_a_city_reads_of_its_organizations_alone(scenario: Scenario) -> None:
    elsewhere = make_scenario(make_organization("珠海海工", city=ZHUHAI), published=False)
    client = signed_in(make_administrator("audit", city=ZHUHAI))

    page = read(client, LIST)

    assert "珠海海工" in page
    assert "岭南港务" not in page
    event = AuditEvent.objects.filter(organization_id=scenario.organization_id).first()
    own = AuditEvent.objects.filter(organization_id=elsewhere.organization_id).first()
    assert event is not None
    assert own is not None
    assert client.get(f"{LIST}{event.pk}/").status_code == 404
    assert client.get(f"{LIST}{own.pk}/").status_code == 200


def test_an_event_shows_digests_details_and_its_place_in_the_chain(scenario: Scenario) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as at commit
    event = AuditEvent.objects.get(verb="scenarios.scenario.submit")

    page = read(signed_in(make_administrator("audit")), f"{LIST}{event.pk}/")

    assert event.before in page
    assert event.after in page
    assert f"第 {event.link.seq} 环" in page
    assert bytes(event.link.hash).hex() in page
    assert "submitted" in page


def test_the_file_holds_what_was_found_and_no_formula(scenario: Scenario) -> None:
    Scenario.objects.filter(pk=scenario.pk).update(name="=1+1")
    client = signed_in(make_administrator("audit"))

    answer = client.get(f"{LIST}?object=scenarios.scenario&format=csv")

    assert answer["Content-Disposition"] == 'attachment; filename="audit.csv"'
    lines: list[list[Any]] = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(lines) == 3
    assert lines[0][:2] == ["序号", "时间（北京）"]
    assert {line[6] for line in lines[1:]} == {"'=1+1"}
    assert {line[3].partition("（")[0] for line in lines[1:]} == {"提交审核", "创建"}


def test_queries_do_not_grow_with_rows(scenario: Scenario) -> None:
    client = signed_in(make_administrator("audit"))

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            read(client, f"{LIST}?object=scenarios.scenario")
        return len(captured)

    queries()
    few = queries()
    for _ in range(30):
        with transaction.atomic():
            audit.services.record(actor=SYSTEM, verb="scenarios.scenario.note", obj=scenario)

    assert queries() == few


def test_a_removed_auditor_is_out_at_the_next_request() -> None:
    auditor = make_administrator("audit")
    client = signed_in(auditor)
    read(client, LIST)

    user_of(auditor).appointments.update(ended_at="2026-01-01T00:00Z")

    assert client.get(LIST).status_code == 403

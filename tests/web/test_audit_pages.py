"""Who did what: the pages of audit administrators."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

import audit.services
from accounts.closing import close_account
from accounts.consents import give_consent, withdraw_sharing
from accounts.enums import ConsentKind
from accounts.models import User
from audit.models import AuditEvent
from authorities.auditing import export_events
from authorities.verbs import VerbFilter, verb_label, verb_names
from common.actor import Actor, ActorKind
from common.contact import mask_email
from common.errors import Forbidden
from lifecycle.queries import steps_of
from organizations.enums import MemberRole
from organizations.joining import ask_to_join
from organizations.services import add_member, change_role, remove_member
from reviews.enums import InterestKind
from reviews.facts import InterestFacts
from reviews.services import declare_interest
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
from tests.reviews.makers import make_expert
from tokens.enums import Lifetime
from tokens.facts import TokenFacts
from tokens.services import actor_of, create_token

pytestmark = pytest.mark.django_db

LIST = "/administration/audit/"


@pytest.fixture
def scenario() -> Scenario:
    made = make_scenario(make_organization("岭南港务", city=GUANGZHOU), published=False)
    writer = user_of(make_member(made.organization))
    writer.name = "李明"
    writer.save()
    submit_scenario(scenario=made, actor=Actor.of(writer))
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
    submitted = AuditEvent.objects.get(verb="scenarios.scenario.submit")
    address = User.objects.get(pk=submitted.actor_user_id).email

    def count(query: str) -> int:
        found = re.search(r"共 (\d+) 条", read(client, f"{LIST}?{query}"))
        assert found
        return int(found[1])

    for person in ("李明", address):
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


def test_operators_are_told_apart_and_found_by_account(scenario: Scenario) -> None:
    submitted = AuditEvent.objects.get(verb="scenarios.scenario.submit")
    writer = User.objects.get(pk=submitted.actor_user_id)
    namesake = make_member(scenario.organization)
    User.objects.filter(pk=namesake.user_id).update(name="李明", email="ming@example.com")
    with transaction.atomic():
        audit.services.record(actor=namesake, verb="scenarios.scenario.note", obj=scenario)
    client = signed_in(make_administrator("audit"))
    both = f"{LIST}?who=李明&object=scenarios.scenario"
    masked = f"账号 {writer.pk} · {mask_email(writer.email)}"
    other = f"账号 {namesake.user_id} · m***@example.com"

    assert sorted(other in row for row in rows(read(client, both))) == [False, True]
    assert sorted(masked in row for row in rows(read(client, both))) == [False, True]
    for number in (f"{writer.pk}", f"账号 {writer.pk}"):
        assert [masked in row for row in rows(read(client, f"{LIST}?who={number}"))] == [True]
    assert {(line[2], line[12], line[13]) for line in file(client, both)} == {
        ("李明", str(writer.pk), mask_email(writer.email)),
        ("李明", str(namesake.user_id), "m***@example.com"),
    }
    page = read(client, f"{LIST}{submitted.pk}/")
    assert f"账号 {writer.pk}</a> · {mask_email(writer.email)}" in page
    assert rows(read(client, f"{LIST}?who={'9' * 100}")) == []


def test_whoever_closed_the_account_is_named_nowhere(scenario: Scenario) -> None:
    member = make_member(make_organization("别家单位"), "editor")
    person = user_of(member)
    person.name = "王小明"
    person.save()
    owner = make_member(scenario.organization, "owner")
    add_member(
        organization=scenario.organization, person=person, role=MemberRole.EDITOR, actor=SYSTEM
    )
    with transaction.atomic():
        audit.services.record(actor=member, verb="scenarios.scenario.note", obj=scenario)
        said = replace(member, label="王小明")  # as the log did before
        audit.services.record(actor=said, verb="scenarios.scenario.note", obj=scenario)
        token = replace(said, kind=ActorKind.TOKEN, token_id=1, label="巡检程序 · 王小明")
        audit.services.record(actor=token, verb="scenarios.scenario.note", obj=scenario)
    client = signed_in(make_administrator("audit"))
    noted = f"{LIST}?verb=note&object=scenarios.scenario"
    member_added = AuditEvent.objects.get(verb__endswith="add_member")
    pages = [
        noted,
        *(f"{LIST}{each.pk}/" for each in AuditEvent.objects.filter(verb__endswith="note")),
    ]
    pages += [f"{LIST}{member_added.pk}/", f"{LIST}?verb=add_member"]
    assert all("王小明" in read(client, path) for path in pages)
    assert len(rows(read(client, f"{noted}&who=王小明"))) == 3

    close_account(person=person, actor=member)

    for path in pages:
        page = read(client, path)
        assert "王小明" not in page
        assert "已注销用户" in page
        assert "closed.invalid" not in page
    assert "巡检程序 · 已注销用户" in read(client, noted)
    assert {(line[2], line[13]) for line in file(client, noted)} == {
        ("已注销用户", ""),
        ("巡检程序 · 已注销用户", ""),
    }
    assert rows(read(client, f"{noted}&who=王小明")) == []
    assert len(rows(read(client, f"{noted}&who=巡检"))) == 1
    assert owner.user_id is not None
    history = steps_of(scenario)
    assert "王小明" not in {step.by for step in history}


def test_a_deleted_account_leaves_no_name(scenario: Scenario) -> None:
    gone = replace(make_member(scenario.organization), user_id=2**40, label="王小明")
    with transaction.atomic():
        audit.services.record(actor=gone, verb="scenarios.scenario.note", obj=scenario)

    (row,) = rows(read(signed_in(make_administrator("audit")), f"{LIST}?verb=note"))

    assert f"账号已删除 账号 {2**40}" in row
    assert "王小明" not in row


def test_what_is_done_from_now_on_names_no_person() -> None:
    organization = make_organization()
    person = user_of(make_member(organization, "owner"))
    person.name = "王小明"
    person.save()
    scenario = make_scenario(organization, published=False)
    submit_scenario(scenario=scenario, actor=Actor.of(person))
    token, _ = create_token(
        organization=organization,
        facts=TokenFacts(name="巡检程序", permissions=[], days=Lifetime.MONTH),
        actor=Actor.of(person),
    )
    with transaction.atomic():
        audit.services.record(actor=actor_of(token), verb="tokens.apitoken.note", obj=token)

    written = AuditEvent.objects.filter(actor_user_id=person.pk)
    assert set(written.values_list("actor_label", flat=True)) == {"", "巡检程序"}


def test_people_and_organizations_in_the_details_are_named() -> None:
    organization = make_organization("岭南港务")
    person = user_of(make_member(organization, "viewer"))
    person.name = "李明"
    person.save()
    change_role(organization=organization, person=person, role=MemberRole.EDITOR, actor=SYSTEM)
    remove_member(organization=organization, person=person, actor=SYSTEM)
    request = ask_to_join(
        identifier=organization.identifier,
        scheme=organization.identifier_scheme,
        message="",
        actor=Actor.of(person),
    )
    client = signed_in(make_administrator("audit"))

    changed, removed = (
        AuditEvent.objects.get(verb=f"organizations.organization.{verb}")
        for verb in ("change_role", "remove_member")
    )
    for event in (changed, removed):
        (row,) = rows(read(client, f"{LIST}?verb={event.verb}"))
        assert f"用户 {person.pk}：李明" in row
        assert f"用户 {person.pk}：李明" in read(client, f"{LIST}{event.pk}/")
        (line,) = file(client, f"{LIST}?verb={event.verb}")
        assert line[14] == f"用户 {person.pk}：李明"
    assert "" != changed.before != changed.after != ""
    assert (removed.before, removed.after) == (changed.after, "")
    (row,) = rows(read(client, f"{LIST}?object=organizations.joinrequest:{request.pk}"))
    assert "加入申请“李明 → 岭南港务”" in row


def test_consents_say_to_what() -> None:
    person = user_of(make_member(make_organization()))
    give_consent(person=person, kinds=[ConsentKind.SHARE_CONTACTS], actor=Actor.of(person))
    withdraw_sharing(person=person, actor=Actor.of(person))

    found = rows(read(signed_in(make_administrator("audit")), f"{LIST}?verb=consent"))

    assert ["撤回同意" in row for row in found] == [True, False]
    assert all("同意" in row and "事项：向对接方提供联系方式" in row for row in found)


def test_verbs_are_found_by_name(scenario: Scenario) -> None:
    client = signed_in(make_administrator("audit"))

    def verbs(query: str) -> set[str]:
        lines = file(client, f"{LIST}?object=scenarios.scenario&verb={query}")
        return {re.findall(r"（(.+)）", line[3])[0] for line in lines}

    submit, create = "scenarios.scenario.submit", "scenarios.scenario.create"
    assert verbs("提交审核") == verbs("提交") == verbs("submit") == verbs("提交 审核") == {submit}
    assert verbs("创建") == {create}
    assert verbs("提交核验") == verbs("没有这种操作") == set()
    assert rows(read(client, f"{LIST}?verb=核验&object=organizations.organization")) != []
    offered = dict(re.findall(r'<option value="([^"]+)">([^<]*)</option>', read(client, LIST)))
    assert offered["提交核验"] == "组织"
    assert "场景" in offered["提交审核"].split("、")
    assert offered["更改成员角色"] == ""


def test_every_name_that_is_offered_means_the_verbs_so_called() -> None:
    organization = make_organization()
    every = {name for name, _ in verb_names()}
    for verb in ("organizations.organization.submit", "organizations.organization.close"):
        with transaction.atomic():
            audit.services.record(actor=SYSTEM, verb=verb, obj=organization)
    events = AuditEvent.objects.all()

    for name in every:
        found = VerbFilter().filter(events, name)
        assert {verb_label(each.verb) for each in found} <= {name}, name
    labels = {verb_label(each.verb) for each in events}
    assert labels <= every
    for name in labels:
        assert VerbFilter().filter(events, name).exists(), name


def test_taking_the_log_away_is_on_record(scenario: Scenario) -> None:
    writer = User.objects.get(name="李明")
    auditor = make_administrator("audit")
    client = signed_in(auditor)

    query = f"{LIST}?who={writer.email}&verb=提交&since=2026-01-01&trace=203.0.113.7&organization="
    assert file(client, query) == []
    read(client, query)
    client.get(f"{LIST}?since=yesterday&format=csv")

    event = AuditEvent.objects.get(verb="audit.auditevent.export_log")
    assert event.actor_user_id == auditor.user_id
    assert event.details == {
        "asked": {"who": [writer.pk], "verb": "提交", "since": "2026-01-01", "trace": True},
        "rows": 0,
    }
    assert "导出操作记录" in rows(read(client, LIST))[0]


@pytest.mark.parametrize("duty", ["system", "content"])
def test_nobody_else_takes_the_log_away(duty: str) -> None:
    for actor in (make_administrator(duty), make_member(make_organization(), "owner"), SYSTEM):
        with pytest.raises(Forbidden):
            export_events(events=AuditEvent.objects.all(), asked={}, actor=actor)
    assert not AuditEvent.objects.filter(verb="audit.auditevent.export_log").exists()


def test_queries_do_not_grow_with_rows(scenario: Scenario) -> None:
    client = signed_in(make_administrator("audit"))

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            read(client, f"{LIST}?object=scenarios.scenario")
        return len(captured)

    def note() -> None:
        someone, organization = make_member(scenario.organization), make_organization()
        keys = {"user": someone.user_id, "organization": organization.pk}
        with transaction.atomic():
            audit.services.record(
                actor=someone, verb="scenarios.scenario.note", obj=scenario, details=keys
            )

    note()
    queries()
    few = queries()
    for _ in range(29):
        note()

    assert queries() == few


def test_queries_do_not_grow_with_names_of_other_rows() -> None:
    """Of what is called by what it points at."""
    organization = make_organization()
    client = signed_in(make_administrator("audit"))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            read(client, f"{LIST}?object=organizations.joinrequest")
        return len(captured)

    def ask() -> None:
        ask_to_join(
            identifier=organization.identifier,
            scheme=organization.identifier_scheme,
            message="",
            actor=Actor.of(user_of(make_member(make_organization()))),
        )

    ask()
    queries()
    few = queries()
    for _ in range(20):
        ask()

    assert queries() == few


def test_a_removed_auditor_is_out_at_the_next_request() -> None:
    auditor = make_administrator("audit")
    client = signed_in(auditor)
    read(client, LIST)

    user_of(auditor).appointments.update(ended_at="2026-01-01T00:00Z")

    assert client.get(LIST).status_code == 403


def test_invented_records_are_marked_and_real_ones_are_not() -> None:
    invented = make_scenario(make_organization("望潮码头", is_demonstration=True), name="虚构场景")
    real = make_scenario(make_organization("真实单位"), name="真实场景")
    client = signed_in(make_administrator("audit"))

    for scenario, is_invented in ((invented, True), (real, False)):
        query = f"{LIST}?object=scenarios.scenario:{scenario.pk}"
        name, concerned = scenario.name, scenario.organization.name
        mark = " 演示 " if is_invented else ""
        for row in rows(read(client, query)):
            assert f"“{name}{mark}”" in row
            assert row.endswith(f"{concerned}{mark.rstrip()}")
        created = AuditEvent.objects.get(
            verb="scenarios.scenario.create", object_id=str(scenario.pk)
        )
        page = read(client, f"{LIST}{created.pk}/")
        assert page.count('<span class="invented">演示</span>') == (2 if is_invented else 0)
        mark = "（演示）" if is_invented else ""
        named = {(line[6], line[7]) for line in file(client, query)}
        assert named == {(f"{name}{mark}", f"{concerned}{mark}")}


def test_interests_of_experts_are_told_without_whom_they_name() -> None:
    expert = make_expert()
    facts = InterestFacts(kind=InterestKind.FAMILY, name="亲属的公司", relation="配偶任职")
    interest = declare_interest(expert=expert, facts=facts, actor=Actor.of(expert.user))
    client = signed_in(make_administrator("audit"))
    query = f"{LIST}?object=reviews.interest"
    event = AuditEvent.objects.get(object_type="reviews.interest")

    (row,) = rows(read(client, query))
    assert f"利益关系 reviews.interest:{interest.pk}" in row
    for page in (row, read(client, f"{LIST}{event.pk}/"), str(file(client, query))):
        assert "亲属的公司" not in page
        assert "配偶" not in page


def file(client: Client, query: str) -> list[list[str]]:
    text = client.get(f"{query}&format=csv").content.decode("utf-8-sig")
    return [*csv.reader(io.StringIO(text))][1:]

"""Pages of authorities: who reads them, and what a system administrator does there."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from authorities.models import Appointment, Authority, Delegation
from authorities.queries import NO_ACCOUNT, NO_OPERATOR
from common.actor import Actor
from common.clock import beijing_today
from organizations.services import suspend_organization
from tests.authorities.makers import (
    make_appointment,
    make_authority,
    make_delegation,
    make_operator,
    make_person,
)
from tests.pages import read, signed_in
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    credit_code,
    give_second_factor,
    make_administrator,
    make_member,
    make_organization,
    user_of,
)
from tests.roles import ADMINISTRATORS, NANSHA, make_role

pytestmark = pytest.mark.django_db

LIST, NEW = "/administration/authorities/", "/administration/register-authority/"
SECRET = "不可外传"


def at(authority: Authority) -> str:
    return f"{LIST}{authority.code}/"


def pages_of(authority: Authority) -> list[str]:
    """All that belongs to an authority with somebody in it and an operator for it."""
    here = at(authority)
    person, operator = authority.appointments.get(), authority.delegations.get()
    return [
        here,
        f"{here}appoint/",
        f"{here}delegate/",
        f"{here}appointments/{person.public_id}/",
        f"{here}appointments/{person.public_id}/end/",
        f"{here}delegations/{operator.public_id}/end/",
    ]


def stocked(**facts: str) -> Authority:
    authority = make_authority(name=SECRET, **facts)
    make_appointment(authority, make_person(SECRET))
    make_delegation(authority, make_operator(name=SECRET), ends_on=beijing_today())
    return authority


def written() -> tuple[int, ...]:
    models = (Authority, Appointment, Delegation)
    standing = (Appointment.objects, Delegation.objects)
    return (
        *(model._default_manager.count() for model in models),
        *(rows.filter(ended_at=None).count() for rows in standing),
    )


def only_field_fault(page: str) -> str:
    return page.split("form-fault")[1]


# Who reads them


def test_visitors_are_asked_to_sign_in_and_others_refused() -> None:
    authority = stocked()
    paths = [LIST, NEW, *pages_of(authority)]
    # Acts for the authority, and not in this.
    member = make_member(authority.delegations.get().operator, "owner")
    give_second_factor(user_of(member))

    for path in paths:
        assert Client().get(path)["Location"] == f"/accounts/login/?next={path}"
    others = [actor for actor in map(make_role, ADMINISTRATORS) if not actor.holds("system")]
    assert len(others) == 11
    for actor in (*others, member, make_member(make_organization(), "owner")):
        client, before = signed_in(actor), written()
        for path in paths:
            assert SECRET not in read(client, path, 403)
            assert client.post(path, {"reason": "甲"}).status_code in {403, 405}
        assert written() == before


def test_authority_outside_ones_charge_answers_like_one_that_is_not() -> None:
    """Also a person of one authority under the address of another."""
    mine, province, elsewhere = stocked(city=GUANGZHOU), stocked(), stocked(city=SHENZHEN)
    client = signed_in(make_administrator("system", city=GUANGZHOU))
    hidden = [page for each in (province, elsewhere) for page in pages_of(each)]
    crossed = [page.replace(at(elsewhere), at(mine)) for page in pages_of(elsewhere)[3:]]
    absent = [
        f"{LIST}nobody/",
        f"{LIST}nobody/appoint/",
        f"{at(mine)}appointments/{uuid.uuid4()}/",
        f"{at(mine)}delegations/{uuid.uuid4()}/end/",
    ]
    before = written()

    for path in (*hidden, *crossed, *absent):
        assert SECRET not in read(client, path, 404)
        answer = client.post(path, {"reason": "甲", "duties": "content"})
        assert answer.status_code in {404, 405}
    assert written() == before
    for path in pages_of(mine):
        assert SECRET in read(client, path)
    listed = read(client, LIST)
    assert mine.code in listed
    assert province.code not in listed
    assert elsewhere.code not in listed


def test_addresses_of_people_are_masked() -> None:
    authority = make_authority()
    named, unnamed = make_person("李明"), make_person()
    held = [make_appointment(authority, person) for person in (named, unnamed)]
    client = signed_in(make_administrator("system"))

    for path in (
        LIST,
        at(authority),
        *(f"{at(authority)}appointments/{a.public_id}/" for a in held),
    ):
        page = read(client, path)
        assert named.email not in page
        assert unnamed.email not in page
    assert "李明" in read(client, LIST)
    assert "o***@example.org" in read(client, LIST)


# The list


def test_list_says_who_does_what_where() -> None:
    authority = make_authority(name="某区局", body="gd-dst", city=GUANGZHOU, district=NANSHA)
    make_appointment(authority, make_person("李明"), "content", "catalogue")
    make_delegation(authority, make_operator(name="某创新中心"), ends_on=beijing_today())
    page = read(signed_in(make_administrator("system")), LIST)

    row = page.split("某区局")[1].split("</tr>")[0]
    for words in ("广州市南沙区", "广东省科学技术厅", "李明", "内容管理、目录管理", "某创新中心"):
        assert words in row


def test_list_is_searched() -> None:
    make_authority(name="某区局", city=GUANGZHOU)
    make_authority(name="某市局", city=SHENZHEN)
    client = signed_in(make_administrator("system"))

    for query, found in (
        ("q=某区", {"某区局"}),
        (f"city={SHENZHEN}", {"某市局"}),
        ("q=没有", set()),
    ):
        page = read(client, f"{LIST}?{query}")
        assert {name for name in ("某区局", "某市局") if name in page} == found
    assert "没有符合条件的部门" in read(client, f"{LIST}?q=没有")
    part = client.get(f"{LIST}?q=某区", headers={"HX-Request": "true"}).content.decode()
    assert "某区局" in part
    assert "<html" not in part


def test_list_costs_the_same_with_thirty_rows(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client, operator = signed_in(make_administrator("system")), make_operator()

    def make() -> None:
        authority = make_authority(body="gd-dst", city=GUANGZHOU)
        make_appointment(authority)
        make_delegation(authority, operator, ends_on=beijing_today())

    make()
    client.get(LIST)
    with django_assert_num_queries(11):
        client.get(LIST)
    for _ in range(28):
        make()
    with django_assert_num_queries(11):
        assert "共 30 个部门" in read(client, LIST)


def test_only_the_province_is_offered_to_register() -> None:
    for city, offered in ((None, True), (GUANGZHOU, False)):
        client = signed_in(make_administrator("system", city=city))
        assert ("登记部门" in read(client, LIST)) is offered
        read(client, NEW, 200 if offered else 403)
    assert client.post(NEW, {"name": "某局", "code": "a"}).status_code == 403
    assert not Authority.objects.filter(code="a").exists()


# Registration


def test_authority_is_registered() -> None:
    client = signed_in(make_administrator("system"))

    response = client.post(
        NEW,
        {"name": "某区局", "code": "gz-ns", "city": GUANGZHOU, "district": NANSHA, "body": ""},
    )

    assert response["Location"] == f"{LIST}gz-ns/"
    page = read(client, f"{LIST}gz-ns/")
    assert "接下来任命人员" in page
    assert "管辖广州市南沙区" in page
    assert "还没有人员" in page


def test_registration_says_what_is_wrong() -> None:
    make_authority(code="taken")
    client = signed_in(make_administrator("system"))

    for stated, words in (
        ({"code": "GZ"}, "代码"),
        ({"code": "taken"}, "另一个部门"),
        ({"code": "a", "district": NANSHA}, "所在的市"),
        ({"code": "a", "city": SHENZHEN, "district": NANSHA}, "不属于深圳市"),
        ({"code": "a", "body": "nobody"}, "没有代码为“nobody”的责任单位"),
    ):
        response = client.post(NEW, {"name": "某局", **stated})
        page = response.content.decode()
        assert words in page.split('role="alert"')[1], stated
        assert 'value="某局"' in page
    assert Authority.objects.filter(name="某局").count() == 0


# People


@pytest.fixture
def system(db: None) -> Actor:
    return make_administrator("system", city=GUANGZHOU)


def test_person_is_appointed_changed_and_dismissed(system: Actor) -> None:
    authority, person = make_authority(city=GUANGZHOU), make_person("李明")
    client, here = signed_in(system), at(authority)
    last = beijing_today() + timedelta(days=90)

    response = client.post(
        f"{here}appoint/",
        {"email": person.email.upper(), "duties": ["content", "catalogue"], "ends_on": str(last)},
    )
    assert response["Location"] == here
    page = read(client, here)
    assert "“李明”现在承担：内容管理、目录管理。" in page
    assert Actor.of(User.objects.get(pk=person.pk)).holds("content")

    change = f"{here}appointments/{authority.appointments.get().public_id}/"
    form = read(client, change)
    assert str(last) in form
    assert form.count("checked") == 2
    assert client.post(change, {"duties": ["catalogue"], "ends_on": ""})["Location"] == here
    standing = authority.appointments.get(ended_at=None)
    assert (standing.duties, standing.ends_on) == (["catalogue"], None)

    end = f"{here}appointments/{standing.public_id}/end/"
    assert "理由" in client.post(end, {"reason": " "}).content.decode().split('role="alert"')[1]
    assert client.post(end, {"reason": "调任"})["Location"] == here
    assert not authority.appointments.filter(ended_at=None).exists()
    past = read(client, here).split("任免记录")[1]
    for words in ("任命", "变更职责", "内容管理、目录管理 → 目录管理", "结束任职", "调任", "李明"):
        assert words in past


def test_unknown_and_unsuitable_accounts_get_the_same_answer(system: Actor) -> None:
    authority, closed = make_authority(city=GUANGZHOU), make_person()
    User.objects.filter(pk=closed.pk).update(is_active=False)
    client, here = signed_in(system), at(authority)

    answers = set()
    for email in ("nobody@example.org", closed.email):
        response = client.post(f"{here}appoint/", {"email": email, "duties": ["content"]})
        page = response.content.decode()
        assert NO_ACCOUNT in only_field_fault(page)
        answers.add((response.status_code, page.split("<main")[1].count("form-fault")))
    assert len(answers) == 1
    assert not authority.appointments.exists()


def test_appointment_says_what_is_wrong(system: Actor) -> None:
    authority, auditor = make_authority(city=GUANGZHOU), make_person()
    make_appointment(None, auditor, "audit")
    make_appointment(None, keeper := make_person(), "system")
    client, here = signed_in(system), at(authority)
    yesterday = str(beijing_today() - timedelta(days=1))
    me = user_of(system).email

    for stated, words in (
        ({"email": auditor.email, "duties": ["content"]}, "同一人"),
        ({"email": keeper.email, "duties": ["content"]}, "同一人"),
        ({"email": make_person().email, "duties": ["audit", "content"]}, "同一人"),
        ({"email": make_person().email, "duties": ["system", "content"]}, "单独承担"),
        ({"email": make_person().email, "duties": []}, "职责"),
        ({"email": make_person().email, "duties": ["owner"]}, "职责"),
        ({"email": make_person().email, "duties": ["content"], "ends_on": yesterday}, "已经过去"),
        ({"email": make_person().email, "duties": ["content"], "ends_on": "明年"}, "任期至"),
        ({"email": me, "duties": ["content"]}, "不能任命自己"),
        ({"email": "", "duties": ["content"]}, "邮箱"),
    ):
        page = client.post(f"{here}appoint/", stated).content.decode()
        assert words in page.split('role="alert"')[1].split("</div>")[0], stated
    assert not authority.appointments.exists()


def test_what_changed_meanwhile_is_told_and_not_overwritten(system: Actor) -> None:
    authority = make_authority(city=GUANGZHOU)
    seen = make_appointment(authority, make_person("李明"))
    client, here = signed_in(system), at(authority)
    pages = [f"{here}appointments/{seen.public_id}/", f"{here}appointments/{seen.public_id}/end/"]
    made = make_appointment(authority, seen.user, "audit")

    for path in pages:
        assert client.get(path)["Location"] == here
        assert "已经结束或变更" in read(client, here)
    assert client.post(pages[0], {"duties": ["system"]})["Location"] == here
    answer = client.post(pages[1], {"reason": "调任"})
    assert answer.status_code == 409
    assert "任职已经结束" in answer.content.decode()
    assert list(authority.appointments.filter(ended_at=None)) == [made]


def test_nobody_is_offered_to_change_his_own_duties(system: Actor) -> None:
    own = Authority.objects.get(appointments__user=system.user_id)
    mine = own.appointments.get()
    client = signed_in(system)

    page = read(client, at(own))
    assert "由其他系统管理员变更" in page
    assert f"/appointments/{mine.public_id}/end/" in page
    refused = client.post(f"{at(own)}appointments/{mine.public_id}/", {"duties": ["audit"]})
    assert refused.status_code == 409
    assert "不能任命自己" in refused.content.decode()
    mine.refresh_from_db()
    assert mine.ended_at is None


def test_term_that_has_run_out_is_shown_until_it_is_ended(system: Actor) -> None:
    authority = make_authority(city=GUANGZHOU)
    held = make_appointment(authority)
    Appointment.objects.filter(pk=held.pk).update(ends_on=beijing_today() - timedelta(days=1))
    client = signed_in(system)

    assert "已到期" in read(client, at(authority))
    assert "已到期" in read(client, LIST)
    response = client.post(f"{at(authority)}appointments/{held.public_id}/end/", {"reason": "期满"})
    assert response.status_code == 302
    assert "已到期" not in read(client, at(authority)).split("<h2")[1]


# Operators


def test_operator_is_delegated_to_and_dismissed(system: Actor) -> None:
    authority, operator = make_authority(city=GUANGZHOU), make_operator(name="某创新中心")
    client, here = signed_in(system), at(authority)
    last = beijing_today() + timedelta(days=365)

    response = client.post(
        f"{here}delegate/",
        {"credit_code": operator.identifier, "duties": ["content"], "ends_on": str(last)},
    )
    assert response["Location"] == here
    assert "已委托“某创新中心”" in read(client, here)
    assert make_member(operator, "editor").holds("content")
    suspend_organization(organization=operator, reason="核查", actor=SYSTEM)
    assert "职责暂停" in read(client, here)

    end = f"{here}delegations/{authority.delegations.get().public_id}/end/"
    assert client.post(end, {"reason": "终止委托"})["Location"] == here
    assert not authority.delegations.filter(ended_at=None).exists()
    past = read(client, here).split("任免记录")[1]
    assert "终止委托" in past
    assert client.get(end)["Location"] == here


def test_delegation_says_what_is_wrong(system: Actor) -> None:
    authority, last = make_authority(city=GUANGZHOU), str(beijing_today())
    hidden = make_operator(verified=False, city=SHENZHEN)
    client, here = signed_in(system), at(authority)
    good = {"credit_code": make_operator().identifier, "duties": ["content"], "ends_on": last}

    for stated, words in (
        ({"credit_code": credit_code(900_001)}, NO_OPERATOR),
        ({"credit_code": hidden.identifier}, NO_OPERATOR),
        ({"credit_code": "9144"}, "18 位"),
        ({"credit_code": make_organization().identifier}, "提供服务"),
        ({"duties": ["system"]}, "只能委托"),
        ({"duties": []}, "职责"),
        ({"ends_on": ""}, "委托至"),
        ({"ends_on": str(beijing_today() - timedelta(days=1))}, "已经过去"),
    ):
        page = client.post(f"{here}delegate/", {**good, **stated}).content.decode()
        assert words in page.split('role="alert"')[1].split("</div>")[0], stated
    assert not authority.delegations.exists()


# The way there


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_administration_shows_what_the_readers_duties_cover(role: str) -> None:
    actor = make_role(role)
    page = read(signed_in(actor), "/administration/")

    for duty, words in (
        ("content", "待审核的场景"),
        ("content", "待核验的组织"),
        ("content", "/administration/organizations/"),
        ("catalogue", "/administration/catalogue/"),
        ("system", LIST),
    ):
        assert (words in page) is actor.holds(duty), words


def test_administration_says_for_whom_one_works() -> None:
    authority, person = make_authority(name="某市局", city=GUANGZHOU), make_person()
    last = beijing_today() + timedelta(days=1)
    make_appointment(authority, person, "audit", ends_on=last)
    operator = make_operator(name="某创新中心")
    make_delegation(make_authority(name="某省厅"), operator, "catalogue", ends_on=last)

    page = read(signed_in(Actor.of(person)), "/administration/")
    for words in ("某市局", "审计管理", "管辖广州市", f"任期至{last.year}年"):
        assert words in page
    editor = make_member(operator, "editor")
    give_second_factor(user_of(editor))
    page = read(signed_in(editor), "/administration/")
    for words in ("某省厅", "目录管理", "由 某创新中心 受托办理"):
        assert words in page
    read(signed_in(make_member(operator, "viewer")), "/administration/", 403)

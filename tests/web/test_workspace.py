"""Where signed-in people begin: one's own work, and what administrators have to decide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from organizations.models import Organization
from organizations.services import return_organization, suspend_organization
from scenarios.facts import ScenarioFacts
from scenarios.models import Scenario
from scenarios.services import change_scenario, return_scenario, submit_scenario
from tests.catalogues import make_catalogue, make_item, make_product
from tests.evidence import make_draft, make_submitted
from tests.pages import read, signed_in
from tests.people import ask, make_person
from tests.records import (
    GUANGZHOU,
    SYSTEM,
    make_administrator,
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
    user_of,
)

pytestmark = pytest.mark.django_db


def test_workspace_begins_with_what_is_to_do() -> None:
    own = make_organization("港务集团")
    editor = make_member(own)
    returned = make_scenario(own, published=False, name="要改的场景")
    submit_scenario(scenario=returned, actor=editor)
    return_scenario(scenario=returned, reason="缺预算", actor=SYSTEM)
    make_scenario(own, published=False, name="场景的草稿")
    make_capability(own, published=False, name="能力的草稿")
    make_application(make_scenario(own, name="有人申请的场景"), make_capability(name="来申请的"))
    make_application(
        make_scenario(name="别人的场景"), make_capability(own, name="拿去申请的"), submitted=False
    )

    todo = read(signed_in(editor), "/my/").split('id="todo"')[1].split("</section>")[0]
    for kind, name in (
        ("待答复的申请", "来申请的"),
        ("退回待修改", "要改的场景"),
        ("未提交的申请", "别人的场景"),
        ("场景草稿", "场景的草稿"),
        ("能力草稿", "能力的草稿"),
    ):
        assert kind in todo
        assert name in todo


def test_registration_that_is_not_handed_in_or_came_back_is_to_do() -> None:
    draft, returned = make_draft(name="没有提交的单位"), make_submitted(name="退回来的单位")
    assert "没有待办事项" in read(signed_in(returned.owner), "/my/")
    return_organization(organization=returned.organization, reason="缺页", actor=SYSTEM)

    for made, kind in ((draft, "登记未提交"), (returned, "登记退回待补正")):
        todo = read(signed_in(made.owner), "/my/").split('id="todo"')[1].split("</section>")[0]
        assert kind in todo
        assert made.organization.name in todo
        assert made.organization.get_absolute_url() in todo


def test_people_who_ask_to_join_are_to_do_for_owners_and_may_look_after_it() -> None:
    own = make_organization("港务集团")
    person = make_person("wang@example.org")
    User.objects.filter(pk=person.user_id).update(name="王工")
    ask(own, person, message="销售部的")

    todo = read(signed_in(make_member(own, "owner")), "/my/").split('id="todo"')[1]
    assert "待答复的加入申请" in todo
    assert f"/organizations/{own.public_id}/members/" in todo
    assert "王工" in todo
    assert "销售部的" in todo
    assert "王工" not in read(signed_in(make_member(own, "editor")), "/my/")
    assert "您有 1 份加入申请，等待对方负责人答复" in read(signed_in(person), "/my/")


@pytest.mark.parametrize(
    ("state", "said", "writes"),
    [
        ("submitted", "“港务集团”正在等待核验", True),
        ("suspended", "“港务集团”已被暂停", True),
        ("rejected", "“港务集团”的登记没有通过核验", False),
        ("verified", "", True),
    ],
)
def test_workspace_says_what_became_of_the_organization(
    state: str, said: str, writes: bool
) -> None:
    own = make_organization("港务集团")
    Organization.objects.filter(pk=own.pk).update(state=state)

    page = read(signed_in(make_member(own)), "/my/")

    assert said in page
    assert ("查看理由" in page) is (state in {"suspended", "rejected"})
    assert ("/scenarios/new/" in page) is writes


@pytest.mark.parametrize(
    ("capacities", "may"),
    [
        (["publish"], {"/scenarios/new/"}),
        (["supply"], {"/capabilities/new/", "/products/new/"}),
        (["serve"], set()),
    ],
)
def test_buttons_are_those_for_what_the_organization_comes_for(
    capacities: list[str], may: set[str]
) -> None:
    own = make_organization("港务集团", capacities=capacities)
    client = signed_in(make_member(own))

    page = read(client, "/my/")

    for address in ("/scenarios/new/", "/capabilities/new/", "/products/new/"):
        assert (address in page) is (address in may)
        form = read(client, address)
        assert ("您的单位没有登记" in form) is (address not in may)
        assert (f"/organizations/{own.public_id}/edit/" in form) is (address not in may)


def test_workspace_counts_what_came_in() -> None:
    own = make_organization()
    scenario = make_scenario(own)
    for _ in range(2):
        make_application(scenario)
    make_application(scenario, submitted=False)

    page = read(signed_in(make_member(own)), "/my/")
    assert "2 份" in page
    assert "2 份待答复" in page


def test_workspace_of_those_without_organization() -> None:
    stranger = make_member(make_organization())
    user_of(stranger).memberships.all().delete()

    assert "还没有加入任何组织" in read(signed_in(stranger), "/my/")
    assert "进入管理" in read(signed_in(make_administrator()), "/my/")
    assert Client().get("/my/")["Location"] == "/accounts/login/?next=/my/"


def test_viewers_find_no_buttons_for_writing() -> None:
    own = make_organization()

    assert "/scenarios/new/" in read(signed_in(make_member(own)), "/my/")
    assert "/scenarios/new/" not in read(signed_in(make_member(own, "viewer")), "/my/")


def test_administrators_see_queues_by_age() -> None:
    host = make_organization("港务集团", city=GUANGZHOU)
    names = ["等得久的", "刚来的"]
    for name in names:
        scenario = make_scenario(host, published=False, name=name)
        submit_scenario(scenario=scenario, actor=make_member(host))
    early = timezone.now() - timedelta(days=9, hours=1)
    Scenario.objects.filter(name="等得久的").update(updated_at=early)
    make_scenario(host, published=False, name="没提交的")
    make_organization("新来的单位", verified=False)
    Organization.objects.filter(name="新来的单位").update(created_at=early)

    page = read(signed_in(make_administrator()), "/administration/")
    assert page.index("等得久的") < page.index("刚来的")
    assert "已等 9 天" in page
    assert "今天提交" in page
    assert "没提交的" not in page
    assert "新来的单位" in page


def test_queues_are_for_administrators_alone() -> None:
    read(signed_in(make_member(make_organization())), "/administration/", 403)
    assert Client().get("/administration/").status_code == 302
    assert "没有待审核的场景" in read(signed_in(make_administrator()), "/administration/")


def test_administrator_verifies_an_organization() -> None:
    organization = make_organization("新来的单位", verified=False)
    path = organization.get_absolute_url()
    administrator = signed_in(make_administrator())

    assert organization.identifier in read(administrator, path)
    for client in (Client(), signed_in(make_member(make_organization()))):
        read(client, path, 404)
    response = administrator.post(f"{path}verify/")
    assert response["Location"] == f"/administration{path}"
    organization.refresh_from_db()
    assert organization.state == "verified"
    assert organization.identifier not in read(Client(), path)


def test_members_do_not_verify_their_own_organization() -> None:
    organization = make_organization(verified=False)
    member = make_administrator()
    organization.memberships.create(user_id=member.user_id, role="owner")
    client = signed_in(member)

    assert "核验通过" not in read(client, organization.get_absolute_url())
    response = client.post(f"{organization.get_absolute_url()}verify/")
    assert response.status_code == 403
    organization.refresh_from_db()
    assert organization.state == "submitted"


def test_suspended_organization_has_no_public_page() -> None:
    organization = make_organization()
    make_scenario(organization, name="一个场景")
    assert "一个场景" in read(Client(), organization.get_absolute_url())

    suspend_organization(organization=organization, reason="核查", actor=SYSTEM)
    read(Client(), organization.get_absolute_url(), 404)


def test_queues_cost_the_same_with_thirty_rows(django_assert_num_queries) -> None:
    client = signed_in(make_administrator())

    def fill() -> None:
        host = make_organization(city=GUANGZHOU)
        scenario = make_scenario(host, published=False)
        submit_scenario(scenario=scenario, actor=make_member(host))
        make_organization(verified=False, city=GUANGZHOU)

    fill()
    client.get("/administration/")
    with django_assert_num_queries(16):
        client.get("/administration/")
    for _ in range(29):
        fill()
    with django_assert_num_queries(16):
        client.get("/administration/")


def test_workspace_says_where_products_stand_in_catalogues() -> None:
    own = make_organization()
    make_item(
        make_catalogue("SZSG", name="深圳首购目录"), product=make_product(own, name="水下机器人")
    )

    page = read(signed_in(make_member(own)), "/my/")
    assert "水下机器人" in page
    assert "深圳首购目录：候选" in page


def test_administrators_see_what_was_changed_after_their_review() -> None:
    host = make_organization("港务集团")
    editor, administrator = make_member(host), signed_in(make_administrator())
    changed, untouched = make_scenario(host), make_scenario(host, name="没有改过的")
    assert "审核之后改动过" not in read(administrator, "/administration/")

    change_scenario(scenario=changed, facts=ScenarioFacts(name="换了说法的"), actor=editor)
    page = read(administrator, "/administration/")
    assert "审核之后改动过" in page
    assert "换了说法的" in page
    assert untouched.name not in page
    administrator.post(f"{changed.get_absolute_url()}close/")
    read(administrator, changed.get_absolute_url())  # takes the message along
    assert "换了说法的" not in read(administrator, "/administration/")


def test_long_queues_show_the_longest_waiting_and_the_total() -> None:
    for number in range(52):
        make_organization(f"新单位{number:02}", verified=False)

    page = read(signed_in(make_administrator()), "/administration/")
    assert '<span class="count">52</span>' in page
    assert "新单位00" in page
    assert "新单位51" not in page
    assert "先列等得最久的 50 个" in page


def test_headings_lead_to_whole_lists_of_ones_own() -> None:
    own = make_organization()
    client = signed_in(make_member(own))
    make_scenario(own, published=False, name="自己的草稿")
    make_scenario(name="别人的场景")
    make_capability(own, name="自己的能力")
    make_capability(name="别人的能力")
    make_product(own, name="自己的产品")
    make_product(name="别人的产品")

    page = read(client, "/my/")
    for path, mine, other in (
        ("/scenarios/?own=true", "自己的草稿", "别人的场景"),
        ("/capabilities/?own=true", "自己的能力", "别人的能力"),
        ("/products/", "自己的产品", "别人的产品"),
    ):
        assert f'href="{path}"' in page
        listed = read(client, path)
        assert mine in listed
        assert other not in listed
    assert "没有符合条件的产品" in read(client, "/products/?q=没有这个")
    assert "自己的草稿" not in read(Client(), "/scenarios/?own=true")
    assert Client().get("/products/").status_code == 302


def test_product_list_costs_the_same_with_thirty(django_assert_num_queries) -> None:
    own, catalogue = make_organization(), make_catalogue()
    client = signed_in(make_member(own))
    make_item(catalogue, product=make_product(own))
    client.get("/products/")
    with django_assert_num_queries(9):
        client.get("/products/")
    for _ in range(29):
        make_item(catalogue, product=make_product(own))
    with django_assert_num_queries(9):
        client.get("/products/")

"""Pages on which suppliers answer scenarios and publishers decide."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from applications.models import Application
from applications.services import (
    decline_application,
    select_application,
    shortlist_application,
    withdraw_application,
)
from audit.models import AuditEvent
from capabilities.services import withdraw_capability
from matching.services import rank_all
from organizations.services import suspend_organization
from scenarios.facts import ScenarioFacts
from scenarios.models import Scenario
from scenarios.services import (
    change_scenario,
    close_scenario,
    recall_scenario,
    submit_scenario,
)
from tests.pages import read, signed_in
from tests.records import (
    SYSTEM,
    make_administrator,
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
)

pytestmark = pytest.mark.django_db

ROBOTS = "gd-2024-embodied-robots"
SECRET = "不可外传的方案"


def paths_of(application: Application) -> list[str]:
    own = application.get_absolute_url()
    return [own, f"{own}edit/", *(f"{own}{step}/" for step in ("submit", "decline", "select"))]


def test_supplier_applies_and_publisher_decides(client: Client) -> None:
    host, supplier = make_organization("港务集团"), make_organization("巡检科技")
    scenario = make_scenario(host, name="岸电巡检", concepts=[ROBOTS])
    make_capability(supplier, name="洗碗服务")
    capability = make_capability(supplier, name="巡检机器人", concepts=[ROBOTS])
    rank_all()
    applicant, publisher = signed_in(make_member(supplier)), signed_in(make_member(host))
    path = f"{scenario.get_absolute_url()}apply/"

    page = read(applicant, path)
    assert page.index("巡检机器人") < page.index("洗碗服务")  # the better match stands first
    response = applicant.post(
        path,
        {
            "capability": str(capability.public_id),
            "proposal": "每天三次巡检",
            "price_fen": "120 万",
            "schedule": "三个月",
            "then": "submit",
        },
    )
    application = Application.objects.get()
    assert response["Location"] == application.get_absolute_url()
    assert (application.state, application.price_fen, application.capability) == (
        "submitted",
        120_000_000,
        capability,
    )

    received = read(publisher, f"{scenario.get_absolute_url()}applications/")
    assert "巡检科技" in received
    assert "匹配理由" in received
    assert "双方都选了“具身智能机器人”" in received
    page = read(publisher, application.get_absolute_url())
    assert "每天三次巡检" in page
    publisher.post(f"{application.get_absolute_url()}shortlist/")
    application.refresh_from_db()
    assert application.state == "shortlisted"
    response = publisher.post(f"{application.get_absolute_url()}decline/", {"reason": ""})
    assert response.status_code == 200
    assert "理由" in response.content.decode()
    publisher.post(f"{application.get_absolute_url()}decline/", {"reason": "预算不足"})
    application.refresh_from_db()
    assert application.state == "declined"
    assert "预算不足" in read(applicant, application.get_absolute_url())


def test_draft_is_kept_edited_and_submitted() -> None:
    scenario, supplier = make_scenario(), make_organization()
    capability = make_capability(supplier)
    applicant = signed_in(make_member(supplier))

    applicant.post(
        f"{scenario.get_absolute_url()}apply/",
        {"capability": str(capability.public_id), "proposal": ""},
    )
    draft = Application.objects.get()
    assert draft.state == "draft"
    edit = f"{draft.get_absolute_url()}edit/"
    version = applicant.get(edit).context["form"]["version"].value()
    page = applicant.post(
        edit, {"schedule": "三个月", "then": "submit", "version": version}
    ).content.decode()
    assert '<a href="#id_proposal">方案说明</a>：提交前请填写方案说明。' in page
    assert 'id="id_proposal_error"' in page
    assert 'value="三个月"' in page
    applicant.post(edit, {"proposal": "补充了方案", "then": "submit", "version": version})
    draft.refresh_from_db()
    assert (draft.state, draft.proposal) == ("submitted", "补充了方案")


@pytest.mark.parametrize("proposal", ["", " \n "])
def test_answer_without_a_proposal_is_mended_where_it_was_written(proposal: str) -> None:
    scenario, supplier = make_scenario(), make_organization()
    capability = make_capability(supplier, name="巡检机器人")
    applicant = signed_in(make_member(supplier))
    path = f"{scenario.get_absolute_url()}apply/"
    typed = {"capability": str(capability.public_id), "price_fen": "12 万", "schedule": "三个月"}

    page = applicant.post(path, {**typed, "proposal": proposal, "then": "submit"}).content.decode()
    assert '<a href="#id_proposal">方案说明</a>：提交前请填写方案说明。' in page
    assert re.search(r'id="id_proposal_error"[^>]*><p>提交前请填写方案说明。', page)
    for value in typed.values():
        assert f'value="{value}"' in page
    assert not Application.objects.exists()

    applicant.post(path, {**typed, "proposal": proposal})
    draft = Application.objects.get()
    response = applicant.post(f"{draft.get_absolute_url()}submit/", follow=True)
    assert response.redirect_chain == [(f"{draft.get_absolute_url()}edit/#id_proposal", 302)]
    assert "提交前请填写方案说明。" in response.content.decode()
    draft.refresh_from_db()
    assert draft.state == "draft"
    # Whoever may not edit it is led to no form.
    viewer = signed_in(make_member(supplier, "viewer"))
    assert viewer.post(f"{draft.get_absolute_url()}submit/").status_code == 403


def test_typed_text_survives_every_refusal() -> None:
    scenario, supplier = make_scenario(), make_organization()
    capability = make_capability(supplier)
    applicant = signed_in(make_member(supplier))
    path = f"{scenario.get_absolute_url()}apply/"
    good = {"capability": str(capability.public_id), "proposal": "长长的方案", "price_fen": "1"}

    for wrong in ({"price_fen": "一百"}, {"capability": ""}, {"schedule": "字" * 121}):
        page = applicant.post(path, good | wrong).content.decode()
        assert "长长的方案" in page, wrong
        assert "没有保存" in page
    close_scenario(scenario=scenario, actor=SYSTEM)
    page = applicant.post(path, good).content.decode()
    assert "不接受申请" in page
    assert not Application.objects.exists()


def test_foreign_capability_in_the_body_is_refused() -> None:
    scenario, supplier = make_scenario(), make_organization()
    make_capability(supplier)
    draft = make_capability(supplier, published=False)
    for other in (make_capability(), draft):
        response = signed_in(make_member(supplier)).post(
            f"{scenario.get_absolute_url()}apply/",
            {"capability": str(other.public_id), "proposal": "方案", "then": "submit"},
        )
        assert response.status_code == 200
        assert "请选择列出的能力" in response.content.decode()
    assert not Application.objects.exists()


def test_only_the_parties_see_an_application() -> None:
    host, supplier = make_organization(), make_organization()
    scenario = make_scenario(host)
    application = make_application(scenario, make_capability(supplier), proposal=SECRET)
    rival = make_member(make_capability().organization)
    make_application(scenario, make_capability(make_organization()))

    for actor in (rival, make_administrator(), make_member(make_organization())):
        client = signed_in(actor)
        for path in paths_of(application):
            assert client.get(path).status_code == 404
        for path in paths_of(application)[1:]:
            assert client.post(path, {"reason": "一"}).status_code == 404
        read(client, f"{scenario.get_absolute_url()}applications/", 404)
        for path in ("/applications/", "/applications/?q=方案", "/my/"):
            assert SECRET not in read(client, path)
            assert str(application.public_id) not in read(client, path)
    for path in [*paths_of(application), f"{scenario.get_absolute_url()}applications/"]:
        response = Client().get(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/?next=")
    for actor in (make_member(host, "viewer"), make_member(supplier, "viewer")):
        assert SECRET in read(signed_in(actor), application.get_absolute_url())
    application.refresh_from_db()
    assert application.state == "submitted"


def test_publisher_knows_nothing_of_drafts() -> None:
    host, supplier = make_organization(), make_organization("草稿单位")
    scenario = make_scenario(host)
    draft = make_application(scenario, make_capability(supplier), submitted=False, proposal=SECRET)
    publisher = signed_in(make_member(host))

    for path in paths_of(draft):
        read(publisher, path, 404)
    for path in (
        f"{scenario.get_absolute_url()}applications/",
        f"{scenario.get_absolute_url()}applications/?state=draft",
        "/applications/",
        "/applications/?side=sent",
        "/my/",
    ):
        assert "草稿单位" not in read(publisher, path)


def test_viewers_read_and_change_nothing() -> None:
    host, supplier = make_organization(), make_organization()
    application = make_application(make_scenario(host), make_capability(supplier))
    before = AuditEvent.objects.count()
    for organization in (host, supplier):
        client = signed_in(make_member(organization, "viewer"))
        page = read(client, application.get_absolute_url())
        assert "action-bar" not in page
        for step in ("withdraw", "shortlist", "select"):
            response = client.post(f"{application.get_absolute_url()}{step}/")
            assert response.status_code == 403
            assert client.get(f"{application.get_absolute_url()}{step}/").status_code == 403
    assert AuditEvent.objects.count() == before


def test_decision_page_tells_who_came_second() -> None:
    host = make_organization()
    application = make_application(make_scenario(host))
    select_application(application=application, actor=make_member(host))

    response = signed_in(make_member(host)).post(
        f"{application.get_absolute_url()}decline/", {"reason": "另有安排"}
    )
    assert response.status_code == 409
    page = response.content.decode()
    assert "已选定" in page
    assert "另有安排" in page


def test_match_reasons_stay_after_the_call_has_ended() -> None:
    host = make_organization()
    scenario = make_scenario(host, concepts=[ROBOTS])
    capability = make_capability(concepts=[ROBOTS])
    application = make_application(scenario, capability)
    rank_all()
    Scenario.objects.filter(pk=scenario.pk).update(deadline=timezone.now() - timedelta(days=1))
    withdraw_capability(capability=capability, actor=SYSTEM)

    page = read(signed_in(make_member(host)), application.get_absolute_url())
    assert "双方都选了“具身智能机器人”" in page


def test_unmet_must_haves_are_told_to_both_sides() -> None:
    host, supplier = make_organization(), make_organization()
    scenario = make_scenario(host, required_qualifications=["特种设备许可"])
    capability = make_capability(supplier)
    rank_all()
    applicant = signed_in(make_member(supplier))
    words = "没有列出必备资质“特种设备许可”"

    assert words in read(applicant, f"{scenario.get_absolute_url()}apply/")
    application = make_application(scenario, capability)
    assert words in read(applicant, application.get_absolute_url())
    assert words in read(signed_in(make_member(host)), application.get_absolute_url())


def test_received_are_sorted_filtered_and_empty_states_say_why() -> None:
    host = make_organization()
    scenario = make_scenario(host, concepts=[ROBOTS])
    publisher = signed_in(make_member(host))
    path = f"{scenario.get_absolute_url()}applications/"
    assert "还没有收到申请" in read(publisher, path)
    weak = make_application(scenario, make_capability(name="弱匹配"))
    strong = make_application(scenario, make_capability(name="强匹配", concepts=[ROBOTS]))
    rank_all()

    page = read(publisher, path)
    assert page.index("强匹配") < page.index("弱匹配")
    page = read(publisher, f"{path}?sort=submitted")
    assert page.index("弱匹配") < page.index("强匹配")
    shortlist_application(application=strong, actor=make_member(host))
    page = read(publisher, f"{path}?state=shortlisted")
    assert "强匹配" in page
    assert "弱匹配" not in page
    assert "没有符合条件的申请" in read(publisher, f"{path}?state=selected")
    for unknown in ("nonsense", "draft", "discarded"):
        assert "无法识别" in read(publisher, f"{path}?state={unknown}")
    states = re.findall(r'<option value="(\w+)"', read(publisher, path))
    assert states == [
        *("submitted", "shortlisted", "selected", "connected", "declined", "withdrawn"),
        "submitted",  # an order
    ]
    assert '<option value="draft"' in read(publisher, "/applications/")
    withdraw_application(application=weak, actor=make_member(weak.organization))
    assert "已撤回" in read(publisher, path)


def test_who_is_out_stands_below_everybody_else() -> None:
    host = make_organization()
    scenario = make_scenario(host, concepts=[ROBOTS])
    for name in ("撤走能力", "落选能力"):
        make_application(scenario, make_capability(name=name, concepts=[ROBOTS]))
    for name in ("弱匹配", "选定的"):
        make_application(scenario, make_capability(name=name))
    for state, name in (
        ("withdrawn", "撤走能力"),
        ("declined", "落选能力"),
        ("selected", "选定的"),
    ):
        Application.objects.filter(capability__name=name).update(state=state)
    rank_all()

    client = signed_in(make_member(host))
    page = read(client, f"{scenario.get_absolute_url()}applications/")
    names = ["弱匹配", "选定的", "撤走能力", "落选能力"]
    assert sorted(names, key=page.index) == names
    page = read(client, f"{scenario.get_absolute_url()}applications/?sort=submitted")
    assert page.index("撤走能力") < page.index("弱匹配")


def test_contact_is_shown_once_and_to_the_parties_alone() -> None:
    host, supplier = make_organization(), make_organization("巡检科技")
    contact = {
        "contact_name": "CANARY-N",
        "contact_phone": "CANARY-P",
        "contact_email": "canary@example.org",
    }
    scenario = make_scenario(host, **contact)
    application = make_application(scenario, make_capability(supplier))
    rival = make_application(scenario)
    publisher, applicant = signed_in(make_member(host)), signed_in(make_member(supplier, "viewer"))
    loser = signed_in(make_member(rival.organization))
    path = application.get_absolute_url()
    told = {publisher: "请出示联系方式，供给方才能联系贵单位。", applicant: "会显示在这里"}

    for client, words in told.items():
        page = read(client, path)
        assert words not in page
        assert "CANARY-P" not in page
    select_application(application=application, actor=make_member(host))
    for client, words in told.items():
        page = read(client, path)
        assert words in page
        assert "CANARY-P" not in page
    asked = read(publisher, f"{path}connect/")
    assert "巡检科技的成员能看到：CANARY-N，CANARY-P，canary@example.org" in asked
    assert "不能撤销" in asked
    for client in (applicant, loser, signed_in(make_administrator()), Client()):
        for response in (client.get(f"{path}connect/"), client.post(f"{path}connect/")):
            assert response.status_code != 200
            assert "canary" not in response.content.decode().lower()
    response = publisher.post(f"{path}connect/")
    assert response["Location"] == path

    assert told[publisher] not in (page := read(publisher, path))
    assert all(value in page for value in contact.values())
    assert "显示完整联系方式" not in page
    assert told[applicant] not in (page := read(applicant, path))
    assert [value in page for value in contact.values()] == [True, False, False]
    assert "显示完整联系方式" in page
    revealed = applicant.post(f"{path}contact/")
    assert all(value in revealed.content.decode() for value in contact.values())
    assert revealed["Cache-Control"] == "no-store"
    event = AuditEvent.objects.filter(verb="applications.application.reveal_contact").get()
    assert event.object_id == str(application.pk)
    Scenario.objects.filter(pk=scenario.pk).update(contact_phone="CHANGED-P", contact_name="")
    page = applicant.post(f"{path}contact/").content.decode()
    assert "CHANGED-P" in page
    assert "CANARY-P" not in page
    assert publisher.post(f"{path}contact/").status_code == 403
    assert loser.post(f"{path}contact/").status_code == 404
    assert applicant.get(f"{path}contact/").status_code == 405
    early = loser.post(f"{rival.get_absolute_url()}contact/")
    assert early["Location"] == rival.get_absolute_url()
    assert AuditEvent.objects.filter(verb__endswith="reveal_contact").count() == 2
    for client in (loser, signed_in(make_administrator())):
        read(client, path, 404)
    for client in (applicant, loser):
        for other in (scenario.get_absolute_url(), "/applications/", "/my/"):
            page = read(client, other)
            assert "CHANGED-P" not in page
            assert "canary" not in page.lower()
    assert "CHANGED-P" not in read(loser, rival.get_absolute_url())


def test_connecting_without_a_contact_says_what_is_missing() -> None:
    host = make_organization()
    application = make_application(make_scenario(host, contact_name="陈工"))
    select_application(application=application, actor=make_member(host))
    publisher = signed_in(make_member(host))
    path = f"{application.get_absolute_url()}connect/"

    assert "请先在场景里填写联系电话或邮箱" in read(publisher, path)
    response = publisher.post(path)
    assert response.status_code == 409
    assert "请先在场景里填写联系电话或邮箱" in response.content.decode()
    application.refresh_from_db()
    assert application.state == "selected"


def links_of(page: str) -> set[str]:
    return set(re.findall(r'href="(/(?:scenarios|capabilities)/[^"?#]+)"', page))


def test_nothing_links_to_what_the_reader_may_not_open() -> None:
    host, supplier = make_organization(), make_organization()
    scenario, capability = make_scenario(host), make_capability(supplier)
    application = make_application(scenario, capability)
    draft = make_application(scenario, make_capability(supplier), submitted=False)
    publisher, applicant = signed_in(make_member(host)), signed_in(make_member(supplier))
    path = application.get_absolute_url()
    both = {scenario.get_absolute_url(), capability.get_absolute_url()}
    assert links_of(read(publisher, path)) >= both
    assert links_of(read(applicant, path)) >= both

    withdraw_capability(capability=capability, actor=SYSTEM)
    suspend_organization(organization=host, reason="核查", actor=SYSTEM)

    page = read(publisher, path)
    assert "已下架" in page
    assert capability.get_absolute_url() not in links_of(page)
    page = read(applicant, path)
    assert "暂不公开" in page
    assert scenario.get_absolute_url() not in links_of(page)
    assert capability.get_absolute_url() in links_of(page)
    pages = [path, f"{draft.get_absolute_url()}edit/", "/applications/", "/my/"]
    received = f"{scenario.get_absolute_url()}applications/"
    for client, seen in (
        (applicant, pages),
        (publisher, [path, received, "/applications/", "/my/"]),
    ):
        for each in seen:
            for link in links_of(read(client, each)):
                assert client.get(link).status_code == 200, (each, link)


def test_who_may_not_apply_is_told_why() -> None:
    host = make_organization()
    scenario = make_scenario(host)
    path = f"{scenario.get_absolute_url()}apply/"
    make_capability(host)

    assert "没有可以用来申请的能力" in read(signed_in(make_member(host)), path)
    nobody = signed_in(make_administrator())
    assert "还没有加入任何组织" in read(nobody, path)
    viewer = make_capability().organization
    assert "没有可以用来申请的能力" in read(signed_in(make_member(viewer, "viewer")), path)
    close_scenario(scenario=scenario, actor=SYSTEM)
    assert "目前不接受申请" in read(signed_in(make_member(viewer)), path)
    draft = make_scenario(host, published=False)
    read(signed_in(make_member(viewer)), f"{draft.get_absolute_url()}apply/", 404)


def test_text_of_the_other_side_is_never_markup() -> None:
    host = make_organization()
    evil = "<script>alert(1)</script>"
    application = make_application(make_scenario(host), proposal=evil, schedule=evil)
    decline = "<img src=x onerror=alert(2)>"
    decline_application(application=application, reason=decline, actor=make_member(host))

    for organization in (host, application.organization):
        page = read(signed_in(make_member(organization)), application.get_absolute_url())
        assert evil not in page
        assert decline not in page
        assert "&lt;script&gt;" in page


def test_lists_cost_the_same_with_thirty_applications(
    django_assert_num_queries, django_assert_max_num_queries
) -> None:
    host, supplier = make_organization(), make_organization()
    scenario = make_scenario(host, concepts=[ROBOTS])
    publisher, applicant = signed_in(make_member(host)), signed_in(make_member(supplier))
    paths = [
        (publisher, f"{scenario.get_absolute_url()}applications/"),
        (publisher, "/applications/"),
        (publisher, "/my/"),
        (applicant, "/my/"),
        (applicant, "/applications/"),
    ]
    make_application(scenario, make_capability(supplier, concepts=[ROBOTS]))
    rank_all()
    costs = []
    for client, path in paths:
        client.get(path)
        with django_assert_max_num_queries(60) as counted:
            client.get(path)
        costs.append(len(counted))
    for _ in range(29):
        make_application(scenario, make_capability(supplier, concepts=[ROBOTS]))
    for (client, path), cost in zip(paths, costs, strict=True):
        with django_assert_num_queries(cost):
            client.get(path)


def test_nobody_decides_on_what_was_not_read() -> None:
    host = make_organization()
    scenario = make_scenario(host, published=False)
    editor = make_member(host)
    submit_scenario(scenario=scenario, actor=editor)
    administrator = signed_in(make_administrator())
    page = read(administrator, scenario.get_absolute_url())
    found = re.search(r'name="version" value="([^"]+)"', page)
    assert found
    recall_scenario(scenario=scenario, actor=editor)
    change_scenario(scenario=scenario, facts=ScenarioFacts(name="换了内容"), actor=editor)
    submit_scenario(scenario=scenario, actor=editor)

    publish = f"{scenario.get_absolute_url()}publish/"
    response = administrator.post(publish, {"version": found[1]})
    assert response.status_code == 409
    assert "改动过" in response.content.decode()
    scenario.refresh_from_db()
    assert scenario.state == "submitted"
    administrator.post(publish, {"version": scenario.updated_at.isoformat()})
    scenario.refresh_from_db()
    assert scenario.state == "published"


def test_step_without_a_way_back_asks_first() -> None:
    host = make_organization()
    application = make_application(make_scenario(host))
    publisher = signed_in(make_member(host))
    path = application.get_absolute_url()

    page = read(publisher, path)
    link = re.search(r'href="([^"]+/select/[^"]+)"', page)
    assert link
    page = read(publisher, unescape(link[1]))
    assert "不能撤销" in page
    found = re.search(r'name="version" value="([^"]+)"', page)
    assert found
    publisher.post(f"{path}select/", {"version": found[1]})
    application.refresh_from_db()
    assert application.state == "selected"


def test_page_before_a_step_says_whose_answer_it_is_and_what_follows() -> None:
    host, supplier = make_organization("港务集团"), make_organization("巡检科技")
    scenario = make_scenario(host, name="岸电巡检", contact_phone="020-1")
    stated = make_application(
        scenario, make_capability(supplier, name="巡检机器人"), price_fen=120_000_000
    )
    bare = make_application(scenario, make_capability(name="无人船"))
    publisher, applicant = signed_in(make_member(host)), signed_in(make_member(supplier))
    follows = {
        "shortlist": "入围不是选定",
        "select": "其他申请不受影响",
        "decline": "不能再用这项能力申请这个场景",
    }

    for step, words in follows.items():
        page = read(publisher, f"{stated.get_absolute_url()}{step}/")
        for each in (words, "巡检科技", "巡检机器人", "岸电巡检", "120 万元"):
            assert each in page, step
        assert ("这一步不能撤销" in page) == (step != "shortlist")
        page = read(publisher, f"{bare.get_absolute_url()}{step}/")
        assert "无人船" in page
        assert "<dt>报价" not in page
    page = read(applicant, f"{stated.get_absolute_url()}withdraw/")
    assert "可以用这项能力重新申请" in page
    select_application(application=stated, actor=make_member(host))
    page = read(publisher, f"{stated.get_absolute_url()}connect/")
    for words in ("由双方直接联系", "巡检科技", "020-1", "这一步不能撤销"):
        assert words in page


def test_publisher_finds_back_to_what_came_in() -> None:
    host = make_organization()
    scenario = make_scenario(host)
    application = make_application(scenario)
    path = application.get_absolute_url()
    received = f'<li><a href="{scenario.get_absolute_url()}applications/">收到的申请</a></li>'

    publisher = signed_in(make_member(host))
    for page in (path, f"{path}select/", f"{path}decline/"):
        assert received in read(publisher, page)
    applicant = signed_in(make_member(application.organization))
    for page in (path, f"{path}withdraw/"):
        assert received not in read(applicant, page)
        assert '<li><a href="/applications/">对接申请</a></li>' in read(applicant, page)


def test_scenario_page_shows_each_reader_the_way() -> None:
    host, supplier = make_organization(), make_organization()
    scenario = make_scenario(host)
    path = scenario.get_absolute_url()
    application = make_application(scenario, make_capability(supplier))
    apply, received = f"{path}apply/", f"{path}applications/"

    for client in (Client(), signed_in(make_member(make_organization()))):
        page = read(client, path)
        assert apply in page
        assert received not in page
        assert str(application.public_id) not in page
    page = read(signed_in(make_member(host)), path)
    assert apply not in page
    assert received in page
    assert "收到的申请（1）" in page
    assert application.get_absolute_url() in read(signed_in(make_member(supplier)), path)
    close_scenario(scenario=scenario, actor=SYSTEM)
    assert apply not in read(Client(), path)
    assert received in read(signed_in(make_member(host)), path)
    draft = make_scenario(host, published=False)
    assert "收到的申请" not in read(signed_in(make_member(host)), draft.get_absolute_url())


def test_both_sides_are_told_that_the_scenario_was_changed_after_the_answer() -> None:
    host = make_organization()
    scenario = make_scenario(host)
    application = make_application(scenario)
    clients = [signed_in(make_member(each)) for each in (host, application.organization)]
    path, words = application.get_absolute_url(), "场景在这份申请提交之后修改过"
    assert all(words not in read(each, path) for each in clients)

    change_scenario(
        scenario=scenario, facts=ScenarioFacts(name="换了说法的场景"), actor=make_member(host)
    )
    assert all(words in read(each, path) for each in clients)
    late = make_application(scenario)
    assert words not in read(signed_in(make_member(host)), late.get_absolute_url())


def test_many_capabilities_are_offered_in_short() -> None:
    scenario, supplier = make_scenario(), make_organization()
    for number in range(13):
        make_capability(supplier, name=f"能力{number:02}")

    page = read(signed_in(make_member(supplier)), f"{scenario.get_absolute_url()}apply/")
    assert "其余 3 项能力" in page
    assert page.count('name="capability"') == 13


def test_contact_can_be_stated_after_the_call_has_ended() -> None:
    """Else whom the publisher selected could never reach it."""
    host = make_organization()
    scenario = make_scenario(host)
    application = make_application(scenario)
    editor = make_member(host)
    select_application(application=application, actor=editor)
    close_scenario(scenario=scenario, actor=editor)
    publisher, path = signed_in(editor), f"{scenario.get_absolute_url()}contact/"
    connect = f"{application.get_absolute_url()}connect/"
    assert publisher.post(connect).status_code == 409

    version = publisher.get(path).context["form"]["version"].value()
    given = {"version": version, "contact_name": "陈工", "contact_email": "nowhere"}
    page = publisher.post(path, given).content.decode()
    assert "陈工" in page
    assert "电子邮箱的格式不对" in page
    publisher.post(path, given | {"contact_email": "chen@example.com"})
    assert publisher.post(path, given | {"contact_email": ""}).status_code == 409  # older version
    publisher.post(connect)

    page = read(signed_in(make_member(application.organization)), application.get_absolute_url())
    assert "c***@example.com" in page
    assert "chen@" not in page  # nowhere else on the page either
    scenario.refresh_from_db()
    assert (scenario.state, scenario.contact_name) == ("closed", "陈工")
    assert "修改联系方式" in read(publisher, scenario.get_absolute_url())
    for actor, status in (
        (make_member(host, "viewer"), 403),
        (make_administrator(), 403),
        (make_member(make_organization()), 403),
    ):
        client = signed_in(actor)
        assert (client.get(path).status_code, client.post(path, given).status_code) == (
            status,
            status,
        )

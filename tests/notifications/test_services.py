"""Who is told of what: by the verbs that people use, through the outbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

import notifications.services
from accounts.models import User
from accounts.services import set_password
from applications.services import STEPS, decline_application
from authorities.facts import EndFacts
from authorities.services import end_appointment, end_delegation
from catalogue.editions import say_day
from common.actor import Actor, ActorKind
from common.clock import beijing_today
from common.errors import Forbidden, InvalidInput
from common.models import database_now
from notifications import queries
from notifications.enums import Category, Mode, Standing
from notifications.models import Notification, Preference
from notifications.receivers import notify
from notifications.services import choose_modes, mark_all_read, mark_read, prune, tell
from organizations.enums import MemberRole
from organizations.models import Membership, Organization
from organizations.services import (
    add_member,
    change_role,
    leave,
    remove_member,
    suspend_organization,
    verify_organization,
)
from outbox.models import Message
from reviews.services import end_expert
from scenarios.services import (
    close_scenario,
    publish_scenario,
    return_scenario,
    submit_scenario,
)
from tests.authorities.makers import (
    make_appointment,
    make_authority,
    make_delegation,
    make_operator,
    make_person,
)
from tests.catalogues import make_catalogue, make_item, make_product
from tests.evidence import make_submitted
from tests.inboxes import deliver_news, forget_news, titles
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    SYSTEM,
    make_administrator,
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
    user_of,
)
from tests.reviews.makers import make_expert, self_of
from tokens.facts import TokenFacts
from tokens.services import create_token, revoke_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def host() -> Organization:
    return make_organization("明远制造", city=GUANGZHOU)


def told(actor: Actor) -> Notification:
    return Notification.objects.get(user=actor.user_id)


def test_return_is_told_to_those_who_edit_with_what_and_why(host: Organization) -> None:
    editor, viewer = make_member(host), make_member(host, "viewer")
    stranger = make_member(make_organization(), "owner")
    scenario = make_scenario(host, published=False, name="夜间巡检")
    submit_scenario(scenario=scenario, actor=editor)
    forget_news()
    return_scenario(scenario=scenario, reason="预算依据不足", actor=make_administrator())

    deliver_news()

    notice = told(editor)
    assert notice.title == "场景“夜间巡检”被退回修改"
    assert notice.text == "退回理由：预算依据不足\n修改后可以重新提交审核。"
    assert notice.reason == "您是“明远制造”的编辑"
    assert notice.path == scenario.get_absolute_url()
    assert (notice.category, notice.standing) == (Category.REVIEW, Standing.MEMBER)
    assert notice.organization == host
    assert titles(viewer) == titles(stranger) == []


def test_whoever_did_it_is_not_told(host: Organization) -> None:
    closing, colleague = make_member(host), make_member(host, "owner")
    scenario = make_scenario(host, name="夜间巡检")
    forget_news()

    close_scenario(scenario=scenario, actor=closing)
    deliver_news()

    assert titles(closing) == []
    assert titles(colleague) == ["场景“夜间巡检”已结束"]


def test_submission_is_told_to_those_who_may_decide_there(host: Organization) -> None:
    here = make_administrator("content", city=GUANGZHOU)
    province = make_administrator("content")
    elsewhere = make_administrator("content", city=SHENZHEN)
    other_duty = make_administrator("catalogue")
    partial = make_administrator("content", city=GUANGZHOU)
    Membership.objects.create(organization=host, user_id=partial.user_id, role="viewer")
    former = make_administrator("content", city=GUANGZHOU)
    user_of(former).appointments.update(ended_at=database_now())
    scenario = make_scenario(host, published=False, name="夜间巡检", city=GUANGZHOU)
    forget_news()

    submit_scenario(scenario=scenario, actor=make_member(host))
    deliver_news()

    assert titles(here) == titles(province) == ["场景“夜间巡检”等待审核"]
    assert told(here).reason == "您负责“内容管理”"
    for nobody in (elsewhere, other_duty, partial, former):
        assert titles(nobody) == []


def test_application_goes_between_the_two_parties_alone(host: Organization) -> None:
    publisher = make_member(host)
    supplier = make_organization("蓝海智能")
    applicant = make_member(supplier)
    rival = make_member(make_capability().organization)
    administrator = make_administrator()
    scenario = make_scenario(host, name="夜间巡检")
    forget_news()

    application = make_application(scenario, make_capability(supplier, name="巡检机器人"))
    deliver_news()
    assert titles(publisher) == ["场景“夜间巡检”收到新的对接申请"]
    assert told(publisher).text == "蓝海智能用能力“巡检机器人”申请对接，等待贵单位答复。"

    forget_news()
    decline_application(application=application, reason="已有方案", actor=make_member(host))
    deliver_news()
    assert titles(applicant) == ["对接申请未选中：“夜间巡检”"]
    assert told(applicant).text.endswith("理由：已有方案")
    for nobody in (rival, administrator):
        assert titles(nobody) == []


@pytest.mark.parametrize("step", ["shortlist", "select"])
def test_steps_of_the_publisher_reach_the_applicant(host: Organization, step: str) -> None:
    application = make_application(make_scenario(host))
    applicant = make_member(application.organization)
    forget_news()

    STEPS.take(step, application, make_member(host))
    deliver_news()

    assert len(titles(applicant)) == 1


def test_end_of_a_call_is_told_to_publisher_and_waiting_suppliers_each_in_their_words(
    host: Organization,
) -> None:
    application = make_application(make_scenario(host, name="夜间巡检"))
    publisher, applicant = make_member(host), make_member(application.organization)
    answered = make_application(application.scenario)
    decline_application(application=answered, reason="不合适", actor=make_member(host))
    forget_news()

    close_scenario(scenario=application.scenario, actor=SYSTEM)
    deliver_news()

    assert titles(publisher) == ["场景“夜间巡检”已结束"]
    assert titles(applicant) == ["您申请的场景“夜间巡检”已结束"]
    assert titles(make_member(answered.organization)) == []


def test_catalogue_steps_reach_the_supplier() -> None:
    supplier = make_organization()
    editor = make_member(supplier)
    forget_news()
    make_item(make_catalogue(), "delisted", make_product(supplier, name="谐波减速器"))
    deliver_news()

    assert titles(editor)[0] == "产品“谐波减速器”成为首购目录候选"
    assert titles(editor)[-1] == "产品“谐波减速器”移出首购目录"
    assert len(titles(editor)) >= 3


def test_membership_is_told_to_whom_it_concerns_and_to_the_owners(host: Organization) -> None:
    owner, acting = make_member(host, "owner"), make_member(host, "owner")
    person = User.objects.create_user("new@example.org", name="陈思远")
    new = Actor.of(person)
    forget_news()

    add_member(organization=host, person=person, role=MemberRole.EDITOR, actor=acting)
    deliver_news()
    assert titles(new) == ["您已加入“明远制造”"]
    assert told(new).text == "您的角色是编辑。"
    assert titles(owner) == ["“明远制造”有新成员"]
    assert told(owner).text == "陈思远已加入，角色是编辑。"
    assert titles(acting) == []

    forget_news()
    change_role(organization=host, person=person, role=MemberRole.VIEWER, actor=acting)
    deliver_news()
    assert told(new).text == f"原来是编辑，现在是查看，由{user_of(acting)}更改。"
    forget_news()
    change_role(organization=host, person=person, role=MemberRole.EDITOR, actor=SYSTEM)
    deliver_news()
    assert told(new).text == "原来是查看，现在是编辑，由平台运营单位更改。"

    forget_news()
    remove_member(organization=host, person=person, actor=acting)
    deliver_news()
    assert titles(new) == ["您已不再是“明远制造”的成员"]
    assert queries.visible_to(new).count() == 1


def test_who_leaves_is_told_to_the_owners(host: Organization) -> None:
    owner, leaving = make_member(host, "owner"), make_member(host)
    forget_news()

    leave(organization=host, actor=leaving)
    deliver_news()

    assert titles(owner) == ["“明远制造”有成员退出"]
    assert titles(leaving) == []


def test_expert_is_told_of_the_appointment_and_of_its_end() -> None:
    administrator = make_administrator("content")
    person = user_of(make_member(make_organization()))
    forget_news()
    expert = make_expert(administrator, person=person)
    deliver_news()

    notice = told(self_of(expert))
    assert (notice.title, notice.path) == ("您已被聘为专家", "/experts/me/")
    assert "申报利益关系" in notice.text
    assert not Notification.objects.filter(user=administrator.user_id).exists()
    forget_news()
    end_expert(expert=expert, reason="任期届满", actor=administrator)
    deliver_news()

    notice = told(self_of(expert))
    assert (notice.title, notice.text) == ("您的专家聘任已结束", "理由：任期届满")
    # Whoever is no expert any more has no such page.
    assert notice.path == "/my/"


def test_token_is_told_to_the_owners_and_to_whoever_made_it(host: Organization) -> None:
    """Somebody who sits at an owner's open session makes none unnoticed."""
    maker, owner = make_member(host, "owner"), make_member(host, "owner")
    others = [make_member(host, "editor"), make_member(make_organization(), "owner")]
    forget_news()
    facts = TokenFacts(name="夜间同步", permissions=[], days=30)
    token, key = create_token(organization=host, facts=facts, actor=maker)
    deliver_news()

    notice = told(owner)
    assert notice.title == "“明远制造”新建了访问令牌"
    assert key.text not in notice.text
    assert titles(maker) == [notice.title]
    assert {notice.category, told(maker).category} == {Category.SECURITY}
    assert {each.to[0] for each in mail.outbox} >= {user_of(maker).email, user_of(owner).email}
    silent = [each.user_id for each in others]
    assert not Notification.objects.filter(user__in=silent).exists()
    forget_news()
    revoke_token(token=token, actor=owner)
    deliver_news()

    assert titles(maker) == titles(owner) == ["“明远制造”的访问令牌已撤销"]


def test_appointment_says_what_until_when_and_instead_of_what() -> None:
    authority, person = make_authority(name="某市工信局"), make_person()
    forget_news()
    make_appointment(authority, person, "content")
    deliver_news()
    first = told(Actor.of(person))
    assert (first.title, first.path) == ("您在“某市工信局”任职", "/administration/")
    assert "您的职责是：内容管理；任期：没有定结束日期。" in first.text
    forget_news()
    last = beijing_today() + timedelta(days=30)
    appointment = make_appointment(authority, person, "catalogue", ends_on=last)
    deliver_news()

    notice = told(Actor.of(person))
    assert f"目录管理（取代原来的内容管理）；任期：至{say_day(last)}（含当天）" in notice.text
    forget_news()
    end_appointment(appointment=appointment, facts=EndFacts(reason="调离"), actor=SYSTEM)
    deliver_news()

    ended = told(Actor.of(person))
    assert ended.text == "不再承担的职责：目录管理。理由：调离"
    # The page of duties is closed to whoever has none.
    assert ended.path == "/my/"


def test_delegation_is_told_to_those_who_act_by_it_and_so_is_its_end() -> None:
    authority, operator = make_authority(name="某市工信局"), make_operator(name="场景创新中心")
    acting = [make_member(operator, "owner"), make_member(operator)]
    viewer, stranger = make_member(operator, "viewer"), make_member(make_operator(), "owner")
    last = beijing_today() + timedelta(days=30)
    forget_news()
    make_delegation(authority, operator, "content", ends_on=last)
    deliver_news()

    for each in acting:
        notice = told(each)
        assert notice.title == "“某市工信局”委托“场景创新中心”办理事务"
        assert f"内容管理；期限：至{say_day(last)}（含当天）" in notice.text
        assert notice.path == "/administration/"
    assert {each.to[0] for each in mail.outbox} >= {user_of(each).email for each in acting}
    assert titles(viewer) == titles(stranger) == []
    forget_news()
    delegation = make_delegation(authority, operator, "catalogue", ends_on=last)
    deliver_news()
    assert "目录管理（取代原来的内容管理）" in told(acting[0]).text
    forget_news()
    end_delegation(delegation=delegation, facts=EndFacts(reason="改由本局办理"), actor=SYSTEM)
    deliver_news()

    ended = told(acting[0])
    assert ended.title == "“某市工信局”对“场景创新中心”的委托已结束"
    assert (ended.text, ended.path) == ("不再承担的职责：目录管理。理由：改由本局办理", "/my/")


@pytest.mark.parametrize(
    ("capacities", "allowed"),
    [
        (["publish"], "发布场景、处理收到的申请。"),
        (["supply"], "发布能力、申请对接。"),
        (["supply", "serve"], "发布能力、申请对接；受主管部门委托办理事务。"),
    ],
)
def test_verification_says_what_the_organization_came_for(
    capacities: list[str], allowed: str
) -> None:
    organization = make_organization(verified=False, capacities=capacities)
    member = make_member(organization)
    forget_news()

    verify_organization(organization=organization, actor=SYSTEM)
    deliver_news()

    assert told(member).text == f"按登记的身份，现在可以：{allowed}"


def test_suspension_sets_its_reason_apart(host: Organization) -> None:
    member = make_member(host)
    forget_news()

    suspend_organization(organization=host, reason="执照已撤下", actor=SYSTEM)
    deliver_news()

    assert told(member).text.endswith("恢复后重新显示。\n理由：执照已撤下")


def test_security_is_told_even_to_whoever_did_it() -> None:
    person = User.objects.create_user("someone@example.org")
    set_password(person=person, password="a long enough secret 1", actor=SYSTEM)
    Message.objects.filter(topic="accounts.user.set_password").update(by_user_id=person.pk)

    deliver_news()

    notice = told(Actor.of(person))
    assert notice.category == Category.SECURITY
    assert [each.to for each in mail.outbox] == [["someone@example.org"]]


def test_message_told_three_times_is_one_notice_and_one_mail(host: Organization) -> None:
    editor = make_member(host)
    make_scenario(host)
    message = Message.objects.get(topic="scenarios.scenario.publish")
    mail.outbox.clear()

    with transaction.atomic():
        for _ in range(3):
            notify(message)
    deliver_news()

    title = Notification.objects.get(user=editor.user_id, message_id=message.pk).title
    assert titles(editor).count(title) == 1
    own = [each for each in mail.outbox if each.to == [user_of(editor).email]]
    assert len([each for each in own if title in each.subject]) == 1


def test_who_left_or_lost_the_account_before_delivery_is_not_told(host: Organization) -> None:
    left, closed, stays = (make_member(host) for _ in range(3))
    scenario = make_scenario(host)
    forget_news()
    close_scenario(scenario=scenario, actor=SYSTEM)
    Membership.objects.filter(user=left.user_id).delete()
    User.objects.filter(pk=closed.user_id).update(is_active=False)

    deliver_news()

    assert titles(left) == titles(closed) == []
    assert len(titles(stays)) == 1


def test_notices_of_an_organization_vanish_for_who_leaves_it(host: Organization) -> None:
    editor = make_member(host)
    scenario = make_scenario(host)
    forget_news()
    close_scenario(scenario=scenario, actor=SYSTEM)
    deliver_news()
    assert queries.unread_count(editor) == 1

    Membership.objects.filter(user=editor.user_id).delete()

    assert queries.unread_count(editor) == 0
    assert not queries.inbox(editor).exists()


def test_notices_of_a_duty_vanish_with_it(host: Organization) -> None:
    administrator = make_administrator("content")
    scenario = make_scenario(host, published=False)
    forget_news()
    submit_scenario(scenario=scenario, actor=make_member(host))
    deliver_news()
    assert queries.unread_count(Actor.of(user_of(administrator))) == 1

    user_of(administrator).appointments.update(ended_at=database_now())

    assert queries.unread_count(Actor.of(user_of(administrator))) == 0


@pytest.mark.parametrize(
    ("duties", "place", "is_shown"),
    [
        (("content",), {}, True),
        (("content", "catalogue"), {"city": GUANGZHOU}, True),
        (("content",), {"city": SHENZHEN}, False),
        *(((duty,), {}, False) for duty in ("catalogue", "system", "audit")),
    ],
)
def test_notices_of_a_duty_are_for_whoever_has_it_there(
    duties: tuple[str, ...], place: dict[str, str], is_shown: bool
) -> None:
    """Other duties, or the same one elsewhere, open no news of before (THREATS A30)."""
    reader = user_of(make_administrator("content", city=GUANGZHOU))
    scenario = make_scenario(make_organization(city=GUANGZHOU), published=False)
    forget_news()
    submit_scenario(scenario=scenario, actor=make_member(scenario.organization))
    host = make_submitted(city=GUANGZHOU).organization
    deliver_news()
    notices = queries.inbox(Actor.of(reader))
    assert {each.record_id for each in notices} == {scenario.pk, host.pk}

    reader.appointments.update(ended_at=database_now())
    make_appointment(make_authority(**place), reader, *duties)

    reader = User.objects.get(pk=reader.pk)
    assert queries.unread_count(Actor.of(reader)) == (2 if is_shown else 0)
    assert queries.still_to_mail(reader, [*notices]) == ([*notices] if is_shown else [])


def test_programs_and_visitors_have_no_inbox(host: Organization) -> None:
    editor = make_member(host)
    make_scenario(host)
    deliver_news()
    token = Actor(
        ActorKind.TOKEN,
        user_id=editor.user_id,
        organization_id=host.pk,
        permissions=frozenset({"notifications.read"}),
    )

    assert queries.visible_to(editor).exists()
    assert not queries.visible_to(token).exists()
    assert not queries.visible_to(Actor(ActorKind.VISITOR)).exists()
    with pytest.raises(Forbidden):
        mark_all_read(actor=token, until=database_now())


def test_record_that_is_gone_is_told_to_nobody() -> None:
    message = Message.objects.create(
        topic="scenarios.scenario.close", key="scenarios.scenario:0", payload={"id": 0}
    )

    with transaction.atomic():
        assert tell(message) == []


def test_long_names_and_braces_are_told_as_they_are(host: Organization) -> None:
    editor = make_member(host)
    make_scenario(host, name="{publisher}" + "长" * 109)

    deliver_news()

    assert any("{publisher}长长" in title for title in titles(editor))


# How people want to be told


def modes(actor: Actor) -> list[str]:
    rows = Notification.objects.filter(user=actor.user_id).order_by("pk")
    return list(rows.values_list("mode", flat=True))


def test_mail_of_a_category_can_be_switched_off_for_oneself(host: Organization) -> None:
    quiet, other = make_member(host), make_member(host)
    choose_modes(actor=quiet, modes={Category.REVIEW: Mode.NONE})
    scenario = make_scenario(host)
    forget_news()
    mail.outbox.clear()

    close_scenario(scenario=scenario, actor=SYSTEM)
    deliver_news()

    assert modes(quiet) == [Mode.NONE]
    assert len(titles(quiet)) == 1
    assert user_of(quiet).email not in {each.to[0] for each in mail.outbox}
    assert user_of(other).email in {each.to[0] for each in mail.outbox}


def test_one_organization_can_be_muted_and_the_other_not(host: Organization) -> None:
    second = make_organization()
    person = make_member(host)
    Membership.objects.create(organization=second, user_id=person.user_id, role="editor")
    choose_modes(actor=person, modes={Category.REVIEW: Mode.NONE}, organization=host)
    here, there = make_scenario(host), make_scenario(second)
    forget_news()
    mail.outbox.clear()

    close_scenario(scenario=here, actor=SYSTEM)
    close_scenario(scenario=there, actor=SYSTEM)
    deliver_news()

    assert modes(person) == [Mode.NONE, Mode.AT_ONCE]
    mails = [each for each in mail.outbox if each.to == [user_of(person).email]]
    assert [there.name in each.subject for each in mails] == [True]


def test_organization_counts_before_person_before_default(host: Organization) -> None:
    person = make_member(host)
    choose_modes(actor=person, modes={Category.REVIEW: Mode.NONE})
    choose_modes(actor=person, modes={Category.REVIEW: Mode.DAILY}, organization=host)

    wishes = queries.Wishes.of([user_of(person)])
    own = person.user_id
    assert own is not None
    assert wishes.mode(own, Category.REVIEW, host.pk) is Mode.DAILY
    assert wishes.mode(own, Category.REVIEW) is Mode.NONE
    assert wishes.mode(own, Category.WORK) is Mode.DAILY

    choose_modes(actor=person, modes={Category.REVIEW: None}, organization=host)
    assert queries.Wishes.of([user_of(person)]).mode(own, Category.REVIEW, host.pk) is Mode.NONE
    assert Preference.objects.count() == 1


def test_security_cannot_be_switched_off(host: Organization) -> None:
    person = make_member(host)

    with pytest.raises(InvalidInput):
        choose_modes(actor=person, modes={Category.SECURITY: Mode.NONE})
    with pytest.raises(IntegrityError), transaction.atomic():
        Preference.objects.create(
            user_id=person.user_id, category=Category.SECURITY, mode=Mode.NONE
        )


def test_nobody_chooses_for_an_organization_of_others(host: Organization) -> None:
    stranger = make_member(make_organization())

    with pytest.raises(Forbidden):
        choose_modes(actor=stranger, modes={Category.REVIEW: Mode.NONE}, organization=host)
    with pytest.raises(InvalidInput):
        choose_modes(actor=make_member(host), modes={Category.WORK: Mode.NONE}, organization=host)
    assert not Preference.objects.exists()


def test_beyond_the_cap_of_a_day_the_rest_waits_for_the_digest(
    host: Organization, settings
) -> None:
    settings.NOTIFICATION_MAIL_CAP = 2
    editor = make_member(host)
    rows = [make_scenario(host) for _ in range(4)]
    forget_news()
    mail.outbox.clear()

    for scenario in rows:
        close_scenario(scenario=scenario, actor=SYSTEM)
    deliver_news()
    set_password(person=user_of(editor), password="a long enough secret 1", actor=SYSTEM)
    deliver_news()

    assert modes(editor) == [Mode.AT_ONCE, Mode.AT_ONCE, Mode.DAILY, Mode.DAILY, Mode.AT_ONCE]
    own = [each for each in mail.outbox if each.to == [user_of(editor).email]]
    assert len(own) == 3  # two, and the one about the account


def test_cap_counts_the_day_of_beijing_alone(host: Organization, settings) -> None:
    settings.NOTIFICATION_MAIL_CAP = 1
    editor = make_member(host)
    first, second = make_scenario(host), make_scenario(host)
    forget_news()
    close_scenario(scenario=first, actor=SYSTEM)
    deliver_news()
    Notification.objects.update(created_at=database_now() - timedelta(days=1))

    close_scenario(scenario=second, actor=SYSTEM)
    deliver_news()

    assert modes(editor) == [Mode.AT_ONCE, Mode.AT_ONCE]


# Reading


def test_reading_touches_only_ones_own(host: Organization) -> None:
    editor, colleague = make_member(host), make_member(host)
    scenario = make_scenario(host)
    forget_news()
    close_scenario(scenario=scenario, actor=SYSTEM)
    deliver_news()

    with pytest.raises(Forbidden):
        mark_read(notice=told(colleague), actor=editor)
    assert mark_all_read(actor=editor, until=database_now()) == 1

    assert told(editor).read_at is not None
    assert told(colleague).read_at is None


def test_what_came_after_the_page_stays_unread(host: Organization) -> None:
    editor = make_member(host)
    rows = [make_scenario(host), make_scenario(host)]
    forget_news()
    for scenario in rows:
        close_scenario(scenario=scenario, actor=SYSTEM)
    deliver_news()
    older, newer = Notification.objects.filter(user=editor.user_id).order_by("pk")
    Notification.objects.filter(pk=older.pk).update(
        created_at=newer.created_at - timedelta(seconds=1)
    )

    seen = newer.created_at - timedelta(milliseconds=1)
    assert mark_all_read(actor=editor, until=seen) == 1
    assert mark_all_read(actor=editor, until=newer.created_at, category=Category.WORK) == 0

    assert list(queries.unread(editor)) == [newer]


# Keeping


def test_old_notices_are_deleted_with_their_digests(host: Organization, settings) -> None:
    editor = make_member(host)
    make_scenario(host)
    deliver_news()
    kept = Notification.objects.filter(user=editor.user_id).count()
    old = database_now() - timedelta(days=settings.RETENTION_DAYS["notifications"] + 1)
    Notification.objects.exclude(user=editor.user_id).update(created_at=old)
    gone = Notification.objects.exclude(user=editor.user_id).count()
    assert kept
    assert gone

    assert prune() == gone

    assert Notification.objects.count() == kept
    assert prune() == 0


def test_path_outside_the_site_is_refused_by_the_database(host: Organization) -> None:
    make_scenario(host)
    make_member(host)
    deliver_news()
    notice = Notification.objects.first()
    assert notice is not None

    for path in ("//evil", "https://evil", "/\t/evil", "/\\evil", "", "evil", "/a\n/b"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Notification.objects.filter(pk=notice.pk).update(path=path)


def test_verbs_refuse_no_actor() -> None:
    with pytest.raises(Forbidden):
        notifications.services.choose_modes(actor=None, modes={})  # type: ignore[arg-type]


def test_publication_is_told_in_time(host: Organization) -> None:
    editor = make_member(host)
    scenario = make_scenario(host, published=False, name="夜间巡检")
    submit_scenario(scenario=scenario, actor=editor)
    forget_news()

    publish_scenario(scenario=scenario, actor=make_administrator())
    deliver_news()

    assert titles(editor) == ["场景“夜间巡检”已发布"]

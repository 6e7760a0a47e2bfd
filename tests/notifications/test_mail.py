"""What mails say, to whom they go, and what they never hold."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as site
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from accounts.models import User
from applications.services import STEPS, decline_application
from common.clock import BEIJING, beijing_today
from common.models import database_now
from notifications import services
from notifications.enums import Category, Mode
from notifications.mail import send_digest, send_notice
from notifications.models import Digest, Notification, Preference
from notifications.services import choose_modes, write_digests
from organizations.models import Membership, Organization
from scenarios.facts import ContactFacts
from scenarios.services import change_contact, close_scenario
from tests.inboxes import deliver_news, forget_news, make_yesterday
from tests.records import (
    SYSTEM,
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
    user_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def host() -> Organization:
    return make_organization("明远制造")


@pytest.fixture
def editor(host: Organization) -> User:
    return user_of(make_member(host))


def told_of(host: Organization, count: int = 1, name: str = "夜间巡检") -> list[str]:
    """So many news for the editors of the host; the names of the scenarios."""
    rows = [make_scenario(host, name=f"{name}{number or ''}") for number in range(count)]
    forget_news()
    mail.outbox.clear()
    for scenario in rows:
        close_scenario(scenario=scenario, actor=SYSTEM)
    return [scenario.name for scenario in rows]


def mails_to(person: User) -> list[EmailMultiAlternatives]:
    return [
        each
        for each in mail.outbox
        if each.to == [person.email] and isinstance(each, EmailMultiAlternatives)
    ]


def html_of(each: EmailMultiAlternatives) -> str:
    ((content, kind),) = each.alternatives
    assert kind == "text/html"
    return str(content)


def test_mail_says_what_changed_why_and_where_to_switch_it_off(
    host: Organization, editor: User
) -> None:
    told_of(host)
    deliver_news()

    (sent,) = mails_to(editor)
    notice = Notification.objects.get(user=editor)
    assert sent.subject == "[场景桥] 场景“夜间巡检”已结束"
    for text in (sent.body, html_of(sent)):
        assert "场景“夜间巡检”已结束" in text
        assert "场景不再接受新的申请" in text
        assert "您是“明远制造”的编辑，因此收到此邮件。" in text
        assert f"{site.BASE_URL}{notice.path}" in text
        assert f"{site.BASE_URL}/notifications/preferences/" in text


def test_head_of_a_mail_names_it_once_and_for_all(host: Organization, editor: User) -> None:
    told_of(host)
    deliver_news()
    notice = Notification.objects.get(user=editor)

    send_notice(notice)

    first, again = mails_to(editor)
    ids = [each.message()["Message-ID"] for each in (first, again)]
    assert ids == [f"<notification-{notice.public_id}@127.0.0.1>"] * 2
    assert first.message()["Auto-Submitted"] == "auto-generated"
    assert first.message()["List-Unsubscribe"] == (f"<{site.BASE_URL}/notifications/preferences/>")


@pytest.mark.parametrize("breaking", ["\r\nBcc: thief@example.org", "\nX-Evil: 1", "\r", "\u2028"])
def test_names_add_no_line_to_the_head(host: Organization, editor: User, breaking: str) -> None:
    told_of(host)
    deliver_news()
    Notification.objects.update(title=f"场景{breaking}已结束")
    User.objects.filter(pk=editor.pk).update(name=f"李{breaking}")
    mail.outbox.clear()

    assert send_notice(Notification.objects.get(user=editor))

    (sent,) = mails_to(editor)
    head = message_from_bytes(sent.message().as_bytes())
    assert set(head.keys()) == {
        "Content-Type",
        "MIME-Version",
        "Subject",
        "From",
        "To",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "List-Unsubscribe",
    }
    assert "\n" not in str(make_header(decode_header(head["Subject"])))
    assert head["To"] == editor.email


def test_long_name_does_not_hide_what_became_of_it(host: Organization, editor: User) -> None:
    name = "粤港澳大湾区未来产业" * 9
    told_of(host, name=name)
    deliver_news()

    (sent,) = mails_to(editor)
    assert sent.subject == f"[场景桥] 场景“{name[:20]}…”已结束"
    assert f"场景“{name}”已结束" in sent.body


def test_markup_in_names_stays_text(host: Organization, editor: User) -> None:
    told_of(host, name="<img src=x>&amp;")
    deliver_news()

    (sent,) = mails_to(editor)
    assert "<img" not in html_of(sent)
    assert "&lt;img src=x&gt;&amp;amp;" in html_of(sent)
    assert "<img src=x>&amp;" in sent.body


def test_only_proved_addresses_of_people_who_can_sign_in_get_mail(host: Organization) -> None:
    opened, proved, unproved, other, closed, invented = (
        user_of(make_member(host)) for _ in range(6)
    )
    EmailAddress.objects.filter(user__in=[opened, proved, unproved, other]).delete()
    EmailAddress.objects.create(user=proved, email=proved.email, verified=True)
    EmailAddress.objects.create(user=unproved, email=unproved.email, verified=False)
    EmailAddress.objects.create(user=other, email="other@example.org", verified=True)
    told_of(host)
    User.objects.filter(pk=invented.pk).update(is_demonstration=True)
    User.objects.filter(pk=closed.pk).update(is_active=False)

    deliver_news()

    assert {each.to[0] for each in mail.outbox} >= {opened.email, proved.email}
    for nobody in (unproved, other, closed, invented):
        assert mails_to(nobody) == []
    assert Notification.objects.filter(user=unproved).exists()


def test_who_left_between_notice_and_mail_gets_none(host: Organization, editor: User) -> None:
    told_of(host)
    deliver_news()
    mail.outbox.clear()
    Membership.objects.filter(user=editor).delete()

    assert not send_notice(Notification.objects.get(user=editor))
    assert mail.outbox == []


def test_who_switched_it_off_meanwhile_gets_none(host: Organization, editor: User) -> None:
    told_of(host)
    deliver_news()
    mail.outbox.clear()
    Preference.objects.create(user=editor, category=Category.REVIEW, mode=Mode.NONE)

    assert not send_notice(Notification.objects.get(user=editor))


# Digests


def daily(person: User) -> None:
    Preference.objects.create(user=person, category=Category.REVIEW, mode=Mode.DAILY)


def test_digest_says_all_by_category_each_with_its_reason(host: Organization, editor: User) -> None:
    daily(editor)
    names = told_of(host, 3)
    deliver_news()
    assert mails_to(editor) == []
    make_yesterday()

    assert write_digests() == 1
    deliver_news()

    (sent,) = mails_to(editor)
    assert sent.subject.endswith("的通知汇总（3 条）")
    for text in (sent.body, html_of(sent)):
        assert text.count("您是“明远制造”的编辑，因此通知您") == 3
        assert all(name in text for name in names)
        assert "审核结果" in text
        assert "还有" not in text
        assert f"{site.BASE_URL}/notifications/preferences/" in text


def test_digest_shows_no_more_than_its_cap(host: Organization, editor: User, settings) -> None:
    settings.NOTIFICATION_DIGEST_CAP = 2
    daily(editor)
    told_of(host, 5)
    deliver_news()
    make_yesterday()
    write_digests()
    deliver_news()

    (sent,) = mails_to(editor)
    assert sent.body.count("因此通知您") == 2
    assert "还有 3 条，请到站内查看" in sent.body
    assert "还有 3 条，请到站内查看" in html_of(sent)


def test_digest_is_written_once_a_day(host: Organization, editor: User) -> None:
    daily(editor)
    told_of(host, 2)
    deliver_news()
    make_yesterday()

    assert [write_digests(), write_digests()] == [1, 0]
    deliver_news()
    make_scenario(host)
    deliver_news()
    make_yesterday()

    assert write_digests() == 0
    assert Digest.objects.filter(user=editor).count() == 1
    assert len(mails_to(editor)) == 1


def test_what_comes_after_the_hour_waits_for_tomorrow(
    host: Organization, editor: User, settings
) -> None:
    daily(editor)
    told_of(host)
    deliver_news()
    settings.NOTIFICATION_DIGEST_HOUR = 0  # all of today comes after

    assert write_digests() == 0


def test_before_the_hour_nothing_is_written(
    host: Organization, editor: User, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily(editor)
    told_of(host)
    deliver_news()
    make_yesterday()
    early = services._beijing(beijing_today(), settings.NOTIFICATION_DIGEST_HOUR)
    monkeypatch.setattr(services, "database_now", lambda: early - timedelta(seconds=1))

    assert write_digests() == 0
    monkeypatch.setattr(services, "database_now", lambda: early)
    assert write_digests() == 1
    assert early.tzinfo is BEIJING


def test_nothing_to_tell_no_mail(host: Organization, editor: User) -> None:
    assert write_digests() == 0
    daily(editor)
    told_of(host)
    deliver_news()
    make_yesterday()
    Notification.objects.filter(user=editor).update(read_at=database_now())

    assert write_digests() == 0
    assert not Digest.objects.exists()


def test_digest_leaves_out_what_one_may_no_longer_see(host: Organization, editor: User) -> None:
    second = make_organization()
    Membership.objects.create(organization=second, user=editor, role="editor")
    daily(editor)
    rows = [make_scenario(host, name="甲方的场景"), make_scenario(second, name="乙方的场景")]
    forget_news()
    mail.outbox.clear()
    for scenario in rows:
        close_scenario(scenario=scenario, actor=SYSTEM)
    deliver_news()
    make_yesterday()
    write_digests()
    Membership.objects.filter(user=editor, organization=second).delete()

    deliver_news()

    (sent,) = mails_to(editor)
    assert "甲方的场景" in sent.body
    assert "乙方的场景" not in sent.body
    Membership.objects.filter(user=editor).delete()
    assert not send_digest(Digest.objects.get(user=editor))


def test_digest_is_known_by_one_id(host: Organization, editor: User) -> None:
    daily(editor)
    told_of(host)
    deliver_news()
    make_yesterday()
    write_digests()
    deliver_news()
    digest = Digest.objects.get(user=editor)

    send_digest(digest)

    ids = {each.message()["Message-ID"] for each in mails_to(editor)}
    assert ids == {f"<digest-{digest.public_id}@127.0.0.1>"}


# Nothing of others (THREATS A5)


def test_nobody_reads_of_another_tenant_or_of_contacts() -> None:
    """A word that only one tenant may know stands in every field; then everything is searched."""
    publisher, supplier, rival = (make_organization(f"{name}公司") for name in "甲乙丙")
    scenario = make_scenario(publisher, name="场景", problem="问题CANARY")
    change_contact(
        scenario=scenario,
        facts=ContactFacts(
            contact_name="CANARY", contact_phone="13800138000", contact_email="canary@example.org"
        ),
        actor=make_member(publisher),
    )
    parties = {"甲": publisher, "乙": supplier, "丙": rival}
    people = {name: make_member(organization) for name, organization in parties.items()}
    own, other = (
        make_application(
            scenario,
            make_capability(parties[name], name=f"{name}能力"),
            proposal=f"CANARY {name}",
            price_fen=price,
        )
        for name, price in (("乙", 123456700), ("丙", 765432100))
    )
    decider = make_member(publisher)
    STEPS.take("select", own, decider)
    STEPS.take("connect", own, decider)
    decline_application(application=other, reason="理由丙", actor=decider)
    for person in people.values():
        choose_modes(actor=person, modes={Category.APPLICATIONS: Mode.AT_ONCE})
    deliver_news()
    close_scenario(scenario=scenario, actor=SYSTEM)
    deliver_news()

    def said_to(name: str) -> str:
        person = user_of(people[name])
        rows = Notification.objects.filter(user=person).values_list("title", "text", "reason")
        mails = [
            f"{each.message().as_bytes()!r}{each.body}{html_of(each)}" for each in mails_to(person)
        ]
        assert mails
        return " ".join([*map(str, rows), *mails])

    everything = {name: said_to(name) for name in people}
    for text in everything.values():
        for canary in ("CANARY", "canary@", "13800138000", "138001", "1234567", "7654321"):
            assert canary not in text
    assert "丙" not in everything["乙"]
    assert "乙" not in everything["丙"]
    assert "理由丙" in everything["丙"]
    assert "理由丙" not in everything["甲"]

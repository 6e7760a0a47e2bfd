"""A copy of one's data, closing an account, and what the years take away."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accounts import personal_data
from accounts.closing import close_account, export_of, purge
from accounts.consents import give_consent
from accounts.contacts import update_contact
from accounts.enums import ConsentKind
from accounts.models import Consent, User
from accounts.sign_up import sign_up
from audit.models import AuditEvent
from common.actor import Actor, ActorKind
from common.errors import Conflict, Forbidden
from organizations.contacts import reveal_member_contact
from organizations.enums import MemberRole
from organizations.models import Membership
from organizations.services import add_member, change_role, leave
from outbox.models import Message
from tests.accounts.devices import begin
from tests.records import (
    SYSTEM,
    give_second_factor,
    make_administrator,
    make_member,
    make_organization,
    user_of,
)

pytestmark = pytest.mark.django_db

PASSWORD = "海上升明月-2026"


@pytest.fixture
def person() -> User:
    made = User.objects.create_user("li@example.org", PASSWORD, name="李明", phone="13800138000")
    give_consent(person=made, kinds=[*ConsentKind], actor=Actor.of(made))
    give_second_factor(made)
    begin(made)
    return made


@pytest.fixture
def registry(monkeypatch) -> None:
    """Whatever a test registers is gone after it."""
    for name in ("_objections", "_erasers"):
        monkeypatch.setattr(personal_data, name, [*getattr(personal_data, name)])
    monkeypatch.setattr(personal_data, "_providers", {**personal_data._providers})


# Export


def test_export_holds_every_part_and_no_secret(person: User) -> None:
    data = export_of(person=person, actor=Actor.of(person))
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False)

    assert {"exported_at", "account", "addresses", "consents", "sessions"} <= {*data}
    assert data["account"]["phone"] == "13800138000"
    assert [each["email"] for each in data["addresses"]] == ["li@example.org"]
    assert {each["kind"] for each in data["consents"]} == {*ConsentKind}
    assert [each["device"] for each in data["sessions"]] == ["Windows · Chrome"]
    assert [each["type"] for each in data["second_factors"]] == ["totp"]
    secrets = [person.password, Authenticator.objects.get().data["secret"]]
    secrets += UserSession.objects.values_list("session_key", flat=True)
    assert [each for each in secrets if each in text] == []
    assert AuditEvent.objects.filter(verb="accounts.user.export").count() == 1


def test_apps_above_add_their_parts(person: User, registry) -> None:
    personal_data.register("shelf", lambda who: [who.email])

    assert export_of(person=person, actor=Actor.of(person))["shelf"] == ["li@example.org"]


def test_export_tells_what_the_person_was_and_did() -> None:
    organization = make_organization("明远制造")
    member = make_member(organization)
    person = user_of(member)
    change_role(organization=organization, person=person, role=MemberRole.VIEWER, actor=SYSTEM)
    leave(organization=organization, actor=member)
    make_administrator("content", person=person)
    other = make_member(organization, "owner")
    change_name = {"name": "李明", "phone": ""}
    update_contact(person=user_of(other), **change_name, actor=other)

    data = export_of(person=person, actor=member)

    assert data["memberships"] == []
    past = [
        (each["organization"], each["role"], each["change"]) for each in data["membership_history"]
    ]
    assert past == [
        ("明远制造", "editor", "joined"),
        ("明远制造", "viewer", "changed"),
        ("明远制造", "viewer", "left"),
    ]
    assert [each["duties"] for each in data["appointments"]] == [["content"]]
    done = [(each["verb"], each["operation"]) for each in data["operations"]]
    assert done == [
        ("organizations.organization.leave", "退出组织"),
        ("accounts.user.add_second_factor", "添加两步验证"),
        ("accounts.user.export", "导出个人信息"),
    ]
    assert {each["object_id"] for each in data["operations"]} == {
        str(organization.pk),
        str(person.pk),
    }


def test_nobody_exports_somebody_else(person: User) -> None:
    for actor in (make_administrator(), Actor(ActorKind.VISITOR)):
        with pytest.raises(Forbidden):
            export_of(person=person, actor=actor)


# Closing


def test_closing_leaves_nothing_of_the_person(person: User) -> None:
    actor = Actor.of(person)

    close_account(person=person, actor=actor)

    kept = User.objects.get(pk=person.pk)
    assert (kept.name, kept.phone, kept.is_active) == ("已注销用户", "", False)
    assert kept.email.endswith("@closed.invalid")
    assert not kept.has_usable_password()
    assert kept.deleted_at is not None
    assert not EmailAddress.objects.filter(user=kept).exists()
    assert not Authenticator.objects.filter(user=kept).exists()
    assert not UserSession.objects.filter(user=kept).exists()
    assert not Session.objects.exists()
    assert not Consent.objects.filter(user=kept, withdrawn_at=None).exists()
    event = AuditEvent.objects.get(verb="accounts.user.close")
    assert event.actor_user_id == person.pk
    # The address is free again.
    assert User.objects.create_user("li@example.org")


def test_no_address_stands_in_what_can_never_be_mended() -> None:
    """Of whoever gave no name; as the one who did it, and as the one it was done to."""
    person = User.objects.create_user("zhao.liu@example.org", PASSWORD)
    actor = Actor.of(person)
    update_contact(person=person, name="", phone="13900139000", actor=actor)
    give_second_factor(person)
    begin(person)
    organization = make_organization()
    owner = make_member(organization, "owner")
    add_member(organization=organization, person=person, role=MemberRole.EDITOR, actor=SYSTEM)
    reveal_member_contact(membership=Membership.objects.get(user=person), actor=owner)

    close_account(person=person, actor=actor)

    rows = [*AuditEvent.objects.values(), *Message.objects.values()]
    written = json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False)
    assert "accounts.user.close" in written
    assert [each for each in ("zhao.liu", "z***", "13900139000") if each in written] == []


def test_last_mail_says_that_the_account_is_closed(
    person: User, settings, django_capture_on_commit_callbacks
) -> None:
    settings.SITE_CONTACT = "020-12345678"
    with django_capture_on_commit_callbacks(execute=True):
        close_account(person=person, actor=Actor.of(person))

    (sent,) = mail.outbox
    assert (sent.subject, sent.to) == ("[场景桥] 账号已注销", ["li@example.org"])
    for said in ("li@example.org 已注销", "为让您知道", "请立即联系运营单位：020-12345678"):
        assert said in sent.body


def test_nobody_is_written_to_at_an_address_that_is_not_proved(
    person: User, django_capture_on_commit_callbacks
) -> None:
    EmailAddress.objects.update(verified=False)
    invented = User.objects.create_user("demo@example.org", PASSWORD, is_demonstration=True)
    with django_capture_on_commit_callbacks(execute=True):
        close_account(person=person, actor=SYSTEM)
        close_account(person=invented, actor=SYSTEM)

    assert mail.outbox == []


def test_mail_server_that_is_away_keeps_nobody(
    person: User, settings, django_capture_on_commit_callbacks
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with django_capture_on_commit_callbacks(execute=True):
        close_account(person=person, actor=SYSTEM)

    assert User.objects.get(pk=person.pk).deleted_at is not None


def test_closed_account_is_not_closed_again(person: User) -> None:
    close_account(person=person, actor=SYSTEM)

    with pytest.raises(Conflict, match="已经注销"):
        close_account(person=person, actor=SYSTEM)


def test_objection_keeps_everything_as_it_was(person: User, registry) -> None:
    personal_data.register_objection(lambda who: f"先移交，{who.name}。")
    personal_data.register_eraser(lambda who, actor: pytest.fail("erased in spite of an objection"))

    with pytest.raises(Conflict, match="先移交，李明。"):
        close_account(person=person, actor=Actor.of(person))
    kept = User.objects.get(pk=person.pk)
    assert (kept.name, kept.is_active, kept.deleted_at) == ("李明", True, None)


def test_erasers_run_in_the_transaction_that_closes(person: User, registry) -> None:
    def fail(who: User, actor: Actor) -> None:
        raise Conflict("不行。")

    personal_data.register_eraser(lambda who, actor: Consent.objects.filter(user=who).delete())
    personal_data.register_eraser(fail)

    with pytest.raises(Conflict, match="不行"):
        close_account(person=person, actor=Actor.of(person))
    assert Consent.objects.filter(user=person).count() == 2


def test_whoever_has_duties_hands_them_over_first() -> None:
    administrator = user_of(make_administrator())

    with pytest.raises(Conflict, match="解除任职"):
        close_account(person=administrator, actor=Actor.of(administrator))


def test_nobody_closes_the_account_of_somebody_else(person: User) -> None:
    for actor in (make_administrator(), Actor(ActorKind.VISITOR)):
        with pytest.raises(Forbidden):
            close_account(person=person, actor=actor)


# Purging


def past(days: int) -> object:
    return timezone.now() - timedelta(days=days)


def test_addresses_that_nobody_verified_go_after_their_time(settings) -> None:
    settings.RETENTION_DAYS = {**settings.RETENTION_DAYS, "unverified_accounts": 30}
    for number, (days, verified) in enumerate([(31, False), (29, False), (31, True)]):
        made = sign_up(email=f"p{number}@example.org", name="某", password=PASSWORD)
        User.objects.filter(pk=made.pk).update(date_joined=past(days))
        made.emailaddress_set.update(verified=verified)

    assert purge()["unverified_accounts"] == 1

    assert {*User.objects.values_list("email", flat=True)} == {"p1@example.org", "p2@example.org"}
    assert AuditEvent.objects.filter(verb="accounts.user.purge_unverified").count() == 1


def test_closed_accounts_are_not_taken_for_unverified_ones(person: User) -> None:
    close_account(person=person, actor=SYSTEM)
    User.objects.filter(pk=person.pk).update(date_joined=past(400))

    assert purge()["unverified_accounts"] == 0
    assert User.objects.filter(pk=person.pk).exists()


def test_sessions_go_when_they_end_and_their_devices_later(settings) -> None:
    settings.RETENTION_DAYS = {**settings.RETENTION_DAYS, "sessions": 180}
    person = User.objects.create_user("li@example.org")
    open_old = begin(person, last_seen_at=past(200))
    ended_old = begin(person, last_seen_at=past(181))
    ended = begin(person, last_seen_at=past(179))
    keys = [ended_old.session_key, ended.session_key]
    Session.objects.filter(session_key__in=keys).update(expire_date=past(1))

    done = purge()

    assert (done["sessions"], done["session_list"]) == (2, 1)
    assert {*UserSession.objects.all()} == {open_old, ended}
    assert [*Session.objects.values_list("pk", flat=True)] == [open_old.session_key]


def test_consents_of_closed_accounts_go_after_their_time(person: User, settings) -> None:
    settings.RETENTION_DAYS = {**settings.RETENTION_DAYS, "consents_of_closed_accounts": 1095}
    other = User.objects.create_user("wang@example.org")
    give_consent(person=other, kinds=[ConsentKind.TERMS], actor=Actor.of(other))
    close_account(person=person, actor=SYSTEM)

    assert purge()["consents"] == 0
    User.objects.filter(pk=person.pk).update(deleted_at=past(1096))
    assert purge()["consents"] == 2
    assert [each.user for each in Consent.objects.all()] == [other]

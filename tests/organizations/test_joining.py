"""Coming to act for an organization: asking, being invited, leaving."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from accounts.models import User
from audit.models import AuditEvent
from common.actor import Actor, ActorKind
from common.errors import Conflict, Forbidden, InvalidInput, NotFound
from common.models import database_now
from organizations import joining, receivers
from organizations.enums import MemberRole
from organizations.models import Invitation, Organization
from organizations.queries import role_of
from organizations.services import discard_organization, leave, verify_organization
from outbox.models import Delivery, Message
from tests.evidence import make_draft, make_submitted
from tests.people import CODE, ask, invited, make_person
from tests.records import SYSTEM, credit_code, make_member, make_organization, user_of

pytestmark = pytest.mark.django_db


def test_request_is_found_by_the_exact_number_alone() -> None:
    organization, actor = make_organization(verified=False), make_person()
    draft = make_draft(identifier=credit_code(777_777))

    asked = ask(organization, actor, message="研发部王工")
    assert (asked.organization, asked.state) == (organization, "pending")
    for number in (credit_code(555_555), draft.organization.identifier):
        with pytest.raises(NotFound):
            joining.ask_to_join(scheme=CODE, identifier=number, actor=actor)
    with pytest.raises(InvalidInput) as refused:
        joining.ask_to_join(scheme=CODE, identifier=organization.identifier[:8], actor=actor)
    assert set(refused.value.fields) == {"identifier"}
    with pytest.raises(Forbidden):
        ask(organization, Actor(ActorKind.VISITOR))


def test_request_is_made_once_and_by_strangers() -> None:
    organization, actor = make_organization(), make_person()
    ask(organization, actor)

    with pytest.raises(Conflict, match="已经申请"):
        ask(organization, actor)
    with pytest.raises(Conflict, match="已经是"):
        ask(organization, make_member(organization))


def test_few_requests_at_a_time() -> None:
    actor = make_person()
    for _ in range(joining.MOST_REQUESTS):
        ask(make_organization(), actor)

    with pytest.raises(Conflict, match="等待答复"):
        ask(make_organization(), actor)


def test_owner_lets_in_with_a_role() -> None:
    organization, actor = make_organization(), make_person()
    asked = ask(organization, actor)

    joining.accept_join_request(
        request=asked, role=MemberRole.EDITOR, actor=make_member(organization, "owner")
    )
    assert role_of(organization, user_of(actor)) == "editor"
    assert AuditEvent.objects.filter(verb__endswith="organization.add_member").count() == 1


def test_invitation_is_mailed_once_and_its_token_stored_nowhere(settings: Any) -> None:
    organization = make_organization("广州港")
    invitation = invited(organization)
    message = Message.objects.get(topic="organizations.invitation.create")
    assert Delivery.objects.filter(
        message=message, consumer="organizations.mail_invitation"
    ).exists()

    receivers.mail_invitation(message)

    (sent,) = mail.outbox
    token = joining.token_of(invitation)
    assert sent.to == ["new@example.org"]
    assert f"{settings.BASE_URL}/invitations/{token}/" in sent.body
    assert "广州港" in sent.body
    assert "收到本邮件" in sent.body
    stored = [*Invitation.objects.values_list(), message.payload]
    assert token not in str([*stored, *AuditEvent.objects.values_list("details")])
    assert joining.invitation_of(token) == invitation
    assert joining.invitation_of(invitation.token_hash) is None
    joining.revoke_invitation(invitation=invitation, actor=make_member(organization, "owner"))
    receivers.mail_invitation(message)
    assert len(mail.outbox) == 1


def test_same_comes_of_inviting_a_known_and_an_unknown_address() -> None:
    organization = make_organization()
    make_person("known@example.org")
    owner = make_member(organization, "owner")
    made = [
        joining.invite(organization=organization, email=email, role=MemberRole.VIEWER, actor=owner)
        for email in ("known@example.org", "unknown@example.org")
    ]

    assert {each.state for each in made} == {"pending"}
    assert Message.objects.filter(topic="organizations.invitation.create").count() == 2


def test_invitation_is_for_its_address_and_for_once() -> None:
    invitation = invited(make_organization(), "New@Example.org")
    actor, other = make_person(), make_person("other@example.org")

    with pytest.raises(Forbidden):
        joining.accept_invitation(invitation=invitation, actor=other)
    joining.accept_invitation(invitation=invitation, actor=actor)
    assert role_of(invitation.organization, user_of(actor)) == "editor"
    with pytest.raises(Conflict):
        joining.accept_invitation(invitation=invitation, actor=actor)


def test_invitation_runs_out_and_may_then_be_sent_again() -> None:
    organization = make_organization()
    invitation = invited(organization)
    with pytest.raises(Conflict, match="没有答复的邀请"):
        invited(organization)
    Invitation.objects.update(expires_at=database_now() - timedelta(seconds=1))

    with pytest.raises(Conflict, match="过期"):
        joining.accept_invitation(invitation=invitation, actor=make_person())
    assert invited(organization).pk != invitation.pk
    invitation.refresh_from_db()
    assert invitation.state == "revoked"


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_only_owners_invite(role: str) -> None:
    organization = make_organization()

    with pytest.raises(Forbidden):
        joining.invite(
            organization=organization,
            email="new@example.org",
            role=MemberRole.OWNER,
            actor=make_member(organization, role),
        )


@pytest.mark.parametrize("email", ["", "nobody", "a@b\u202ec.org", "a@example.org\nBcc: b@c.org"])
def test_address_that_is_none_is_refused(email: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        invited(make_organization(), email)
    assert set(refused.value.fields) == {"email"}


def send(organization: Organization, owner: Actor, number: int) -> Invitation:
    return joining.invite(
        organization=organization,
        email=f"p{number}@example.org",
        role=MemberRole.VIEWER,
        actor=owner,
    )


def test_mailboxes_are_not_flooded(settings: Any) -> None:
    organization = make_organization()
    owner = make_member(organization, "owner")
    for number in range(settings.INVITATIONS_A_DAY):
        send(organization, owner, number)

    with pytest.raises(Conflict, match="一个组织一天最多"):
        invited(organization, "one-more@example.org")


def test_one_person_does_not_flood_them_for_several_organizations(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INVITATIONS_A_DAY = 4
    first, second = make_organization(), make_organization()
    owner = make_member(first, "owner")
    second.memberships.create(user_id=owner.user_id, role="owner")
    for number, organization in enumerate((first, second, first, second)):
        send(organization, owner, number)

    with pytest.raises(Conflict, match="一人一天最多发出 4 份"):
        send(second, owner, 5)
    send(second, make_member(second, "owner"), 5)
    # The log of what was sent cannot be dated back: a day later it is.
    tomorrow = database_now() + timedelta(hours=25)
    monkeypatch.setattr(joining, "database_now", lambda: tomorrow)
    send(second, owner, 6)


def test_registrations_that_are_given_up_do_not_make_new_room(settings: Any) -> None:
    settings.INVITATIONS_A_DAY = 2
    given = make_draft()
    for number in range(2):
        send(given.organization, given.owner, number)
    discard_organization(organization=given.organization, actor=given.owner)
    again = make_organization()
    again.memberships.create(user_id=given.owner.user_id, role="owner")

    with pytest.raises(Conflict, match="一人一天最多发出 2 份"):
        send(again, given.owner, 3)


def test_organization_that_nobody_has_checked_invites_a_few(settings: Any) -> None:
    few = settings.INVITATIONS_BEFORE_VERIFICATION
    given = make_draft()
    sent = [send(given.organization, given.owner, number) for number in range(few)]

    def one_more() -> Invitation:
        return send(given.organization, given.owner, few)

    with pytest.raises(Conflict, match=f"最多有 {few} 份等待答复的邀请"):
        one_more()
    joining.revoke_invitation(invitation=sent[0], actor=given.owner)
    with pytest.raises(Conflict, match="撤销的在 24 小时内仍计入"):
        one_more()
    Invitation.objects.filter(pk=sent[0].pk).update(created_at=database_now() - timedelta(hours=25))
    one_more()
    with pytest.raises(Conflict, match="核验通过之前"):
        send(given.organization, given.owner, few + 1)
    joining.accept_invitation(invitation=sent[1], actor=make_person("p1@example.org"))
    send(given.organization, given.owner, few + 1)


def test_organization_that_was_checked_invites_more_than_a_few(settings: Any) -> None:
    given = make_submitted()
    owner, organization = given.owner, given.organization
    verify_organization(organization=organization, actor=SYSTEM)

    for number in range(settings.INVITATIONS_BEFORE_VERIFICATION + 1):
        send(organization, owner, number)
    assert organization.invitations.count() == settings.INVITATIONS_BEFORE_VERIFICATION + 1


def test_invitation_is_found_by_whose_mailbox_it_went_to() -> None:
    organization = make_organization()
    invitation = invited(organization, "New@Example.org")
    actor, other = make_person(), make_person("other@example.org")

    assert joining.links_to_answer(actor) == [(invitation, joining.token_of(invitation))]
    assert joining.links_to_answer(other) == []
    assert joining.links_to_answer(Actor(ActorKind.VISITOR)) == []
    Invitation.objects.update(expires_at=database_now() - timedelta(seconds=1))
    assert joining.links_to_answer(actor) == []
    Invitation.objects.update(expires_at=database_now() + timedelta(days=1))
    joining.accept_invitation(invitation=invitation, actor=actor)
    assert joining.links_to_answer(actor) == []


def test_mailbox_that_nobody_has_proved_finds_and_accepts_nothing() -> None:
    invitation = invited(make_organization())
    person = User.objects.create_user("new@example.org")
    person.emailaddress_set.update(verified=False)
    actor = Actor.of(person)

    assert joining.links_to_answer(actor) == []
    with pytest.raises(Forbidden):
        joining.accept_invitation(invitation=invitation, actor=actor)
    person.emailaddress_set.update(verified=True)
    joining.accept_invitation(invitation=invitation, actor=actor)


def test_who_has_joined_meanwhile_has_nothing_to_answer() -> None:
    organization, actor = make_organization(), make_person()
    invited(organization)
    organization.memberships.create(user_id=actor.user_id, role="viewer")

    assert joining.links_to_answer(actor) == []


def test_mail_says_that_nobody_has_checked_the_organization() -> None:
    draft, verified = make_draft().organization, make_organization()
    for organization in (draft, verified):
        invited(organization)
    for message in Message.objects.filter(topic="organizations.invitation.create").order_by("pk"):
        receivers.mail_invitation(message)

    assert ["尚未通过核验" in sent.body for sent in mail.outbox] == [True, False]


def test_last_owner_does_not_leave_and_others_do() -> None:
    organization = make_organization()
    owner, editor = make_member(organization, "owner"), make_member(organization)

    leave(organization=organization, actor=editor)
    with pytest.raises(Conflict, match="最后一位负责人"):
        leave(organization=organization, actor=owner)
    with pytest.raises(Forbidden):
        leave(organization=organization, actor=editor)
    assert role_of(organization, user_of(owner)) == "owner"

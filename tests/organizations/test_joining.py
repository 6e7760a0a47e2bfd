"""Coming to act for an organization: asking, being invited, leaving."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from audit.models import AuditEvent
from common.actor import Actor, ActorKind
from common.errors import Conflict, Forbidden, InvalidInput, NotFound
from common.models import database_now
from organizations import joining, receivers
from organizations.enums import MemberRole
from organizations.models import Invitation
from organizations.queries import role_of
from organizations.services import leave
from outbox.models import Delivery, Message
from tests.evidence import make_draft
from tests.people import CODE, ask, invited, make_person
from tests.records import credit_code, make_member, make_organization, user_of

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


def test_mailboxes_are_not_flooded() -> None:
    organization = make_organization()
    owner = make_member(organization, "owner")
    for number in range(joining.MOST_INVITATIONS_A_DAY):
        joining.invite(
            organization=organization,
            email=f"p{number}@example.org",
            role=MemberRole.VIEWER,
            actor=owner,
        )

    with pytest.raises(Conflict, match="一天最多"):
        invited(organization, "one-more@example.org")


def test_last_owner_does_not_leave_and_others_do() -> None:
    organization = make_organization()
    owner, editor = make_member(organization, "owner"), make_member(organization)

    leave(organization=organization, actor=editor)
    with pytest.raises(Conflict, match="最后一位负责人"):
        leave(organization=organization, actor=owner)
    with pytest.raises(Forbidden):
        leave(organization=organization, actor=editor)
    assert role_of(organization, user_of(owner)) == "owner"

"""Who reads in full how a member can be reached, and that it is on record."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.contacts import Contact
from accounts.models import User
from audit.models import AuditEvent
from common.actor import Actor, ActorKind
from common.errors import Forbidden
from organizations.contacts import reveal_member_contact
from organizations.enums import MemberRole
from organizations.models import Membership, Organization
from tests.pages import signed_in
from tests.records import (
    GUANGZHOU,
    SHENZHEN,
    make_administrator,
    make_member,
    make_organization,
    user_of,
)

pytestmark = pytest.mark.django_db

REVEALED = "organizations.organization.reveal_contact"
MASKED, PHONE, EMAIL = "138****8000", "13800138000", "li@example.org"


@pytest.fixture
def organization() -> Organization:
    return make_organization(city=GUANGZHOU)


@pytest.fixture
def membership(organization: Organization) -> Membership:
    person = User.objects.create_user(EMAIL, name="李明", phone=PHONE)
    return Membership.objects.create(organization=organization, user=person, role=MemberRole.EDITOR)


def address(membership: Membership, organization: Organization | None = None) -> str:
    of = organization or membership.organization
    return reverse("member_contact", args=[of.public_id, membership.user.public_id])


def on_record() -> int:
    return AuditEvent.objects.filter(verb=REVEALED).count()


@pytest.mark.parametrize("duty", ["content", "system", "owner"])
@pytest.mark.parametrize("city", [GUANGZHOU, None])
def test_who_may_have_to_call_reads_it_and_that_is_on_record(
    membership: Membership, duty: str, city: str | None
) -> None:
    organization = membership.organization
    owner = duty == "owner"
    actor = make_member(organization, duty) if owner else make_administrator(duty, city=city)

    contact = reveal_member_contact(membership=membership, actor=actor)

    assert contact == Contact("李明", EMAIL, PHONE)
    event = AuditEvent.objects.get(verb=REVEALED)
    assert (event.actor_user_id, event.object_id) == (actor.user_id, str(organization.pk))
    # Whoever audits what concerns the organization finds it, without what was read.
    assert event.organization_id == organization.pk
    assert event.details == {"user": membership.user_id}


def test_others_do_not_and_nothing_is_on_record(membership: Membership) -> None:
    strangers = [
        make_administrator("content", city=SHENZHEN),
        make_administrator("system", city=SHENZHEN),
        make_administrator("catalogue"),
        make_administrator("audit"),
        make_member(membership.organization, "editor"),
        make_member(membership.organization, "viewer"),
        make_member(make_organization(), "owner"),
        Actor(ActorKind.VISITOR),
    ]
    for actor in strangers:
        with pytest.raises(Forbidden):
            reveal_member_contact(membership=membership, actor=actor)
    assert on_record() == 0


def test_answer_takes_the_place_of_what_was_masked_and_is_kept_nowhere(
    membership: Membership,
) -> None:
    client = signed_in(make_administrator("content", city=GUANGZHOU))

    whole = client.post(address(membership))
    part = client.post(address(membership), headers={"HX-Request": "true"})

    for answer in (whole, part):
        assert answer.headers["Cache-Control"] == "no-store"
        assert PHONE in answer.content.decode()
        assert EMAIL in answer.content.decode()
    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()
    assert on_record() == 2


def test_reading_alone_reveals_nothing(membership: Membership) -> None:
    client = signed_in(make_administrator("content", city=GUANGZHOU))

    assert client.get(address(membership)).status_code == 405
    assert Client().post(address(membership)).headers["Location"].startswith("/accounts/login/")
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(user_of(make_administrator("content", city=GUANGZHOU)))
    assert forged.post(address(membership)).status_code == 403
    assert on_record() == 0


def test_members_elsewhere_answer_as_absent_ones(membership: Membership) -> None:
    other = make_organization(city=GUANGZHOU)
    elsewhere = signed_in(make_administrator("content", city=SHENZHEN))
    here = signed_in(make_administrator("content", city=GUANGZHOU))
    colleague = signed_in(make_member(membership.organization, "editor"))

    assert elsewhere.post(address(membership)).status_code == 404
    # Of another organization that the administrator oversees too, he is no member.
    assert here.post(address(membership, other)).status_code == 404
    assert colleague.post(address(membership)).status_code == 403
    assert on_record() == 0

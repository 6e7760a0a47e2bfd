"""Two at once: an organization that has an owner keeps one, and nobody joins twice."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from accounts.services import lock_person
from audit.queries import events_of
from common.actor import Actor
from common.errors import Conflict, DomainError, Forbidden
from files.models import StoredFile
from organizations import joining, services
from organizations.enums import MemberRole
from organizations.evidence import add_evidence
from organizations.facts import EvidenceFacts, OrganizationFacts
from organizations.models import Evidence, Invitation, JoinRequest, Membership, Organization
from organizations.services import (
    STEPS,
    change_role,
    leave,
    lock_organization,
    register_organization,
    remove_member,
)
from organizations.transitions import LIFECYCLE
from tests.evidence import make_draft, make_evidence, upload
from tests.people import ask, invited, make_person
from tests.races import at_once, queued_behind
from tests.records import (
    credit_code,
    make_administrator,
    make_member,
    make_organization,
    user_of,
)


def demote(organization: Organization, person: User, actor: Actor) -> None:
    change_role(organization=organization, person=person, role=MemberRole.VIEWER, actor=actor)


def remove(organization: Organization, person: User, actor: Actor) -> None:
    remove_member(organization=organization, person=person, actor=actor)


@pytest.mark.parametrize("end", [demote, remove])
def test_two_owners_who_end_each_other_leave_one(
    committed_db: str, end: Callable[[Organization, User, Actor], None]
) -> None:
    organization = make_organization()
    first, second = (make_member(organization, "owner") for _ in range(2))
    persons = {actor: user_of(actor) for actor in (first, second)}

    def try_to_end(other: Actor, actor: Actor) -> str:
        try:
            end(organization, persons[other], actor)
        except Forbidden:
            return "told"
        return "done"

    done = at_once(lambda: try_to_end(second, first), lambda: try_to_end(first, second))

    assert sorted(done) == ["done", "told"]
    assert Membership.objects.filter(organization=organization, role="owner").count() == 1


def outcome(act: Any) -> str:
    try:
        act()
    except DomainError:
        return "told"
    return "done"


def test_two_owners_who_leave_at_once_leave_one(committed_db: str) -> None:
    organization = make_organization()
    owners = [make_member(organization, "owner") for _ in range(2)]

    done = at_once(
        *(
            lambda actor=actor: outcome(lambda: leave(organization=organization, actor=actor))
            for actor in owners
        )
    )

    assert sorted(done) == ["done", "told"]
    assert Membership.objects.filter(organization=organization, role="owner").count() == 1


def test_two_requests_at_once_are_one(committed_db: str) -> None:
    organization, actor = make_organization(), make_person()

    done = at_once(*(lambda: outcome(lambda: ask(organization, actor)) for _ in range(2)))

    assert sorted(done) == ["done", "told"]
    assert JoinRequest.objects.count() == 1


def test_two_owners_who_accept_at_once_let_in_once(committed_db: str) -> None:
    organization, actor = make_organization(), make_person()
    asked = ask(organization, actor)
    owners = [make_member(organization, "owner") for _ in range(2)]

    def accept(owner: Actor) -> str:
        mine = JoinRequest.objects.select_related("organization").get(pk=asked.pk)
        return outcome(lambda: joining.accept_join_request(request=mine, actor=owner))

    done = at_once(*(lambda owner=owner: accept(owner) for owner in owners))

    assert sorted(done) == ["done", "told"]
    assert Membership.objects.filter(user_id=actor.user_id).count() == 1


def test_invitation_accepted_twice_at_once_counts_once(committed_db: str) -> None:
    invitation, actor = invited(make_organization()), make_person()

    def accept() -> str:
        mine = Invitation.objects.select_related("organization").get(pk=invitation.pk)
        return outcome(lambda: joining.accept_invitation(invitation=mine, actor=actor))

    assert sorted(at_once(accept, accept)) == ["done", "told"]
    assert Membership.objects.filter(user_id=actor.user_id).count() == 1


def test_request_and_invitation_accepted_at_once_let_in_once(committed_db: str) -> None:
    organization, actor = make_organization(), make_person()
    asked, invitation = ask(organization, actor), invited(organization)
    owner = make_member(organization, "owner")

    done = at_once(
        lambda: outcome(lambda: joining.accept_join_request(request=asked, actor=owner)),
        lambda: outcome(lambda: joining.accept_invitation(invitation=invitation, actor=actor)),
    )

    assert sorted(done) == ["done", "told"]
    assert Membership.objects.filter(user_id=actor.user_id).count() == 1


# Who counts and then adds must not be counted past: of two the second waits, and is told.


def test_last_draft_that_a_person_may_begin_is_begun_once(committed_db: str) -> None:
    actor = make_person()

    def begin(number: int) -> Organization:
        facts = OrganizationFacts(name=f"草稿{number}", identifier=credit_code(930_000 + number))
        return register_organization(facts=facts, actor=actor)

    for number in range(services.MOST_DRAFTS - 1):
        begin(number)

    assert queued_behind(lambda: begin(10), lambda: outcome(lambda: begin(11))) == "told"
    assert Organization.objects.count() == services.MOST_DRAFTS


def test_last_request_that_a_person_may_make_is_made_once(committed_db: str) -> None:
    actor, (first, second) = make_person(), (make_organization() for _ in range(2))
    for _ in range(joining.MOST_REQUESTS - 1):
        ask(make_organization(), actor)

    told = queued_behind(lambda: ask(first, actor), lambda: outcome(lambda: ask(second, actor)))
    assert told == "told"
    assert JoinRequest.objects.count() == joining.MOST_REQUESTS


def invite(organization: Organization, owner: Actor, number: int) -> Invitation:
    return joining.invite(
        organization=organization,
        email=f"p{number}@example.org",
        role=MemberRole.VIEWER,
        actor=owner,
    )


def test_last_invitation_of_an_organization_is_sent_once(committed_db: str, settings: Any) -> None:
    settings.INVITATIONS_BEFORE_VERIFICATION = 1
    draft = make_draft()
    other = make_member(draft.organization, "owner")

    told = queued_behind(
        lambda: invite(draft.organization, draft.owner, 1),
        lambda: outcome(lambda: invite(draft.organization, other, 2)),
    )
    assert told == "told"
    assert Invitation.objects.count() == 1


def test_last_invitation_of_a_person_is_sent_once(committed_db: str, settings: Any) -> None:
    settings.INVITATIONS_A_DAY = 1
    first, second = make_organization(), make_organization()
    owner = make_member(first, "owner")
    second.memberships.create(user_id=owner.user_id, role="owner")

    told = queued_behind(
        lambda: invite(first, owner, 1), lambda: outcome(lambda: invite(second, owner, 2))
    )
    assert told == "told"
    assert Invitation.objects.count() == 1


def add_licence(organization: Organization, actor: Actor) -> Evidence:
    return add_evidence(
        organization=organization,
        facts=EvidenceFacts.model_validate({"kind": "licence"}),
        upload=upload(),
        actor=actor,
    )


def test_last_document_of_an_organization_is_kept_once(committed_db: str, settings: Any) -> None:
    settings.EVIDENCE_FILES_A_DAY = 1
    organization = make_draft(licence=False).organization
    editor = make_member(organization)

    def another() -> None:
        lock_organization(organization)
        make_evidence(organization)

    told = queued_behind(another, lambda: outcome(lambda: add_licence(organization, editor)))
    assert told == "told"
    assert StoredFile.objects.count() == 1


def test_last_upload_of_a_person_is_kept_once(committed_db: str, settings: Any) -> None:
    settings.FILES_A_DAY = 1
    draft = make_draft(licence=False)
    assert draft.owner.user_id is not None
    user_id = draft.owner.user_id

    def another() -> None:
        lock_person(user_id)
        make_evidence(make_organization())
        StoredFile.objects.update(uploader=user_id)

    told = queued_behind(
        another, lambda: outcome(lambda: add_licence(draft.organization, draft.owner))
    )
    assert told == "told"
    assert StoredFile.objects.count() == 1


@pytest.mark.parametrize("other", ["verify", "return", "reject"])
def test_of_two_administrators_who_decide_at_once_one_wins_and_the_other_is_told(
    committed_db: str, other: str
) -> None:
    organization = make_organization(verified=False)
    first, second = make_administrator("content"), make_administrator("content")

    def decide(name: str, actor: Actor) -> str:
        seen = Organization.objects.get(pk=organization.pk)
        try:
            STEPS.take(name, seen, actor, reason="材料不全")
        except Conflict as error:
            return error.message
        return "done"

    done = at_once(lambda: decide("verify", first), lambda: decide(other, second))

    assert sorted(each == "done" for each in done) == [False, True]
    assert any("当前状态为" in each for each in done)
    organization.refresh_from_db()
    won = ("verify", other)[done.index("done")]
    assert organization.state == LIFECYCLE.get(won).target
    decided = events_of(organization).filter(verb__endswith=f".{won}")
    assert decided.count() == 1

"""Who may do what to an organization, and the predicates that its records build on."""

from __future__ import annotations

from accounts.enums import Duty
from accounts.jurisdiction import reaches
from accounts.queries import has_proved_address
from accounts.rules import is_platform
from common.actor import Actor, ActorKind
from common.permissions import allow, may, predicate
from organizations.enums import EvidenceState, MemberRole, OrganizationState
from organizations.models import Amendment, Evidence, Invitation, JoinRequest, Organization
from organizations.queries import invitations_to, roles_in


@predicate
def is_member(actor: Actor, organization: Organization) -> bool:
    return bool(roles_in(organization, actor))


@predicate
def is_editor(actor: Actor, organization: Organization) -> bool:
    """Owners edit too."""
    return bool(roles_in(organization, actor) & {MemberRole.OWNER, MemberRole.EDITOR})


@predicate
def is_owner(actor: Actor, organization: Organization) -> bool:
    return MemberRole.OWNER in roles_in(organization, actor)


@predicate
def oversees(actor: Actor, organization: Organization) -> bool:
    """Content administrators of the place where it sits, once it was handed in."""
    return _is_in_charge(actor, Duty.CONTENT, organization)


@predicate
def administers_accounts_at(actor: Actor, organization: Organization) -> bool:
    """System administrators of the place where it sits, once it was handed in."""
    return _is_in_charge(actor, Duty.SYSTEM, organization)


def _is_in_charge(actor: Actor, duty: Duty, organization: Organization) -> bool:
    """A draft belongs to its authors, as ``queries.visible_to`` says."""
    if organization.state == OrganizationState.DRAFT and not actor.is_system:
        return False
    return reaches(actor, duty, organization.city_id, organization.district_id)


@predicate
def is_known_person(actor: Actor) -> bool:
    """Whose address is proved: sign-in asks for that too, sessions of others do no more."""
    if actor.kind is not ActorKind.PERSON or actor.user_id is None:
        return False
    return has_proved_address(actor.user_id)


@predicate
def edits_its_organization(actor: Actor, record: Amendment) -> bool:
    return bool(is_editor(actor, record.organization))


@predicate
def takes_it_back(actor: Actor, evidence: Evidence) -> bool:
    """What somebody has checked others rely on: that is up to the owners."""
    if evidence.state == EvidenceState.CONFIRMED:
        return bool(is_owner(actor, evidence.organization))
    return bool(is_editor(actor, evidence.organization))


@predicate
def checks_its_organization(actor: Actor, record: Evidence | Amendment) -> bool:
    return may("organizations.verify", actor, record.organization)


@predicate
def answers_for_its_organization(actor: Actor, record: JoinRequest | Invitation) -> bool:
    return may("organizations.add_member", actor, record.organization)


@predicate
def asked_it(actor: Actor, request: JoinRequest) -> bool:
    return actor.user_id is not None and request.user_id == actor.user_id


@predicate
def is_invited(actor: Actor, invitation: Invitation) -> bool:
    """The very mailbox that the invitation was sent to is known to be the person's own."""
    return invitations_to(actor).filter(pk=invitation.pk).exists()


# Anybody who signs in begins a registration; the platform takes organizations up by command.
allow("organizations.register", is_known_person | is_platform)
allow("organizations.change", is_editor)
allow("organizations.submit", is_editor)
allow("organizations.discard", is_owner)
# Whoever belongs to an organization does not check it.
allow("organizations.verify", oversees & ~is_member)
allow("organizations.suspend", oversees & ~is_member)
allow("organizations.add_member", administers_accounts_at | is_owner)
allow("organizations.change_role", administers_accounts_at | is_owner)
allow("organizations.remove_member", administers_accounts_at | is_owner)
allow("organizations.leave", is_member)
allow("organizations.invite", is_owner)
# Whoever checks it, keeps its accounts or answers for it may have to call its people.
allow("organizations.reveal_contact", oversees | administers_accounts_at | is_owner)

allow("organizations.add_evidence", is_editor)
allow("organizations.withdraw_evidence", takes_it_back)
allow("organizations.check_evidence", checks_its_organization)
allow("organizations.expire_evidence", is_platform)

allow("organizations.amend", is_editor)
allow("organizations.withdraw_amendment", edits_its_organization)
allow("organizations.check_amendment", checks_its_organization)

allow("organizations.ask_to_join", is_known_person)
# A system administrator lets others in, never himself.
allow("organizations.answer_join_request", answers_for_its_organization & ~asked_it)
allow("organizations.withdraw_join_request", asked_it)
allow("organizations.accept_invitation", is_invited)
allow("organizations.revoke_invitation", answers_for_its_organization)

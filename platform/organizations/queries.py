"""Reads organizations and memberships."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower, Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import audit.queries
from accounts.enums import Duty
from accounts.jurisdiction import within
from accounts.models import User
from common.actor import Actor, ActorKind
from common.clock import beijing_today
from common.errors import Conflict, NotFound
from common.models import ClockTimestamp
from files.models import StoredFile
from organizations.enums import (
    WITHOUT_CLAIM,
    AmendmentState,
    Attribute,
    Capacity,
    EvidenceKind,
    EvidenceState,
    IdentifierScheme,
    InvitationState,
    JoinRequestState,
    LegalKind,
    MemberRole,
    OrganizationState,
)
from organizations.facts import ESSENTIAL, OrganizationFacts
from organizations.models import (
    Amendment,
    Evidence,
    Invitation,
    JoinRequest,
    Membership,
    Organization,
    VerificationComment,
)
from organizations.validators import clean_credit_code

LIVE_EVIDENCE = (EvidenceState.STATED, EvidenceState.CONFIRMED)
VERIFIED_ONCE = (OrganizationState.VERIFIED, OrganizationState.SUSPENDED)
TAKEN = "这个证件号码已经登记过，一个号码只能登记一次。如果是您所在的单位，可以申请加入。"


def roles_in(organization: Organization, actor: Actor) -> set[MemberRole]:
    """The roles that the actor has in the organization; empty for strangers.

    A program's token has its maker's, in its one organization alone: as an editor at most, and as
    a viewer when it was given nothing but reading.
    """
    if actor.user_id is None or actor.organization_id not in (None, organization.pk):
        return set()
    held = Membership.objects.filter(organization=organization, user_id=actor.user_id)
    roles = {MemberRole(role) for role in held.values_list("role", flat=True)}
    if roles and actor.permissions is not None:
        writes = actor.permissions and MemberRole.VIEWER not in roles
        return {MemberRole.EDITOR if writes else MemberRole.VIEWER}
    return roles


def role_of(organization: Organization, person: User) -> MemberRole | None:
    """None for those who are no members."""
    held = Membership.objects.filter(organization=organization, user=person).first()
    return MemberRole(held.role) if held else None


def is_last_owner(organization: Organization, person_id: int | None) -> bool:
    owners = organization.memberships.filter(role=MemberRole.OWNER)
    return list(owners.values_list("user_id", flat=True)) == [person_id]


def own_organizations(actor: Actor) -> QuerySet[Organization]:
    """Organizations that the actor is a member of; a token, of the one that it is for."""
    return _of_its_token(organizations_behind(actor), actor)


def organizations_behind(actor: Actor) -> QuerySet[Organization]:
    """Those of the person, whatever organization a token is for: what keeps its maker from
    deciding keeps the token from it.
    """
    if actor.user_id is None:
        return Organization.objects.none()
    return Organization.objects.filter(memberships__user_id=actor.user_id)


def editable_organizations(actor: Actor) -> QuerySet[Organization]:
    """Organizations for which the actor writes records, in whatever state they are."""
    reads_only = actor.kind is ActorKind.TOKEN and not actor.permissions
    if actor.user_id is None or reads_only:
        return Organization.objects.none()
    writing = Membership.objects.filter(
        user_id=actor.user_id, role__in=[MemberRole.OWNER, MemberRole.EDITOR]
    )
    return _of_its_token(Organization.objects.filter(memberships__in=writing), actor)


def _of_its_token(organizations: QuerySet[Organization], actor: Actor) -> QuerySet[Organization]:
    """All of them for people, for a token the one that it is for."""
    if actor.kind is not ActorKind.TOKEN:
        return organizations
    if actor.organization_id is None:
        return organizations.none()
    return organizations.filter(pk=actor.organization_id)


def verified_organizations() -> QuerySet[Organization]:
    return Organization.objects.filter(state=OrganizationState.VERIFIED)


def visible_to(actor: Actor) -> QuerySet[Organization]:
    """Verified organizations, one's own, and those whose people or records one administers."""
    return Organization.objects.filter(
        Q(state=OrganizationState.VERIFIED)
        | Q(pk__in=own_organizations(actor))
        | _in_charge(actor, Duty.CONTENT, Duty.SYSTEM)
    )


def _in_charge(actor: Actor, *duties: Duty, path: str = "") -> Q:
    """Of organizations (at ``path`` of a row) at whose place the actor holds one of the duties.

    A draft belongs to its authors: administrators have to do with what was handed in.
    """
    before = f"{path}__" if path else ""
    places = {"city": f"{before}city", "district": f"{before}district"}
    held = reduce(or_, (within(actor, duty, **places) for duty in duties))
    return held & ~Q(**{f"{before}state": OrganizationState.DRAFT})


def awaiting_verification(actor: Actor) -> QuerySet[Organization]:
    """What the actor has to verify, the longest waiting first; ``waiting`` since then."""
    return (
        with_age(overseen_by(actor))
        .filter(state=OrganizationState.SUBMITTED)
        .select_related("city")
        .order_by("since", "pk")
    )


def overseen_by(actor: Actor) -> QuerySet[Organization]:
    """Organizations, handed in, that sit where the actor is in charge of content."""
    return Organization.objects.filter(_in_charge(actor, Duty.CONTENT))


def with_age(rows: QuerySet[Organization]) -> QuerySet[Any]:
    """``waiting`` since it was submitted (``since``), or taken up by an administrator."""
    since = Coalesce("submitted_at", "created_at")
    return rows.annotate(since=since, waiting=Now() - since)


def for_verification(actor: Actor) -> QuerySet[Any]:
    """Everything in the actor's charge with what the queue tells of each.

    ``is_waiting``: it, evidence of it or an amendment is to be checked. ``lookalikes``: how many
    others share its skeleton.
    """
    others = (
        Organization.objects.exclude(state__in=WITHOUT_CLAIM)
        .filter(skeleton=OuterRef("skeleton"))
        .exclude(pk=OuterRef("pk"))
        .order_by()
        .values("skeleton")
        .annotate(number=Count("pk"))
        .values("number")
    )
    stated = Evidence.objects.filter(organization=OuterRef("pk"), state=EvidenceState.STATED)
    asked = Amendment.objects.filter(organization=OuterRef("pk"), state=AmendmentState.PENDING)
    verified = Q(state=OrganizationState.VERIFIED)
    rows: QuerySet[Any] = (
        with_age(overseen_by(actor))
        .annotate(
            lookalikes=Coalesce(Subquery(others), 0),
            has_stated_evidence=Exists(stated),
            has_amendment=Exists(asked),
        )
        .annotate(
            is_waiting=Q(state=OrganizationState.SUBMITTED)
            | (verified & Q(has_stated_evidence=True))
            | (verified & Q(has_amendment=True))
        )
        .select_related("city", "district")
    )
    return rows


def seen_of_organization(
    actor: Actor, *, public: Q, administered: Q, path: str = "organization"
) -> Q:
    """The condition under which ``actor`` sees records of the organization at ``path``.

    ``public`` is what everybody sees once the organization is verified; its members see the rest
    too, and so do those who administer it (``administered``). The visibility of every noun is
    built of this.
    """
    everybody = public & Q(**{f"{path}__state": OrganizationState.VERIFIED})
    if actor.user_id is None:
        return everybody | administered
    return everybody | administered | Q(**{f"{path}__in": own_organizations(actor)})


def organizations_named(words: str) -> QuerySet[Organization]:
    """In whatever state, by words of the name: for those who look things up for an authority."""
    return Organization.objects.filter(name__icontains=words.strip())


def any_registered() -> bool:
    return Organization.objects.exists()


def holds_demonstration() -> bool:
    """Whether any organization here is invented."""
    return Organization.objects.filter(is_demonstration=True).exists()


def by_identifier(scheme: IdentifierScheme, identifier: str) -> Organization | None:
    """Whoever holds the identifier; drafts hold none, nor does what was rejected."""
    return (
        Organization.objects.filter(identifier_scheme=scheme, identifier=identifier)
        .exclude(state__in=WITHOUT_CLAIM)
        .first()
    )


def by_credit_code(codes: set[str]) -> dict[str, Organization]:
    """Organizations by unified social credit code; codes that nobody has are absent."""
    found = Organization.objects.filter(
        identifier_scheme=IdentifierScheme.CREDIT_CODE, identifier__in=codes
    ).exclude(state__in=WITHOUT_CLAIM)
    return {each.identifier: each for each in found}


def registered(code: str) -> Organization:
    """The organization with this credit code; raises ValueError (a wrong code) or NotFound."""
    code = clean_credit_code(code)
    found = by_credit_code({code}).get(code)
    if found is None:
        raise NotFound(
            f"没有登记过信用代码为“{code}”的组织，请先用 manage.py register_organization 登记。"
        )
    return found


def refuse_taken_identifier(organization: Organization) -> None:
    """Raises Conflict when another organization holds the identifier."""
    scheme = IdentifierScheme(organization.identifier_scheme)
    holder = by_identifier(scheme, organization.identifier)
    if holder is not None and holder.pk != organization.pk:
        raise Conflict(TAKEN)


# What it states, and what is missing


def stated_facts(organization: Organization) -> OrganizationFacts:
    """What the organization states; ``change_organization`` with it changes nothing."""
    return OrganizationFacts.model_construct(
        name=organization.name,
        legal_kind=LegalKind(organization.legal_kind),
        identifier_scheme=IdentifierScheme(organization.identifier_scheme),
        identifier=organization.identifier,
        capacities=[Capacity(value) for value in organization.capacities],
        attributes=[Attribute(value) for value in organization.attributes],
        city=organization.city.code if organization.city else None,
        district=organization.district.code if organization.district else None,
        seat=organization.seat,
        address=organization.address,
        representative=organization.representative,
    )


@dataclass(frozen=True)
class Missing:
    """Something that must be there before an organization is submitted; ``place`` is its field."""

    place: str
    label: str | Promise
    why: str | Promise


def missing_for_submission(organization: Organization) -> list[Missing]:
    """Empty when there is nothing in the way of submitting it."""
    lacking = []
    if organization.city_id is None and not organization.seat:
        why = _("省内选城市，省外写明所在地；由所在地的主管部门核验。")
        lacking.append(Missing("city", _("所在地"), why))
    if not organization.representative:
        why = _("与营业执照或登记证书上的一致，用于核对。")
        lacking.append(Missing("representative", _("法定代表人"), why))
    if not live_evidence(organization).filter(kind=EvidenceKind.LICENCE).exists():
        why = _("上传扫描件或清晰照片，核验时与填写内容对照。")
        lacking.append(Missing("evidence", _("营业执照或登记证书"), why))
    return lacking


def visible_comments(actor: Actor) -> QuerySet[VerificationComment]:
    """Of one's own organizations, and of those in one's charge."""
    return VerificationComment.objects.filter(_concerning(actor))


def _concerning(actor: Actor) -> Q:
    """Rows about an organization for its members, and for whoever verifies it."""
    own = Q(organization__in=own_organizations(actor))
    return own | _in_charge(actor, Duty.CONTENT, path="organization")


def open_comments(organization: Organization) -> QuerySet[VerificationComment]:
    """What reviewers said of its fields when they returned it last."""
    return organization.comments.filter(settled_at=None)


def comments_of_last_return(organization: Organization) -> QuerySet[VerificationComment]:
    """As ``open_comments``, and still when it was submitted again: for whoever checks anew."""
    returns = audit.queries.events_of(organization).filter(verb="organizations.organization.return")
    # A comment is a little older than the event of its own return, and younger than the others.
    earlier = returns.order_by("-id")[1:2]
    rows = organization.comments.all()
    return rows.filter(created_at__gt=earlier[0].at) if earlier else rows


# Evidence


def visible_evidence(actor: Actor) -> QuerySet[Evidence]:
    """Of one's own organizations, and of those in one's charge."""
    return Evidence.objects.filter(_concerning(actor))


def reachable_files(actor: Actor) -> Q:
    """The files of evidence that the actor sees, for ``files.access``."""
    return _files_of(visible_evidence(actor))


def own_files(actor: Actor) -> Q:
    """The files of the actor's own organizations, for ``files.access``."""
    return _files_of(Evidence.objects.filter(organization__in=own_organizations(actor)))


def _files_of(evidence: QuerySet[Evidence]) -> Q:
    return Q(pk__in=evidence.filter(file__isnull=False).values("file"))


def evidence_with(file: StoredFile) -> Evidence | None:
    return Evidence.objects.filter(file=file).first()


def files_of_given_up() -> QuerySet[StoredFile]:
    """Of registrations that were given up after somebody had decided by them, long ago."""
    kept = timedelta(days=settings.RETENTION_DAYS["ended_evidence"])
    return StoredFile.objects.filter(evidence=None, attached_at__lt=Now() - kept).order_by("pk")


def evidence_to_discard() -> QuerySet[Evidence]:
    """Documents whose files have been kept long enough (``RETENTION_DAYS``).

    What was taken back before anybody had checked it is soon of no use; what a decision rests on
    is kept while somebody may question that.
    """
    checked = audit.queries.latest("organizations.evidence.confirm", field="id")
    ended = [
        EvidenceState.WITHDRAWN,
        EvidenceState.DECLINED,
        EvidenceState.EXPIRED,
        EvidenceState.REPLACED,
    ]

    def before(kind: str) -> Any:
        return Now() - timedelta(days=settings.RETENTION_DAYS[kind])

    return (
        Evidence.objects.filter(file__isnull=False)
        .annotate(checked=checked)
        .filter(
            Q(
                state=EvidenceState.WITHDRAWN,
                checked=None,
                updated_at__lt=before("withdrawn_evidence"),
            )
            | Q(state__in=ended, updated_at__lt=before("ended_evidence"))
        )
        .order_by("pk")
    )


def live_evidence(organization: Organization) -> QuerySet[Evidence]:
    """Neither withdrawn nor declined, and not beyond its last day."""
    return _current_evidence().filter(organization=organization, state__in=LIVE_EVIDENCE)


def replaced_by(evidence: Evidence) -> QuerySet[Evidence]:
    """Checked documents of the same kind that a newly confirmed one stands in for."""
    rows = evidence.organization.evidence.filter(kind=evidence.kind, state=EvidenceState.CONFIRMED)
    return rows.exclude(pk=evidence.pk).select_related("organization")


def lacks_other_licence(evidence: Evidence) -> bool:
    """Whether nothing but this proves who an organization is that somebody verified."""
    if (evidence.kind, evidence.state) != (EvidenceKind.LICENCE, EvidenceState.CONFIRMED):
        return False
    if evidence.organization.state not in VERIFIED_ONCE:
        return False
    return not _current_evidence().filter(pk__in=replaced_by(evidence)).exists()


def was_checked(evidence: Evidence) -> bool:
    """Whether somebody confirmed it, whatever became of it since."""
    confirmed = audit.queries.events_of(evidence).filter(verb="organizations.evidence.confirm")
    return confirmed.exists()


def _current_evidence() -> QuerySet[Evidence]:
    return Evidence.objects.filter(Q(valid_until=None) | Q(valid_until__gte=beijing_today()))


def has_ended(thing: Evidence | Invitation) -> bool:
    """Whether its time is over, by the database clock."""
    if isinstance(thing, Evidence):
        return thing.valid_until is not None and thing.valid_until < beijing_today()
    return Invitation.objects.filter(pk=thing.pk, expires_at__lte=ClockTimestamp()).exists()


def shown_attributes(organization: Organization) -> list[str]:
    """Labels of the attributes that others may read: claimed, checked, and still valid."""
    confirmed = set(
        live_evidence(organization)
        .filter(state=EvidenceState.CONFIRMED)
        .values_list("kind", flat=True)
    )
    return [str(Attribute(value).label) for value in organization.attributes if value in confirmed]


def with_confirmed_kinds(rows: QuerySet[Organization]) -> QuerySet[Any]:
    """``confirmed_kinds``: what its current evidence proves, for ``shown_attributes`` in lists."""
    confirmed = _current_evidence().filter(
        organization=OuterRef("pk"), state=EvidenceState.CONFIRMED
    )
    kinds: QuerySet[Any] = rows.annotate(confirmed_kinds=ArraySubquery(confirmed.values("kind")))
    return kinds


def unproved_attributes(organization: Organization) -> list[Attribute]:
    """Claimed attributes that no live evidence is stated for."""
    proved = set(live_evidence(organization).values_list("kind", flat=True))
    return [Attribute(value) for value in organization.attributes if value not in proved]


@dataclass(frozen=True)
class Claimed:
    """An attribute, and how far its proof is: ``confirmed``, ``stated``, empty for none."""

    label: str
    state: str


def claimed_attributes(organization: Organization) -> list[Claimed]:
    """All that it claims: for its members and reviewers."""
    states: dict[str, str] = {}
    for kind, state in live_evidence(organization).values_list("kind", "state"):
        if states.get(kind) != EvidenceState.CONFIRMED:
            states[kind] = state
    return [
        Claimed(str(Attribute(value).label), states.get(value, ""))
        for value in organization.attributes
    ]


def ended_evidence() -> QuerySet[Evidence]:
    """Confirmed, and beyond its last day."""
    return Evidence.objects.filter(
        state=EvidenceState.CONFIRMED, valid_until__lt=beijing_today()
    ).order_by("pk")


def ending_evidence(organization: Organization) -> QuerySet[Evidence]:
    """Of its evidence what ran out, or will within 30 days, and nothing newer stands in for."""
    soon = beijing_today() + timedelta(days=30)
    lasting = live_evidence(organization).exclude(valid_until__lte=soon)
    return Evidence.objects.filter(
        organization=organization,
        state__in=[EvidenceState.CONFIRMED, EvidenceState.EXPIRED],
        valid_until__lte=soon,
    ).exclude(kind__in=lasting.values("kind"))


def evidence_to_remind_of(days: int) -> QuerySet[Evidence]:
    """Confirmed, within so many days of its end, and nobody was told yet."""
    today = beijing_today()
    return Evidence.objects.filter(
        state=EvidenceState.CONFIRMED,
        valid_until__range=(today, today + timedelta(days=days)),
        reminded_at=None,
    ).order_by("pk")


# What reviewers look at twice


@dataclass(frozen=True)
class Flags:
    """Other organizations that share the name's skeleton, the address, the representative."""

    lookalikes: list[Organization]
    same_address: list[Organization]
    same_representative: list[Organization]

    def __bool__(self) -> bool:
        return bool(self.lookalikes or self.same_address or self.same_representative)


FEW = 10


def flags_of(organization: Organization) -> Flags:
    others = (
        Organization.objects.exclude(pk=organization.pk)
        .exclude(state=OrganizationState.DRAFT)
        .select_related("city")
        .order_by("pk")
    )

    def sharing(field: str) -> list[Organization]:
        value = getattr(organization, field)
        return list(others.filter(**{field: value})[:FEW]) if value else []

    return Flags(sharing("skeleton"), sharing("address"), sharing("representative"))


def pending_amendment(organization: Organization) -> Amendment | None:
    return organization.amendments.filter(state=AmendmentState.PENDING).first()


def decided_amendments(organization: Organization) -> QuerySet[Amendment]:
    """The latest first, also what was taken back."""
    rows = organization.amendments.exclude(state=AmendmentState.PENDING)
    return rows.select_related("organization").order_by("-pk")


def visible_amendments(actor: Actor) -> QuerySet[Amendment]:
    """Of one's own organizations, and of those in one's charge."""
    return Amendment.objects.filter(_concerning(actor))


def amended(organization: Organization, amendment: Amendment) -> list[tuple[str, object, object]]:
    """What an amendment changes: field, value now, value then."""
    stated = stated_facts(organization)
    return [
        (name, getattr(stated, name), amendment.values[name])
        for name in ESSENTIAL
        if name in amendment.values and getattr(stated, name) != amendment.values[name]
    ]


# People


def invitations_to(actor: Actor) -> QuerySet[Invitation]:
    """To a mailbox that is known to be the person's own, in whatever state; programs have none."""
    if actor.kind is not ActorKind.PERSON or actor.user_id is None:
        return Invitation.objects.none()
    proved = EmailAddress.objects.filter(user=actor.user_id, verified=True)
    mailboxes = Invitation.objects.alias(mailbox=Lower("email"))
    return mailboxes.filter(mailbox__in=proved.values(own=Lower("email")))


def invitations_to_answer(actor: Actor) -> QuerySet[Invitation]:
    """To organizations that the person does not belong to yet, the latest first."""
    return (
        invitations_to(actor)
        .filter(state=InvitationState.PENDING, expires_at__gt=Now())
        .exclude(organization__in=own_organizations(actor))
        .select_related("organization")
        .order_by("-pk")
    )


def visible_memberships(actor: Actor) -> QuerySet[Membership]:
    """One's colleagues; those in organizations that one verifies or keeps accounts for."""
    kept = _in_charge(actor, Duty.SYSTEM, path="organization")
    return Membership.objects.filter(_concerning(actor) | kept)


def members(organization: Organization) -> QuerySet[Membership]:
    """Owners first, then in the order in which they came."""
    place = Case(
        *(When(role=role, then=Value(number)) for number, role in enumerate(MemberRole)),
        output_field=IntegerField(),
    )
    return organization.memberships.select_related("user").order_by(place, "pk")


def pending_join_requests(organization: Organization) -> QuerySet[JoinRequest]:
    rows = organization.join_requests.filter(state=JoinRequestState.PENDING)
    return rows.select_related("user", "organization")


def join_requests_to_answer(actor: Actor) -> QuerySet[JoinRequest]:
    """To organizations that the actor is an owner of, the longest waiting first."""
    if actor.user_id is None:
        return JoinRequest.objects.none()
    owned = Membership.objects.filter(user_id=actor.user_id, role=MemberRole.OWNER)
    rows = visible_join_requests(actor).filter(
        state=JoinRequestState.PENDING, organization__in=owned.values("organization")
    )
    return rows.select_related("user", "organization")


def own_join_requests(actor: Actor) -> QuerySet[JoinRequest]:
    """What the actor asked, the newest first."""
    if actor.user_id is None:
        return JoinRequest.objects.none()
    return (
        JoinRequest.objects.filter(user_id=actor.user_id)
        .select_related("organization")
        .order_by("-pk")
    )


def pending_invitations(organization: Organization) -> QuerySet[Invitation]:
    """``is_over``: its time has passed."""
    rows = organization.invitations.filter(state=InvitationState.PENDING)
    return rows.annotate(is_over=Q(expires_at__lte=Now())).select_related("organization")


def visible_invitations(actor: Actor) -> QuerySet[Invitation]:
    """Those of organizations that the person is an owner of; programs see none."""
    if actor.kind is not ActorKind.PERSON or actor.user_id is None:
        return Invitation.objects.none()
    return Invitation.objects.filter(
        organization__memberships__user_id=actor.user_id,
        organization__memberships__role=MemberRole.OWNER,
    )


def visible_join_requests(actor: Actor) -> QuerySet[JoinRequest]:
    """One's own, and those to organizations that one is an owner of or keeps accounts for.

    Programs see none.
    """
    if actor.kind is not ActorKind.PERSON or actor.user_id is None:
        return JoinRequest.objects.none()
    owned = Organization.objects.filter(
        memberships__user_id=actor.user_id, memberships__role=MemberRole.OWNER
    )
    kept = _in_charge(actor, Duty.SYSTEM, path="organization")
    return JoinRequest.objects.filter(Q(user_id=actor.user_id) | Q(organization__in=owned) | kept)

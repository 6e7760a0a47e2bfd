"""Reads authorities and who acts for them."""

from __future__ import annotations

from typing import Any, TypeVar

from allauth.account.models import EmailAddress
from django.db.models import CharField, Exists, F, Func, Prefetch, Q, QuerySet
from django.db.models.functions import Now, TruncDate

from accounts.enums import Duty
from accounts.jurisdiction import within
from accounts.models import User
from accounts.queries import may_sign_in, person_by_email
from authorities.facts import STANDING_ALONE
from authorities.models import Appointment, Authority, Delegation
from common.actor import Actor
from common.clock import BEIJING
from common.errors import InvalidInput
from organizations.enums import IdentifierScheme, MemberRole, OrganizationState
from organizations.models import Organization
from organizations.queries import own_organizations
from organizations.queries import visible_to as organizations_visible_to
from organizations.validators import clean_credit_code

Row = TypeVar("Row", Appointment, Delegation)
NO_ACCOUNT = "没有可以任命的账号使用这个邮箱。请核对，或请对方先注册并验证邮箱。"
NO_OPERATOR = "没有找到使用这个信用代码的组织。请核对，或请对方先登记。"


def visible_to(actor: Actor) -> QuerySet[Authority]:
    """Those whose people the actor administers, and those that the actor works for."""
    own = {grant.authority_id for grant in actor.grants if grant.authority_id is not None}
    return _described(within(actor, Duty.SYSTEM) | Q(pk__in=own))


def administered_by(actor: Actor) -> QuerySet[Authority]:
    """Those whose people the actor administers: the rule ``administers_people_of``."""
    return _described(within(actor, Duty.SYSTEM))


def with_people(authorities: QuerySet[Authority]) -> QuerySet[Authority]:
    """With what stands there: ``people`` (appointments) and ``operators`` (delegations)."""
    return authorities.prefetch_related(
        Prefetch(
            "appointments", standing(Appointment.objects.select_related("user")), to_attr="people"
        ),
        Prefetch(
            "delegations",
            standing(Delegation.objects.select_related("operator")),
            to_attr="operators",
        ),
    )


def appointments_visible_to(actor: Actor) -> QuerySet[Appointment]:
    """Of authorities whose people the actor administers, and one's own; ended ones too."""
    seen = Q(authority__in=administered_by(actor))
    if actor.user_id is not None:
        seen |= Q(user=actor.user_id)
    return Appointment.objects.filter(seen).select_related("authority", "user")


def delegations_visible_to(actor: Actor) -> QuerySet[Delegation]:
    """Of authorities whose people the actor administers, and to one's own organizations."""
    seen = Q(authority__in=administered_by(actor)) | Q(operator__in=own_organizations(actor))
    return Delegation.objects.filter(seen).select_related("authority", "operator")


def standing(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Those that nobody has ended; ``is_over`` when their last day has passed all the same."""
    return rows.filter(ended_at=None).annotate(is_over=Q(ends_on__lt=_today())).order_by("pk")


def person_to_appoint(email: str) -> User:
    """Raises InvalidInput, the same whether the account is unknown, closed or not confirmed."""
    person = person_by_email(email)
    if person is not None and person.is_active and may_sign_in(person):
        addresses = EmailAddress.objects.filter(user=person, email__iexact=person.email)
        if addresses.filter(verified=True).exists():
            return person
    raise InvalidInput(NO_ACCOUNT, fields={"email": [NO_ACCOUNT]})


def operator_by_credit_code(code: str, actor: Actor) -> Organization:
    """Among those that the actor sees; raises InvalidInput."""
    try:
        identifier = clean_credit_code(code)
    except ValueError as error:
        raise InvalidInput(f"{error}。", fields={"credit_code": [f"{error}。"]}) from None
    found = (
        organizations_visible_to(actor)
        .filter(identifier_scheme=IdentifierScheme.CREDIT_CODE, identifier=identifier)
        .first()
    )
    if found is None:
        raise InvalidInput(NO_OPERATOR, fields={"credit_code": [NO_OPERATOR]})
    return found


def duties_of(user_id: int) -> set[Duty]:
    """What the person has been appointed to, as long as the terms run."""
    held = _appointments_of(user_id).values_list("duties", flat=True)
    return {Duty(duty) for duties in held for duty in duties}


def authority_by_code(code: str) -> Authority | None:
    return Authority.objects.filter(code=code).select_related("city", "district").first()


def held_by(actor: Actor) -> list[Appointment | Delegation]:
    """What the grants of the actor follow from, with the authority of each."""
    if actor.user_id is None:
        return []
    appointed = _appointments_of(actor.user_id).select_related("authority")
    delegated = _delegations_to(actor.user_id).select_related("authority", "operator")
    places = ("authority__city", "authority__district")
    return [*appointed.select_related(*places), *delegated.select_related(*places)]


def appointed_grants(user_id: int) -> QuerySet[Any, Any]:
    """The rows of ``accounts.grants`` that follow from appointments."""
    return _grants(_appointments_of(user_id))


def delegated_grants(user_id: int) -> QuerySet[Any, Any]:
    """The rows of ``accounts.grants`` for those who write for a verified operator."""
    return _grants(_delegations_to(user_id))


def _appointments_of(user_id: int) -> QuerySet[Appointment]:
    return _present(Appointment).filter(user=user_id)


def _delegations_to(user_id: int) -> QuerySet[Delegation]:
    """None for those whose duty stands alone, however they came to belong to an operator."""
    alone = _appointments_of(user_id).filter(duties__overlap=[*STANDING_ALONE])
    return _present(Delegation).filter(
        ~Exists(alone),
        operator__state=OrganizationState.VERIFIED,
        operator__memberships__user=user_id,
        operator__memberships__role__in=[MemberRole.OWNER, MemberRole.EDITOR],
    )


def _present(model: type[Row]) -> QuerySet[Row]:
    """Neither ended nor run out."""
    return model._default_manager.filter(Q(ends_on=None) | Q(ends_on__gte=_today()), ended_at=None)


def _today() -> TruncDate:
    """The day that it is in Beijing by the database clock."""
    return TruncDate(Now(), tzinfo=BEIJING)


def _described(condition: Q) -> QuerySet[Authority]:
    return Authority.objects.filter(condition).select_related("body", "city", "district")


def _grants(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    duty = Func(F("duties"), function="unnest", output_field=CharField())
    place = ("authority__city_id", "authority__district_id")
    found: QuerySet[Any, Any] = rows.annotate(duty=duty).values_list(
        "duty", "authority_id", "authority__body_id", *place
    )
    return found

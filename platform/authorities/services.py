"""Verbs on authorities, appointments and delegations."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from django.db import transaction

from accounts.models import User
from authorities.facts import (
    APART,
    AppointmentFacts,
    AuthorityFacts,
    DelegationFacts,
    EndFacts,
    may_be_one_persons,
)
from authorities.models import Appointment, Authority, Delegation
from authorities.queries import duties_of
from common.actor import Actor, require_actor
from common.clock import beijing_today
from common.errors import Conflict, Forbidden, InvalidInput
from common.models import database_now, refuse_duplicates
from common.permissions import may
from lifecycle.news import announce
from organizations.enums import Capacity, OrganizationState
from organizations.models import Organization
from policy.models import ResponsibleBody
from taxonomy.vocabulary import Vocabulary

Held = TypeVar("Held", Appointment, Delegation)
NOT_YOURS = "您没有管理这个部门人员的权限。"
CHANGED_MEANWHILE = "这个人的职责刚刚变更过，请返回看过当前的职责再改。"


def create_authority(
    *, facts: AuthorityFacts, actor: Actor, is_demonstration: bool = False
) -> Authority:
    """Raises Forbidden, InvalidInput (no such body, city or district), Conflict (code used)."""
    actor = require_actor(actor)
    if not may("authorities.create", actor):
        raise Forbidden("只有省级系统管理员可以登记主管部门。")
    body = None
    if facts.body is not None:
        body = ResponsibleBody.objects.filter(code=facts.body).first()
        if body is None:
            raise _refused("body", f"没有代码为“{facts.body}”的责任单位。")
    place = Vocabulary.load().place(facts.city, facts.district)
    with transaction.atomic():
        with refuse_duplicates("authorities_one_per_code", "这个代码已用于另一个部门，请换一个。"):
            authority = Authority.objects.create(
                code=facts.code,
                name=facts.name,
                body=body,
                is_demonstration=is_demonstration,
                **place,
            )
        announce(authority, "create", actor)
    return authority


def appoint(
    *,
    authority: Authority,
    person: User,
    facts: AppointmentFacts,
    actor: Actor,
    instead_of: Appointment | None = None,
) -> Appointment:
    """Give a person duties of the authority, from their next request on.

    Who works there already gets these instead of the former ones, which are ``instead_of`` if
    somebody has looked at them. Raises Forbidden (also for oneself), InvalidInput (the last day
    is over, or duties that nobody has together), Conflict (the account is closed, or the former
    duties have changed meanwhile).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        # One at a time for each person: two appointments at once must not join separated duties.
        held = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        _may_decide("authorities.appoint", actor, authority)
        if actor.user_id == person.pk:
            raise Forbidden("不能任命自己。")
        if not held.is_active:
            raise Conflict("这个账号已停用。")
        _refuse_past(facts.ends_on)
        present = Appointment.objects.filter(authority=authority, user=person, ended_at=None)
        replaced = present.first()
        if instead_of is not None and instead_of != replaced:
            raise Conflict(CHANGED_MEANWHILE)
        if replaced is not None:
            _end(replaced)
        _keep_apart(person, facts)
        appointment = Appointment.objects.create(
            authority=authority, user=person, duties=facts.duties, ends_on=facts.ends_on
        )
        recorded = {
            "authority": authority.pk,
            "user": person.pk,
            "before": replaced.duties if replaced else [],
            "after": facts.duties,
            "ends_on": facts.ends_on,
        }
        told = {"former": recorded["before"]}
        announce(appointment, "appoint", actor, recorded=recorded, told=told)
    _forget_grants(person)
    return appointment


def end_appointment(*, appointment: Appointment, facts: EndFacts, actor: Actor) -> Appointment:
    """Take the duties back, from the next request on; raises Forbidden, Conflict (ended)."""
    whom = {"user": appointment.user_id}
    return _take_back(appointment, "authorities.appoint", whom, facts, actor)


def delegate(
    *, authority: Authority, operator: Organization, facts: DelegationFacts, actor: Actor
) -> Delegation:
    """Let an operator act for the authority until a day.

    A present delegation to the same operator is replaced. Raises Forbidden (also for members of
    the operator), InvalidInput (the last day is over), Conflict (not verified, or does not serve).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        held = Organization.objects.select_for_update(no_key=True).get(pk=operator.pk)
        _may_decide("authorities.delegate", actor, authority)
        if held.memberships.filter(user=actor.user_id).exists():
            raise Forbidden("不能委托自己所属的组织。")
        if held.state != OrganizationState.VERIFIED:
            raise Conflict("受托单位尚未通过核验。")
        if Capacity.SERVE not in held.capacities:
            raise Conflict("受托单位登记的身份里没有“提供服务”，不能作为运营机构。")
        _refuse_past(facts.ends_on)
        present = Delegation.objects.filter(authority=authority, operator=operator, ended_at=None)
        replaced = present.first()
        if replaced is not None:
            _end(replaced)
        delegation = Delegation.objects.create(
            authority=authority, operator=operator, duties=facts.duties, ends_on=facts.ends_on
        )
        recorded = {
            "authority": authority.pk,
            "operator": operator.pk,
            "duties": facts.duties,
            "ends_on": facts.ends_on,
        }
        told = {"former": replaced.duties if replaced else []}
        announce(delegation, "delegate", actor, recorded=recorded, told=told)
    return delegation


def end_delegation(*, delegation: Delegation, facts: EndFacts, actor: Actor) -> Delegation:
    """Raises Forbidden, Conflict (ended already)."""
    whom = {"operator": delegation.operator_id}
    return _take_back(delegation, "authorities.delegate", whom, facts, actor)


def _take_back(
    held: Held, permission: str, whom: dict[str, int], facts: EndFacts, actor: Actor
) -> Held:
    """``permission`` is the one by which such duties are given."""
    actor = require_actor(actor)
    with transaction.atomic():
        rows = type(held)._default_manager.select_for_update(of=("self",))
        locked = rows.select_related("authority").get(pk=held.pk)
        _may_decide(permission, actor, locked.authority)
        if locked.ended_at is not None:
            raise Conflict(f"这项{locked._meta.verbose_name}已经结束。")
        _end(locked)
        recorded = {**whom, "duties": locked.duties, "reason": facts.reason}
        told = {"details": {"reason": facts.reason}}
        announce(locked, "end", actor, recorded=recorded, told=told)
    return locked


def _may_decide(permission: str, actor: Actor, authority: Authority) -> None:
    if not may(permission, actor, authority):
        raise Forbidden(NOT_YOURS)


def _end(row: Appointment | Delegation) -> None:
    row.ended_at = database_now()
    row.save(update_fields=["ended_at", "updated_at"])


def _keep_apart(person: User, facts: AppointmentFacts) -> None:
    """Also across authorities; the constraints of the table see one row alone."""
    if not may_be_one_persons(duties_of(person.pk) | {*facts.duties}):
        raise _refused("duties", f"这个人在别的部门任职：{APART}。")


def _refuse_past(last: date | None) -> None:
    if last is not None and last < beijing_today():
        raise _refused("ends_on", "这一天已经过去。")


def _refused(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, fields={field: [message]})


def _forget_grants(person: User) -> None:
    """What this instance has read of them; every request reads anew."""
    person.__dict__.pop("grants", None)

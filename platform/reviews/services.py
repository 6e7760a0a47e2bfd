"""Verbs on experts and their interests."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts.models import User
from common.actor import Actor, require_actor
from common.clock import beijing_today
from common.errors import Conflict, Forbidden, InvalidInput
from common.models import database_now, refuse_duplicates
from common.permissions import may
from common.text import clean_text
from lifecycle.news import announce
from organizations.models import Organization
from organizations.queries import by_credit_code
from organizations.validators import clean_credit_code
from reviews.facts import ExpertFacts, ExpertiseFacts, InterestFacts
from reviews.models import ExpertProfile, Interest
from taxonomy.vocabulary import Vocabulary

LONGEST_REASON = 500
# 平台默认: what nobody declares, and still bounded.
MOST_INTERESTS = 200


def appoint_expert(
    *, person: User, facts: ExpertFacts, expertise: ExpertiseFacts, actor: Actor
) -> ExpertProfile:
    """Make a person an expert, from their next request on; who was one before is one again.

    Raises Forbidden (also for oneself), InvalidInput (unknown employer or concept), Conflict (is
    an expert, or the account is closed).
    """
    actor = require_actor(actor)
    if not may("reviews.appoint", actor):
        raise Forbidden("您没有聘任专家的权限。")
    if actor.user_id == person.pk:
        raise Forbidden("不能聘任自己为专家。")
    organization = _employer(facts.employer_code)
    concepts = Vocabulary.load().concept_ids(expertise.concepts)
    taken = f"{person} 已经是专家。"
    with transaction.atomic(), refuse_duplicates("reviews_expertprofile_user_id_key", taken):
        held = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if not held.is_active:
            raise Conflict("这个账号已停用。")
        expert = ExpertProfile.objects.filter(user=person).first()
        if expert is None:
            expert = ExpertProfile(user=person)
        elif expert.is_active:
            raise Conflict(taken)
        expert.title = facts.title
        expert.employer = facts.employer or (organization.name if organization else "")
        expert.organization = organization
        expert.is_active, expert.ended_at = True, None
        expert.appointed_at = database_now()
        expert.save()
        expert.concepts.set(concepts)
        recorded = {"user": person.pk, "concepts": expertise.concepts}
        announce(expert, "appoint", actor, recorded=recorded)
    _forget_grants(person)
    return expert


def end_expert(*, expert: ExpertProfile, reason: str, actor: Actor) -> ExpertProfile:
    """What the expert has declared stays. Raises Forbidden, InvalidInput, Conflict (ended)."""
    actor = require_actor(actor)
    said = _reason(reason)
    with transaction.atomic():
        locked = _lock(expert)
        if not may("reviews.end", actor, locked):
            raise Forbidden("您没有解聘这位专家的权限。")
        if not locked.is_active:
            raise Conflict(f"{locked} 已经不是专家。")
        locked.is_active, locked.ended_at = False, database_now()
        locked.save(update_fields=["is_active", "ended_at", "updated_at"])
        recorded = {"user": locked.user_id, "reason": said}
        told = {"details": {"reason": said}}
        announce(locked, "end", actor, recorded=recorded, told=told)
    _forget_grants(locked.user)
    return locked


def set_expertise(*, expert: ExpertProfile, facts: ExpertiseFacts, actor: Actor) -> None:
    """Raises Forbidden, InvalidInput (an unknown concept)."""
    actor = require_actor(actor)
    concepts = Vocabulary.load().concept_ids(facts.concepts)
    with transaction.atomic():
        locked = _lock(expert)
        if not may("reviews.set_expertise", actor, locked):
            raise Forbidden("只有专家本人可以修改自己的专长。")
        before = list(locked.concepts.order_by("code").values_list("code", flat=True))
        locked.concepts.set(concepts)
        recorded = {"before": before, "after": facts.concepts}
        announce(locked, "set_expertise", actor, recorded=recorded)


def declare_interest(*, expert: ExpertProfile, facts: InterestFacts, actor: Actor) -> Interest:
    """Add a tie; nothing declared before is changed.

    Raises Forbidden (anybody but the expert), InvalidInput (a day to come), Conflict (too many,
    or the same is declared already).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        locked = _lock(expert)
        if not may("reviews.declare", actor, locked):
            raise Forbidden("只有专家本人可以申报自己的利益关系。")
        _refuse_future(since=facts.since, until=facts.until)
        values = facts.model_dump()
        if locked.interests.filter(**values, ended_at=None).exists():
            raise Conflict("同样的关系已经申报过。")
        if locked.interests.count() >= MOST_INTERESTS:
            raise Conflict(f"最多申报 {MOST_INTERESTS} 项，请联系管理员。")
        interest = Interest.objects.create(expert=locked, **values)
        announce(interest, "declare", actor, recorded={"kind": facts.kind})
    return interest


def end_interest(*, interest: Interest, until: date, actor: Actor) -> Interest:
    """State the last day of a tie that was declared as lasting.

    Raises Forbidden, InvalidInput (a day to come, or before its beginning), Conflict (ended).
    """
    actor = require_actor(actor)
    with transaction.atomic():
        rows = Interest.objects.select_for_update(of=("self",)).select_related("expert")
        locked = rows.get(pk=interest.pk)
        if not may("reviews.declare", actor, locked.expert):
            raise Forbidden("只有专家本人可以申报自己的利益关系。")
        if locked.until is not None:
            raise Conflict("这项关系已经申报结束。")
        _refuse_future(until=until)
        if locked.since is not None and until < locked.since:
            raise _refused("until", "结束日期不能早于开始日期。")
        locked.until, locked.ended_at = until, database_now()
        locked.save(update_fields=["until", "ended_at", "updated_at"])
        announce(locked, "end", actor, recorded={"until": until})
    return locked


def _lock(expert: ExpertProfile) -> ExpertProfile:
    rows = ExpertProfile.objects.select_for_update(of=("self",)).select_related("user")
    return rows.get(pk=expert.pk)


def _employer(code: str) -> Organization | None:
    if not code:
        return None
    try:
        clean = clean_credit_code(code)
    except ValueError as error:
        raise _refused("employer_code", f"{error}。") from None
    found = by_credit_code({clean}).get(clean)
    if found is None:
        message = "平台上没有登记这个信用代码的组织；可以不填，只写单位名称。"
        raise _refused("employer_code", message)
    return found


def _refuse_future(**days: date | None) -> None:
    today = beijing_today()
    for field, day in days.items():
        if day is not None and day > today:
            raise _refused(field, "不能是将来的日期。")


def _reason(text: str) -> str:
    try:
        said = clean_text(text)
    except ValueError as error:
        raise _refused("reason", f"{error}。") from None
    if not said:
        raise _refused("reason", "请说明理由。")
    if len(said) > LONGEST_REASON:
        raise _refused("reason", f"理由最多 {LONGEST_REASON} 个字。")
    return said


def _refused(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, fields={field: [message]})


def _forget_grants(person: User) -> None:
    """What the instance remembers of this request."""
    person.__dict__.pop("grants", None)

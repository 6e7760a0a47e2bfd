"""Calls that are safe to repeat: one effect per key, and the same answer each time.

The answer is written in the transaction of the effect, so that a crash leaves neither. A second
call with the same key waits at the first one's row, and finds the answer once that is committed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models.functions import Now
from psycopg.errors import LockNotAvailable

from accounts.models import User
from common.actor import Actor, ActorKind, Grant
from common.errors import Conflict, DomainError, Forbidden
from organizations.models import Membership
from tokens.models import AnsweredCall, ApiToken

PRUNE_BATCH = 1000
# Refusals that say nothing of the request itself: asked again, it may well be answered.
PASSING = frozenset({401, 429})
NOT_KEPT = (
    "这个请求已经执行过，没有再次执行；当时的答复含有机密内容，没有保存。"
    "仍需要的话，请换一个 Idempotency-Key 重新请求。"
)


@dataclass(frozen=True)
class Answer:
    """``is_confidential``: shown to whoever asked, and kept by nobody."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    is_confidential: bool = False

    @property
    def is_final(self) -> bool:
        return self.status < 500 and self.status not in PASSING


class KeyReused(DomainError):
    """The key belongs to another request."""

    code = "idempotency_key_reused"
    status = 422


def answer_once(
    *, key: str, asked: list[str | bytes], actor: Actor, call: Callable[[], Answer]
) -> tuple[Answer, bool]:
    """The answer to the request that ``asked`` spells out, and whether it is a repetition.

    ``call`` has the effect; what it refuses with an answer leaves none. Raises KeyReused,
    Conflict (the first call is still under way, the caller's rights changed since, or its answer
    was confidential), or what ``call`` raises: then there is neither effect nor stored answer.
    """
    if actor.user_id is None:
        raise Forbidden("操作缺少身份信息，已拒绝。")
    request = _digest(asked)
    standing = _standing(actor.user_id, actor.grants)
    with transaction.atomic():
        row = _hold(_caller(actor), key, request, standing)
        if row.status is not None:
            if row.request != request:
                raise KeyReused("这个 Idempotency-Key 已用于内容不同的请求，请为新的请求换一个。")
            if row.standing != standing:
                raise Conflict("您的权限在上次调用之后变了，不再重复当时的答复；没有再次执行。")
            if row.is_confidential:
                raise Conflict(NOT_KEPT)
            return Answer(row.status, row.body, row.headers), True
        answer = call()
        if answer.is_final:
            said: dict[str, Any] = {"is_confidential": True}
            if not answer.is_confidential:
                said = {"body": answer.body, "headers": answer.headers}
            AnsweredCall.objects.filter(pk=row.pk).update(status=answer.status, **said)
        else:
            AnsweredCall.objects.filter(pk=row.pk).delete()
    return answer, False


def prune() -> int:
    """Delete answers that are no longer repeated, in batches; returns how many."""
    old = AnsweredCall.objects.filter(at__lt=Now() - _kept())
    deleted = 0
    while batch := list(old.values_list("pk", flat=True)[:PRUNE_BATCH]):
        AnsweredCall.objects.filter(pk__in=batch).delete()
        deleted += len(batch)
    return deleted


def forget_answers(person: User) -> None:
    """What was answered to a person and to the programs of that person."""
    tokens = ApiToken.objects.filter(user=person).values_list("pk", flat=True)
    callers = [f"person:{person.pk}", *(f"token:{pk}" for pk in tokens)]
    AnsweredCall.objects.filter(caller__in=callers).delete()


def _hold(caller: str, key: str, request: str, standing: str) -> AnsweredCall:
    """The row of this key, locked; without a status when there is something to do.

    The insert waits for whoever holds the key; if that call came to nothing, it is ours.
    """
    mine = AnsweredCall(caller=caller, key=key, request=request, standing=standing)
    try:
        with transaction.atomic():
            AnsweredCall.objects.bulk_create([mine], ignore_conflicts=True)
            held = AnsweredCall.objects.select_for_update().annotate(now=Now())
            row = held.filter(caller=caller, key=key).first()
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        row = None
    if row is None:
        raise Conflict("同一个 Idempotency-Key 的请求还在办理，请稍后再试。")
    if row.status is not None and row.at < row.now - _kept():
        anew: dict[str, Any] = {
            "status": None,
            "body": "",
            "headers": {},
            "is_confidential": False,
            "at": Now(),
        }
        AnsweredCall.objects.filter(pk=row.pk).update(request=request, standing=standing, **anew)
        row.status = None
    return row


def _kept() -> timedelta:
    return timedelta(hours=settings.IDEMPOTENCY_KEEP_HOURS)


def _caller(actor: Actor) -> str:
    if actor.kind is ActorKind.TOKEN:
        return f"token:{actor.token_id}"
    return f"person:{actor.user_id}"


def _standing(user_id: int, grants: frozenset[Grant]) -> str:
    """What the caller is in organizations and for authorities: on it hangs what an answer shows."""
    roles = Membership.objects.filter(user_id=user_id).order_by("organization_id")
    held = roles.values_list("organization_id", "role")
    return _digest([*map(str, held), *sorted(map(str, grants))])


def _digest(parts: list[str | bytes]) -> str:
    """Each part with its length, so that nothing moves from one to the next unnoticed."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(f"{len(raw)}:".encode())
        digest.update(raw)
    return digest.hexdigest()

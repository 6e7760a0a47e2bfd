"""Verbs on evidence: documents that prove what an organization states of itself."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from audit.digests import digest_of
from common.actor import Actor, require_actor
from common.errors import Conflict, Forbidden, InvalidInput
from common.models import database_now
from common.permissions import may
from files.models import StoredFile
from files.services import Upload, attach_file, discard_file, keeping
from lifecycle.news import announce
from lifecycle.services import advance
from lifecycle.steps import Steps
from organizations.enums import EvidenceKind, EvidenceState
from organizations.enums import OrganizationState as State
from organizations.facts import EvidenceFacts
from organizations.models import Evidence, Organization
from organizations.queries import (
    LIVE_EVIDENCE,
    VERIFIED_ONCE,
    ended_evidence,
    evidence_to_discard,
    evidence_to_remind_of,
    files_of_given_up,
    has_ended,
    replaced_by,
)
from organizations.services import lock_organization

# 平台默认: more documents than anybody reads; and how long before its end one is told of.
MOST_EVIDENCE = 30
REMIND_DAYS = 30
BATCH = 500
_OPEN = {State.DRAFT, State.RETURNED, State.VERIFIED}


def add_evidence(
    *, organization: Organization, facts: EvidenceFacts, upload: Upload, actor: Actor
) -> Evidence:
    """State a document; of a verified organization it waits to be checked by itself.

    Must be the outermost transaction (``files.services.keeping``). Raises Forbidden, InvalidInput
    (over already, no such file), Conflict (under verification, too many, too much), TooLarge,
    StorageFull.
    """
    actor = require_actor(actor)
    if not may("organizations.add_evidence", actor, organization):
        raise Forbidden("您不能为这个组织提交材料。")
    with keeping(upload, actor) as file:
        locked = lock_organization(organization)
        _refuse_unless_open(locked)
        if locked.evidence.filter(state__in=LIVE_EVIDENCE).count() >= MOST_EVIDENCE:
            raise Conflict(f"材料最多 {MOST_EVIDENCE} 份，请先撤下不用的。")
        _refuse_too_much(locked, file)
        evidence = Evidence(organization=locked, file=file, **facts.model_dump())
        if has_ended(evidence):
            message = "这份材料已经过了有效期，请上传在有效期内的。"
            raise InvalidInput(message, fields={"valid_until": [message]})
        attach_file(file=file, actor=actor)
        evidence.save()
        announce(evidence, "create", actor, recorded={"kind": facts.kind})
    return evidence


def _refuse_too_much(organization: Organization, file: StoredFile) -> None:
    """What was taken back is still kept for a while, and counts; the caller holds the lock."""
    most, most_bytes = settings.EVIDENCE_FILES_A_DAY, settings.EVIDENCE_MAX_BYTES
    held = StoredFile.objects.filter(evidence__organization=organization)
    if held.filter(created_at__gt=database_now() - timedelta(days=1)).count() >= most:
        raise Conflict(f"一个组织 24 小时内最多上传 {most} 份材料，请明天再试。")
    kept = held.aggregate(size=Sum("size", default=0))["size"]
    if kept + file.size > most_bytes:
        days = settings.RETENTION_DAYS["withdrawn_evidence"]
        raise Conflict(
            f"一个组织的材料合计最多 {most_bytes // 2**20} MB（含已撤下、尚未清除的）。"
            f"请压缩后再试；撤下的未核验材料 {days} 天后清除。"
        )


def withdraw_evidence(*, evidence: Evidence, actor: Actor) -> Evidence:
    """Take a document back; not while it is being checked.

    What was checked only owners take back, who are all told, and the licence of a verified
    organization nobody. Raises Forbidden, Conflict.
    """
    with transaction.atomic():
        locked = lock_organization(evidence.organization)
        if may("organizations.withdraw_evidence", actor, evidence):
            _refuse_unless_open(locked)
        return advance(evidence, "withdraw", actor)


def confirm_evidence(*, evidence: Evidence, actor: Actor) -> Evidence:
    """Accept a document; the licence that a verified organization had so far ends by that."""
    with transaction.atomic():
        # Documents before the organization, as whoever takes one back locks them.
        list(replaced_by(evidence).select_for_update(of=("self",)).order_by("pk"))
        organization = lock_organization(evidence.organization)
        advance(evidence, "confirm", actor)
        if evidence.kind == EvidenceKind.LICENCE and organization.state in VERIFIED_ONCE:
            for former in replaced_by(evidence):
                advance(former, "replace", actor)
    return evidence


def decline_evidence(*, evidence: Evidence, reason: str, actor: Actor) -> Evidence:
    return advance(evidence, "decline", actor, reason=reason)


STEPS = Steps(
    "evidence",
    {"confirm": confirm_evidence, "decline": decline_evidence, "withdraw": withdraw_evidence},
)


def expire_evidence(*, actor: Actor) -> int:
    """Mark what ran out; how many."""
    ended = list(ended_evidence()[:BATCH])
    for evidence in ended:
        advance(evidence, "expire", actor)
    return len(ended)


def remind_of_evidence(*, actor: Actor) -> int:
    """Tell once of what runs out soon (``organizations.evidence.expires_soon``); how many."""
    if not require_actor(actor).is_system:
        raise Forbidden("到期提醒由平台发出。")
    soon = list(evidence_to_remind_of(REMIND_DAYS).values_list("pk", flat=True)[:BATCH])
    told = 0
    for pk in soon:
        with transaction.atomic():
            rows = Evidence.objects.select_for_update(of=("self",))
            evidence = rows.filter(pk=pk, reminded_at=None, state=EvidenceState.CONFIRMED).first()
            if evidence is None or evidence.valid_until is None:
                continue
            evidence.reminded_at = database_now()
            evidence.save(update_fields=["reminded_at", "updated_at"])
            said = {"kind": evidence.kind, "valid_until": evidence.valid_until.isoformat()}
            announce(evidence, "expires_soon", actor, recorded=said, told=said)
            told += 1
    return told


def discard_files(*, actor: Actor) -> int:
    """Delete files that have been kept long enough; the documents stay, without them; how many."""
    if not require_actor(actor).is_system:
        raise Forbidden("到期材料由平台清除。")
    gone = 0
    for pk in list(evidence_to_discard().values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            rows = evidence_to_discard().select_for_update(of=("self",))
            evidence = rows.filter(pk=pk).select_related("file").first()
            if evidence is None or evidence.file is None:
                continue
            before, file = digest_of(evidence), evidence.file
            evidence.file = None
            evidence.save(update_fields=["file", "updated_at"])
            discard_file(file=file)
            recorded = {"file": str(file.public_id), "digest": file.digest}
            announce(evidence, "discard_file", actor, recorded=recorded, before=before)
            gone += 1
    for pk in list(files_of_given_up().values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            lost = files_of_given_up().select_for_update(of=("self",)).filter(pk=pk).first()
            if lost is not None:
                discard_file(file=lost)
                gone += 1
    return gone


def _refuse_unless_open(organization: Organization) -> None:
    if organization.state not in _OPEN:
        raise Conflict(f"组织当前“{organization.get_state_display()}”，不能增减材料。")

"""The life of an organization on the platform, and of what is asked on the way."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict
from lifecycle.transitions import WRITING, Lifecycle, Transition, register
from organizations.enums import AmendmentState, EvidenceState, InvitationState, JoinRequestState
from organizations.enums import OrganizationState as State
from organizations.models import Amendment, Evidence, Invitation, JoinRequest, Organization
from organizations.queries import (
    has_ended,
    lacks_other_licence,
    missing_for_submission,
    refuse_taken_identifier,
)


def may_be_submitted(organization: Organization) -> None:
    if lacking := missing_for_submission(organization):
        named = "、".join(str(each.label) for each in lacking)
        raise Conflict(f"还不能提交，请先补上：{named}。")
    refuse_taken_identifier(organization)


def may_be_accepted(invitation: Invitation) -> None:
    if has_ended(invitation):
        raise Conflict("邀请已过期，请联系邀请您的人重新发出。")


def may_be_confirmed(evidence: Evidence) -> None:
    if has_ended(evidence):
        raise Conflict("材料已过有效期，不能核验通过。")


def may_be_withdrawn(evidence: Evidence) -> None:
    """Who a verified organization is stays proved: its licence gives way to another alone."""
    if lacks_other_licence(evidence):
        raise Conflict(
            "这是本单位核验所依据的执照或证书，不能撤下，只能更换：请先上传新的，核验通过后旧的自动停用。"
        )


LIFECYCLE = register(
    Organization,
    Lifecycle(
        (
            Transition(
                "submit",
                frozenset({State.DRAFT, State.RETURNED}),
                State.SUBMITTED,
                "organizations.submit",
                "提交核验",
                guard=may_be_submitted,
            ),
            Transition(
                "recall",
                frozenset({State.SUBMITTED}),
                State.DRAFT,
                "organizations.submit",
                "撤回修改",
            ),
            Transition(
                "verify",
                frozenset({State.SUBMITTED}),
                State.VERIFIED,
                "organizations.verify",
                "核验通过",
            ),
            Transition(
                "return",
                frozenset({State.SUBMITTED}),
                State.RETURNED,
                "organizations.verify",
                "退回补正",
                needs_reason=True,
            ),
            # Frees the identifier: whoever it belongs to may register.
            Transition(
                "reject",
                frozenset({State.SUBMITTED}),
                State.REJECTED,
                "organizations.verify",
                "不予通过",
                needs_reason=True,
            ),
            Transition(
                "reopen",
                frozenset({State.REJECTED}),
                State.RETURNED,
                "organizations.verify",
                "重新受理",
                guard=refuse_taken_identifier,
                needs_reason=True,
            ),
            Transition(
                "suspend",
                frozenset({State.VERIFIED}),
                State.SUSPENDED,
                "organizations.suspend",
                "暂停",
                needs_reason=True,
            ),
            Transition(
                "restore",
                frozenset({State.SUSPENDED}),
                State.VERIFIED,
                "organizations.verify",
                "恢复",
                needs_reason=True,
            ),
        ),
        writing={
            **WRITING,
            "register": _("登记"),
            "amend": _("变更登记事项"),
        },
    ),
)

EVIDENCE = register(
    Evidence,
    Lifecycle(
        (
            Transition(
                "confirm",
                frozenset({EvidenceState.STATED}),
                EvidenceState.CONFIRMED,
                "organizations.check_evidence",
                "核验通过",
                guard=may_be_confirmed,
            ),
            Transition(
                "decline",
                frozenset({EvidenceState.STATED, EvidenceState.CONFIRMED}),
                EvidenceState.DECLINED,
                "organizations.check_evidence",
                "不采用",
                needs_reason=True,
            ),
            Transition(
                "withdraw",
                frozenset({EvidenceState.STATED, EvidenceState.CONFIRMED}),
                EvidenceState.WITHDRAWN,
                "organizations.withdraw_evidence",
                "撤下",
                guard=may_be_withdrawn,
                is_final=True,
            ),
            # No step of its own: follows when a newer one is confirmed (evidence.confirm_evidence).
            Transition(
                "replace",
                frozenset({EvidenceState.CONFIRMED}),
                EvidenceState.REPLACED,
                "organizations.check_evidence",
                "更换",
            ),
            Transition(
                "expire",
                frozenset({EvidenceState.CONFIRMED}),
                EvidenceState.EXPIRED,
                "organizations.expire_evidence",
                "到期",
            ),
        )
    ),
)

AMENDMENT = register(
    Amendment,
    Lifecycle(
        (
            Transition(
                "approve",
                frozenset({AmendmentState.PENDING}),
                AmendmentState.APPROVED,
                "organizations.check_amendment",
                "同意变更",
            ),
            Transition(
                "decline",
                frozenset({AmendmentState.PENDING}),
                AmendmentState.DECLINED,
                "organizations.check_amendment",
                "不同意变更",
                needs_reason=True,
            ),
            Transition(
                "withdraw",
                frozenset({AmendmentState.PENDING}),
                AmendmentState.WITHDRAWN,
                "organizations.withdraw_amendment",
                "撤回变更申请",
            ),
        )
    ),
)

JOIN_REQUEST = register(
    JoinRequest,
    Lifecycle(
        (
            Transition(
                "accept",
                frozenset({JoinRequestState.PENDING}),
                JoinRequestState.ACCEPTED,
                "organizations.answer_join_request",
                "同意加入",
            ),
            Transition(
                "decline",
                frozenset({JoinRequestState.PENDING}),
                JoinRequestState.DECLINED,
                "organizations.answer_join_request",
                "不同意",
            ),
            Transition(
                "withdraw",
                frozenset({JoinRequestState.PENDING}),
                JoinRequestState.WITHDRAWN,
                "organizations.withdraw_join_request",
                "撤回申请",
            ),
        )
    ),
)

INVITATION = register(
    Invitation,
    Lifecycle(
        (
            Transition(
                "accept",
                frozenset({InvitationState.PENDING}),
                InvitationState.ACCEPTED,
                "organizations.accept_invitation",
                "接受邀请",
                guard=may_be_accepted,
            ),
            Transition(
                "revoke",
                frozenset({InvitationState.PENDING}),
                InvitationState.REVOKED,
                "organizations.revoke_invitation",
                "撤销邀请",
            ),
        )
    ),
)

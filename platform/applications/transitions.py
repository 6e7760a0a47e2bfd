"""The life of an application: the supplier's until it is submitted, then the publisher's."""

from applications.enums import PENDING
from applications.enums import ApplicationState as State
from applications.facts import refuse_unfinished
from applications.models import Application
from capabilities.enums import CapabilityState
from common.errors import Conflict
from lifecycle.transitions import Lifecycle, Transition, register
from organizations.enums import OrganizationState
from scenarios.queries import hold_open

NO_CONTACT = "请先在场景里填写联系电话或邮箱。"


def may_be_begun(application: Application) -> None:
    """Holds the scenario, so that its call neither ends nor moves before the answer is written."""
    capability = application.capability
    hold_open(application.scenario)
    if _is_of_the_publishers(application):
        raise Conflict("发布单位和联合发布单位不能申请自己的场景。")
    if capability.organization.state != OrganizationState.VERIFIED:
        raise Conflict("贵单位尚未通过核验，核验通过后才能申请对接。")
    if capability.state != CapabilityState.PUBLISHED:
        raise Conflict("所选能力尚未发布，发布后才能用于申请。")


def may_be_submitted(application: Application) -> None:
    may_be_begun(application)
    refuse_unfinished(application.proposal)


def may_be_decided(application: Application) -> None:
    if application.scenario.organization.state != OrganizationState.VERIFIED:
        raise Conflict("发布单位目前未处于已核验状态，不能处理申请。")


def may_be_furthered(application: Application) -> None:
    may_be_decided(application)
    if application.organization.state != OrganizationState.VERIFIED:
        raise Conflict("供给方目前未处于已核验状态，不能入围、选定或对接。")


def may_be_chosen(application: Application) -> None:
    may_be_furthered(application)
    if _is_of_the_publishers(application):
        raise Conflict("供给方已是这个场景的联合发布单位，不能入围或选定。")


def may_be_connected(application: Application) -> None:
    may_be_furthered(application)
    scenario = application.scenario
    if not scenario.can_be_reached:
        raise Conflict(NO_CONTACT)


def _is_of_the_publishers(application: Application) -> bool:
    scenario, supplier = application.scenario, application.capability.organization_id
    return supplier == scenario.organization_id or (
        scenario.co_publishers.filter(pk=supplier).exists()
    )


LIFECYCLE = register(
    Application,
    Lifecycle(
        (
            Transition(
                "submit",
                frozenset({State.DRAFT}),
                State.SUBMITTED,
                "applications.submit",
                "提交申请",
                guard=may_be_submitted,
            ),
            Transition(
                "discard",
                frozenset({State.DRAFT}),
                State.DISCARDED,
                "applications.withdraw",
                "放弃草稿",
                is_final=True,
            ),
            Transition(
                "withdraw",
                frozenset(PENDING),
                State.WITHDRAWN,
                "applications.withdraw",
                "撤回申请",
                is_final=True,
            ),
            Transition(
                "shortlist",
                frozenset({State.SUBMITTED}),
                State.SHORTLISTED,
                "applications.decide",
                "列入入围",
                guard=may_be_chosen,
            ),
            Transition(
                "select",
                frozenset(PENDING),
                State.SELECTED,
                "applications.decide",
                "选定",
                guard=may_be_chosen,
                is_final=True,
            ),
            Transition(
                "connect",
                frozenset({State.SELECTED}),
                State.CONNECTED,
                "applications.decide",
                "出示联系方式",
                guard=may_be_connected,
                is_final=True,
            ),
            Transition(
                "decline",
                frozenset(PENDING),
                State.DECLINED,
                "applications.decide",
                "不予选用",
                guard=may_be_decided,
                is_final=True,
                needs_reason=True,
            ),
        )
    ),
)

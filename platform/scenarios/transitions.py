"""The life of a scenario, from draft to the end of its call."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict
from lifecycle.transitions import WRITING, Lifecycle, Transition, register
from organizations.enums import WITHOUT_CLAIM, Capacity
from organizations.standing import require_capacity, require_standing
from scenarios.enums import ScenarioState as State
from scenarios.models import Scenario
from scenarios.queries import has_passed


def may_be_submitted(scenario: Scenario) -> None:
    host = scenario.organization
    if host.state in WITHOUT_CLAIM:
        raise Conflict("发布单位还没有提交登记，提交核验后才能提交场景。")
    require_capacity(host, Capacity.PUBLISH, called="发布单位")
    if has_passed(scenario):
        raise Conflict("截止时间已过，请先改到将来再提交。")


def may_be_published(scenario: Scenario) -> None:
    require_standing(scenario.organization, Capacity.PUBLISH, called="发布单位")
    if has_passed(scenario):
        raise Conflict("截止时间已过，请退回发布单位更新后再发布。")


LIFECYCLE = register(
    Scenario,
    Lifecycle(
        (
            Transition(
                "submit",
                frozenset({State.DRAFT, State.RETURNED}),
                State.SUBMITTED,
                "scenarios.submit",
                "提交审核",
                guard=may_be_submitted,
            ),
            Transition(
                "recall",
                frozenset({State.SUBMITTED}),
                State.DRAFT,
                "scenarios.submit",
                "撤回修改",
            ),
            Transition(
                "publish",
                frozenset({State.SUBMITTED}),
                State.PUBLISHED,
                "scenarios.review",
                "发布",
                guard=may_be_published,
            ),
            Transition(
                "return",
                frozenset({State.SUBMITTED}),
                State.RETURNED,
                "scenarios.review",
                "退回",
                needs_reason=True,
            ),
            Transition(
                "close",
                frozenset({State.PUBLISHED}),
                State.CLOSED,
                "scenarios.close",
                "结束",
                is_final=True,
            ),
        ),
        writing={**WRITING, "change_contact": _("修改联系方式")},
    ),
)

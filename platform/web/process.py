"""What members and administrators see of a record beside its facts; strangers see none of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from common.actor import Actor
from common.completeness import Wanted
from common.permissions import may
from lifecycle.queries import PastStep
from lifecycle.steps import Steps
from organizations.rules import is_member
from web.steps import step_context


def process_context(
    request: HttpRequest,
    record: Any,
    steps: Steps,
    *,
    change: str,
    is_editable: bool,
    reviews: bool,
    gaps: Callable[[], list[Wanted]],
) -> dict[str, Any]:
    """``change`` is the permission to edit, ``is_editable`` whether the record's state allows it,
    ``reviews`` whether the reader oversees it for an authority.

    ``gaps`` is asked only for those who can fill them or will judge them.
    """
    actor = Actor.of(request.user)
    is_own = is_member(actor, record.organization)
    if not is_own and not reviews:
        return {"sees_process": False, "is_own": False}
    may_edit = is_editable and may(change, actor, record)
    context = step_context(request, record, steps)
    return {
        **context,
        "sees_process": True,
        "is_own": is_own,
        "is_administrator": reviews,
        "edit_url": f"{record.get_absolute_url()}edit/" if may_edit else "",
        "may_copy": may(change, actor, record),
        "gaps": gaps() if may_edit or reviews else [],
        "returned_because": reason_of_return(record, context["history"]),
    }


def reason_of_return(record: Any, history: list[PastStep]) -> str:
    """What has to be mended, as long as the record lies with its authors for that."""
    if record.state != "returned":
        return ""
    return next((step.reason for step in reversed(history) if step.name == "return"), "")

"""A ticket with a lifecycle, and the ledger of effects that deliveries leave behind."""

import rules
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.actor import Actor
from common.errors import InvalidInput
from common.models import PublicModel
from lifecycle.transitions import Lifecycle, Transition, register


class TicketState(models.TextChoices):
    OPEN = "open", _("待处理")
    CLOSED = "closed", _("已办结")
    ARCHIVED = "archived", _("已归档")


class Ticket(PublicModel):
    title = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=TicketState, default=TicketState.OPEN)

    def __str__(self) -> str:
        return self.title


class LedgerEntry(models.Model):
    """One effect of one message: a second effect of the same message would be a second row."""

    message = models.ForeignKey("outbox.Message", models.CASCADE)
    text = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.text


def _needs_title(ticket: Ticket) -> None:
    if not ticket.title:
        raise InvalidInput("办结前请填写标题。", fields={"title": ["请填写标题。"]})


@rules.predicate
def is_clerk(actor: Actor, ticket: Ticket) -> bool:
    return actor.holds("clerk")


rules.add_perm("support.close_ticket", is_clerk)
rules.add_perm("support.archive_ticket", is_clerk)

LIFECYCLE = register(
    Ticket,
    Lifecycle(
        (
            Transition(
                "close", frozenset({"open"}), "closed", "support.close_ticket", "办结", _needs_title
            ),
            Transition(
                "archive", frozenset({"closed"}), "archived", "support.archive_ticket", "归档"
            ),
        )
    ),
)

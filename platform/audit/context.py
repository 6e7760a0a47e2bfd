"""Where a request came from, for the events that it leads to."""

from contextvars import ContextVar

# Set by ``web.middleware`` for the time of a request; empty in tasks and commands.
address: ContextVar[str] = ContextVar("address", default="")

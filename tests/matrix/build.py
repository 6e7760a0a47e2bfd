"""Makes the world of the matrix, and undoes it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account import app_settings
from django.test import override_settings

from tests.matrix import people, registrations, stock
from tests.matrix.cells import undone
from tests.matrix.world import World

# Everybody comes from one address here; what is counted is tested elsewhere.
UNLIMITED = dict.fromkeys(app_settings.RATE_LIMITS, "1000000/m/ip")


@contextmanager
def standing_world() -> Iterator[World]:
    """What happens inside is undone; thousands of refusals are not logged."""
    logging.disable(logging.CRITICAL)
    try:
        with override_settings(ACCOUNT_RATE_LIMITS=UNLIMITED), undone():
            world = World()
            people.settle(world)
            stock.lay_in(world)
            registrations.lay_in(world)
            people.let_in(world)
            yield world
    finally:
        logging.disable(logging.NOTSET)

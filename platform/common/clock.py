"""Days as the policy texts count them: Beijing's, by the database clock."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from common.models import database_now

BEIJING = timezone.get_default_timezone()


def beijing_day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def beijing_today() -> date:
    """The day that it is in Beijing at this very moment."""
    return beijing_day(database_now())

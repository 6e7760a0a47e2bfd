"""What the site holds of a person here, and of what the person did (``accounts.personal_data``).

Of the audit log it is told here, where its verbs have names.
"""

from __future__ import annotations

from typing import Any

from accounts.models import User
from audit.models import AuditEvent
from authorities.models import Appointment
from authorities.verbs import verb_label


def appointments_part(person: User) -> list[dict[str, Any]]:
    rows = Appointment.objects.filter(user=person).order_by("pk")
    columns = ("authority__name", "duties", "created_at", "ends_on", "ended_at")
    return [{**row} for row in rows.values(*columns)]


def operations_part(person: User) -> list[dict[str, Any]]:
    """The oldest first. Of what it was done to the number alone: that is not the person's."""
    columns = ("at", "verb", "object_type", "object_id", "address")
    events = AuditEvent.objects.filter(actor_user_id=person.pk).order_by("id").values(*columns)
    names = {verb: verb_label(verb) for verb in {event["verb"] for event in events}}
    return [{**event, "operation": names[event["verb"]]} for event in events]

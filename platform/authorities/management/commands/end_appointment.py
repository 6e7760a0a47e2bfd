"""``manage.py end_appointment``: the operator takes somebody's duties of an authority back."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.queries import person_by_email
from authorities.facts import EndFacts
from authorities.management.refusals import known_authority, refusals_told
from authorities.services import end_appointment
from common.actor import Actor


class Command(BaseCommand):
    help = "End what somebody does for an authority, from the next request on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--authority", metavar="CODE", required=True)
        parser.add_argument("--reason", required=True, help="kept in the audit log")

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_told():
            authority = known_authority(options["authority"])
            # Also of somebody whose account is closed by now.
            person = person_by_email(options["email"])
            standing = authority.appointments.filter(user=person, ended_at=None).first()
            if person is None or standing is None:
                raise ValueError(f"“{options['email']}”没有在“{authority}”任职。")
            ended = end_appointment(
                appointment=standing,
                facts=EndFacts(reason=options["reason"]),
                actor=Actor.system("manage.py end_appointment"),
            )
        duties = "、".join(ended.duty_labels())
        self.stdout.write(f"{person.email} · {authority} · 已结束：{duties}")

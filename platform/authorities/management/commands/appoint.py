"""``manage.py appoint``: the operator gives somebody duties of an authority."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.enums import Duty
from authorities.facts import AppointmentFacts
from authorities.management.refusals import known_authority, refusals_told
from authorities.queries import person_to_appoint
from authorities.services import appoint
from common.actor import Actor


class Command(BaseCommand):
    help = "Give somebody with an account duties of an authority, instead of any former ones there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--authority", metavar="CODE", required=True)
        parser.add_argument(
            "--duty",
            dest="duties",
            action="append",
            choices=Duty.values,
            required=True,
            help="may be given several times; system and audit each stand alone",
        )
        parser.add_argument(
            "--until", metavar="DAY", help="the last day (Beijing), such as 2027-12-31"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_told():
            appointment = appoint(
                authority=known_authority(options["authority"]),
                person=person_to_appoint(options["email"]),
                facts=AppointmentFacts(duties=options["duties"], ends_on=options["until"]),
                actor=Actor.system("manage.py appoint"),
            )
        until = f"至 {appointment.ends_on}" if appointment.ends_on else "长期"
        duties = "、".join(appointment.duty_labels())
        email = appointment.user.email
        self.stdout.write(f"{email} · {appointment.authority} · {duties} · {until}")

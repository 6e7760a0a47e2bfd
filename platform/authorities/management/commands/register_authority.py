"""``manage.py register_authority``: the operator registers a department with its jurisdiction."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from authorities.facts import AuthorityFacts
from authorities.management.refusals import refusals_told
from authorities.services import create_authority
from common.actor import Actor
from taxonomy.vocabulary import Vocabulary


class Command(BaseCommand):
    help = "Register an authority; without --city it is in charge of the whole province."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="short name in addresses and commands, such as gz-drc")
        parser.add_argument("name")
        parser.add_argument(
            "--body", metavar="CODE", help="the responsible body of the policy texts that it is"
        )
        parser.add_argument("--city", help="name or code, such as 广州 or 440100")
        parser.add_argument("--district", help="name or code, with --city")

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_told():
            places = Vocabulary.load()
            city = places.city(options["city"]) if options["city"] else None
            district = places.district(city, options["district"]) if options["district"] else None
            facts = AuthorityFacts(
                code=options["code"],
                name=options["name"],
                body=options["body"],
                city=city,
                district=district,
            )
            actor = Actor.system("manage.py register_authority")
            authority = create_authority(facts=facts, actor=actor)
        self.stdout.write(f"{authority.code} · {authority.name} · {authority.jurisdiction}")

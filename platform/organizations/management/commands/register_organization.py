"""``manage.py register_organization``: an administrator takes up an organization by hand."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from pydantic import ValidationError

from common.actor import Actor
from common.errors import DomainError
from common.validation import explain
from organizations.enums import IdentifierScheme, LegalKind, OrganizationState
from organizations.facts import OrganizationFacts
from organizations.queries import by_identifier
from organizations.services import (
    register_organization,
    restore_organization,
    verify_organization,
)
from taxonomy.vocabulary import Vocabulary

RESTORED = "由平台运维人员恢复"


class Command(BaseCommand):
    help = "Register an organization; with --verify it may publish at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("identifier", help="unified social credit code, unless --scheme")
        parser.add_argument(
            "--scheme", choices=IdentifierScheme.values, default=IdentifierScheme.CREDIT_CODE
        )
        parser.add_argument("--kind", choices=LegalKind.values, default=LegalKind.ENTERPRISE)
        parser.add_argument("--city", help="name or code, such as 广州 or 440100")
        parser.add_argument("--seat", default="", help="where it sits, outside the province")
        parser.add_argument(
            "--verify",
            action="store_true",
            help="mark it as verified, now or, if it is registered already, afterwards",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor.system("manage.py register_organization")
        try:
            city = Vocabulary.load().city(options["city"]) if options["city"] else None
            facts = OrganizationFacts(
                name=options["name"],
                identifier_scheme=options["scheme"],
                identifier=options["identifier"],
                legal_kind=options["kind"],
                city=city,
                seat=options["seat"],
            )
            with transaction.atomic():
                known = options["verify"] and by_identifier(
                    facts.identifier_scheme, facts.identifier
                )
                organization = known or register_organization(facts=facts, actor=actor)
                if organization.state == OrganizationState.SUSPENDED:
                    restore_organization(organization=organization, reason=RESTORED, actor=actor)
                elif options["verify"]:
                    verify_organization(organization=organization, actor=actor)
        except ValidationError as error:
            faults = [f"{each['loc'][0]}: {explain(each)}" for each in error.errors()]
            raise CommandError("\n".join(faults)) from None
        except DomainError as error:
            raise CommandError(error.message) from None
        except ValueError as error:
            raise CommandError(str(error)) from None
        state = organization.get_state_display()
        self.stdout.write(f"{organization.name} {organization.identifier} · {state}")

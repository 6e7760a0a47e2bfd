"""``manage.py migrate``: Django's, as the owner of the tables."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import no_translations
from django.core.management.commands import migrate

from common.database_roles import as_owner, grant_everyday_use
from common.history import keep_always


class Command(migrate.Command):
    help = f"{migrate.Command.help} Connects by DATABASE_OWNER_URL and lets DATABASE_URL use them."

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner(options["database"]) as role:
            super().handle(*args, **options)
            keep_always(options["database"])
            if settings.DATABASE_OWNER:
                grant_everyday_use(role, options["database"])

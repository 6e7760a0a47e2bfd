"""``manage.py migrate``: Django's, as the owner of the tables."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import no_translations
from django.core.management.commands import migrate

from common.database_roles import (
    as_owner,
    grant_everyday_use,
    guard_functions,
    left_open,
    one_at_a_time,
)
from common.history import keep_always


class Command(migrate.Command):
    help = f"{migrate.Command.help} Connects by DATABASE_OWNER_URL and lets DATABASE_URL use them."

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        self._alias = options["database"]
        with as_owner(self._alias) as role:
            super().handle(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):  # which only ask
                self._settle(role)

    def migration_progress_callback(
        self, action: str, migration: Any = None, fake: bool = False
    ) -> None:
        """After each migration: until then the site has functions with none of their guards."""
        super().migration_progress_callback(action, migration, fake)
        if action in {"apply_success", "unapply_success"}:
            self._guard()

    def _guard(self) -> None:
        with one_at_a_time(self._alias):
            keep_always(self._alias)
            guard_functions(self._alias)

    def _settle(self, role: str) -> None:
        self._guard()
        if not settings.DATABASE_OWNER or settings.DATABASE_OWNER["USER"] == role:
            return  # one role for everything
        grant_everyday_use(role, self._alias)
        for statement in left_open(role, self._alias):
            self.stderr.write(
                self.style.WARNING(
                    "DATABASE_OWNER_URL does not own the whole database, and the site may still "
                    f"make tables of its own. As whoever owns it: {statement};"
                )
            )
